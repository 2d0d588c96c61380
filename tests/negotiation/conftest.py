"""For the tests of moves at the same moment."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection


@pytest.fixture
def no_deadlock(transactional_db: Any) -> Iterator[None]:
    """Everybody locks in one order. The engine would repeat the victim of a deadlock, so none may have happened at all."""
    before = deadlocks()
    yield
    assert deadlocks() == before


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]
