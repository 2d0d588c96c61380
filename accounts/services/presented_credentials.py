"""Finds who presents a credential, and spends tickets. Plain SQL, because these run for every socket.

The use of a token is only reported here: `accounts.services.token_uses` notes it, for many tokens at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from knox.crypto import hash_token

from accounts.models import display_name
from accounts.rules import USE_NOTED_EVERY, use_is_noted_before
from accounts.selectors.credentials import Credential, is_of_password, is_plausible, mandate_credential, ticket_digest
from accounts.selectors.mandates import LIVE_MANDATES, AgentIdentity, hash_key, identity_of, is_agent_key
from accounts.selectors.notifications import UNREAD_OF_USER
from accounts.services.token_uses import TokenUse, token_lifetime
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


@dataclass(slots=True)
class Identified:
    """The user of each credential of a batch, in their order (None: no credentials, or bad ones), and the tokens to note."""

    identities: list[SocketIdentity | None]
    uses: list[TokenUse]


# Constants alone go into these statements.
_USER = f"""u.id AS user_id, u.first_name, u.last_name, u.username, u.is_host, u.password,
    {UNREAD_OF_USER.replace("accounts_user.", "u.")} AS unread"""
_BY_TOKENS = Prepared(
    "sign_in_by_tokens",
    ("text[]", "timestamptz"),
    f"""
SELECT t.digest AS shown, {_USER}, t.id AS token_id, t.expiry AS expires_at, t.last_used_at
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
SELECT {_USER}, t.id AS token_id, CASE WHEN t.id IS NULL THEN s.expire_date ELSE t.expiry END AS expires_at,
    s.session_key, s.session_data
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


def identifying(presented: Sequence[PresentedCredential], now: datetime) -> Talk[Identified]:
    """Finds the user of each credential, in one trip: a statement for all tokens, one for all sessions, one for each ticket.

    A ticket is spent: its row is gone with the answer. Of two sockets with one ticket the first signs in. With a ticket COMMIT has
    a trip of its own, so that a connection which had died at rest spends none.
    """
    keys: dict[str, set[str]] = {"token": set(), "session": set(), "ticket": set(), "agent": set()}
    for kind, key in presented:
        if is_plausible(key):
            keys["agent" if kind == "token" and is_agent_key(key) else kind].add(key)
    uses: list[TokenUse] = []
    questions = list(_questions(keys, uses, now))
    answers = (
        (yield from ask(*(question.query for question in questions), last=not keys["ticket"])) if questions else []
    )
    found = dict(one for question, rows in zip(questions, answers, strict=True) for one in question.read(rows))
    identities = [found.pop(one, None) if one[0] == "ticket" else found.get(one) for one in presented]
    return Identified(identities, uses)


Found = list[tuple[PresentedCredential, SocketIdentity]]


def _questions(keys: dict[str, set[str]], uses: list[TokenUse], now: datetime) -> Iterator[Question[Found]]:
    """Yields what has to be asked about these keys. Tokens whose use is to be noted are added to `uses`."""
    if keys["token"]:
        digests = {hash_token(key): key for key in keys["token"]}
        yield Question(_BY_TOKENS(list(digests), now), partial(_read_tokens, digests, uses, now))
    if keys["session"]:
        yield Question(_BY_SESSIONS(list(keys["session"]), now), _read_sessions)
    if keys["agent"]:
        hashes = {hash_key(key): key for key in keys["agent"]}
        yield Question(_BY_MANDATES(list(hashes), now, now - USE_NOTED_EVERY), partial(_read_mandates, hashes))
    for ticket in keys["ticket"]:
        yield Question(_BY_TICKET(ticket_digest(ticket), now), partial(_read_ticket, ticket))


def _read_tokens(digests: dict[str, str], uses: list[TokenUse], now: datetime, rows: Rows) -> Found:
    lifetime = token_lifetime()
    noted_before, renewed = use_is_noted_before(now, lifetime), now + lifetime
    found: Found = []
    for row in rows:
        token_id, expiry = row["token_id"], row["expires_at"]
        if row["last_used_at"] <= noted_before:
            uses.append(TokenUse(token_id, now, expiry))
            expiry = expiry and renewed
        found.append((("token", digests[row["shown"]]), _identity(row, ("token", str(token_id)), expiry)))
    return found


def _read_sessions(rows: Rows) -> Found:
    return [(("session", row["shown"]), identity) for row in rows if (identity := _of_session(row))]


def _read_mandates(hashes: dict[bytes, str], rows: Rows) -> Found:
    return [(("token", hashes[bytes(row["digest"])]), _of_agent(identity_of(row))) for row in rows]


def _read_ticket(ticket: str, rows: Rows) -> Found:
    found = [
        _identity(r, ("token", str(r["token_id"])), r["expires_at"]) if r["token_id"] else _of_session(r) for r in rows
    ]
    return [(("ticket", ticket), identity) for identity in found if identity]


def _of_session(row: Row) -> SocketIdentity | None:
    if not is_of_password(row["session_data"], row["password"]):
        return None
    return _identity(row, ("session", row["session_key"]), row["expires_at"])


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


def _identity(row: Row, credential: Credential, expires_at: datetime | None) -> SocketIdentity:
    name = display_name(row["first_name"], row["last_name"], row["username"])
    return SocketIdentity(row["user_id"], name, row["is_host"], row["unread"], credential, expires_at)


def identify_agents(keys: Sequence[str], now: datetime) -> list[AgentIdentity | None]:
    """The live mandate of each key, in their order; one statement, which also notes their use. None for a bad key."""
    digests = {key: hash_key(key) for key in keys if is_agent_key(key)}
    if not digests:
        return [None] * len(keys)
    call = _BY_MANDATES.on_this_connection()
    rows = fetch_rows(BY_INDEX + call, [list(digests.values()), now, now - USE_NOTED_EVERY])
    found = {bytes(row["digest"]): identity_of(row) for row in rows}
    return [found.get(digests[key]) if key in digests else None for key in keys]
