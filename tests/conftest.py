import asyncio
import fcntl
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as settings_of_django
from django.core.cache import cache
from django.db import connection
from hypothesis import settings
from rest_framework.test import APIClient

from core.api import rate_limits
from core.database.lane import Lane
from core.database.threads import threads
from tests import tables
from tests.servers import ServerProcess

# Server processes that a test process keeps.
MOST_SERVERS = 4
STARTING = threading.Lock()
# How long an example takes says how busy the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
async def lane(transactional_db: Any) -> AsyncIterator[Lane]:
    """A lane of the test's event loop; its connections and the database threads end with the test."""
    one = Lane(2)
    yield one
    one.close()
    await asyncio.to_thread(threads.stop)


@pytest.fixture
def api() -> APIClient:
    """A client of the REST door; `api.force_authenticate(user)` or a token header signs it in."""
    return APIClient()


@pytest.fixture(autouse=True)
def _empty_broker() -> None:
    """Counters of one test (throttles, budgets) never reach the next."""
    cache.clear()
    rate_limits.forget_all()


@pytest.fixture(autouse=True)
def _no_lane() -> Iterator[None]:
    """The connections of a test's own event loop end with it."""
    yield
    if (lane := sys.modules.get("core.database.lane")) is not None:
        lane.forget_lanes()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None, django_db_blocker: Any) -> bool:
    """xdist's processes copy the tables that `tests.tables` makes, which takes seconds.

    Kept at the end too: the server goes with all of its databases.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return True
    with tables.lock().open("w") as lock, django_db_blocker.unblock():
        fcntl.flock(lock, fcntl.LOCK_EX)
        copy_tables()
    return True


def copy_tables() -> None:
    """Makes this process's database, and before it the one that all are copies of, where there is none yet."""
    creation, own = connection.creation, connection.settings_dict["NAME"]
    name, source = creation._get_test_db_name(), tables.SOURCE
    with creation._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname IN (%s, %s)", [name, source])
        there = {row[0] for row in cursor.fetchall()}
    if source not in there:
        test, mine = connection.settings_dict["TEST"], connection.settings_dict["TEST"]["NAME"]
        test["NAME"] = source
        creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
        test["NAME"], connection.settings_dict["NAME"] = mine, own
        settings_of_django.DATABASES["default"]["NAME"] = own
    if name not in there:
        with creation._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE {source}')


@pytest.fixture(scope="session")
def servers(django_db_setup: None) -> Iterator[dict[str, ServerProcess]]:
    """The server processes of this run by their settings: a process takes seconds to start."""
    running: dict[str, ServerProcess] = {}
    yield running
    for process in running.values():
        process.kill()


@pytest.fixture
def serve(servers: dict[str, ServerProcess], transactional_db: Any) -> Iterator[Callable[..., ServerProcess]]:
    """`serve(**environment)`: a real server process with these settings on this test's database.

    Tests that ask for the same settings share it; the next one gets another where a test has ended it. Those that were not
    asked for lately end: an idle one takes time, too.
    """

    def start(number: int = 0, **environment: str) -> ServerProcess:
        name = f"{number} {sorted(environment.items())}"
        # A test may ask in several threads at once.
        with STARTING:
            process = servers.pop(name, None)
            if process is None or process.process.poll() is not None:
                process = ServerProcess(**environment)
            servers[name] = process
        return process

    yield start
    for name in list(servers)[:-MOST_SERVERS]:
        servers.pop(name).kill()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="more seeds and rounds")
    parser.addoption("--seeds", metavar="FIRST-LAST", help="only these of the fifty that --long tries")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `long` belong to bin/test --long alone."""
    if config.getoption("--long"):
        return
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
    items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.fixture(scope="session")
def rounds(pytestconfig: pytest.Config) -> Callable[[int, int], int]:
    """`rounds(few, many)`: how often a test repeats itself, here and under --long."""
    return lambda few, many: many if pytestconfig.getoption("--long") else few


@pytest.fixture(scope="session")
def seeds(pytestconfig: pytest.Config, rounds: Callable[[int, int], int]) -> range:
    """One here, fifty under --long, or those of --seeds: one that failed can be tried alone."""
    first, _, last = (pytestconfig.getoption("--seeds") or f"0-{rounds(1, 50) - 1}").partition("-")
    return range(int(first), int(last or first) + 1)
