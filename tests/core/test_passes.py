import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command

from core import clock, jobs
from core.models import ClockJob
from tests.servers import database_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def tick_jobs(monkeypatch):
    monkeypatch.setattr(jobs, "tick_jobs", {})
    monkeypatch.setattr(jobs, "daily_jobs", {})
    monkeypatch.setattr(jobs, "lanes", {})
    return jobs.tick_jobs


def test_a_job_that_fails_stops_no_other(tick_jobs, capsys):
    def broken(now):
        raise ValueError("out of order")

    tick_jobs |= {"first": lambda now: 2, "broken": broken, "last": lambda now: 0}
    call_command("tick")
    assert capsys.readouterr().out == "first: 2\n"
    noted = {row.name: (row.did, row.failure) for row in ClockJob.objects.all()}
    assert noted == {"first": (2, ""), "broken": (0, "ValueError: out of order"), "last": (0, "")}


@pytest.mark.django_db(transaction=True)
def test_the_lag_is_told_to_whoever_asks_for_metrics(tick_jobs, client, monkeypatch):
    tick_jobs["wound"] = lambda now: 0
    jobs.run_tick()
    ClockJob.objects.update(ran_at=clock.now() - timedelta(seconds=90))
    lines = client.get("/metrics").content.decode().splitlines()
    [lag] = [float(line.split()[-1]) for line in lines if line.startswith('hub_clock_lag_seconds{job="wound"}')]
    assert 90 <= lag < 100


def test_the_daily_pass_is_taken_once_a_day(tick_jobs, monkeypatch):
    ran: list[int] = []

    def run() -> dict[str, int]:
        ran.append(1)
        return {}

    monkeypatch.setattr(jobs, "run_daily", run)
    jobs.run_daily_if_due()
    jobs.run_daily_if_due()
    assert len(ran) == 1
    ClockJob.objects.update(ran_at=clock.now() - timedelta(days=1, seconds=1))
    jobs.run_daily_if_due()
    assert len(ran) == 2


@pytest.mark.django_db(transaction=True)
def test_what_a_daily_pass_left_undone_is_done_an_hour_later(tick_jobs, monkeypatch):
    """Its process died in the middle, or a job failed: that costs no day."""
    ran: list[str] = []

    def dies(now):
        ran.append("dies")
        raise SystemExit if len(ran) == 2 else ValueError

    jobs.daily_jobs.update(
        first=lambda now: ran.append("first") or 0, dies=dies, last=lambda now: ran.append("last") or 0
    )
    with pytest.raises(SystemExit):
        jobs.run_daily_if_due()
    began = clock.now()
    for hours in (0, 2, 2, 4):
        monkeypatch.setattr(clock, "now", lambda then=began + timedelta(hours=hours): then)
        jobs.run_daily_if_due()
    assert ran == ["first", "dies", "dies", "last", "dies"]


def test_every_floor_has_wound_its_jobs():
    assert {name.split(".")[0] for name in jobs.tick_jobs} >= {"bookings", "negotiation"}


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_runs_stops_when_told():
    environment = os.environ | {"DATABASE_URL": database_url()}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "tick", "--every", "0.1"], env=environment, stderr=subprocess.PIPE
    )
    try:
        deadline = clock.now() + timedelta(seconds=30)
        while not ClockJob.objects.filter(name="daily").exists():
            assert process.poll() is None
            assert clock.now() < deadline, "no pass within 30 s"
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, b"Traceback" in errors) == (0, False), errors


def test_a_daily_job_does_portion_after_portion(tick_jobs, monkeypatch):
    left = [5]

    def job(now):
        did = min(2, left[0])
        left[0] -= did
        return did

    assert jobs.Portions(job, most=2)(clock.now()) == 5
    left[0] = 5
    monkeypatch.setattr(jobs, "PORTIONS_S", 0.0)
    assert jobs.Portions(job, most=2)(clock.now()) == 2
