"""What travels on the lane comes as through psycopg2, which Django stays with."""

import asyncio
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql import psycopg_any

from accounts.selectors import blocks
from bookings.selectors import holds_in_the_way, unpaid
from bookings.services import confirm_stays
from core.database.conversation import Talk, ask
from core.database.lane import Lane
from core.database.prepared_statements import Prepared
from core.database.wire import PARAMETERS, RESULTS
from negotiation.engine import load_under_property_lock, machine_sql, property_sql, sql, write_sql
from properties.selectors import terms
from tests.core.lane_talk import asked, plainly
from tests.servers import ROOT
from tests.statements import prepared_of

MODULES = (
    sql,
    write_sql,
    machine_sql,
    property_sql,
    load_under_property_lock,
    blocks,
    unpaid,
    holds_in_the_way,
    confirm_stays,
    terms,
)


def test_django_stays_with_psycopg2() -> None:
    """Also in a process that has psycopg 3 for its lane; there a string of two statements would give the first result."""
    assert "psycopg" in sys.modules
    assert not psycopg_any.is_psycopg3
    assert connection.Database.__name__ == "psycopg2"


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("import core, core.database.pq", ""),
        ("import psycopg, core, core.database.pq", "psycopg was imported before core"),
    ],
)
def test_psycopg_3_is_shown_when_django_has_decided(first: str, told: str) -> None:
    code = f"{first}; from django.db.backends.postgresql import base; assert base.Database.__name__ == 'psycopg2'"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode == 0) == (not told), done.stderr
    assert told in done.stderr


VALUES: dict[str, list[Any]] = {
    "bool": [True, False],
    "bytea": [b"", b"\x00\xff'\\"],
    "bigint": [0, -(2**63), 2**63 - 1],
    "smallint": [-3],
    "int": [2**31 - 1],
    "text": ["", "a'b\\c\"d $1 %s আ 🏡\n"],
    "json": ['{"a": ["1.10", null, 2]}', b"[]"],
    "date": [date(2026, 2, 28)],
    "timestamptz": [datetime(2026, 1, 2, 3, 4, 5, 678_900, UTC), datetime(2026, 1, 2, tzinfo=UTC)],
    "interval": [timedelta(minutes=30), timedelta(days=7, seconds=0.5)],
    "numeric": [Decimal("0.10"), Decimal("-1E+3"), Decimal("12345678901234567890.123456789")],
    "jsonb": ['{"b": 1.50, "a": "\\u00e9"}'],
    "daterange": ["[2026-01-01,2026-01-04)"],
}
VALUES |= {f"{kind}[]": [[], values, [values[0], None]] for kind, values in VALUES.items()}
VALUES["text[]"] += [["", "a,b", 'q"u\\o', "{}", "NULL", " x ", "a\nb"], ["plain", "আ"]]
# Read as another type, where the two drivers read none of that type: no statement does.
READ_ARRAYS = ("bool[]", "smallint[]", "int[]", "bigint[]", "text[]", "date[]")
SHOWN = dict.fromkeys([kind for kind in VALUES if kind[-2:] == "[]" and kind not in READ_ARRAYS], "::text")
SHOWN |= {"interval": "::text", "daterange": "::text"}


def test_every_statement_of_a_move_has_types_that_the_lane_knows(transactional_db: Any) -> None:
    """Those of its parameters, and, of one that answers, those that PostgreSQL says its columns have."""
    statements = {one.name: one for module in MODULES for one in prepared_of(module)}
    assert len(statements) > 40
    assert {kind for one in statements.values() for kind in one.types} <= set(PARAMETERS)
    connection.close()  # so that it has prepared none of them
    with connection.cursor() as cursor:
        for one in statements.values():
            cursor.execute(one.definition)
        cursor.execute(
            "SELECT name, result_types::oid[]::bigint[] FROM pg_prepared_statements WHERE result_types IS NOT NULL"
        )
        found = {
            (name, number) for name, numbers in cursor.fetchall() for number in numbers if statements[name].answers
        }
    connection.close()
    assert len(found) > 50
    assert not {(name, number) for name, number in found if number not in RESULTS}


async def test_values_travel_as_through_psycopg2(lane: Lane) -> None:
    assert set(VALUES) == set(PARAMETERS)
    for number, (kind, values) in enumerate(VALUES.items()):
        statement = Prepared(f"test_value_{number}", (kind,), f"SELECT ${1}{SHOWN.get(kind, '')} AS value")

        def both(statement: Prepared = statement, values: list[Any] = values) -> Talk[list[Any]]:
            found = yield from ask(*(statement(value) for value in [*values, None]))
            return [bytes(row["value"]) if isinstance(row["value"], memoryview) else row["value"] for [row] in found]

        here = await lane.transact(asked(both))
        assert here == await asyncio.to_thread(plainly, both), kind
        assert here[-1] is None
