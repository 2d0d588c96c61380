"""Tests in a real browser, against real server processes.

Where no browser can be had they are left out with one printed line; with CI=true that is a failure.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from accounts.models import User
from tests.left_out import leave_out
from tests.servers import UNLIMITED, ServerProcess
from tests.web.chromium import find_browser
from tests.web.visitor import Visitor
from tests.web.wire import Wire

HERE = Path(__file__).parent
# Playwright's own loop runs in the test's thread, which Django takes for asynchronous code.
ASYNC = "DJANGO_ALLOW_ASYNC_UNSAFE"
FLAGS = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-quic", "--disable-dev-shm-usage"]  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs a browser where there is none."""
    ours = [item for item in items if HERE in item.path.parents]
    if ours and not find_browser():
        leave_out(
            config, items, ours, why="No Chromium or Chrome is here, and none could be installed", what="the pages"
        )


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all files that a process runs one after another."""
    before = os.environ.get(ASYNC)
    os.environ[ASYNC] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_browser(), args=FLAGS, chromium_sandbox=os.geteuid() != 0
        )
        yield chromium
        chromium.close()
    if before is None:
        del os.environ[ASYNC]


@pytest.fixture
def server(serve: Callable[..., ServerProcess]) -> ServerProcess:
    """One server process with all pages, and limits that a quick test does not meet."""
    return serve(**UNLIMITED)


@pytest.fixture
def visit(browser: Browser, server: ServerProcess) -> Iterator[Callable[..., Visitor]]:
    """`visit(user, width=1280)`: a browser of its own, signed in as `user` where one is given; without `scripts`, none run.

    With `wire` the test can cut its network.
    """
    visitors: list[Visitor] = []

    def start(
        user: User | None = None, *, width: int = 1280, height: int = 800, scripts: bool = True, wire: bool = False
    ) -> Visitor:
        between = Wire(server.port) if wire else None
        url = between.url if between else server.url
        context = browser.new_context(
            base_url=url, viewport={"width": width, "height": height}, locale="en-GB",
            timezone_id="Asia/Dhaka", reduced_motion="reduce", java_script_enabled=scripts,
        )  # fmt: skip
        if user is not None:
            context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": url}])
        visitors.append(Visitor(context, between))
        return visitors[-1]

    yield start
    for visitor in visitors:
        visitor.context.close()
        if visitor.wire:
            visitor.wire.close()
    troubles = [trouble for visitor in visitors for trouble in visitor.troubles]
    assert troubles == [], "console errors, which failed requests are too"


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return str(client.session.session_key)
