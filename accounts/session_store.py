"""Django's database sessions, in a table whose rows name their user."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils.dateparse import parse_datetime

from accounts.models import Session
from core import clock

# What a sign-in notes in its session, besides what Django does.
AGENT_KEY = "user_agent"
SIGNED_IN_KEY = "signed_in_at"
SECOND_FACTOR_KEY = "second_factor"
# Marks a session of the staff.
STAFF_KEY = "staff"


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
        if data.get(STAFF_KEY):
            now = clock.now()
            session.expire_date = staff_session_ends(session.signed_in_at or now, now)
        return session


def staff_session_ends(began: datetime, now: datetime) -> datetime:
    """When a session of the staff ends unless it is used again: after the idle time, and after its hours in any case."""
    hours, idle = timedelta(seconds=settings.STAFF_SESSION_S), timedelta(seconds=settings.STAFF_IDLE_S)
    return min(began + hours, now + idle)
