"""The partitions of outcomes, notifications and the log: the daily job makes and drops them, whatever happens to it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from accounts.models import Notification
from accounts.services.own_data import BY_MONTH, NOTIFICATIONS_KEPT, forget_notifications
from core import clock
from core.api.idempotency import BY_DAY, forget_outcomes
from core.database import partitions
from core.database.partitions import ByTime
from core.models import StoredOutcome
from negotiation.engine.executor import execute_one
from negotiation.engine.parsing import read_move
from tests.core.partitions import DAY, _as_it_was, names, outcome, place_of, run  # noqa: F401 - a fixture of each test
from tests.factories.accounts import make_user
from tests.negotiation.play import code, opened
from tests.threads import at_once
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def test_migrations_have_made_those_of_today_and_of_the_next_days() -> None:
    today = clock.now()
    assert {BY_DAY.name(today + n * DAY) for n in range(4)} <= names(BY_DAY.of)
    assert BY_MONTH.name(today) in names(BY_MONTH.of)
    outcome(today)
    assert place_of("core_storedoutcome", "key = 'k'") == [BY_DAY.name(today)]


def test_days_are_made_ahead_and_dropped_once_all_of_them_is_a_day_old() -> None:
    now = BY_DAY.start(clock.now()) + timedelta(hours=5)
    outcome(now - timedelta(hours=1), "today")
    outcome(now + 2 * DAY, "later")
    there = names(BY_DAY.of)
    assert forget_outcomes(now + 2 * DAY - timedelta(hours=6)) >= 0
    assert BY_DAY.name(now) in names(BY_DAY.of), "its last row is not a day old"
    forget_outcomes(now + 2 * DAY)
    assert BY_DAY.name(now) not in names(BY_DAY.of)
    assert BY_DAY.name(now + 5 * DAY) in names(BY_DAY.of) - there
    assert [one.key for one in StoredOutcome.objects.all()] == ["later"]
    assert forget_outcomes(now + 2 * DAY) == 0, "the second run has nothing to do"


def test_a_clock_that_stood_still_loses_nothing() -> None:
    """What no partition was there for lies in the default one, is found there, and goes at its time."""
    now = clock.now()
    far = now + 20 * DAY
    outcome(far, "lonely")
    assert place_of("core_storedoutcome", "key = 'lonely'") == ["core_storedoutcome_default"]
    forget_outcomes(far)
    assert BY_DAY.name(far) not in names(BY_DAY.of), "its rows are elsewhere already"
    assert BY_DAY.name(far + DAY) in names(BY_DAY.of)
    assert StoredOutcome.objects.filter(key="lonely").count() == 1
    with pytest.raises(IntegrityError):
        outcome(far, "lonely")
    forget_outcomes(far + DAY)
    assert not StoredOutcome.objects.exists()


def test_months_go_as_a_whole_and_the_ids_are_of_one_sequence() -> None:
    user, now = make_user(), clock.now()
    told = [
        Notification.objects.create(user=user, kind="offer.made", title="-", at=now + n * DAY) for n in range(0, 70, 14)
    ]
    assert len(set(place_of("accounts_notification", "true"))) > 1
    assert sorted({one.pk for one in told}) == [one.pk for one in told]
    late = BY_MONTH.next(BY_MONTH.start(now)) + NOTIFICATIONS_KEPT
    forget_notifications(late - timedelta(hours=1))
    assert BY_MONTH.name(now) in names(BY_MONTH.of)
    forget_notifications(late)
    assert BY_MONTH.name(now) not in names(BY_MONTH.of)
    left = set(Notification.objects.values_list("pk", flat=True))
    assert left == {one.pk for one in told if BY_MONTH.start(one.at) > BY_MONTH.start(now)}


def test_a_job_that_dies_in_the_middle_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its server process goes while it waits for the lock between making a table and attaching it."""
    monkeypatch.setattr(partitions, "LOCK_WAIT", "30s")
    now = clock.now() + DAY
    ended: list[Exception] = []
    with transaction.atomic():
        run("SELECT 1 FROM core_storedoutcome_default")
        victim = threading.Thread(target=_doomed, args=(now, ended))
        victim.start()
        until(lambda: _kill_who_waits())
        victim.join(30)
    assert ended
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = %s", [BY_DAY.name(now + 3 * DAY)])
        assert cursor.fetchone() == (0,)
    assert BY_DAY.create_ahead(now) == 1
    assert BY_DAY.create_ahead(now) == 0


def _doomed(now: datetime, ended: list[Exception]) -> None:
    try:
        BY_DAY.create_ahead(now)
    except OperationalError as error:
        ended.append(error)
    finally:
        connections.close_all()


def _kill_who_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(); SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND query LIKE 'ALTER TABLE core_storedoutcome ATTACH%' AND datname = current_database()"
        )
        return cursor.fetchall() == [(True,)]


def test_a_lock_that_is_not_had_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A back-up holds every table for hours: moves must not wait behind a job that waits for it."""
    monkeypatch.setattr(partitions, "LOCK_WAIT", "1ms")
    now, made = clock.now() + DAY, []
    with transaction.atomic():
        run("SELECT 1 FROM core_storedoutcome_default")
        thread = threading.Thread(target=lambda: (made.append(BY_DAY.create_ahead(now)), connections.close_all()))
        thread.start()
        thread.join(30)
    assert made == [0]
    assert BY_DAY.create_ahead(now) == 1


def test_two_jobs_at_once_make_and_drop_each_once() -> None:
    now = clock.now() + 3 * DAY
    assert sum(at_once(*[lambda: BY_DAY.create_ahead(now)] * 3)) == 3
    assert sum(at_once(*[lambda: BY_DAY.drop_before(now - DAY)] * 3)) == 2


def test_moves_go_on_while_partitions_come_and_go() -> None:
    """Their statements are prepared: each connection's plans follow, and no repeat is done twice."""
    plays = [opened("100") for _ in range(2)]
    stop = threading.Event()
    said = [0, 0]

    def talk(n: int) -> None:
        while not stop.is_set() and said[n] < 400:
            said[n] += 1
            fields = {"text": f"{said[n]}", "key": f"k{said[n]}"}
            told = {code(plays[n].do("guest", "message.send", **fields)) for _ in range(2)}
            assert told == {"ok"}

    def keep() -> None:
        try:
            for n in range(1, 6):
                later = clock.now() + n * DAY
                BY_DAY.create_ahead(later)
                BY_MONTH.create_ahead(clock.now() + n * 31 * DAY)
                BY_DAY.of.drop(BY_DAY.name(later + 3 * DAY))
        finally:
            stop.set()

    at_once(lambda: talk(0), lambda: talk(1), keep)
    for play, times in zip(plays, said, strict=True):
        assert [entry["seq"] for entry in play.log()] == list(range(1, times + 3))


def test_of_one_command_at_once_around_midnight_one_is_done(rounds: Callable[[int, int], int]) -> None:
    """The two days' partitions know nothing of each other: the lock of the command's id has to be exact."""
    play = opened("100")
    midnight = BY_DAY.next(BY_DAY.start(clock.now()))
    moments = [midnight - timedelta(milliseconds=1), midnight]
    for n in range(rounds(5, 300)):
        fields = {"negotiation": play.id, "text": f"{n}"}
        move = read_move("message.send", fields, actor_id=play.guest.pk, key=f"m{n}")
        before = play.negotiation.last_seq
        at_once(*[partial(execute_one, move, now=at) for at in moments * 2])
        assert play.negotiation.last_seq == before + 1
        assert StoredOutcome.objects.filter(key=f"m{n}").count() == 1


@pytest.mark.parametrize(
    ("step", "at", "start", "following"),
    [
        ("day", "2026-12-31T23:30:00-05:00", "2027-01-01", "2027-01-02"),
        ("month", "2026-12-31T23:30:00-05:00", "2027-01-01", "2027-02-01"),
        ("month", "2024-01-31T00:00:00+00:00", "2024-01-01", "2024-02-01"),
        ("day", "2024-02-28T12:00:00+06:00", "2024-02-28", "2024-02-29"),
    ],
)
def test_a_partition_begins_with_the_day_or_month_of_utc(step: str, at: str, start: str, following: str) -> None:
    by_time: Any = ByTime(BY_DAY.of, step, ahead=1)
    begins = by_time.start(datetime.fromisoformat(at))
    assert (begins, by_time.next(begins)) == tuple(
        datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (start, following)
    )
