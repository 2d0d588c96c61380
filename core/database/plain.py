"""The plain driver: conversations on this thread's connection of Django's. For REST, the clock, commands and tests."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from core.database.conversation import DjangoCall, Query, Question, Rows, Script, Talk, Transaction, Trip
from core.database.prepared_statements import BY_INDEX
from core.database.replica import reading
from core.database.rows import fetch_rows, rows_of

T = TypeVar("T")
# From here on this transaction waits so long for each lock.
WAIT_FOR_LOCKS = "SELECT set_config('lock_timeout', %s, true);"


def run(script: Script[T]) -> T:
    """Each transaction of `script`, one after the other; what it returns in the end."""
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
    """The conversation in a transaction, or, within another, in a savepoint."""
    with transaction.atomic():
        return converse(asked.begin(), wait_s=asked.wait_s)


def converse(talk: Talk[T], *, wait_s: float | None = None) -> T:
    """The conversation in the transaction under way; with `wait_s` this transaction waits so long for each lock."""
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
    """The answer to one question, asked by itself."""
    return question.read(fetch(question.query))


def fetch(query: Query) -> Rows:
    """The rows of one query that only reads, unprepared: planned for what it is asked."""
    names = {f"p{n}": value for n, value in enumerate(query.statement.adapted(query.params), 1)}
    return fetch_rows(query.statement.text, names)


def fetch_often(query: Query) -> Rows:
    """The rows of one query that only reads, and is asked so often that its planning would cost more than itself.

    Prepared, and told to look rows up by index: for a few rows by their keys. Unprepared within a transaction, whose other
    queries are not to be told so, and at the replica.
    """
    if connection.in_atomic_block or reading() is not connections[DEFAULT_DB_ALIAS]:
        return fetch(query)
    call = query.statement.on_this_connection()
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEX + call, query.statement.adapted(query.params))
        return rows_of(cursor)


def lock_timeout(seconds: float) -> str:
    """So many seconds, as PostgreSQL's setting has them."""
    return f"{round(seconds * 1000)}ms"


def _go(trip: Trip, opening: list[str]) -> list[Rows]:
    """psycopg2 gives the rows of a string's last statement alone, so each string ends with one that answers."""
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
