"""A Stripe that keeps its own state: localstripe, in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from core.local.embedded import die_with_parent, wait_until
from tests.servers import ROOT

SECRET = "whsec_only_for_tests"
KEY = "sk_test_only_for_tests"
CARDS = {"challenged": "4000002500003155", "declined": "4000000000000341", "good": "4242424242424242"}


def running_stripe() -> Iterator[str]:
    """Its address, until the generator goes on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    log = Path(os.environ["TEST_DIR"]) / f"stripe-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bookings.stripe_server", str(port)],
            cwd=ROOT, stdout=out, stderr=out, preexec_fn=die_with_parent(signal.SIGKILL),
        )  # fmt: skip

    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/v1/refunds", auth=(KEY, ""), timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    wait_until(answers, process, log)
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()
