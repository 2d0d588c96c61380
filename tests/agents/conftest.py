import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.agents.machine import MODERN, Machine
from tests.negotiation.play import Play
from tests.servers import UNLIMITED, ServerProcess


@pytest.fixture
def play(transactional_db: Any) -> Play:
    """A guest and a host about one home, and nothing said yet."""
    return Play()


@pytest.fixture
def server(serve: Callable[..., ServerProcess]) -> ServerProcess:
    """A server process at which machines may call as often as they like."""
    return serve(**UNLIMITED)


@pytest.fixture
def machine(server: ServerProcess) -> Iterator[Callable[..., Machine]]:
    """`machine(key, era)`: a client of that server process."""
    opened: list[Machine] = []

    def open_machine(key: str, era: str = MODERN, url: str = "") -> Machine:
        opened.append(Machine(url or server.url, key, era))
        return opened[-1]

    yield open_machine
    for one in opened:
        one.close()


@pytest.fixture
def run_async() -> Callable[..., Any]:
    """Runs a coroutine that touches no database of this process."""
    return asyncio.run
