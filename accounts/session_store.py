"""Django's database sessions, in a table whose rows name their user."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils.dateparse import parse_datetime

from accounts.models import Session

# What a sign-in notes in its session, besides what Django does.
AGENT_KEY = "user_agent"
SIGNED_IN_KEY = "signed_in_at"


class SessionStore(DatabaseSessionStore):
    """`settings.SESSION_ENGINE` names this module."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = cast(Session, super().create_model_instance(data))
        session.user_id = data.get(SESSION_KEY)
        session.user_agent = data.get(AGENT_KEY, "")
        session.signed_in_at = parse_datetime(data.get(SIGNED_IN_KEY, ""))
        return session
