"""What the tests of the lane share: how it and the plain driver are asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection

from core.database import plain
from core.database.conversation import Talk, Transaction
from core.database.opening import LOCK_WAIT_S


def asked(begin: Callable[[], Talk[Any]], wait_s: float = LOCK_WAIT_S) -> Transaction[Any]:
    return Transaction(begin, wait_s)


def plainly(begin: Callable[[], Talk[Any]]) -> Any:
    try:
        return plain.transact(asked(begin))
    finally:
        connection.close()
