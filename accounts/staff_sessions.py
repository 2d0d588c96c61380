"""Where the staff's pages are, and how long a sign-in of the staff lasts: 8 hours, 30 minutes without a request.

A session of the staff is marked when it is opened; its row ends after the idle time, so sockets that hang on it end too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.dateparse import parse_datetime

from accounts.models import AuthToken, Session, User
from accounts.session_store import SECOND_FACTOR_KEY, SIGNED_IN_KEY, STAFF_KEY, staff_session_ends
from core import clock
from core.api.client_address import peer_address

STAFF_PATHS = "/admin/"
# A use is written down at most this often, so that a page costs no write.
NOTED_EVERY = timedelta(seconds=60)


class StaffMiddleware:
    """After sessions and authentication: hides the staff's pages where they are not served, ends what grew too old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.get(STAFF_KEY):
            keep_or_end(request, clock.now())
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        if request.path_info.startswith(STAFF_PATHS) and not is_served_here(request):
            raise Http404


def is_served_here(request: HttpRequest) -> bool:
    """Whether ADMIN_HOSTS and ADMIN_NETWORKS let the staff's pages be seen by this request; without them: yes."""
    host = request.get_host().partition(":")[0].lower()
    if settings.ADMIN_HOSTS and host not in settings.ADMIN_HOSTS:
        return False
    return not settings.ADMIN_NETWORKS or is_in_networks(peer_address(request), settings.ADMIN_NETWORKS)


def is_in_networks(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address lies in one of some networks (`192.0.2.0/24`); one that can't be read does not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in ip_network(network, strict=False) for network in networks)


def open_staff_session(request: HttpRequest) -> None:
    """Marks a new session as one of the staff; its cookie ends with the browser."""
    request.session[STAFF_KEY] = True
    request.session.set_expiry(0)


def keep_or_end(request: HttpRequest, now: datetime) -> None:
    """Another use gives a session of the staff 30 more minutes, but no more than its 8 hours.

    Only the row's time is written: the request may end this session, or all of the account's.
    """
    began = parse_datetime(request.session.get(SIGNED_IN_KEY) or "") or now
    ends = staff_session_ends(began, now)
    if ends <= now:
        logout(request)
        return
    used = Session.objects.filter(pk=request.session.session_key, expire_date__lt=ends - NOTED_EVERY)
    used.update(expire_date=ends)


def has_staff_powers(request: HttpRequest, now: datetime) -> bool:
    """Whether a request comes by a sign-in that may do what staff may: with a second factor, of the last 8 hours."""
    user = request.user
    if not (isinstance(user, User) and user.is_active and user.is_staff):
        return False
    token = getattr(request, "auth", None)
    if isinstance(token, AuthToken):
        return token.second_factor and token.created > now - timedelta(seconds=settings.STAFF_SESSION_S)
    return bool(request.session.get(STAFF_KEY) and request.session.get(SECOND_FACTOR_KEY))
