"""Tokens, browser sessions and tickets: made, noted as used, and ended.

Every function that ends one tells every server process, so that its live sockets close.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from knox.models import get_digest_token

from accounts.models import AuthToken, Mandate, Session, WsTicket
from accounts.models.sessions import USER_AGENT_LENGTH
from accounts.rules import use_is_noted_before
from accounts.selectors.credentials import Credential, ticket_digest
from accounts.selectors.users import BROWSER, browser_id
from accounts.services.token_uses import token_lifetime
from core.api.quotas import spend
from core.errors import not_found
from core.live.publishing import publish_control

TICKET_LIFETIME = timedelta(seconds=30)
TOKEN_KEY_LENGTH = 15
MOST_TOKENS = 100


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a request: its address as `core.api.client_address` counts it, and its user agent."""

    address: str
    user_agent: str = ""


def new_token(user_id: int, user_agent: str, now: datetime) -> tuple[AuthToken, str]:
    """A token not saved yet, and its key, which can't be read again."""
    digest, key = get_digest_token()
    token = AuthToken(
        digest=digest,
        token_key=key[:TOKEN_KEY_LENGTH],
        user_id=user_id,
        created=now,
        expiry=now + token_lifetime(),
        last_used_at=now,
        user_agent=user_agent[:USER_AGENT_LENGTH],
    )
    return token, key


def issue_token(*, user_id: int, user_agent: str, now: datetime, second_factor: bool = False) -> tuple[AuthToken, str]:
    """Signs a client in: the stored token and its key. Of more than 100 the one used longest ago ends."""
    end_surplus(user_id)
    token, key = new_token(user_id, user_agent, now)
    token.second_factor = second_factor
    token.save(force_insert=True)
    return token, key


def end_surplus(user_id: int) -> None:
    """Ends the tokens that were used longest ago, to make room for one more: scripts draw tokens and forget them."""
    kept = AuthToken.objects.filter(user_id=user_id).order_by("-last_used_at", "-pk")
    surplus = list(kept.values_list("pk", flat=True)[MOST_TOKENS - 1 :])
    if surplus:
        with transaction.atomic():
            AuthToken.objects.filter(pk__in=surplus).delete()
            publish_credentials([user_id])


def note_use(token: AuthToken, *, now: datetime) -> None:
    """Writes down that a token was used and lengthens its life, at most once a minute."""
    if token.last_used_at > use_is_noted_before(now, token_lifetime()):
        return
    # Not save(): the token may have been ended meanwhile, which is no error.
    expiry = token.expiry and now + token_lifetime()
    AuthToken.objects.filter(pk=token.pk).update(last_used_at=now, expiry=expiry)
    token.last_used_at, token.expiry = now, expiry


def draw_own_ticket(*, user_id: int, credential: Credential, now: datetime) -> tuple[str, int]:
    """`draw_ticket` for a request of the user's own. Raises `rate_limited` (2,000 a day)."""
    spend("tickets", user_id, now)
    return draw_ticket(credential=credential, now=now)


def draw_ticket(*, credential: Credential, now: datetime) -> tuple[str, int]:
    """A one-time ticket for a socket, and for how many seconds it is good."""
    ticket, (kind, value) = secrets.token_urlsafe(32), credential
    WsTicket.objects.create(
        digest=ticket_digest(ticket),
        token_id=int(value) if kind == "token" else None,
        session_key=value if kind == "session" else None,
        expires_at=now + TICKET_LIFETIME,
    )
    return ticket, int(TICKET_LIFETIME.total_seconds())


def end_token(token: AuthToken) -> None:
    """Ends the sign-in of that client."""
    with transaction.atomic():
        AuthToken.objects.filter(pk=token.pk).delete()
        publish_credentials([token.user_id])


def end_own_sign_in(*, user_id: int, sign_in_id: str) -> None:
    """Ends one sign-in of a user, named as in `list_sign_ins`. Raises `not_found` for one that isn't theirs."""
    if sign_in_id.startswith(BROWSER):
        keys = Session.objects.filter(user_id=user_id).values_list("session_key", flat=True)
        rows: QuerySet[Any] = Session.objects.filter(pk__in=[key for key in keys if browser_id(key) == sign_in_id])
    elif sign_in_id.isascii() and sign_in_id.isdigit() and len(sign_in_id) < 19:
        rows = AuthToken.objects.filter(pk=int(sign_in_id), user_id=user_id)
    else:
        raise not_found()
    with transaction.atomic():
        if not rows.delete()[0]:
            raise not_found()
        publish_credentials([user_id])


def end_sign_ins(*, user_id: int) -> None:
    """Signs a user out everywhere: ends tokens and browser sessions, with them tickets not used yet, and mandates."""
    with transaction.atomic():
        Mandate.objects.filter(user_id=user_id, revoked_at=None).update(revoked_at=Now())
        AuthToken.objects.filter(user_id=user_id).delete()
        Session.objects.filter(user_id=user_id).delete()
        publish_credentials([user_id])


def publish_credentials(user_ids: Iterable[int]) -> None:
    """After the commit every server process checks again whether these users' sockets may stay."""
    users = list(user_ids)
    transaction.on_commit(lambda: publish_control("credentials", {"users": users}))


def delete_ended_sign_ins(now: datetime) -> int:
    """Removes what has expired; a daily job."""
    with transaction.atomic():
        tickets, _ = WsTicket.objects.filter(expires_at__lte=now).delete()
        tokens, _ = AuthToken.objects.filter(expiry__lte=now).delete()
        sessions, _ = Session.objects.filter(expire_date__lte=now).delete()
    return tickets + tokens + sessions
