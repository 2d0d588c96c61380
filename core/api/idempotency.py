"""A command is done once: the same key with the same content gives the first outcome again, for 24 hours.

The key is the socket's `id` and REST's `Idempotency-Key`; both doors share one table. Source: docs/protocol.md, "Commands".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from typing import Any, NoReturn

import orjson
from django.conf import settings
from django.db import OperationalError, connection, transaction

from core.command_id import MAX_LENGTH, is_command_id
from core.database.partitions import ByTime, Partitioned
from core.errors import Code, DomainError, invalid
from core.models import StoredOutcome
from core.said import said

KEPT = timedelta(hours=24)
OUTCOMES_AT_ONCE = 10_000
# One partition a day. The constraint makes a key unique within its day; across two days the advisory lock does, which every
# reader and writer of an outcome takes first.
BY_DAY = ByTime(Partitioned("core_storedoutcome", "created_at", key=("account_id", "key")), "day", ahead=3)
WAIT_MS = 5000
LOCK_NOT_AVAILABLE = "55P03"

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """The outcome of a command; `replayed` says that it had been done before."""

    outcome: Plain
    replayed: bool = False


def fingerprint(kind: str, fields: Mapping[str, Any], *, secret: bool = False) -> bytes:
    """16 bytes that are the same for the same content, by socket and by REST. `fields` are normalised.

    With `secret` they are keyed with SECRET_KEY, for content that must not be found by trying all values.

    Raises `invalid` for content that nests too deep.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        text = orjson.dumps([kind, given], default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except TypeError:  # a lone surrogate or a huge number: it is refused later, but needs a fingerprint too
        text = plain_text([kind, given])
    key = sha256(b"fingerprint" + settings.SECRET_KEY.encode()).digest() if secret else b""
    return blake2b(text, digest_size=16, key=key).digest()


def plain_text(content: Any) -> bytes:
    """JSON of anything that Python's own parser accepts."""
    try:
        return json.dumps(content, default=str, sort_keys=True).encode()
    except (RecursionError, ValueError):
        raise invalid("The content is nested too deeply.") from None


def lock_number(account_id: int, key: str) -> int:
    """The number of the advisory lock that a running command holds."""
    digest = blake2b(f"{account_id} {key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def run_once(
    *, account_id: int, key: str | None, kind: str, fields: Mapping[str, Any], now: datetime, do: Callable[[], Plain]
) -> Done:
    """`do()` in one transaction with its stored outcome, or the outcome that `key` had before.

    `do` answers something JSON can hold. A refusal is stored too and raised again; what was written before it is
    undone. Raises `command.id_reused` for a key with other content, `command.in_progress` after five seconds' wait.
    """
    if key is None:
        with transaction.atomic():
            return Done(do())
    if not is_command_id(key):
        raise invalid(**{"Idempotency-Key": said("Give 1 to %(most)s ASCII characters.", most=MAX_LENGTH)})
    mark = fingerprint(kind, fields)
    refusal: DomainError | None = None
    with transaction.atomic():
        _wait_for(account_id, key)
        if (stored := _stored(account_id, key, now)) is not None:
            return _again(stored, mark)
        outcome, refusal = _attempt(do)
        if refusal is None or refusal.is_stored:
            StoredOutcome.objects.create(
                account_id=account_id, key=key, fingerprint=mark, outcome=outcome, created_at=now
            )
    if refusal is not None:
        raise refusal
    return Done(outcome)


def refuse_once(
    *, account_id: int, key: str | None, kind: str, body: Mapping[str, Any], refusal: DomainError, now: datetime
) -> NoReturn:
    """Raises `refusal` of an unreadable body and stores it as the key's outcome, after the checks of the key."""

    def refuse() -> Plain:
        raise refusal

    run_once(account_id=account_id, key=key, kind=kind, fields={"unreadable": body}, now=now, do=refuse)
    raise refusal


def forget_outcomes(now: datetime) -> int:
    """A daily job: makes the next days' partitions, drops those of outcomes older than 24 hours. Returns how many tables and rows.

    Rows that no day's partition was there for are deleted, `OUTCOMES_AT_ONCE` of each table at the most.
    """
    changed = BY_DAY.create_ahead(now) + BY_DAY.drop_before(now - KEPT)
    return changed + BY_DAY.of.delete_before(now - KEPT, most=OUTCOMES_AT_ONCE)


def _wait_for(account_id: int, key: str) -> None:
    """Holds the key until the transaction ends."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_MS}ms"])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(account_id, key)])
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) == LOCK_NOT_AVAILABLE:
            raise DomainError(Code.COMMAND_IN_PROGRESS, "The first one is still running; ask again.") from None
        raise


def _stored(account_id: int, key: str, now: datetime) -> StoredOutcome | None:
    found = StoredOutcome.objects.filter(account_id=account_id, key=key).first()
    if found is not None and found.created_at <= now - KEPT:
        found.delete()
        return None
    return found


def _again(stored: StoredOutcome, mark: bytes) -> Done:
    if bytes(stored.fingerprint) != mark:
        raise DomainError(Code.COMMAND_ID_REUSED, "This id was sent before, with other content; take a new one.")
    if "error" in stored.outcome:
        raise DomainError.from_dict(stored.outcome["error"])
    return Done(stored.outcome, replayed=True)


def _attempt(do: Callable[[], Plain]) -> tuple[Plain, DomainError | None]:
    try:
        with transaction.atomic():
            return do(), None
    except DomainError as error:
        return {"error": error.as_stored()}, error
