"""A crew of threads: quick jobs by a few of them, and none held up by slow ones."""

import queue
import threading

import pytest

from core.database import crew as crews
from core.database.crew import QUICK_S, Crew
from tests.waiting import until


@pytest.fixture
def crew():
    """Five threads, two at once. A job is what a thread runs."""
    crew: Crew = Crew(5, 2, "crew", lambda job: job(), lambda: None)
    yield crew
    crew.leave(5)
    assert not any(worker.thread.is_alive() for worker in crew.workers)


class Held:
    """A job that goes on until it is let go."""

    def __init__(self):
        self.begun, self.free = threading.Event(), threading.Event()

    def __call__(self):
        self.begun.set()
        assert self.free.wait(10)


@pytest.fixture
def held():
    jobs = [Held() for _ in range(7)]
    yield jobs
    for job in jobs:
        job.free.set()


@pytest.fixture
def now(monkeypatch):
    """The time by which jobs are quick or slow."""
    moment = [100.0]
    monkeypatch.setattr(crews.time, "monotonic", lambda: moment[0])
    yield moment
    monkeypatch.undo()


def begun(jobs):
    return [job.begun.is_set() for job in jobs]


def test_no_more_work_at_once_than_is_good_for_quick_jobs(crew, held, now):
    assert [crew.give(job) for job in held[:4]] == [False, False, True, True]
    assert all(job.begun.wait(10) for job in held[:2])
    assert begun(held[2:4]) == [False, False]
    held[0].free.set()
    assert held[2].begun.wait(10), "a thread that is done takes the next job"
    assert begun(held[3:4]) == [False]


def test_slow_jobs_hold_up_no_quick_one(crew, held, now, monkeypatch):
    monkeypatch.setattr(crews, "IDLE", 0)
    for job in held:
        crew.give(job)
    waits = []
    for _ in range(3):
        now[0] += 2 * QUICK_S
        waits.append(crew.look())
    assert all(job.begun.wait(10) for job in held[:5]), "each slow job lets another begin"
    assert waits == [True, True, True]
    assert begun(held[5:]) == [False, False], "there are no more threads"


def test_a_slow_job_that_ends_lets_no_more_work_than_before(crew, held, now):
    for job in held[:2]:
        crew.give(job)
    now[0] += 2 * QUICK_S
    for job in held[2:5]:
        crew.give(job)
    assert all(job.begun.wait(10) for job in held[:4])
    held[0].free.set()
    with crew.lock:
        assert crew.has_room() is False
    assert begun(held[4:5]) == [False]


@pytest.mark.parametrize(
    ("at_once", "used", "then"),
    [(2, 0.1, 3), (5, 0.1, 5), (4, 0.7, 4), (4, 0.99, 3), (2, 0.99, 2)],
    ids=["idle", "idle, all work", "busy", "full", "full, the least work"],
)
def test_more_work_at_once_where_the_processor_is_idle(crew, at_once, used, then):
    crew.at_once = at_once
    crew.adapt(used, 1.0)
    assert crew.at_once == then


def test_the_last_to_rest_is_the_first_to_work_again(crew):
    names: queue.SimpleQueue = queue.SimpleQueue()
    seen = set()
    for _ in range(20):
        crew.give(lambda: names.put(threading.current_thread().name))
        seen.add(names.get(timeout=10))
        until(lambda: len(crew.resting) == 5)
    assert len(seen) == 1


def test_jobs_in_line_are_done_before_the_threads_leave():
    done: list[int] = []
    crew: Crew = Crew(3, 1, "crew", done.append, lambda: done.append(-1))
    for number in range(50):
        crew.give(number)
    crew.leave(10)
    assert sorted(done) == [-1, -1, -1, *range(50)]
