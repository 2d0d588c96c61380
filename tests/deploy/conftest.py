"""The gateway's tests: left out with one printed line where there is no nginx; with CI=true that is a failure."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.deploy.nginx import ROLES, Gateway, find_nginx
from tests.left_out import leave_out
from tests.servers import ServerProcess

NEEDS_NGINX = "test_gateway"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs nginx where there is none."""
    ours = [
        item for item in items if item.path.parent == Path(__file__).parent and item.path.stem.startswith(NEEDS_NGINX)
    ]
    if ours and not find_nginx():
        leave_out(config, items, ours, why="No nginx is here, and none could be installed", what="the gateway")


def a_directory() -> Path:
    """Which the gateway's own user may enter."""
    return Path(tempfile.mkdtemp(prefix="nginx-", dir=os.environ["TEST_DIR"]))


@pytest.fixture(scope="session")
def gateways() -> Iterator[dict[str, Gateway]]:
    """The running gateways by what is behind them."""
    running: dict[str, Gateway] = {}
    yield running
    for one in running.values():
        one.stop()


@pytest.fixture
def hub(serve: Callable[..., ServerProcess]) -> ServerProcess:
    """One server that plays every role, as behind the gateway; its limits are not in the way."""
    return serve(TRUSTED_PROXIES="1", RATE_LIMIT_FACTOR="1000")


@pytest.fixture
def gateway(hub: ServerProcess, gateways: dict[str, Gateway]) -> Gateway:
    """The shipped gateway in front of `hub`."""
    name = str(hub.port)
    if name not in gateways:
        media = Path(os.environ["DATA_DIR"])
        gateways[name] = Gateway(a_directory(), {role: [hub.port] for role in ROLES}, media=media)
    return gateways[name]


@pytest.fixture
def client(gateway: Gateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, timeout=20) as asking:
        yield asking
