"""Finds out who asks: by token or session cookie over HTTP, by token, ticket or session cookie on a socket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from accounts.models import AuthToken, User
from accounts.rules.mandates import check_may
from accounts.selectors.credentials import (
    Credential,
    get_token,
)
from accounts.selectors.mandates import AgentIdentity, is_agent_key
from accounts.selectors.users import get_user
from accounts.services.presented_credentials import PresentedCredential, identify_agents
from accounts.services.sign_ins import note_use
from accounts.session_store import SECOND_FACTOR_KEY
from core import clock
from core.api.rate_limits import hold_anonymous, take_rest, too_fast
from core.errors import Code, DomainError
from core.said import said

SCHEME = "token"
# A machine's share of its person's allowance of requests: the person has the rest.
AGENT_SHARE = 0.5
NO_AGENTS = said("A mandate's key does not open this; its person does it.")


def authenticate_token(key: str, now: datetime) -> tuple[User, AuthToken] | None:
    """The active user and the live token of that key, in one query; None for a bad one."""
    token = get_token(key, now)
    return (token.user, token) if token else None


def token_key_of(header: str) -> str | None:
    """The key in an `Authorization: Token <key>` header; None for another scheme or none, "" for a key not given."""
    scheme, _, key = header.strip().partition(" ")
    return key.strip() if scheme.lower() == SCHEME else None


class TokenOrSession(BaseAuthentication):
    """The token where one is sent, else the session cookie with Django's CSRF check.

    A bad token is refused; at a public door (`optional`) it is as good as none. A mandate's key opens what a view's
    `agents_need` names (method → what the mandate must allow, "" for nothing in particular); at other public doors it is
    as good as none, unless `no_agents` is set.
    """

    def __init__(self, *, optional: bool = False) -> None:
        self.optional = optional

    def authenticate(self, request: Request) -> tuple[User, AuthToken | AgentIdentity | None] | None:
        key = token_key_of(request.META.get("HTTP_AUTHORIZATION", ""))
        if key is None:
            return by_session(request)
        found = self.by_mandate(request, key) if is_agent_key(key) else by_token(key, clock.now())
        if found is None and not self.optional:
            hold_anonymous(request)
            raise DomainError(Code.AUTH_REQUIRED)
        return found

    def by_mandate(self, request: Request, key: str) -> tuple[User, AgentIdentity] | None:
        """The user and the machine, at an endpoint that is open to machines. Raises `not_allowed` at any other, `rate_limited`."""
        [agent] = identify_agents([key], clock.now())
        if agent is None:
            return None
        if wait := take_rest(f"mandate:{agent.mandate_id}", AGENT_SHARE):
            raise too_fast(wait)
        view, method = request.parser_context["view"], request.method
        needs: Mapping[str, str] = getattr(view, "agents_need", {})
        needed = needs.get("GET" if method == "HEAD" else method or "")
        if needed is not None:
            check_may(agent.may, [needed] if needed else [])
            return get_user(agent.user_id), agent
        if self.optional and not getattr(view, "no_agents", False):
            return None
        raise DomainError(Code.NOT_ALLOWED, NO_AGENTS)

    def authenticate_header(self, request: Request) -> str:
        return "Token"


# Not a class of its own: the schema would take it for another scheme.
OptionalTokenOrSession: Any = partial(TokenOrSession, optional=True)


def by_token(key: str, now: datetime) -> tuple[User, AuthToken] | None:
    """As `authenticate_token`, and notes the token's use."""
    found = authenticate_token(key, now)
    if found:
        note_use(found[1], now=now)
    return found


def by_session(request: Request) -> tuple[User, None] | None:
    """The user of the session cookie; `not_allowed` without the CSRF token where the method changes something."""
    try:
        found: tuple[User, None] | None = SessionAuthentication().authenticate(request)
    except PermissionDenied as refusal:
        raise DomainError(Code.NOT_ALLOWED, str(refusal.detail)) from refusal
    return found


def agent_of(request: Request) -> AgentIdentity | None:
    """The machine by which a request came; None where people ask themselves."""
    return request.auth if isinstance(request.auth, AgentIdentity) else None


def credential_of(request: Request | HttpRequest) -> Credential:
    """The sign-in by which an authenticated request came."""
    token: AuthToken | None = getattr(request, "auth", None)
    if token is not None:
        return ("token", str(token.pk))
    return ("session", request.session.session_key or "")


def is_second_factor(request: Request | HttpRequest) -> bool:
    """Whether the sign-in by which a request came was made with a second factor too."""
    token: AuthToken | None = getattr(request, "auth", None)
    if token is not None:
        return token.second_factor
    return bool(request.session.get(SECOND_FACTOR_KEY))


def presented_by(
    headers: Iterable[tuple[bytes, bytes]] | Mapping[bytes, bytes], query_string: bytes | str
) -> PresentedCredential:
    """What a socket presents to sign in, not yet checked: Authorization header, `?ticket=`, or session cookie.

    `headers` and `query_string` as in the ASGI scope. The first of the three that is there counts.
    """
    given = {name.lower(): value.decode("latin-1") for name, value in dict(headers).items()}
    if (key := token_key_of(given.get(b"authorization", ""))) is not None:
        return ("token", key)
    if query_string and (ticket := ticket_of(query_string)) is not None:
        return ("ticket", ticket)
    return ("session", parse_cookie(given.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME, ""))


def ticket_of(query_string: bytes | str) -> str | None:
    """The `ticket` of a socket's address; None where there is none."""
    text = query_string if isinstance(query_string, str) else query_string.decode("latin-1")
    return parse_qs(text, keep_blank_values=True).get("ticket", [None])[0]


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema names the token and the cookie."""

    target_class = "accounts.authentication.TokenOrSession"
    name = ["token", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Token <key>`"},
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """One requirement for each name: two names in one requirement would ask for both."""
        return [{name: []} for name in self.name]
