"""The partitions of outcomes, notifications and the log: the daily job makes and drops them, whatever happens to it."""

import threading
from collections.abc import Callable, Iterator
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
from core.database.partitions import ByNumber, ByTime, Partitioned
from core.models import StoredOutcome
from negotiation.engine.executor import execute_one
from negotiation.engine.parsing import read_move
from negotiation.models import Entry, Negotiation
from negotiation.services import log_partitions
from negotiation.services.log_partitions import BY_NUMBER, keep_log_partitions, newest_id
from tests.factories.accounts import make_user
from tests.negotiation.play import code, opened
from tests.threads import at_once
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
PARTITIONED = (BY_DAY.of, BY_MONTH.of, BY_NUMBER.of)


def names(of: Partitioned) -> set[str]:
    return {partition.name for partition in of.partitions()}


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """The partitions that migrations made, for the tests after these."""
    before = {of: names(of) for of in PARTITIONED}
    yield
    for of, there in before.items():
        run(f"DELETE FROM {of.table}")
        if of is not BY_NUMBER.of:
            for name in names(of) - there:
                run(f"DROP TABLE {name}")
    forget_outcomes(clock.now())
    forget_notifications(clock.now())
    assert all(names(of) >= there for of, there in before.items())


def outcome(at: datetime, key: str = "k") -> None:
    StoredOutcome.objects.create(account_id=1, key=key, fingerprint=b"", outcome={}, created_at=at)


def place_of(table: str, where: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text FROM {table} WHERE {where} ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


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


# -- the log -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def log() -> Iterator[ByNumber]:
    """A log of its own, small enough to be filled."""
    run("CREATE TABLE part_owner (id bigint PRIMARY KEY)")
    run("CREATE TABLE part_log (n bigint REFERENCES part_owner, seq int, PRIMARY KEY (n, seq)) PARTITION BY RANGE (n)")
    run("CREATE TABLE part_log_default PARTITION OF part_log DEFAULT")
    yield ByNumber(Partitioned("part_log", "n"), "part_owner", least=100)
    run("DROP TABLE part_log; DROP TABLE part_owner")


def bounds(log: ByNumber) -> list[tuple[int, int]]:
    return sorted((int(p.lower or 0), int(p.upper)) for p in log.of.partitions())


def test_the_log_has_a_partition_ahead_of_the_newest_negotiation(log: ByNumber) -> None:
    assert log.create_ahead(0, width=0) == 1
    assert log.create_ahead(0, width=0) == 0
    assert log.create_ahead(1, width=0) == 1
    assert bounds(log) == [(0, 100), (100, 200)]
    assert log.create_ahead(100, width=0) == 0
    assert log.create_ahead(101, width=0) == 1
    assert log.create_ahead(250, width=3000) == 1, "a month's worth of now, not of then"
    assert bounds(log)[2:] == [(200, 300), (300, 3300)]


def test_negotiations_that_ran_past_all_partitions_stay_in_the_default_one(log: ByNumber) -> None:
    run("INSERT INTO part_owner SELECT generate_series(1, 500); INSERT INTO part_log SELECT id, 1 FROM part_owner")
    assert log.create_ahead(500, width=300) == 1
    assert bounds(log) == [(511, 811)]
    run("INSERT INTO part_owner VALUES (510), (511); INSERT INTO part_log VALUES (510, 1), (511, 1)")
    assert place_of("part_log", "n >= 500") == ["part_log_511", "part_log_default", "part_log_default"]
    with pytest.raises(IntegrityError):
        run("INSERT INTO part_log VALUES (510, 1)")


def test_a_range_is_dropped_once_no_negotiation_of_it_is_left(log: ByNumber) -> None:
    log.create_ahead(0, width=0)
    log.create_ahead(1, width=0)
    run("INSERT INTO part_owner VALUES (7), (150); INSERT INTO part_log VALUES (7, 1), (150, 1)")
    assert log.drop_empty(150) == 0
    run("DELETE FROM part_log WHERE n = 7; DELETE FROM part_owner WHERE id = 7")
    assert log.drop_empty(99) == 0, "numbers of that range may still be drawn"
    assert log.drop_empty(150) == 1
    assert bounds(log) == [(100, 200)]
    assert log.drop_empty(150) == 0


def test_a_row_under_way_keeps_its_range(log: ByNumber, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is seen when the job looks; it is when the job has the lock."""
    monkeypatch.setattr(partitions, "LOCK_WAIT", "30s")
    log.create_ahead(0, width=0)
    dropped: list[int] = []
    with transaction.atomic():
        run("INSERT INTO part_owner VALUES (7); INSERT INTO part_log VALUES (7, 1)")
        thread = threading.Thread(target=lambda: (dropped.append(log.drop_empty(150)), connections.close_all()))
        thread.start()
        until(lambda: _waits("LOCK TABLE part_log%"))
    thread.join(30)
    assert dropped == [0]
    assert place_of("part_log", "true") == ["part_log_0"]


def _waits(query: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(); SELECT 1 FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND query LIKE %s AND datname = current_database()",
            [query],
        )
        return cursor.fetchone() is not None


def test_a_line_of_the_log_is_unique_in_all_partitions() -> None:
    play = opened("100")
    assert place_of("negotiation_entry", f"negotiation_id = {play.id}") == ["negotiation_entry_0"] * 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(negotiation_id=play.id, seq=1, kind="message.sent", actor="guest", data={}, at=play.now)
    assert newest_id() >= play.id
    assert keep_log_partitions(play.now) <= 1


def test_the_width_of_a_range_is_what_a_month_draws() -> None:
    plays = [opened("100") for _ in range(6)]
    Negotiation.objects.filter(pk__in=[play.id for play in plays[:4]]).update(
        created_at=clock.now() - timedelta(days=31)
    )
    last = newest_id()
    assert last - log_partitions._last_id_before(clock.now() - log_partitions.MONTH, last) == 2
    assert BY_NUMBER.least == 1_000_000


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
