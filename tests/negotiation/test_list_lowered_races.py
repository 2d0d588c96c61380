"""A host's edit of the price against moves of the haggle: real threads on the real database."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from core import clock
from properties.models import Property
from properties.services.prices import set_price
from properties.services.steps import check_complete
from tests.negotiation.play import Play
from tests.negotiation.racing import accepting, doing, run
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
Rounds = Callable[[int, int], int]


def haggling(*moves: tuple[str, str]) -> Play:
    """A haggle about three nights of 1,000.00 each: the opening bid, then the offers named."""
    play = Play()
    Property.objects.filter(pk=play.home.pk).update(steps_done=[1, 2, 3, 4, 7])
    check_complete(Property.objects.get(pk=play.home.pk))
    play.open("2000.00")
    for side, amount in moves:
        play.offer(side, amount)
    return play


def price(play: Play, night: str) -> str:
    set_price(
        property_id=play.home.pk, start_date=play.start, end_date=play.end, price=Decimal(night), actor=play.host,
        now=clock.now(),
    )  # fmt: skip
    return "ok"


def kinds(play: Play) -> list[str]:
    return [entry["kind"] for entry in play.log()]


def lowered(play: Play) -> list[str]:
    return [entry["data"]["list_amount"] for entry in play.log() if entry["kind"] == "list.lowered"]


def test_an_edit_and_a_bid_at_once_are_told_once_in_either_order(rounds: Rounds) -> None:
    for _ in range(rounds(3, 60)):
        play = haggling(("host", "2900.00"))
        bid = doing(play, "guest", "offer.make", amount="2500.00")
        assert at_once(lambda play=play: price(play, "500.00"), lambda bid=bid: run(bid)) == ["ok", "ok"]
        log = kinds(play)
        assert log.count("offer.made") == 3
        # The bid stood when the price fell, and both were told; or it came after it, and the next edit tells of it.
        assert log[-2:] in (["offer.made", "list.lowered"], ["offer.made", "offer.made"])
        price(play, "500.00")
        assert lowered(play) == ["1500.00"]
        assert [play.told(side).count("list.lowered") for side in ("guest", "host")] == [1, 1]


def test_two_edits_at_once_tell_only_of_prices_that_fell_further(rounds: Rounds) -> None:
    for _ in range(rounds(3, 60)):
        play = haggling()
        edits = [lambda play=play, night=night: price(play, night) for night in ("500.00", "400.00")]
        assert at_once(*edits) == ["ok", "ok"]
        assert lowered(play) in (["1500.00", "1200.00"], ["1200.00"])
        assert [entry["seq"] for entry in play.log()] == list(range(1, len(play.log()) + 1))


def test_nothing_is_said_of_the_list_price_once_the_stay_is_agreed(rounds: Rounds) -> None:
    for _ in range(rounds(3, 60)):
        play = haggling()
        accept = accepting(play)
        assert at_once(lambda play=play: price(play, "500.00"), lambda accept=accept: run(accept)) == ["ok", "ok"]
        log = kinds(play)
        assert log[-1] == "offer.accepted"
        assert log.count("list.lowered") == int("list.lowered" in log)
        assert play.seen_now()["list_amount"] == "3000.00"
