"""Conversations with the database, which are written once and run by two drivers.

A conversation is a generator: it yields queries, receives their rows, and returns a result. It does not wait, and it knows
no connection, so the same lines run in a thread on Django's connection (`core.database.plain`) and on the event loop
(`core.database.lane`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any, Generic, TypeVar

from core.database.prepared_statements import Query
from core.database.rows import Row
from core.values import value

T = TypeVar("T")
Rows = list[Row]


@value()
class Trip:
    """Queries of one round trip. The conversation receives the rows of each query that has an answer, in their order.

    With `last` the same trip commits the transaction, and the conversation may ask nothing after it. `meanwhile` is work for the
    time until the rows come; a driver may leave it out.
    """

    queries: Iterable[Query]
    last: bool = False
    meanwhile: Callable[[], None] | None = None


@value()
class DjangoCall:
    """Rare work that needs Django's own connection, for instance the ORM. The conversation receives its return value."""

    fn: Callable[[], Any]


Talk = Generator[Trip | DjangoCall, Any, T]


@value()
class Transaction(Generic[T]):
    """A conversation in a transaction of its own. `begin` starts it, and starts it again where another driver takes over.

    `wait_s` is the most seconds to wait for each lock. With `again` the transaction recognises what an earlier run of it did, so
    it may run once more where a connection that had died at rest leaves the outcome of its first trip unknown.
    """

    begin: Callable[[], Talk[T]]
    wait_s: float
    again: bool = False


# A generator that runs one transaction after another: it yields each, and receives what it returned or raised.
Script = Generator[Transaction[Any], Any, T]


@value()
class Question(Generic[T]):
    """A selector's query with the function that reads its rows, for callers that ask several questions in one trip."""

    query: Query
    read: Callable[[Rows], T]


def ask(*queries: Query, last: bool = False) -> Talk[list[Rows]]:
    """Makes one trip; returns the rows of each query that has an answer."""
    rows: list[Rows] = yield Trip(queries, last)
    return rows


def put(*questions: Question[Any]) -> Talk[list[Any]]:
    """Makes one trip; returns the answer to each question."""
    found = yield from ask(*(question.query for question in questions))
    return [question.read(rows) for question, rows in zip(questions, found, strict=True)]


def call(fn: Callable[[], T]) -> Talk[T]:
    """Calls `fn` in a thread where the conversation runs on Django's connection; returns what it returns."""
    result: T = yield DjangoCall(fn)
    return result
