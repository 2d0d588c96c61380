"""Finds the sign-in of presented credentials, and whether it still holds. Plain SQL, because these run for every socket.

A token counts while its row exists, has not expired and its user is active; a browser session moreover while it was
made under the user's present password. Revoking deletes the row, so there is nothing else to ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from accounts.selectors.mandates import AgentIdentity, identify_agents, is_agent_key, list_live_mandates
from accounts.selectors.notifications import UNREAD_OF_USER
from accounts.session_store import SessionStore
from core.database.prepared_statements import BY_INDEX, Prepared

LONGEST_KEY = 200
# ("token", its id as text), ("session", its key) or ("mandate", its id and version, `7:2`).
Credential = tuple[str, str]
# What a client shows: ("token", its key), ("ticket", itself) or ("session", its key).
Offered = tuple[str, str]


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
    # The machine whose socket it is; None of a person's.
    agent: AgentIdentity | None = None


# Constants alone go into these statements.
_USER = f"""u.id, u.first_name, u.last_name, u.username, u.is_host, u.password,
    {UNREAD_OF_USER.replace("accounts_user.", "u.")}"""
# SKIP LOCKED: another batch is already recording this token's use, so two batches never wait for each other.
_BY_TOKENS = Prepared(
    "sign_in_by_tokens",
    ("text[]", "timestamptz", "timestamptz", "timestamptz"),
    f"""
WITH used AS (
    UPDATE accounts_authtoken SET last_used_at = $2, expiry = $3 WHERE id IN (
        SELECT id FROM accounts_authtoken WHERE digest = ANY($1) AND last_used_at <= $4 AND expiry > $2
        FOR NO KEY UPDATE SKIP LOCKED
    )
)
SELECT t.digest, {_USER}, t.id, GREATEST(t.expiry, CASE WHEN t.last_used_at <= $4 THEN $3 END), NULL, NULL
FROM accounts_authtoken t JOIN accounts_user u ON u.id = t.user_id
WHERE t.digest = ANY($1) AND u.is_active AND (t.expiry IS NULL OR t.expiry > $2)
""",  # noqa: S608 - constants only
)
_BY_SESSIONS = Prepared(
    "sign_in_by_sessions",
    ("text[]", "timestamptz"),
    f"""
SELECT s.session_key, {_USER}, NULL, s.expire_date, s.session_key, s.session_data
FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id
WHERE s.session_key = ANY($1) AND u.is_active AND s.expire_date > $2
""",  # noqa: S608 - constants only
)
_BY_TICKET = Prepared(
    "sign_in_by_ticket",
    ("bytea", "timestamptz"),
    f"""
WITH spent AS (
    DELETE FROM accounts_wsticket WHERE digest = $1 RETURNING digest, token_id, session_key, expires_at
)
SELECT spent.digest, {_USER}, t.id, CASE WHEN t.id IS NULL THEN s.expire_date ELSE t.expiry END, s.session_key,
    s.session_data
FROM spent
LEFT JOIN accounts_authtoken t ON t.id = spent.token_id AND (t.expiry IS NULL OR t.expiry > $2)
LEFT JOIN accounts_session s ON s.session_key = spent.session_key AND s.expire_date > $2
JOIN accounts_user u ON u.id = COALESCE(t.user_id, s.user_id)
WHERE u.is_active AND spent.expires_at > $2
""",  # noqa: S608 - constants only
)
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
    """The hash that is stored in place of a ticket."""
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


def identify(offers: Sequence[Offered], now: datetime) -> list[SocketIdentity | None]:
    """The user of each of them, in their order; None: no credentials, or bad ones.

    One statement for all tokens, one for all sessions, one for each ticket. A token's use is noted and renews it, a
    ticket is spent: its row is gone with the answer.
    """
    asked: dict[str, set[str]] = {"token": set(), "session": set(), "ticket": set(), "agent": set()}
    for kind, key in offers:
        if is_plausible(key):
            asked["agent" if kind == "token" and is_agent_key(key) else kind].add(key)
    found = _by_tokens(asked["token"], now) | _by_sessions(asked["session"], now)
    if asked["agent"]:
        found |= _by_mandates(list(asked["agent"]), now)
    # Of two sockets with one ticket the first is let in.
    return [_spend(key, asked, now) if kind == "ticket" else found.get((kind, key)) for kind, key in offers]


def _by_tokens(keys: Iterable[str], now: datetime) -> dict[Offered, SocketIdentity]:
    digests = {hash_token(key): key for key in keys}
    lifetime = timedelta(seconds=settings.TOKEN_TTL_S)
    rows = _rows(_BY_TOKENS, list(digests), now, now + lifetime, use_is_noted_before(now, lifetime)) if digests else []
    return {("token", digests[digest]): identity for digest, *row in rows if (identity := _identity(row))}


def _by_mandates(keys: list[str], now: datetime) -> dict[Offered, SocketIdentity]:
    agents = zip(keys, identify_agents(keys, now), strict=True)
    return {("token", key): _of_agent(agent) for key, agent in agents if agent}


def _of_agent(agent: AgentIdentity) -> SocketIdentity:
    return SocketIdentity(
        user_id=agent.user_id,
        name=agent.user_name,
        is_host=agent.is_host,
        unread=0,
        credential=mandate_credential(agent),
        expires_at=agent.expires_at,
        agent=agent,
    )


def mandate_credential(agent: AgentIdentity) -> Credential:
    """A mandate as it is now: once it is lowered, what came by it before no longer holds."""
    return ("mandate", f"{agent.mandate_id}:{agent.version}")


def _by_sessions(keys: Iterable[str], now: datetime) -> dict[Offered, SocketIdentity]:
    asked = list(keys)
    rows = _rows(_BY_SESSIONS, asked, now) if asked else []
    return {("session", key): identity for key, *row in rows if (identity := _identity(row))}


def _spend(ticket: str, asked: dict[str, set[str]], now: datetime) -> SocketIdentity | None:
    if ticket not in asked["ticket"]:
        return None
    asked["ticket"].remove(ticket)
    return next((_identity(row) for _, *row in _rows(_BY_TICKET, ticket_digest(ticket), now)), None)


def _rows(statement: Prepared, *params: Any) -> list[tuple[Any, ...]]:
    call = statement.on_this_connection()
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEX + call, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _identity(row: Sequence[Any]) -> SocketIdentity | None:
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
    if ids := [int(value.partition(":")[0]) for kind, value in given if kind == "mandate"]:
        agents = list_live_mandates(ids, now).values()
        live |= {mandate_credential(agent): agent.expires_at for agent in agents}
    return live
