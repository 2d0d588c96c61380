from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from core import limits
from tests.servers import ServerProcess


@pytest.fixture
def api() -> APIClient:
    """A client of the REST door; `api.force_authenticate(user)` or a token header signs it in."""
    return APIClient()


@pytest.fixture(autouse=True)
def _empty_broker() -> None:
    """Counters of one test (throttles, budgets) never reach the next."""
    cache.clear()
    limits.forget_all()


@pytest.fixture
def serve(transactional_db: Any) -> Iterator[Callable[..., ServerProcess]]:
    """`serve(**environment)` starts a real server process on this test's database; all end with the test."""
    started: list[ServerProcess] = []

    def start(**environment: str) -> ServerProcess:
        started.append(ServerProcess(**environment))
        return started[-1]

    yield start
    for process in started:
        process.stop()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="more seeds and rounds")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `long` belong to bin/test --long alone."""
    if config.getoption("--long"):
        return
    short = [item for item in items if not item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=[item for item in items if item not in short])
    items[:] = short


@pytest.fixture(scope="session")
def rounds(pytestconfig: pytest.Config) -> Callable[[int, int], int]:
    """`rounds(few, many)`: how often a test repeats itself, here and under --long."""
    return lambda few, many: many if pytestconfig.getoption("--long") else few
