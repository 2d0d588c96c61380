"""Django's database sessions, in a table that knows whose they are."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from accounts.models import Session

AGENT_KEY = "user_agent"


class SessionStore(DatabaseSessionStore):
    """`settings.SESSION_ENGINE` names this module."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        session.user_agent = data.get(AGENT_KEY, "")
        return session
