from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from tests.hub.tabs import Tab
from tests.negotiation.play import Play
from tests.servers import ServerProcess


@pytest.fixture
def hubs(serve: Callable[..., ServerProcess]) -> Callable[[int], str]:
    """`hubs(0)` and `hubs(1)` are the addresses of two server processes on the test's database and broker."""
    return lambda number=0: serve(number).ws_url


@pytest.fixture
def tab(hubs: Callable[[int], str]) -> Iterator[Callable[..., Tab]]:
    """`tab(user)` opens a tab that has been welcomed; `tab(user, hub=1)` on the other process."""
    opened: list[Tab] = []

    def open_tab(user: User | None = None, hub: int = 0, **options: Any) -> Tab:
        opened.append(Tab(hubs(hub) + options.pop("query", ""), user, **options))
        if user is not None:
            opened[-1].frames.append(opened[-1].welcome())
        return opened[-1]

    yield open_tab
    for one in opened:
        one.close()


@pytest.fixture
def play(transactional_db: Any) -> Play:
    """A guest and a host about one home, and nothing said yet."""
    return Play()
