"""The event loop's own connections to the database."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction

from core.database import lane as lanes
from core.database import plain
from core.database.conversation import Talk, Trip, ask, call
from core.database.deadlines import Deadlines
from core.database.errors import OutcomeUnknown, pgcode
from core.database.lane import Lane
from core.database.prepared_statements import Prepared
from tests.core.lane_talk import asked
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
SIZE = Prepared("test_size", ("text",), "SELECT length($1) AS n")


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
    await asyncio.to_thread(plainly_run, "SELECT pg_terminate_backend(%s, 5000)", backend)


def plainly_run(sql: str, *params: Any) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, params or None)
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


async def test_stale_statements_are_prepared_again(lane: Lane) -> None:
    read = Prepared("test_read_stale", (), "SELECT word FROM stale")

    def change(sql: str) -> list[Any]:
        """What the statement reads in a thread before and after the change."""
        try:
            before = plain.fetch_often(read())
            with connection.cursor() as cursor:
                cursor.execute(sql)
            return [before, plain.fetch_often(read()), plain.fetch_often(read())]
        finally:
            connection.close()

    await asyncio.to_thread(plainly_run, "CREATE TABLE stale AS SELECT 'a'::varchar(9) AS word")
    try:
        for kind in ("varchar(10)", "varchar(11)"):
            assert await lane.transact(asked(lambda: ask(read()))) == [[{"word": "a"}]]
            assert await asyncio.to_thread(change, f"ALTER TABLE stale ALTER word TYPE {kind}") == [[{"word": "a"}]] * 3
    finally:
        await asyncio.to_thread(plainly_run, "DROP TABLE stale")


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
    monkeypatch.setattr(lane, "deadlines", Deadlines(lane.loop, 0.1))
    with pytest.raises(OperationalError, match="does not answer"):
        await lane.transact(asked(lambda: ask(SLEEP(Decimal(20)))))
    monkeypatch.undo()
    assert await lane.transact(asked(pid)) != first
    await end(first)


async def test_who_is_cancelled_leaves_no_transaction_behind(lane: Lane) -> None:
    asked_for = asyncio.Event()

    pids: list[int] = []

    def move() -> Talk[None]:
        pids.append((yield from pid()))
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
    # PostgreSQL does not notice before its sleep is over, and the tables are not emptied before.
    await end(pids[0])


async def test_a_connection_that_came_too_late_is_closed(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr(
        lanes, "open_connection", lambda really=lanes.open_connection: opened.append(really()) or opened[0]
    )
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


async def test_work_beside_a_trip_that_fails_mixes_no_rows(lane: Lane) -> None:
    def talk() -> Talk[Any]:
        return (yield Trip((COUNT(), SIZE("abc")), meanwhile=lambda: 1 / 0))

    assert await lane.transact(asked(talk)) == [[{"n": 0}], [{"n": 3}]]
    assert await lane.transact(asked(pid)) == await lane.transact(asked(pid))
    assert len(lane.sessions) == 1


def test_a_conversation_within_a_transaction_is_undone_alone(transactional_db: Any) -> None:
    with transaction.atomic():
        plain.transact(asked(lambda: keep("a")))
        with pytest.raises(IntegrityError):
            plain.transact(asked(lambda: keep("b", "a")))
    assert plain.transact(asked(count)) == 1
