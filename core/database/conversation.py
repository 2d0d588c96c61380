"""Conversations with the database: written once, run by two drivers.

A conversation is a generator: it yields queries, is sent their rows, and returns a result. It neither waits nor knows a
connection, so the same lines run in a thread on Django's connection (`core.database.plain`) and on the event loop
(`core.database.lane`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.database.prepared_statements import Query
from core.database.rows import Row

T = TypeVar("T")
Rows = list[Row]


@dataclass(frozen=True, slots=True)
class Trip:
    """Queries that travel together; sent back are the rows of each one that answers, in their order.

    `last`: the transaction is committed with them. Nothing may be asked after that.
    """

    queries: Sequence[Query]
    last: bool = False


@dataclass(frozen=True, slots=True)
class DjangoCall:
    """Rare work that needs Django's own connection, for instance the ORM; its return value is sent back."""

    fn: Callable[[], Any]


Talk = Generator[Trip | DjangoCall, Any, T]


@dataclass(frozen=True, slots=True)
class Transaction(Generic[T]):
    """A conversation in a transaction of its own. `begin` starts it, and starts it anew where another driver takes over.

    `wait_s`: how long each lock is waited for.
    """

    begin: Callable[[], Talk[T]]
    wait_s: float


# One transaction after another: yields each, is sent what it returned, or thrown what it raised.
Script = Generator[Transaction[Any], Any, T]


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A selector's query and how its rows are read, for callers that ask several at once."""

    query: Query
    read: Callable[[Rows], T]


def ask(*queries: Query, last: bool = False) -> Talk[list[Rows]]:
    """One trip: the rows of each query that answers."""
    rows: list[Rows] = yield Trip(queries, last)
    return rows


def put(*questions: Question[Any]) -> Talk[list[Any]]:
    """One trip: the answer to each question."""
    found = yield from ask(*(question.query for question in questions))
    return [question.read(rows) for question, rows in zip(questions, found, strict=True)]


def call(fn: Callable[[], T]) -> Talk[T]:
    """What `fn` returns, called where Django's connection is the conversation's own."""
    result: T = yield DjangoCall(fn)
    return result
