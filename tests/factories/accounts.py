"""Users and their sign-ins."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from accounts.models import AuthToken, Mandate, User
from accounts.rules.mandates import MAY
from accounts.services.mandates import create_mandate
from accounts.services.sign_ins import issue_token
from accounts.session_store import SECOND_FACTOR_KEY, SIGNED_IN_KEY, STAFF_KEY
from core import clock
from core.clock import stamp

# One for all factories: a name is taken once.
numbers = count(1)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "correct-horse-battery"


def make_user(name: str = "", *, password: str = "", **fields: Any) -> User:
    username = name or f"user{next(numbers)}"
    user = User(username=username, **({"email": f"{username}@example.com"} | fields))
    if password:
        user.set_password(password)
    user.save()
    return user


def make_token(
    user: User, *, now: datetime | None = None, lives: timedelta | None = None, second_factor: bool = False
) -> tuple[AuthToken, str]:
    """A stored token and its key; `lives` counts from `now`."""
    moment = now or clock.now()
    token, key = issue_token(user_id=user.pk, user_agent="pytest", now=moment, second_factor=second_factor)
    if lives is not None:
        AuthToken.objects.filter(pk=token.pk).update(expiry=moment + lives)
        token.refresh_from_db()
    return token, key


def api_of(user: User, *, second_factor: bool = False) -> APIClient:
    """A client that signs its requests with a real token of `user`."""
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Token {make_token(user, second_factor=second_factor)[1]}")
    return api


def client_of(user: User) -> APIClient:
    """A client that is signed in as `user` without a token."""
    api = APIClient()
    api.force_authenticate(user)
    return api


def make_session(user: User) -> str:
    """The key of a browser session of `user`; of staff as one that shows a second factor."""
    return str(browser_of(user).session.session_key)


def browser_of(user: User) -> Client:
    """A browser that is signed in as `user`; staff with a second factor."""
    client = Client()
    sign_in(client, user)
    return client


def sign_in(client: Client, user: User) -> None:
    """Signs a browser in as `user`; staff with a second factor."""
    client.force_login(user)
    if user.is_staff:
        session = client.session
        session.update({STAFF_KEY: True, SECOND_FACTOR_KEY: True, SIGNED_IN_KEY: stamp(clock.now())})
        session.save()


def make_mandate(user: User, *, side: str = "guest", **values: Any) -> tuple[Mandate, str]:
    """A mandate that lets a machine do everything for a day, but for what `values` say; and its key."""
    now = values.pop("now", None) or clock.now()
    given = {"name": "Robo", "side": side, "may": list(MAY), "currency": "BDT", "expires_at": now + timedelta(days=1)}
    return create_mandate(user_id=user.pk, values=given | values, now=now)


def agent_api(key: str) -> APIClient:
    """A client that signs its requests with a mandate's key."""
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return api
