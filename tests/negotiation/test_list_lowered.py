"""A host's edit brings the list price to or below a standing bid: the log says so, and both sides hear of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from properties.models import Property
from properties.services.prices import set_price
from properties.services.steps import check_complete
from tests.negotiation import law
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    play = Play()
    Property.objects.filter(pk=play.home.pk).update(steps_done=[1, 2, 3, 4, 7])
    check_complete(Property.objects.get(pk=play.home.pk))
    play.open("2000.00")
    return play


def price(play: Play, night: str) -> None:
    """What each night of the stay costs from now on, as the host's calendar sets it."""
    set_price(
        property_id=play.home.pk, start_date=play.start, end_date=play.end, price=Decimal(night), actor=play.host,
        now=play.now,
    )  # fmt: skip


def lowered(play: Play) -> list[dict[str, str]]:
    return [entry["data"] for entry in play.log() if entry["kind"] == "list.lowered"]


@pytest.mark.parametrize(
    ("night", "told"),
    [("700.00", []), ("666.67", []), ("666.66", ["1999.98"]), ("500.00", ["1500.00"]), ("1200.00", [])],
)
def test_at_or_below_the_bid_both_are_told(play: Play, night: str, told: list[str]) -> None:
    price(play, night)
    assert lowered(play) == [{"list_amount": amount} for amount in told]
    for side in ("guest", "host"):
        assert play.told(side).count("list.lowered") == len(told)
    assert play.seen_now()["list_amount"] == "3000.00", "what is haggled about stays frozen"


def test_it_is_said_once_and_again_where_it_falls_further(play: Play) -> None:
    for night in ("500.00", "500.00", "600.00", "400.00"):
        price(play, night)
    assert lowered(play) == [{"list_amount": "1500.00"}, {"list_amount": "1200.00"}]
    play.later(hours=1)
    play.offer("host", "2900.00")
    price(play, "300.00")
    assert len(lowered(play)) == 2, "an ask stands, no bid"


def test_a_new_bid_hears_of_the_next_edit(play: Play) -> None:
    price(play, "500.00")
    play.offer("host", "2900.00")
    play.offer("guest", "2500.00")
    price(play, "500.00")
    assert lowered(play) == [{"list_amount": "1500.00"}] * 2


def test_a_bid_whose_time_is_up_ends_by_that(play: Play) -> None:
    play.later(hours=25)
    price(play, "500.00")
    assert [entry["kind"] for entry in play.log()][-1] == "offer.expired"


def test_the_law_of_the_log_holds(play: Play) -> None:
    before = play.seen_now()
    price(play, "500.00")
    after = play.seen_now()
    new = [entry for entry in play.log() if entry["seq"] > before["last_seq"]]
    assert law.durable(law.after(before, new)) == law.durable(after)


def test_the_room_shows_todays_price_beside_the_frozen_one(play: Play, client: Client) -> None:
    client.force_login(play.guest)
    page = client.get(f"/inbox/{play.id}/").content.decode()
    assert "List price ৳3,000, fixed when it was opened" in page
    assert "today ৳" not in page
    price(play, "500.00")
    assert "today ৳1,500" in client.get(f"/inbox/{play.id}/").content.decode()
