"""One timer for many jobs: each has its whole time, and no more of it than that."""

import asyncio

import pytest

from core.database.deadlines import Deadlines


class Loop:
    """A loop's clock and timers."""

    def __init__(self):
        self.now, self.timers = 100.0, []

    def time(self):
        return self.now

    def call_at(self, when, call):
        self.timers.append((when, call))
        return self.timers[-1]

    def until(self, now):
        """Lets time go by."""
        while due := [one for one in self.timers if one[0] <= now]:
            first = min(due, key=lambda one: one[0])
            self.timers.remove(first)
            self.now = first[0]
            first[1]()
        self.now = now


class Job:
    def __init__(self, loop):
        self.loop, self.given_up_at = loop, None

    def give_up(self):
        self.given_up_at = self.loop.now


def test_each_job_is_given_up_at_its_own_time_by_one_timer():
    loop = Loop()
    deadlines, jobs = Deadlines(loop, 9.0), [Job(loop) for _ in range(4)]
    for seconds, job in enumerate(jobs):
        loop.until(100.0 + seconds)
        deadlines.add(job)
    assert len(loop.timers) == 1
    deadlines.remove(jobs[0])
    deadlines.remove(jobs[2])
    loop.until(200.0)
    assert [job.given_up_at for job in jobs] == [None, 110.0, None, 112.0]
    deadlines.remove(jobs[1])
    assert (loop.timers, deadlines.ends_at) == ([], {})


def test_a_job_after_a_quiet_time_has_a_timer_again():
    loop = Loop()
    deadlines, first, second = Deadlines(loop, 2.0), Job(loop), Job(loop)
    deadlines.add(first)
    deadlines.remove(first)
    loop.until(150.0)
    assert loop.timers == []
    deadlines.add(second)
    loop.until(153.0)
    assert (first.given_up_at, second.given_up_at) == (None, 152.0)


def test_a_job_that_fails_does_not_keep_the_others():
    loop = Loop()
    deadlines, other = Deadlines(loop, 2.0), Job(loop)

    class Failing:
        def give_up(self):
            raise ZeroDivisionError

    deadlines.add(Failing())
    deadlines.add(other)
    with pytest.raises(ZeroDivisionError):
        loop.until(110.0)
    loop.until(110.0)
    assert other.given_up_at is not None
    assert (loop.timers, deadlines.ends_at) == ([], {})


async def test_a_real_loop_rings():
    over = asyncio.Event()

    class Waiting:
        def give_up(self):
            over.set()

    Deadlines(asyncio.get_running_loop(), 0.01).add(Waiting())
    await asyncio.wait_for(over.wait(), 5)
