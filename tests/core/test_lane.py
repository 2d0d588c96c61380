"""The event loop's own connections to the database."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.db.backends.postgresql import psycopg_any

from accounts.selectors import blocks
from bookings.selectors import unpaid
from bookings.services import confirm_stays
from core.database import lane as lanes
from core.database import plain
from core.database.conversation import Talk, Transaction, ask, call
from core.database.errors import OutcomeUnknown, pgcode
from core.database.lane import LOCK_WAIT_S, Lane
from core.database.prepared_statements import Prepared
from core.database.threads import threads
from core.database.wire import PARAMETERS, RESULTS
from negotiation.engine import load_under_property_lock, machine_sql, sql, write_sql
from properties.selectors import terms
from tests.servers import ROOT
from tests.statements import prepared_of
from tests.waiting import until

PID = Prepared("test_pid", (), "SELECT pg_backend_pid() AS pid")
END_OWN = Prepared("test_end_own", (), "SELECT pg_terminate_backend(pg_backend_pid())", answers=False)
SLEEP = Prepared("test_sleep", ("numeric",), "SELECT pg_sleep($1::float)", answers=False)
KEEP = Prepared(
    "test_keep",
    ("text",),
    "INSERT INTO core_storedoutcome (account_id, key, fingerprint, outcome, created_at) VALUES (1, $1, '', '{}', now())",
    answers=False,
)
COUNT = Prepared("test_count", (), "SELECT count(*) AS n FROM core_storedoutcome WHERE account_id = 1")
LOCK = Prepared("test_lock", ("bigint",), "SELECT pg_advisory_xact_lock($1)", answers=False)
WRONG = Prepared("test_wrong", (), "SELECT 1 FROM there_is_no_such_table", answers=False)
MODULES = (
    sql,
    write_sql,
    machine_sql,
    load_under_property_lock,
    blocks,
    unpaid,
    confirm_stays,
    terms,
)
SIZE = Prepared("test_size", ("text",), "SELECT length($1) AS n")


@pytest.fixture
async def lane(transactional_db: Any) -> AsyncIterator[Lane]:
    one = Lane(2)
    yield one
    one.close()
    await asyncio.to_thread(threads.stop)


def asked(begin: Callable[[], Talk[Any]], wait_s: float = LOCK_WAIT_S) -> Transaction[Any]:
    return Transaction(begin, wait_s)


def pid() -> Talk[int]:
    [[row]] = yield from ask(PID())
    return row["pid"]


def keep(*keys: str, last: bool = True) -> Talk[int]:
    """Keeps the keys; how many there were before."""
    [[row]] = yield from ask(COUNT())
    yield from ask(*[KEEP(key) for key in keys], last=last)
    return row["n"]


def count() -> Talk[int]:
    [[row]] = yield from ask(COUNT())
    return row["n"]


async def end(backend: int) -> None:
    def kill() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        finally:
            connection.close()

    await asyncio.to_thread(kill)


def test_django_stays_with_psycopg2() -> None:
    """Also in a process that has psycopg 3 for its lane; there a string of two statements would give the first result."""
    assert "psycopg" in sys.modules
    assert not psycopg_any.is_psycopg3
    assert connection.Database.__name__ == "psycopg2"


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("import core, core.database.pq", ""),
        ("import psycopg, core, core.database.pq", "psycopg was imported before core"),
    ],
)
def test_psycopg_3_is_shown_when_django_has_decided(first: str, told: str) -> None:
    code = f"{first}; from django.db.backends.postgresql import base; assert base.Database.__name__ == 'psycopg2'"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode == 0) == (not told), done.stderr
    assert told in done.stderr


VALUES: dict[str, list[Any]] = {
    "bool": [True, False],
    "bytea": [b"", b"\x00\xff'\\"],
    "bigint": [0, -(2**63), 2**63 - 1],
    "smallint": [-3],
    "int": [2**31 - 1],
    "text": ["", "a'b\\c\"d $1 %s আ 🏡\n"],
    "json": ['{"a": ["1.10", null, 2]}', b"[]"],
    "date": [date(2026, 2, 28)],
    "timestamptz": [datetime(2026, 1, 2, 3, 4, 5, 678_900, UTC), datetime(2026, 1, 2, tzinfo=UTC)],
    "interval": [timedelta(minutes=30), timedelta(days=7, seconds=0.5)],
    "numeric": [Decimal("0.10"), Decimal("-1E+3"), Decimal("12345678901234567890.123456789")],
    "jsonb": ['{"b": 1.50, "a": "\\u00e9"}'],
    "daterange": ["[2026-01-01,2026-01-04)"],
}
VALUES |= {f"{kind}[]": [[], values, [values[0], None]] for kind, values in VALUES.items()}
VALUES["text[]"] += [["", "a,b", 'q"u\\o', "{}", "NULL", " x ", "a\nb"], ["plain", "আ"]]
# Read as another type, where the two drivers read none of that type: no statement does.
READ_ARRAYS = ("bool[]", "smallint[]", "int[]", "bigint[]", "text[]", "date[]")
SHOWN = dict.fromkeys([kind for kind in VALUES if kind[-2:] == "[]" and kind not in READ_ARRAYS], "::text")
SHOWN |= {"interval": "::text", "daterange": "::text"}


def test_every_statement_of_a_move_has_types_that_the_lane_knows(transactional_db: Any) -> None:
    """Those of its parameters, and, of one that answers, those that PostgreSQL says its columns have."""
    statements = {one.name: one for module in MODULES for one in prepared_of(module)}
    assert len(statements) > 40
    assert {kind for one in statements.values() for kind in one.types} <= set(PARAMETERS)
    connection.close()  # so that it has prepared none of them
    with connection.cursor() as cursor:
        for one in statements.values():
            cursor.execute(one.definition)
        cursor.execute(
            "SELECT name, result_types::oid[]::bigint[] FROM pg_prepared_statements WHERE result_types IS NOT NULL"
        )
        found = {
            (name, number) for name, numbers in cursor.fetchall() for number in numbers if statements[name].answers
        }
    connection.close()
    assert len(found) > 50
    assert not {(name, number) for name, number in found if number not in RESULTS}


async def test_values_travel_as_through_psycopg2(lane: Lane) -> None:
    assert set(VALUES) == set(PARAMETERS)
    for number, (kind, values) in enumerate(VALUES.items()):
        statement = Prepared(f"test_value_{number}", (kind,), f"SELECT ${1}{SHOWN.get(kind, '')} AS value")

        def both(statement: Prepared = statement, values: list[Any] = values) -> Talk[list[Any]]:
            found = yield from ask(*(statement(value) for value in [*values, None]))
            return [bytes(row["value"]) if isinstance(row["value"], memoryview) else row["value"] for [row] in found]

        here = await lane.transact(asked(both))
        assert here == await asyncio.to_thread(plainly, both), kind
        assert here[-1] is None


def plainly(begin: Callable[[], Talk[Any]]) -> Any:
    try:
        return plain.transact(asked(begin))
    finally:
        connection.close()


async def test_what_is_last_is_committed_with_it(lane: Lane) -> None:
    assert await lane.transact(asked(lambda: keep("a", "b"))) == 0
    assert await lane.transact(asked(lambda: keep("c", last=False))) == 2
    assert await lane.transact(asked(count)) == 3


async def test_a_refusal_undoes_its_transaction_and_no_other(lane: Lane) -> None:
    await lane.transact(asked(lambda: keep("a")))
    with pytest.raises(IntegrityError) as told:
        await lane.transact(asked(lambda: keep("b", "a")))
    assert pgcode(told.value) == "23505"
    assert told.value.__cause__.diag.constraint_name
    assert await lane.transact(asked(count)) == 1
    assert len(lane.sessions) == 1, "its connection goes on"


async def test_a_conversation_may_answer_a_refusal_by_another(lane: Lane) -> None:
    def clashing() -> Talk[None]:
        try:
            yield from ask(KEEP("a"), KEEP("a"))
        except IntegrityError:
            raise ZeroDivisionError from None

    with pytest.raises(ZeroDivisionError):
        await lane.transact(asked(clashing))
    assert await lane.transact(asked(count)) == 0


async def test_a_statement_that_could_not_be_prepared_is_prepared_again(lane: Lane) -> None:
    for _ in range(2):
        with pytest.raises(ProgrammingError, match="there_is_no_such_table"):
            await lane.transact(asked(lambda: ask(WRONG(), COUNT())))
        assert await lane.transact(asked(count)) == 0


async def test_there_are_no_more_connections_than_it_has_room_for(lane: Lane) -> None:
    pids = await asyncio.gather(*(lane.transact(asked(pid)) for _ in range(30)))
    assert 1 <= len(set(pids)) <= 2


async def test_connections_that_died_at_rest_cost_nothing(lane: Lane) -> None:
    pids = set(await asyncio.gather(*(lane.transact(asked(pid)) for _ in range(10))))
    for one in pids:
        await end(one)
    assert await lane.transact(asked(pid)) not in pids


async def test_nothing_was_done_where_the_database_went_before_the_commit(lane: Lane) -> None:
    def move() -> Talk[None]:
        yield from ask(KEEP("a"))
        yield from ask(END_OWN(), COUNT())

    with pytest.raises(OperationalError) as told:
        await lane.transact(asked(move))
    assert not isinstance(told.value, OutcomeUnknown)
    assert await lane.transact(asked(count)) == 0


async def test_nobody_knows_where_the_database_went_with_the_commit(lane: Lane) -> None:
    with pytest.raises(OutcomeUnknown):
        await lane.transact(asked(lambda: ask(KEEP("a"), END_OWN(), last=True)))
    assert await lane.transact(asked(count)) == 0


async def test_a_lock_is_waited_for_as_long_as_is_said(lane: Lane) -> None:
    taken, done = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def holding() -> Talk[None]:
        yield from ask(LOCK(77))
        loop.call_soon(taken.set)
        yield from ask(SLEEP(Decimal("0.5")))

    holder = asyncio.ensure_future(lane.transact(asked(holding)))
    await taken.wait()
    with pytest.raises(OperationalError) as told:
        await lane.transact(asked(lambda: ask(LOCK(77)), wait_s=0.05))
    assert pgcode(told.value) == "55P03"
    await lane.transact(asked(lambda: ask(LOCK(77)), wait_s=5))
    await holder
    done.set()


async def test_a_database_that_says_nothing_is_cut_off(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await lane.transact(asked(pid))
    monkeypatch.setattr(lanes, "patience_s", lambda most: 0.1)
    with pytest.raises(OperationalError, match="does not answer"):
        await lane.transact(asked(lambda: ask(SLEEP(Decimal(20)))))
    monkeypatch.undo()
    assert await lane.transact(asked(pid)) != first
    await end(first)


async def test_who_is_cancelled_leaves_no_transaction_behind(lane: Lane) -> None:
    asked_for = asyncio.Event()

    def move() -> Talk[None]:
        yield from ask(KEEP("a"))
        asked_for.set()
        yield from ask(SLEEP(Decimal(20)), last=True)

    task = asyncio.ensure_future(lane.transact(asked(move)))
    await asked_for.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not lane.sessions
    assert await lane.transact(asked(count)) == 0


async def test_a_connection_that_came_too_late_is_closed(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr(lanes, "_open", lambda really=lanes._open: opened.append(really()) or opened[0])
    task = asyncio.ensure_future(lane.transact(asked(pid)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(until, lambda: opened and opened[0].closed)


async def test_what_needs_django_is_held_anew_in_a_thread(lane: Lane) -> None:
    def where() -> Talk[tuple[int, int]]:
        mine = yield from pid()
        yield from ask(KEEP("a"))
        djangos = yield from call(own_pid)
        yield from ask(KEEP("b"), last=True)
        return mine, djangos

    mine, djangos = await lane.transact(asked(where))
    assert mine == djangos
    assert await lane.transact(asked(count)) == 2


def own_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


async def test_more_than_a_socket_takes_at_once(lane: Lane) -> None:
    big = "x" * 20_000_000

    def send() -> Talk[list[int]]:
        found = yield from ask(SIZE(big), SIZE("a"))
        return [rows[0]["n"] for rows in found]

    assert await lane.transact(asked(send)) == [len(big), 1]


async def test_what_can_not_be_sent_harms_nobody(lane: Lane) -> None:
    first = await lane.transact(asked(pid))
    with pytest.raises(ValueError, match="NUL"):
        await lane.transact(asked(lambda: ask(COUNT(), SIZE("a\0b"))))
    assert await lane.transact(asked(pid)) == first


def test_a_conversation_within_a_transaction_is_undone_alone(transactional_db: Any) -> None:
    with transaction.atomic():
        plain.transact(asked(lambda: keep("a")))
        with pytest.raises(IntegrityError):
            plain.transact(asked(lambda: keep("b", "a")))
    assert plain.transact(asked(count)) == 1
