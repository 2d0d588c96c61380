"""What becomes of a delivery, as tables: its decision, its pauses, and what an answer means."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.pushing import pace, sending
from accounts.services.push_deliveries import Decision, Facts, decide
from tests.factories.accounts import NOON

A_MINUTE_AGO = NOON - timedelta(seconds=61)
GOOD = {"at": NOON, "begun": False, "unread": True, "signed_in": True, "on_screen": False}


@pytest.mark.parametrize(
    ("facts", "decision"),
    [
        ({}, Decision.SEND),
        ({"on_screen": True}, Decision.WAIT),
        ({"on_screen": True, "at": A_MINUTE_AGO}, Decision.DROP),
        ({"at": A_MINUTE_AGO}, Decision.SEND),
        ({"unread": False}, Decision.DROP),
        ({"signed_in": False}, Decision.DROP),
        ({"begun": True}, Decision.DOUBT),
        ({"at": NOON - pace.GOOD_FOR}, Decision.EXPIRE),
    ],
)
def test_what_becomes_of_a_delivery(facts: dict[str, Any], decision: Decision) -> None:
    assert decide(Facts(**(GOOD | facts)), NOON) is decision


@pytest.mark.parametrize(
    ("tries", "asked", "seconds"),
    [
        (1, None, 30),
        (2, None, 120),
        (3, None, 600),
        (4, None, 3600),
        (99, None, 3600),
        (1, 90, 90),
        (1, 5, 30),
        (1, 10**6, 3600),
    ],
)
def test_pauses_grow_and_hear_the_push_service(tries: int, asked: int | None, seconds: int) -> None:
    wait = None if asked is None else timedelta(seconds=asked)
    assert pace.pause_after(tries, wait) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("code", "answer"),
    [(201, "taken"), (202, "taken"), (404, "gone"), (410, "gone"), (429, "later"), (500, "later"), (502, "later"),
     (400, "refused"), (403, "refused"), (413, "refused"), (302, "refused")],
)  # fmt: skip
def test_what_an_answer_means(code: int, answer: str) -> None:
    assert sending.read_reply(code, "").answer.value == answer
