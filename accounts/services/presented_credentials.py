"""Finds who presents a credential, notes its use and spends tickets. Plain SQL, because these run for every socket.

Finding and noting are one statement: a look-up that wrote nothing would need a second one for each socket.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from knox.crypto import hash_token

from accounts.models import display_name
from accounts.rules import USE_NOTED_EVERY, use_is_noted_before
from accounts.selectors.credentials import Credential, is_of_password, is_plausible, mandate_credential, ticket_digest
from accounts.selectors.mandates import LIVE_MANDATES, AgentIdentity, hash_key, identity_of, is_agent_key
from accounts.selectors.notifications import UNREAD_OF_USER
from core.database import plain
from core.database.conversation import Question, Rows, Talk, ask
from core.database.prepared_statements import BY_INDEX, Prepared
from core.database.rows import Row, fetch_rows

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
    {UNREAD_OF_USER.replace("accounts_user.", "u.")} AS unread"""
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
SELECT t.digest AS shown, {_USER}, t.id AS token_id,
    GREATEST(t.expiry, CASE WHEN t.last_used_at <= $4 THEN $3 END) AS expires_at, NULL AS session_key, NULL AS session_data
FROM accounts_authtoken t JOIN accounts_user u ON u.id = t.user_id
WHERE t.digest = ANY($1) AND u.is_active AND (t.expiry IS NULL OR t.expiry > $2)
""",  # noqa: S608 - constants only
)
_BY_SESSIONS = Prepared(
    "sign_in_by_sessions",
    ("text[]", "timestamptz"),
    f"""
SELECT s.session_key AS shown, {_USER}, NULL::bigint AS token_id, s.expire_date AS expires_at, s.session_key, s.session_data
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
SELECT {_USER}, t.id AS token_id, CASE WHEN t.id IS NULL THEN s.expire_date ELSE t.expiry END AS expires_at, s.session_key,
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
    """`ask_identities` on this thread's connection."""
    return plain.converse(ask_identities(presented, now))


def ask_identities(presented: Sequence[PresentedCredential], now: datetime) -> Talk[list[SocketIdentity | None]]:
    """The user of each of them, in their order; None: no credentials, or bad ones. One trip.

    One statement for all tokens, one for all sessions, one for each ticket. A token's use is noted and renews it, a
    ticket is spent: its row is gone with the answer.
    """
    asked: dict[str, dict[str, None]] = {"token": {}, "session": {}, "ticket": {}, "agent": {}}
    for kind, key in presented:
        if is_plausible(key):
            asked["agent" if kind == "token" and is_agent_key(key) else kind][key] = None
    questions = [
        *([_ask_tokens(asked["token"], now)] if asked["token"] else []),
        *([_ask_sessions(asked["session"], now)] if asked["session"] else []),
        *([_ask_mandates(list(asked["agent"]), now)] if asked["agent"] else []),
        *(_spend(ticket, now) for ticket in asked["ticket"]),
    ]
    found: dict[PresentedCredential, SocketIdentity] = {}
    if questions:
        rows = yield from ask(*(question.query for question in questions), last=True)
        for question, its in zip(questions, rows, strict=True):
            found |= question.read(its)
    # Of two sockets with one ticket the first signs in.
    return [found.pop((kind, key), None) if kind == "ticket" else found.get((kind, key)) for kind, key in presented]


Found = Question[dict[PresentedCredential, SocketIdentity]]


def _ask_tokens(keys: Iterable[str], now: datetime) -> Found:
    digests = {hash_token(key): key for key in keys}
    lifetime = timedelta(seconds=settings.TOKEN_TTL_S)

    def read(rows: Rows) -> dict[PresentedCredential, SocketIdentity]:
        return {("token", digests[row["shown"]]): identity for row in rows if (identity := _identity(row))}

    return Question(_BY_TOKENS(list(digests), now, now + lifetime, use_is_noted_before(now, lifetime)), read)


def _ask_mandates(keys: list[str], now: datetime) -> Found:
    agents = _ask_agents(keys, now)

    def read(rows: Rows) -> dict[PresentedCredential, SocketIdentity]:
        return {("token", key): _of_agent(agent) for key, agent in agents.read(rows).items()}

    return Question(agents.query, read)


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


def _ask_sessions(keys: Iterable[str], now: datetime) -> Found:
    def read(rows: Rows) -> dict[PresentedCredential, SocketIdentity]:
        return {("session", row["shown"]): identity for row in rows if (identity := _identity(row))}

    return Question(_BY_SESSIONS(list(keys), now), read)


def _spend(ticket: str, now: datetime) -> Found:
    def read(rows: Rows) -> dict[PresentedCredential, SocketIdentity]:
        identity = _identity(rows[0]) if rows else None
        return {("ticket", ticket): identity} if identity else {}

    return Question(_BY_TICKET(ticket_digest(ticket), now), read)


def _identity(row: Row) -> SocketIdentity | None:
    token_id, session_key = row["token_id"], row["session_key"]
    if token_id is None and not is_of_password(row["session_data"], row["password"]):
        return None
    credential = ("session", session_key) if token_id is None else ("token", str(token_id))
    return SocketIdentity(
        user_id=row["id"],
        name=display_name(row["first_name"], row["last_name"], row["username"]),
        is_host=row["is_host"],
        unread=row["unread"],
        credential=credential,
        expires_at=row["expires_at"],
    )


def identify_agents(keys: Sequence[str], now: datetime) -> list[AgentIdentity | None]:
    """The live mandate of each key, in their order; one statement, which also notes their use. None for a bad key."""
    good = [key for key in keys if is_agent_key(key)]
    if not good:
        return [None] * len(keys)
    agents = _ask_agents(good, now)
    call = _BY_MANDATES.on_this_connection()
    found = agents.read(fetch_rows(BY_INDEX + call, agents.query.params))
    return [found.get(key) for key in keys]


def _ask_agents(keys: Iterable[str], now: datetime) -> Question[dict[str, AgentIdentity]]:
    """Of these keys those of live mandates, whose use is noted."""
    keys_of = {hash_key(key): key for key in keys}

    def read(rows: Rows) -> dict[str, AgentIdentity]:
        return {keys_of[bytes(row["digest"])]: identity_of(row) for row in rows}

    return Question(_BY_MANDATES(list(keys_of), now, now - USE_NOTED_EVERY), read)
