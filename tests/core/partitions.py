"""What tests of partitions share."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection

from accounts.services.own_data import BY_MONTH, forget_notifications
from core import clock
from core.api.idempotency import BY_DAY, forget_outcomes
from core.database.partitions import Partitioned
from core.models import StoredOutcome
from negotiation.services.log_partitions import BY_NUMBER

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
