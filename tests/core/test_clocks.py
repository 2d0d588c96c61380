"""Machines whose clocks differ: what is compared across processes goes by the database's."""

import json
from collections.abc import Callable

import httpx
import pytest
from websockets.sync.client import connect

from core import clock
from tests.factories.accounts import make_token
from tests.factories.stays import make_user
from tests.servers import UNLIMITED, ServerProcess


def test_a_difference_that_counts_is_corrected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "machine", lambda: 1_000_031.0)
    try:
        clock.agree(31.0)
        assert clock.unix() == 1_000_000
        assert clock.now().timestamp() == 1_000_000
        clock.agree(0.9)
        assert clock.unix() == 1_000_031, "what NTP leaves is left alone"
    finally:
        clock.agree(0.0)


@pytest.mark.django_db(transaction=True)
def test_a_ticket_of_one_machine_opens_a_socket_at_another_whose_clock_is_31_s_ahead(
    serve: Callable[..., ServerProcess],
) -> None:
    token, right = make_token(make_user())[1], serve(**UNLIMITED)
    skewed = ServerProcess(module=("tests.core.skewed_server",))
    try:
        for drawn_at, spent_at in ((right, skewed), (skewed, right)):
            headers = {"Authorization": f"Token {token}"}
            ticket = httpx.post(f"{drawn_at.url}/auth/ws-ticket/", headers=headers, timeout=10).json()["ticket"]
            with connect(f"{spent_at.ws_url}?ticket={ticket}") as live:
                assert json.loads(live.recv(10))["type"] == "welcome"
        told = httpx.get(f"{skewed.url}/readyz/", timeout=10).json()
        assert 30 < told["clock_ahead_s"] < 32
    finally:
        skewed.kill()
