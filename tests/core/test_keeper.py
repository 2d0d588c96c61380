"""Embedded services as several processes share them: up while anybody uses them, gone afterwards, whatever was killed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from core.local import keeper
from tests.servers import ROOT
from tests.waiting import until

USER = (
    "import sys; from pathlib import Path; from core.local import keeper;"
    "print(keeper.use(Path(sys.argv[1])).database_url, flush=True); sys.stdin.read()"
)


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KEEPER_GRACE_S", "1")
    directory = Path(tempfile.mkdtemp(prefix="keeper-", dir=os.environ["TEST_DIR"]))
    yield directory
    if note := keeper.answering(directory):
        os.kill(keeper_pid(directory), signal.SIGTERM)
        until(lambda: not answers(note.database_url))


@pytest.fixture
def use(directory: Path) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Starts one more process that uses the services."""
    users = []

    def start() -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", USER, str(directory)]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        users.append(process)
        return process

    yield start
    for user in users:
        user.kill()
        user.communicate()


def keeper_pid(directory: Path) -> int:
    return int(json.loads((directory / "services.json").read_text())["keeper"])


def answers(url: str) -> bool:
    try:
        psycopg2.connect(url, connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def address(user: "subprocess.Popen[str]") -> str:
    assert user.stdout is not None
    return user.stdout.readline().strip()


def test_two_users_share_one_database_and_the_last_one_out_stops_it(
    directory: Path, use: Callable[[], "subprocess.Popen[str]"]
) -> None:
    first, second = use(), use()
    url = address(first)
    assert address(second) == url
    first.kill()
    assert answers(url)
    second.kill()
    until(lambda: not answers(url))
    assert keeper.answering(directory) is None


def test_a_broker_that_dies_is_started_again(directory: Path, use: Callable[[], "subprocess.Popen[str]"]) -> None:
    address(use())
    found = keeper.answering(directory)
    assert found is not None
    client = redis.Redis.from_url(found.redis_url)
    run = client.info("server")["run_id"]
    os.kill(client.info("server")["process_id"], signal.SIGKILL)

    def another_answers() -> bool:
        try:
            return bool(client.info("server")["run_id"] != run)
        except redis.ConnectionError:
            return False

    until(another_answers)


def test_data_outlives_a_killed_keeper(directory: Path, use: Callable[[], "subprocess.Popen[str]"]) -> None:
    url = address(use())
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    connection.close()
    os.kill(keeper_pid(directory), signal.SIGKILL)
    again = address(use())
    until(lambda: answers(again))
    connection = psycopg2.connect(again)
    with connection.cursor() as cursor:
        cursor.execute("SELECT n FROM kept")
        assert cursor.fetchone() == (7,)
    connection.close()
