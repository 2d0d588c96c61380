"""Finds who presents a credential, notes its use and spends tickets. Plain SQL, because these run for every socket.

Finding and noting are one statement: a look-up that wrote nothing would need a second one for each socket.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from knox.crypto import hash_token

from accounts.models import display_name
from accounts.rules import USE_NOTED_EVERY, use_is_noted_before
from accounts.selectors.credentials import Credential, is_of_password, is_plausible, mandate_credential, ticket_digest
from accounts.selectors.mandates import LIVE_MANDATES, AgentIdentity, hash_key, identity_of, is_agent_key
from accounts.selectors.notifications import UNREAD_OF_USER
from core.database.prepared_statements import BY_INDEX, Prepared
from core.database.rows import fetch_rows

# What a client shows: ("token", its key), ("ticket", itself) or ("session", its key).
PresentedCredential = tuple[str, str]


@dataclass(slots=True, frozen=True)
class SocketIdentity:
    """The user of a socket, and the credential by which it signed in.

    `expires_at` is when the sign-in ends unless it is renewed: then ask `list_live_credentials` again. None: never.
    """

    user_id: int
    name: str
    is_host: bool
    unread: int
    credential: Credential
    expires_at: datetime | None
    # The machine whose socket it is; None where a person's browser or client holds it.
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
# SKIP LOCKED: a move under this mandate, or another batch, holds the row; the use is noted by the next one.
_BY_MANDATES = Prepared(
    "mandates_by_keys",
    ("bytea[]", "timestamptz", "timestamptz"),
    f"""
WITH used AS (
    UPDATE accounts_mandate SET last_used_at = $2 WHERE id IN (
        SELECT id FROM accounts_mandate WHERE digest = ANY($1) AND revoked_at IS NULL AND expires_at > $2
            AND (last_used_at IS NULL OR last_used_at <= $3)
        FOR NO KEY UPDATE SKIP LOCKED
    )
)
{LIVE_MANDATES} AND m.digest = ANY($1) AND m.expires_at > $2
""",  # noqa: S608 - constants only
)


def identify(presented: Sequence[PresentedCredential], now: datetime) -> list[SocketIdentity | None]:
    """The user of each of them, in their order; None: no credentials, or bad ones.

    One statement for all tokens, one for all sessions, one for each ticket. A token's use is noted and renews it, a
    ticket is spent: its row is gone with the answer.
    """
    asked: dict[str, set[str]] = {"token": set(), "session": set(), "ticket": set(), "agent": set()}
    for kind, key in presented:
        if is_plausible(key):
            asked["agent" if kind == "token" and is_agent_key(key) else kind].add(key)
    found = _by_tokens(asked["token"], now) | _by_sessions(asked["session"], now)
    if asked["agent"]:
        found |= _by_mandates(list(asked["agent"]), now)
    # Of two sockets with one ticket the first signs in.
    return [_spend(key, asked, now) if kind == "ticket" else found.get((kind, key)) for kind, key in presented]


def _by_tokens(keys: Iterable[str], now: datetime) -> dict[PresentedCredential, SocketIdentity]:
    digests = {hash_token(key): key for key in keys}
    lifetime = timedelta(seconds=settings.TOKEN_TTL_S)
    rows = _rows(_BY_TOKENS, list(digests), now, now + lifetime, use_is_noted_before(now, lifetime)) if digests else []
    return {("token", digests[digest]): identity for digest, *row in rows if (identity := _identity(row))}


def _by_mandates(keys: list[str], now: datetime) -> dict[PresentedCredential, SocketIdentity]:
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


def _by_sessions(keys: Iterable[str], now: datetime) -> dict[PresentedCredential, SocketIdentity]:
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
    if token_id is None and not is_of_password(data, password):
        return None
    credential = ("session", session_key) if token_id is None else ("token", str(token_id))
    return SocketIdentity(user_id, display_name(first, last, username), is_host, unread, credential, expires_at)


def identify_agents(keys: Sequence[str], now: datetime) -> list[AgentIdentity | None]:
    """The live mandate of each key, in their order; one statement, which also notes their use. None for a bad key."""
    digests = {key: hash_key(key) for key in keys if is_agent_key(key)}
    if not digests:
        return [None] * len(keys)
    call = _BY_MANDATES.on_this_connection()
    rows = fetch_rows(BY_INDEX + call, [list(digests.values()), now, now - USE_NOTED_EVERY])
    found = {bytes(row["digest"]): identity_of(row) for row in rows}
    return [found.get(digests[key]) if key in digests else None for key in keys]
