"""A database of 1.0.0 that is migrated has the schema of a fresh one."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.errors
import pytest
from django.db import connection

from core.database.indexes import rebuild
from tests.servers import ROOT, database_url

SCHEMA_OF_1_0_0 = Path(__file__).with_name("schema_1_0_0.sql").read_text()

# What makes a schema, one line a fact. The order of columns is none: each statement names its columns. Nor are the
# partitions of a table: which there are depends on the day.
FACTS = """
SELECT format('column %s.%s %s%s default %s%s%s', relname, attname, format_type(atttypid, atttypmod),
       CASE WHEN attnotnull THEN ' not null' ELSE '' END, pg_get_expr(adbin, adrelid), attidentity, attgenerated)
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
   AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT format('table %s %s %s', relname, reloptions, pg_get_partkeydef(oid)) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT relispartition
UNION ALL
SELECT format('index %s', pg_get_indexdef(indexrelid)) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
 WHERE relnamespace = 'public'::regnamespace AND NOT relispartition
UNION ALL
SELECT format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(pg_constraint.oid))
  FROM pg_constraint LEFT JOIN pg_class ON pg_class.oid = conrelid
 WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND relispartition IS NOT TRUE
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


# What is cut into partitions, with rows; their keys to other tables look away.
ROWS = """
SET session_replication_role = replica;
INSERT INTO accounts_notification (user_id, kind, title, at)
SELECT 1, 'offer.made', '-', now() - n * interval '1 hour' FROM generate_series(1, 5000) n;
INSERT INTO core_storedoutcome (account_id, key, fingerprint, outcome, created_at)
SELECT 1, n::text, '', '{}', now() - n * interval '1 minute' FROM generate_series(1, 5000) n;
INSERT INTO negotiation_entry (negotiation_id, seq, kind, actor, data, at)
SELECT n, s, 'message.sent', 'guest', '{}', now() FROM generate_series(1, 1000) n, generate_series(1, 5) s;
SELECT setval('negotiation_negotiation_id_seq', 1000);
SET session_replication_role = DEFAULT;
CREATE ROLE reader_of_1_0_0; GRANT SELECT ON negotiation_entry TO reader_of_1_0_0;
"""
CUT = ("accounts_notification", "core_storedoutcome", "negotiation_entry")


def one(database: psycopg2.extensions.connection, sql: str) -> Any:
    with database.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def fill(database: psycopg2.extensions.connection) -> dict[str, int]:
    """Puts the rows in; the file in which each table's lie."""
    with database.cursor() as cursor:
        cursor.execute(ROWS)
    files = {table: one(database, f"SELECT pg_relation_filenode('{table}')")[0] for table in CUT}
    database.commit()
    return files


def check_cut(database: psycopg2.extensions.connection, files: dict[str, int]) -> None:
    """All rows are there, none was copied, keys hold, numbers count on, and what is new lies where it belongs."""
    for table, file in files.items():
        assert one(database, f"SELECT count(*) FROM {table}") == (5000,), table
        assert one(database, f"SELECT pg_relation_filenode('{table}_before')") == (file,), table
    told = (
        "INSERT INTO accounts_notification (user_id, kind, title, at) VALUES (1, '-', '-', {})"
        " RETURNING id, tableoid::regclass::text"
    )
    with database.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    assert one(database, told.format("now()")) == (5002, "accounts_notification_before")
    assert one(database, told.format("now() + interval '9 months'")) == (5003, "accounts_notification_default")
    database.commit()
    for table, row in {
        "core_storedoutcome": "account_id, key, fingerprint, outcome, created_at",
        "negotiation_entry": "negotiation_id, seq, kind, actor, data, at",
    }.items():
        with pytest.raises(psycopg2.errors.UniqueViolation):
            one(database, f"INSERT INTO {table} ({row}) SELECT {row} FROM {table} LIMIT 1")
        database.rollback()
    with pytest.raises(psycopg2.errors.ForeignKeyViolation), database.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = DEFAULT; SET CONSTRAINTS ALL IMMEDIATE;"
            " INSERT INTO negotiation_entry (negotiation_id, seq, kind, actor, data, at) VALUES (7777, 9, '-', '-', '{}', now())"
        )
    database.rollback()
    assert one(database, "SELECT has_table_privilege('reader_of_1_0_0', 'negotiation_entry', 'SELECT')") == (True,)


def test_a_database_of_1_0_0_is_migrated_to_the_schema_of_a_fresh_one_and_keeps_its_rows(old_database: str):
    with connected(connection.settings_dict["NAME"]) as fresh, connected(old_database) as upgraded:
        wanted, before = facts(fresh), facts(upgraded)
        files = fill(upgraded)
        assert before - wanted, "1.0.0 has the same schema as today: the comparison sees nothing"
        migrate(old_database)
        found = facts(upgraded)
        check_cut(upgraded, files)
        one(upgraded, "DROP OWNED BY reader_of_1_0_0; DROP ROLE reader_of_1_0_0; SELECT 1")
        upgraded.commit()
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
