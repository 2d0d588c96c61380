"""The threads in which a server process talks to its database."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, OperationalError, connection

from core.database import threads
from core.database.threads import DbThreads
from core.errors import DomainError


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


async def test_a_dead_connection_costs_one_answer_and_mends_itself(pool):
    pids = set(await asyncio.gather(*(pool.run(ask) for _ in range(20))))
    for pid in pids:
        await asyncio.to_thread(end_backend, pid)
    codes = []
    for _ in range(6):
        try:
            assert await pool.run(ask) not in pids
        except DomainError as error:
            codes.append(error.code)
    assert codes in (["unavailable"], ["unavailable"] * 2)


def end_backend(pid: int) -> None:
    try:
        ask(f"SELECT pg_terminate_backend({pid})::int")
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


async def test_a_database_that_is_away_is_unavailable(pool):
    def away() -> None:
        raise OperationalError("server closed the connection unexpectedly")

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
    await asyncio.gather(*(pool.run(ask) for _ in range(4)))
    assert begun == []


async def test_too_much_waiting_is_refused_at_once(pool, monkeypatch):
    monkeypatch.setattr(threads, "MAX_WAITING", 0)
    with pytest.raises(DomainError, match="unavailable"):
        await pool.run(ask)
