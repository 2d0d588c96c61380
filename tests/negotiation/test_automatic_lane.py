"""The lane that gives automatic answers at their moments, between the ticks of the clock; a database that is away ends nothing."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from core import clock
from negotiation.services import automatic_lane as lane


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the lane is told: when the next answer is due (an error: the database is away), and what it did."""
    told: dict[str, Any] = {"due": None, "now": clock.now(), "given": 0, "closed": 0}

    def ask() -> Any:
        if isinstance(told["due"], Exception):
            raise told["due"]
        return told["due"]

    def give(now: Any) -> int:
        told["given"] += 1
        if isinstance(told["due"], Exception):
            raise told["due"]
        return 3

    monkeypatch.setattr(lane.clock, "now", lambda: told["now"])
    monkeypatch.setattr(lane, "next_automatic_decline", ask)
    monkeypatch.setattr(lane, "decline_automatically", give)
    monkeypatch.setattr(lane, "close_old_connections", lambda: None)
    monkeypatch.setattr(lane.connection, "close", lambda: told.update(closed=told["closed"] + 1))
    return told


@pytest.mark.parametrize(
    ("due_in_s", "waits_s"),
    [(None, lane.LOOK_EVERY_S), (60, lane.LOOK_EVERY_S), (0.7, 0.7), (0, lane.LEAST_S), (-5, lane.LEAST_S)],
)
def test_it_looks_when_the_next_answer_is_due_and_never_without_a_pause(
    at: dict[str, Any], due_in_s: float | None, waits_s: float
) -> None:
    at["due"] = None if due_in_s is None else at["now"] + timedelta(seconds=due_in_s)
    assert lane._due_in() == pytest.approx(waits_s)


def test_without_the_database_it_waits_and_goes_on(at: dict[str, Any]) -> None:
    assert lane.drain() == 3
    at["due"] = OperationalError("gone")
    assert (lane.drain(), lane._due_in(), at["closed"]) == (0, lane.LOOK_EVERY_S, 1)


def test_it_answers_until_it_is_to_stop(at: dict[str, Any]) -> None:
    class Stop(threading.Event):
        """Is set while the lane waits for the third time."""

        waits = 0

        def wait(self, timeout: float | None = None) -> bool:
            self.waits += 1
            if self.waits == 3:
                self.set()
            return self.is_set()

    lane.serve(Stop())
    assert (at["given"], at["closed"]) == (2, 1)
