"""The log of all negotiations is cut by their numbers."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from core import clock
from core.database import partitions
from core.database.partitions import ByNumber, Partitioned
from negotiation.models import Entry, Negotiation
from negotiation.services import log_partitions
from negotiation.services.log_partitions import BY_NUMBER, keep_log_partitions, newest_id
from tests.core.partitions import _as_it_was, place_of, run  # noqa: F401 - a fixture of each test
from tests.negotiation.play import opened
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


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
