"""Opens the session of a browser that has signed in."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import login
from django.http import HttpRequest

from accounts.models import User
from accounts.services.places import note_place
from accounts.session_store import AGENT_KEY, SECOND_FACTOR_KEY, SIGNED_IN_KEY
from accounts.staff_sessions import open_staff_session
from core.api.client_address import client_address
from core.clock import stamp

BACKEND = "django.contrib.auth.backends.ModelBackend"


def open_browser_session(request: HttpRequest, user: User, *, now: datetime, second_factor: bool = False) -> None:
    """Gives the browser a session of its own for `user`."""
    login(request, user, backend=BACKEND)
    request.session[AGENT_KEY] = request.META.get("HTTP_USER_AGENT", "")[:200]
    request.session[SIGNED_IN_KEY] = stamp(now)
    request.session[SECOND_FACTOR_KEY] = second_factor
    if user.is_staff:
        open_staff_session(request)
    note_place(user_id=user.pk, address=client_address(request), now=now)
