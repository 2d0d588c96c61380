"""The JavaScript client in the Node that Playwright brings along: its own logic, and against a real hub."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import playwright
import pytest

from tests.factories.accounts import make_token
from tests.factories.stays import day, make_host, make_property, make_user
from tests.servers import UNLIMITED, ServerProcess

NODE = Path(playwright.__file__).parent / "driver" / "node"
SCRIPTS = Path(__file__).parent / "js"


def in_node(*files: Path, **environment: str) -> None:
    """Runs Node's own test runner; the output of a failure is Node's."""
    # What the tests leave open (kept connections of fetch, above all) is of no interest.
    command = [str(NODE), "--test", "--test-force-exit", *map(str, files)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=100, env=os.environ | environment)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


def test_the_client_and_the_rooms_arithmetic_hold() -> None:
    in_node(*sorted(SCRIPTS.glob("*.test.mjs")))


@pytest.mark.django_db(transaction=True)
def test_the_client_haggles_with_a_real_hub(serve: Callable[..., ServerProcess]) -> None:
    host, guest = make_host(), make_user()
    hub = serve(**UNLIMITED)
    in_node(
        SCRIPTS / "live-hub.mjs",
        HUB=f"{hub.url}/",
        GUEST=make_token(guest)[1],
        HOST=make_token(host)[1],
        PROPERTY=str(make_property(host).pk),
        START=day(0).isoformat(),
        END=day(3).isoformat(),
    )
