"""Django's database sessions, in a table whose rows name their user."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Session
from core import clock
from core.database.compiled_queries import CompiledQuery, Slot

# What a sign-in notes in its session, besides what Django does.
AGENT_KEY = "user_agent"
SIGNED_IN_KEY = "signed_in_at"
SECOND_FACTOR_KEY = "second_factor"
# Marks a session of the staff.
STAFF_KEY = "staff"

_LIVE = CompiledQuery(lambda: Session.objects.filter(session_key=Slot("key"), expire_date__gt=Slot("now")))


class SessionStore(DatabaseSessionStore):
    """`settings.SESSION_ENGINE` names this module."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        """As Django's, by a query that is compiled once: every page of a signed-in user asks it."""
        found: Session | None = next(iter(_LIVE(key=self.session_key, now=timezone.now())), None)
        if found is None:
            self._session_key = None
        return found

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
