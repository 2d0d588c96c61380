"""The threads in which a server process talks to its database."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from core.database import cutting, threads
from core.database.threads import DbThreads
from core.errors import DomainError
from tests.hub.patience import until


@pytest.fixture
def pool(transactional_db) -> Iterator[DbThreads]:
    threads = DbThreads(2)
    yield threads
    threads.stop()


def ask(sql: str = "SELECT pg_backend_pid()") -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


async def test_there_are_as_many_connections_as_threads(pool):
    pids = await asyncio.gather(*(pool.run(ask) for _ in range(40)))
    assert 1 <= len(set(pids)) <= 2
    assert pool.done == 40


async def test_a_connection_that_died_before_a_job_costs_it_nothing(pool):
    pids = set(await asyncio.gather(*(pool.run(ask) for _ in range(20))))
    for pid in pids:
        await asyncio.to_thread(end_backend, pid)
    assert not {await pool.run(ask) for _ in range(6)} & pids


async def test_nothing_was_done_where_the_database_went_before_the_commit(pool):
    def move() -> None:
        with transaction.atomic():
            end_own_backend()
            ask()

    with pytest.raises(DomainError) as told:
        await pool.run(move)
    assert told.value.code == "unavailable"


async def test_nobody_knows_where_the_database_went_with_the_commit(pool):
    def move() -> None:
        with transaction.atomic():
            ask()
            end_own_backend()

    with pytest.raises(DomainError) as told:
        await pool.run(move)
    assert told.value.code == "command.outcome_unknown"


async def test_nobody_knows_after_a_first_commit(pool):
    def moves() -> None:
        with transaction.atomic():
            ask()
        raise OperationalError("server closed the connection unexpectedly")

    with pytest.raises(DomainError) as told:
        await pool.run(moves)
    assert told.value.code == "command.outcome_unknown"
    with pytest.raises(DomainError, match="unavailable"):
        await pool.run(away)


def end_own_backend() -> None:
    """As a server that is killed ends its connections: from outside, and without a word of the thread's own."""
    pid = ask()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend({pid}, 2000)")
    other.close()


def end_backend(pid: int) -> None:
    try:
        ask(f"SELECT pg_terminate_backend({pid}, 5000)::int")
    finally:
        connection.close()


async def test_refusals_and_bugs_come_to_the_caller_as_they_are(pool):
    def refuse() -> None:
        raise DomainError("not_found")

    with pytest.raises(DomainError, match="not_found"):
        await pool.run(refuse)
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0)

    def clash() -> None:
        raise IntegrityError

    with pytest.raises(IntegrityError):
        await pool.run(clash)


def away() -> None:
    raise OperationalError("server closed the connection unexpectedly")


async def test_a_database_that_is_away_is_unavailable(pool):
    with pytest.raises(DomainError, match="unavailable"):
        await pool.run(away)


async def test_who_waits_too_long_is_told_and_the_job_is_never_begun(pool, monkeypatch):
    monkeypatch.setattr(threads, "WAIT_S", 0.05)
    free, begun = threading.Event(), []
    blockers = [asyncio.ensure_future(pool.run(free.wait, 10)) for _ in range(2)]
    await asyncio.sleep(0)  # both are in the queue
    with pytest.raises(DomainError, match="unavailable"):
        await pool.run(begun.append, 1)
    free.set()
    await asyncio.gather(*blockers, return_exceptions=True)
    monkeypatch.undo()
    await asyncio.wait_for(_answered(pool), 15)
    await asyncio.gather(*(pool.run(ask) for _ in range(4)))
    assert begun == []


async def _answered(pool):
    """Comes back once both threads are through with what they were given up on: until then they refuse."""
    both = 0
    while both < 2:
        done = await asyncio.gather(*(pool.run(ask) for _ in range(2)), return_exceptions=True)
        both = sum(not isinstance(one, DomainError) for one in done)
        await asyncio.sleep(0)


async def test_too_much_waiting_is_refused_at_once(transactional_db):
    pool = DbThreads(1, longest_queue=0)
    with pytest.raises(DomainError, match="unavailable"):
        await pool.run(ask)


async def test_of_a_job_that_was_begun_nobody_knows_the_end(pool, monkeypatch):
    monkeypatch.setattr(threads, "WAIT_S", 0.05)
    free = threading.Event()
    with pytest.raises(DomainError) as told:
        await pool.run(free.wait, 10)
    assert told.value.code == "command.outcome_unknown"
    free.set()


async def test_where_every_thread_is_overdue_the_next_is_refused_at_once(pool, monkeypatch):
    monkeypatch.setattr(threads, "WAIT_S", 0.05)
    free = threading.Event()
    await asyncio.gather(*(pool.run(free.wait, 10) for _ in range(2)), return_exceptions=True)
    assert pool.overdue == 2
    with pytest.raises(DomainError, match="unavailable"):
        pool.submit(ask)
    free.set()
    monkeypatch.undo()
    await asyncio.to_thread(until, lambda: pool.overdue == 0)
    assert await pool.run(ask)


async def test_a_thread_whose_database_says_nothing_is_freed(pool, monkeypatch, settings):
    monkeypatch.setattr(threads, "WAIT_S", 0.1)
    monkeypatch.setattr(cutting, "GRACE_S", 0.1)
    settings.STATEMENT_TIMEOUT_MS = 0

    def hang() -> None:
        with connection.cursor() as cursor:  # so that nothing is left at the server either
            cursor.execute("SET client_connection_check_interval = '100ms'")
        ask("SELECT 1 FROM (SELECT pg_sleep(60)) AS s")

    with pytest.raises(DomainError) as told:
        await pool.run(hang)
    assert told.value.code == "command.outcome_unknown"
    await asyncio.to_thread(until, lambda: pool.overdue == 0)
    monkeypatch.undo()
    assert await pool.run(ask)
