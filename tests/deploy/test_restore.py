"""The back-up of docs/deploy.md, taken and restored for real (bin/test --long)."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.core.management import call_command
from psycopg2 import sql

from core.local.embedded import postgres_bin
from tests.servers import ROOT, database_url

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]
RESTORED = "restored_from_backup"


def other_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of a new, empty database."""
    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(RESTORED)))
        yield other_database(database_url(), RESTORED)
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(RESTORED)))
    server.close()


def contents(url: str) -> dict[str, int]:
    """Rows of every table, and the constraints and indexes that guard them."""
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            (found[table],) = cursor.fetchone() or (0,)
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace")
        (found["constraints"],) = cursor.fetchone() or (0,)
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'")
        (found["indexes"],) = cursor.fetchone() or (0,)
    connection.close()
    return found


def commands_of_the_guide() -> list[list[str]]:
    """`pg_dump …` and `pg_restore …` as docs/deploy.md prints them."""
    text = (ROOT / "docs" / "deploy.md").read_text()
    return [line.split() for line in re.findall(r"^\s*(pg_(?:dump|restore) .*)$", text, re.M)]


def test_a_backup_comes_back_whole(empty: str, tmp_path: Path) -> None:
    call_command("seed_bench", pairs=20, properties=30, stays=50, json=str(tmp_path / "pairs.json"))
    source = database_url()
    words = {'"$DATABASE_URL"': source, '"$NEW_DATABASE_URL"': empty, "staynest.dump": str(tmp_path / "staynest.dump")}
    dump, restore = commands_of_the_guide()
    for command in (dump, restore):
        filled = [words.get(word, word) for word in command]
        subprocess.run([postgres_bin() / filled[0], *filled[1:]], check=True, capture_output=True)
    assert contents(empty) == contents(source)
    assert contents(empty)["properties_property"] >= 30
