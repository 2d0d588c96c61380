"""docs/privacy.md has a line for every table, and each of its jobs runs."""

import re

import pytest
from django.apps import apps
from django.db import connection

from core.jobs import daily_jobs, lanes, tick_jobs
from tests.servers import ROOT

PAGE = (ROOT / "docs" / "privacy.md").read_text()
# A line of the list, over several lines of text: table — holds — why — how long — job.
ITEMS = re.findall(r"^- \*\*`[a-z_]+`\*\* — .*(?:\n  .*)*", PAGE, re.MULTILINE)
LINES = [[cell.strip() for cell in re.sub(r"\s+", " ", item).removeprefix("- ").split(" — ")] for item in ITEMS]
TABLES = [cells[0].strip("*`") for cells in LINES]


def test_every_table_of_every_app_has_its_line() -> None:
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    own = {table for table in known if not table.startswith("demo_")}
    assert own - set(TABLES) == set(), "say in docs/privacy.md what it holds, why, how long, and which job ends it"
    assert len(TABLES) == len(set(TABLES))


@pytest.mark.django_db
def test_every_table_of_the_database_has_its_line_and_every_line_its_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        )
        there = {name for (name,) in cursor.fetchall()}
    assert there == set(TABLES)


@pytest.mark.parametrize("cells", LINES, ids=TABLES)
def test_a_line_says_why_how_long_and_which_job(cells: list[str]) -> None:
    holds, why, how_long, job = [*cells[1:], "", "", "", ""][:4]
    assert holds
    if holds.startswith(("no person", "test money")):
        return
    jobs = re.findall(r"`([\w.]+)`", job)
    assert why and how_long and jobs  # noqa: PT018 - one line of one table
    assert set(jobs) <= set(daily_jobs) | set(tick_jobs) | set(lanes)
