"""Which sign-ins still hold. Plain SQL, because these run for every socket.

A token counts while its row exists, has not expired and its user is active; a browser session moreover while it was
made under the user's present password. Revoking deletes the row, so there is nothing else to ask.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.contrib.auth import HASH_SESSION_KEY
from django.db import connection
from django.db.models import Q
from django.utils.crypto import constant_time_compare
from knox.crypto import hash_token

from accounts.models import AuthToken, User
from accounts.selectors.mandates import AgentIdentity, list_live_mandates
from accounts.session_store import SessionStore
from core.database.compiled_queries import CompiledQuery, Slot

LONGEST_KEY = 200
# Each request of the REST door asks it.
_TOKEN = CompiledQuery(
    lambda: AuthToken.objects.select_related("user").filter(
        Q(expiry=None) | Q(expiry__gt=Slot("now")), digest=Slot("digest"), user__is_active=True
    )
)
# ("token", its id as text), ("session", its key) or ("mandate", its id and version, `7:2`).
Credential = tuple[str, str]
_LIVE_TOKENS = """
SELECT t.id, t.expiry FROM accounts_authtoken t JOIN accounts_user u ON u.id = t.user_id
WHERE t.id = ANY(%(ids)s) AND u.is_active AND (t.expiry IS NULL OR t.expiry > %(now)s)
"""
_ENDED_TOKENS = """
SELECT given.id FROM unnest(%(ids)s::bigint[]) AS given(id) WHERE NOT EXISTS (
    SELECT 1 FROM accounts_authtoken t JOIN accounts_user u ON u.id = t.user_id
    WHERE t.id = given.id AND u.is_active AND (t.expiry IS NULL OR t.expiry > %(now)s)
)
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
    return next(iter(_TOKEN(now=now, digest=hash_token(key))), None)


def mandate_credential(agent: AgentIdentity) -> Credential:
    """The credential of a mandate as it is now. Lowering the mandate changes it, so that earlier sign-ins no longer hold."""
    return ("mandate", f"{agent.mandate_id}:{agent.version}")


def is_of_password(session_data: str, password: str) -> bool:
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
                if is_of_password(data, password)
            }
    if ids := [int(value.partition(":")[0]) for kind, value in given if kind == "mandate"]:
        agents = list_live_mandates(ids, now).values()
        live |= {mandate_credential(agent): agent.expires_at for agent in agents}
    return live


class AskedCredentials:
    """Credentials in the form in which `list_ended_credentials` asks for them, again and again."""

    __slots__ = ("others", "tokens")

    def __init__(self, credentials: Iterable[Credential]) -> None:
        given = set(credentials)
        self.others = {credential for credential in given if credential[0] != "token"}
        # The tokens' ids as PostgreSQL writes an array, "" without one: a list would be written again each time.
        ids = ",".join(str(int(value)) for kind, value in given if kind == "token")
        self.tokens = f"{{{ids}}}" if ids else ""

    def __bool__(self) -> bool:
        return bool(self.others or self.tokens)


def list_ended_credentials(asked: AskedCredentials, now: datetime) -> set[Credential]:
    """Those of the credentials that no longer hold.

    It is asked for every socket every two seconds, nearly always in vain: of tokens only the ended ones are fetched.
    """
    ended = asked.others - list_live_credentials(asked.others, now).keys() if asked.others else set()
    if asked.tokens:
        with connection.cursor() as cursor:
            cursor.execute(_ENDED_TOKENS, {"ids": asked.tokens, "now": now})
            ended |= {("token", str(token_id)) for (token_id,) in cursor.fetchall()}
    return ended
