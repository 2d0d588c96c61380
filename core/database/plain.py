"""The plain driver runs conversations on this thread's Django connection: for REST, the clock, commands and tests."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, NotSupportedError, OperationalError, connection, connections, transaction

from core.database.conversation import DjangoCall, Query, Question, Rows, Script, Talk, Transaction, Trip
from core.database.errors import pgcode
from core.database.prepared_statements import BY_INDEX, STALE
from core.database.replica import reading
from core.database.rows import fetch_rows, rows_of

T = TypeVar("T")
# Sets how long this transaction waits for each lock, from here on.
WAIT_FOR_LOCKS = "SELECT set_config('lock_timeout', %s, true);"


def run(script: Script[T]) -> T:
    """Runs the transactions of `script` one after the other; returns what the script returns."""
    try:
        asked = next(script)
        while True:
            try:
                result = transact(asked)
            except Exception as error:
                asked = script.throw(error)
            else:
                asked = script.send(result)
    except StopIteration as end:
        returned: T = end.value
        return returned


def transact(asked: Transaction[T]) -> T:
    """Runs the conversation in a transaction, or in a savepoint where a transaction is open already."""
    with transaction.atomic():
        return converse(asked.begin(), wait_s=asked.wait_s)


def converse(talk: Talk[T], *, wait_s: float | None = None) -> T:
    """Runs the conversation in the open transaction; with `wait_s` that transaction waits so many seconds for each lock."""
    opening = [] if wait_s is None else [lock_timeout(wait_s)]
    try:
        asked = next(talk)
        while True:
            try:
                answer = asked.fn() if isinstance(asked, DjangoCall) else _go(asked, opening)
            except Exception as error:
                asked = talk.throw(error)
            else:
                asked = talk.send(answer)
            opening = []
    except StopIteration as end:
        returned: T = end.value
        return returned


def answer(question: Question[T]) -> T:
    """Returns the answer to a single question."""
    return question.read(fetch(question.query))


def fetch(query: Query) -> Rows:
    """Returns the rows of a query that only reads. It is not prepared, so PostgreSQL plans it for its parameters."""
    names = {f"p{n}": value for n, value in enumerate(query.statement.adapted(query.params), 1)}
    return fetch_rows(query.statement.text, names)


def fetch_often(query: Query) -> Rows:
    """Returns the rows of a query that only reads, and runs so often that planning would cost more than running it.

    The query is prepared and its plan uses indexes, so it should read a few rows by their keys. It is not prepared within a
    transaction, since the plan setting would hold for the transaction's other queries too, and not at the replica.
    """
    if connection.in_atomic_block or reading() is not connections[DEFAULT_DB_ALIAS]:
        return fetch(query)
    call = query.statement.on_this_connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute(BY_INDEX + call, query.statement.adapted(query.params))
            return rows_of(cursor)
    except (NotSupportedError, OperationalError) as error:
        if pgcode(error) not in STALE:
            raise
    return fetch(query)


def lock_timeout(seconds: float) -> str:
    """Returns the seconds in the form that PostgreSQL's setting takes."""
    return f"{round(seconds * 1000)}ms"


def _go(trip: Trip, opening: list[str]) -> list[Rows]:
    """Runs the queries of a trip; returns the rows of each that has an answer.

    psycopg2 returns only the rows of the last statement of a string, so each string ends with a query that has an answer.
    """
    found: list[Rows] = []
    texts, params = ([WAIT_FOR_LOCKS + BY_INDEX] if opening else []), list[Any](opening)
    with connection.cursor() as cursor:
        for statement, values in trip.queries:
            texts.append(f"{statement.on_this_connection()};")
            params += statement.adapted(values)
            if statement.answers:
                cursor.execute("".join(texts), params)
                found.append(rows_of(cursor))
                texts, params = [], []
        if texts:
            cursor.execute("".join(texts), params)
    return found
