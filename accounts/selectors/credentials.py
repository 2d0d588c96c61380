"""By which sign-in somebody comes, and whether it still holds. Plain SQL: these run for every socket.

A token counts while its row exists, has not expired and its user is active; a browser session moreover while it was
made under the user's present password. Revoking deletes the row, so there is nothing else to ask.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.db import connection
from django.db.models import Q
from django.utils.crypto import constant_time_compare
from knox.crypto import hash_token

from accounts.models import AuthToken, User, display_name
from accounts.rules import use_is_noted_before
from accounts.session_store import SessionStore

LONGEST_KEY = 200
# ("token", its id as text) or ("session", its key).
Credential = tuple[str, str]


@dataclass(slots=True, frozen=True)
class SocketIdentity:
    """Who a socket is, and by what.

    `expires_at` is when the sign-in ends unless it is renewed: then ask `list_live_credentials` again. None: never.
    """

    user_id: int
    name: str
    is_host: bool
    unread: int
    credential: Credential
    expires_at: datetime | None


_USER = """u.id, u.first_name, u.last_name, u.username, u.is_host, u.password,
    (SELECT count(*) FROM accounts_notification n WHERE n.user_id = u.id AND n.read_at IS NULL)"""
_BY_TOKEN = f"""
WITH used AS (
    UPDATE accounts_authtoken SET last_used_at = %(now)s, expiry = %(renewed)s
    WHERE digest = %(digest)s AND last_used_at <= %(noted_before)s AND expiry > %(now)s
)
SELECT {_USER}, t.id, GREATEST(t.expiry, CASE WHEN t.last_used_at <= %(noted_before)s THEN %(renewed)s END), NULL, NULL
FROM accounts_authtoken t JOIN accounts_user u ON u.id = t.user_id
WHERE t.digest = %(digest)s AND u.is_active AND (t.expiry IS NULL OR t.expiry > %(now)s)
"""  # noqa: S608 - nothing but the constant above is put in
_BY_SESSION = f"""
SELECT {_USER}, NULL, s.expire_date, s.session_key, s.session_data
FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id
WHERE s.session_key = %(key)s AND u.is_active AND s.expire_date > %(now)s
"""  # noqa: S608
_BY_TICKET = f"""
WITH spent AS (
    DELETE FROM accounts_wsticket WHERE digest = %(digest)s RETURNING token_id, session_key, expires_at
)
SELECT {_USER}, t.id, CASE WHEN t.id IS NULL THEN s.expire_date ELSE t.expiry END, s.session_key, s.session_data
FROM spent
LEFT JOIN accounts_authtoken t ON t.id = spent.token_id AND (t.expiry IS NULL OR t.expiry > %(now)s)
LEFT JOIN accounts_session s ON s.session_key = spent.session_key AND s.expire_date > %(now)s
JOIN accounts_user u ON u.id = COALESCE(t.user_id, s.user_id)
WHERE u.is_active AND spent.expires_at > %(now)s
"""  # noqa: S608
_LIVE_TOKENS = """
SELECT t.id, t.expiry FROM accounts_authtoken t JOIN accounts_user u ON u.id = t.user_id
WHERE t.id = ANY(%(ids)s) AND u.is_active AND (t.expiry IS NULL OR t.expiry > %(now)s)
"""
_LIVE_SESSIONS = """
SELECT s.session_key, s.expire_date, s.session_data, u.password
FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id
WHERE s.session_key = ANY(%(keys)s) AND u.is_active AND s.expire_date > %(now)s
"""


def ticket_digest(ticket: str) -> bytes:
    """What is kept of a ticket."""
    return sha256(ticket.encode()).digest()


def is_plausible(key: str) -> bool:
    """Whether a client's text can be a key at all; NUL and lone surrogates never reach the database."""
    return 0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()


def get_token(key: str, now: datetime) -> AuthToken | None:
    """The live token of that key with its active user, in one query."""
    if not is_plausible(key):
        return None
    found = AuthToken.objects.select_related("user").filter(
        Q(expiry=None) | Q(expiry__gt=now), digest=hash_token(key), user__is_active=True
    )
    return next(iter(found), None)


def get_identity_by_token(key: str, now: datetime) -> SocketIdentity | None:
    """Who comes by that token; notes and renews its use. One statement."""
    lifetime = timedelta(seconds=settings.TOKEN_TTL_S)
    return _get_identity(
        _BY_TOKEN,
        digest=hash_token(key),
        now=now,
        renewed=now + lifetime,
        noted_before=use_is_noted_before(now, lifetime),
    )


def get_identity_by_session(key: str, now: datetime) -> SocketIdentity | None:
    """Who comes by that session cookie. One statement."""
    return _get_identity(_BY_SESSION, key=key, now=now)


def spend_ticket(ticket: str, now: datetime) -> SocketIdentity | None:
    """Who drew that ticket, once: the row is gone with the answer. One statement."""
    return _get_identity(_BY_TICKET, digest=ticket_digest(ticket), now=now)


def _get_identity(sql: str, **params: Any) -> SocketIdentity | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    if row is None:
        return None
    user_id, first, last, username, is_host, password, unread, token_id, expires_at, session_key, data = row
    if token_id is None and not _is_of_password(data, password):
        return None
    credential = ("session", session_key) if token_id is None else ("token", str(token_id))
    return SocketIdentity(user_id, display_name(first, last, username), is_host, unread, credential, expires_at)


def _is_of_password(session_data: str, password: str) -> bool:
    """Whether a session was made under this password; Django's own test, older secret keys included."""
    user = User(password=password)
    made_under = SessionStore().decode(session_data).get(HASH_SESSION_KEY, "")
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(made_under, good) for good in hashes)


def list_live_credentials(credentials: Iterable[Credential], now: datetime) -> dict[Credential, datetime | None]:
    """Those of `credentials` that still hold, each with the moment at which it ends (None: never).

    At most two queries, one for each kind that occurs.
    """
    given = set(credentials)
    live: dict[Credential, datetime | None] = {}
    with connection.cursor() as cursor:
        if ids := [int(value) for kind, value in given if kind == "token"]:
            cursor.execute(_LIVE_TOKENS, {"ids": ids, "now": now})
            live |= {("token", str(token_id)): expiry for token_id, expiry in cursor.fetchall()}
        if keys := [value for kind, value in given if kind == "session"]:
            cursor.execute(_LIVE_SESSIONS, {"keys": keys, "now": now})
            live |= {
                ("session", key): expires_at
                for key, expires_at, data, password in cursor.fetchall()
                if _is_of_password(data, password)
            }
    return live
