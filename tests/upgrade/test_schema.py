"""A database of 1.0.0 that is migrated has the schema of a fresh one."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.db import connection

from core.database.indexes import rebuild
from tests.servers import ROOT, database_url

SCHEMA_OF_1_0_0 = Path(__file__).with_name("schema_1_0_0.sql").read_text()

# What makes a schema, one line a fact. The order of columns is none: each statement names its columns.
FACTS = """
SELECT format('column %s.%s %s%s default %s%s%s', relname, attname, format_type(atttypid, atttypmod),
       CASE WHEN attnotnull THEN ' not null' ELSE '' END, pg_get_expr(adbin, adrelid), attidentity, attgenerated)
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT format('table %s %s', relname, reloptions) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'S')
UNION ALL
SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT format('function %s', pg_get_functiondef(pg_proc.oid)) FROM pg_proc
  LEFT JOIN pg_depend ON objid = pg_proc.oid AND deptype = 'e'
 WHERE pronamespace = 'public'::regnamespace AND objid IS NULL
UNION ALL
SELECT format('extension %s', extname) FROM pg_extension
"""

# A condition that was told once and read in again has its casts and brackets elsewhere.
CASTS = re.compile(r"::(?:character varying|text)(?:\[\])?|[()]")


def facts(database: psycopg2.extensions.connection) -> set[str]:
    with database.cursor() as cursor:
        cursor.execute(FACTS)
        return {CASTS.sub("", fact) for (fact,) in cursor.fetchall()}


@pytest.fixture
def old_database(transactional_db: None) -> Iterator[str]:
    """The name of a database that holds the empty tables of 1.0.0."""
    name = f"{connection.settings_dict['NAME']}_of_1_0_0"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        with connected(name) as database, database.cursor() as cursor:
            cursor.execute(SCHEMA_OF_1_0_0)
            database.commit()
        yield name
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


class connected:
    """A connection to a database of the test's server, closed at the end."""

    def __init__(self, name: str) -> None:
        self.database = psycopg2.connect(**{**connection.get_connection_params(), "dbname": name})

    def __enter__(self) -> psycopg2.extensions.connection:
        return self.database

    def __exit__(self, *_: object) -> None:
        self.database.close()


def migrate(name: str) -> None:
    url = database_url().rpartition("/")[0] + f"/{name}"
    command = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True, timeout=300)


def test_a_database_of_1_0_0_is_migrated_to_the_schema_of_a_fresh_one(old_database: str):
    with connected(connection.settings_dict["NAME"]) as fresh, connected(old_database) as upgraded:
        wanted, before = facts(fresh), facts(upgraded)
        upgraded.commit()
        assert before - wanted, "1.0.0 has the same schema as today: the comparison sees nothing"
        migrate(old_database)
        found = facts(upgraded)
    assert found - wanted == set(), "only in the migrated database"
    assert wanted - found == set(), "only in the fresh one"


def test_an_index_that_was_half_rebuilt_is_finished_by_the_next_run(transactional_db: None):
    """As after a run that was killed between its statements: the new one is there, perhaps not valid, the old one gone."""
    run = rebuild("half_ends", "half (upper(nights))", part="lower(", present=False)
    with connection.cursor() as cursor, connection.schema_editor(atomic=False) as editor:
        cursor.execute("CREATE TABLE half (nights daterange)")
        try:
            for left in (
                "CREATE INDEX half_ends ON half (lower(nights))",
                "CREATE INDEX half_ends_new ON half (nights)",
                "",
            ):
                cursor.execute(f"DROP INDEX IF EXISTS half_ends; {left}")
                run(None, editor)
                cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'half'")
                assert cursor.fetchall() == [("CREATE INDEX half_ends ON public.half USING btree (upper(nights))",)]
        finally:
            cursor.execute("DROP TABLE half")
