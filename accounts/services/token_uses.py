"""Notes that tokens were used, and so lengthens their lives: at most once a minute each.

A REST request notes the use of its own token. Sockets sign in by the thousand, so the uses of many tokens are noted with one
statement, which takes each row only where nothing else holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from core.database.prepared_statements import Prepared, Query

# A use that came later is noted already, and an ended token has no row. SKIP LOCKED: the row's holder notes a use too, or ends
# the token, so nothing has to wait for it.
_NOTE = Prepared(
    "note_token_uses",
    ("bigint[]", "timestamptz[]", "interval"),
    """
UPDATE accounts_authtoken t
SET last_used_at = used.at, expiry = CASE WHEN t.expiry IS NOT NULL THEN used.at + $3 END
FROM (
    SELECT free.id, given.at FROM unnest($1, $2) AS given(id, at)
    CROSS JOIN LATERAL (
        SELECT a.id FROM accounts_authtoken a
        WHERE a.id = given.id AND a.last_used_at < given.at AND (a.expiry IS NULL OR a.expiry > given.at)
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS free
) AS used
WHERE t.id = used.id
""",
    answers=False,
)


class TokenUse(NamedTuple):
    """A token was used `at` that moment; without that it would end at `expiry` (None: never)."""

    token_id: int
    at: datetime
    expiry: datetime | None


def token_lifetime() -> timedelta:
    """How long an unused token lives."""
    return timedelta(seconds=settings.TOKEN_TTL_S)


def noting(uses: Iterable[TokenUse]) -> Query:
    """The query that notes these uses and lengthens the tokens' lives. It waits for no lock."""
    given = sorted(uses, key=lambda use: use.token_id)  # two processes lock them in one order
    return _NOTE([use.token_id for use in given], [use.at for use in given], token_lifetime())
