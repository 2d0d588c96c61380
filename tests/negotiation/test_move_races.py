"""Offers and whole batches of moves at the same moment."""

import random
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from core import clock
from negotiation.engine.executor import execute
from negotiation.moves import Move
from tests.factories.stays import day, make_property, make_user
from tests.negotiation.play import Play, code
from tests.negotiation.racing import doing, run
from tests.negotiation.world import check_world
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_deadlock")]

Rounds = Callable[[int, int], int]


def test_twelve_bids_a_day_also_at_once() -> None:
    home, guest = make_property(offers_per_side=20), make_user()
    plays = [Play(home=home, guest=guest, start=day(4 * n), end=day(4 * n + 3)) for n in range(3)]
    for play in plays:
        play.open("1000")
        play.offer("host", 2900)
    for n in range(2):
        for play in plays:
            play.offer("guest", 1100 + n)
            play.offer("host", 2800 - n)
    for play in plays[:2]:
        play.offer("guest", 1200)
        play.offer("host", 2700)
    told = at_once(*[partial(run, doing(play, "guest", "offer.make", amount="1300")) for play in plays])
    assert Counter(told) == {"ok": 1, "offer.limit_reached": 2}


def test_batches_of_two_processes_over_the_same_rooms(rounds: Rounds) -> None:
    """Whole batches of everything, in two threads, over and over: no deadlock, no refusal for want of the database."""
    chance = random.Random(11)
    for _ in range(rounds(3, 60)):
        homes, guests = [make_property() for _ in range(3)], [make_user() for _ in range(4)]
        plays = [Play(home=home, guest=guest) for home in homes for guest in guests]
        for play in plays:
            play.open()
        moves = [_any_move(play, chance) for play in plays for _ in range(3)]
        chance.shuffle(moves)
        half = len(moves) // 2
        done = at_once(*[partial(execute, part, now=clock.now()) for part in (moves[:half], moves[half:])])
        told = Counter(code(outcome) for outcomes in done for outcome in outcomes)
        assert "unavailable" not in told
        assert told["ok"] > 0
        check_world()


def _any_move(play: Play, chance: random.Random) -> Move:
    offer = {"offer": play.standing()}
    side, kind, fields = chance.choice(
        [
            ("host", "offer.accept", offer), ("host", "offer.decline", offer), ("guest", "offer.withdraw", offer),
            ("host", "offer.make", {"amount": "2900"}), ("guest", "offer.make", {"amount": "2100"}),
            ("guest", "message.send", {"text": "?"}), ("host", "message.send", {"text": "!"}),
            ("guest", "offer.extend", {**offer, "expires_in": 200_000}), ("guest", "offer.accept", offer),
        ]
    )  # fmt: skip
    return doing(play, side, kind, **fields)
