"""What an operator sees of a command: its id in the logs, from the frame to the commit to the push, and the figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.factories.accounts import make_token
from tests.hub.metrics import metrics
from tests.hub.tabs import Refused, Tab
from tests.negotiation.play import Play
from tests.servers import ServerProcess
from tests.waiting import until

Opens = Callable[..., Tab]
Serve = Callable[..., ServerProcess]


def lines(server: ServerProcess, event: str) -> list[dict[str, Any]]:
    """What the process has logged of this kind."""
    found = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in found if line["event"] == event]


def pushed(server: ServerProcess, what: str) -> bool:
    """On the line of the commit where that was here, else on one of its own."""
    told = lines(server, "pushed") + lines(server, "moves.committed")
    return any(what in line.get("pushed", ()) for line in told)


def test_an_id_is_followed_from_the_frame_to_the_commit_to_the_push(serve: Serve, tab: Opens, play: Play) -> None:
    play.open()
    host, guest = tab(play.host, hub=0), tab(play.guest, hub=1)
    for one in (host, guest):
        one.call("negotiation.join", negotiation=play.id)
    host.call("offer.make", id="follow-me", negotiation=play.id, amount="2900")
    guest.entries(play.id, last=3)
    moves = [move for line in lines(serve(0), "moves.committed") for move in line["moves"]]
    assert f"follow-me offer.make {play.id}#3" in moves
    until(lambda: pushed(serve(0), f"negotiation:{play.id}#3") and pushed(serve(1), f"negotiation:{play.id}#3"))


def test_a_requests_id_is_on_the_line_of_its_commit(serve: Serve, play: Play) -> None:
    play.open()
    headers = {"Authorization": f"Token {make_token(play.guest)[1]}", "X-Request-ID": "request-0123456789"}
    answer = httpx.post(
        f"{serve(0).url}/api/nego/{play.id}/messages/", json={"text": "Hello"},
        headers=headers | {"Idempotency-Key": "one-key"},
    )  # fmt: skip
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (201, "request-0123456789")
    written = [line for line in lines(serve(0), "moves.committed") if line.get("request_id") == "request-0123456789"]
    assert [line["moves"] for line in written] == [[f"one-key message.send {play.id}#3"]]


def test_the_figures_move(hubs: Callable[[int], str], tab: Opens, play: Play) -> None:
    play.open()
    host, guest = tab(play.host, hub=0), tab(play.guest, hub=1)
    for one in (host, guest):
        one.call("negotiation.join", negotiation=play.id)
    before = [metrics(hubs(n)) for n in (0, 1)]
    for _ in range(2):
        host.call("offer.make", id="twice", negotiation=play.id, amount="2900")
    with pytest.raises(Refused):
        host.call("offer.make", negotiation=play.id, amount="2800")
    offer = guest.entries(play.id, last=3)[-1]["data"]["offer"]["id"]
    guest.call("offer.accept", negotiation=play.id, offer=offer)
    grown = [{k: v - b.get(k, 0) for k, v in metrics(hubs(n)).items()} for n, b in enumerate(before)]
    assert grown[0]['hub_ws_commands_total{code="ok",type="offer.make"}'] == 2
    assert grown[0]['hub_ws_commands_total{code="offer.not_your_turn",type="offer.make"}'] == 1
    assert grown[0]["hub_replays_total"] == 1
    assert grown[0]['hub_rejected_total{code="offer.not_your_turn"}'] == 1
    assert grown[0]["hub_command_seconds_count"] == 3
    assert grown[1]['hub_negotiations_total{status="accepted"}'] == 1
    assert grown[1]["hub_batch_moves_count"] == 1
    for n in (0, 1):
        # Both processes have a follower of the topic: each delivered the bid and the agreement to it, within the second.
        assert grown[n]["hub_delivery_seconds_count"] >= 1 + (n == 1)
        assert 0 < grown[n]["hub_delivery_seconds_sum"] < 2 * grown[n]["hub_delivery_seconds_count"]
        now = metrics(hubs(n))
        assert now["hub_ws_connections"] >= 1
        assert (now["hub_bus_up"], now["hub_db_threads"]) == (1, 6)
        assert {"hub_db_jobs_running", "hub_db_jobs_waiting", "hub_db_failures", "hub_gaps_filled_total"} <= set(now)
