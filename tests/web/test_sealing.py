"""Sealed limits in two browsers: met and missed, and what each side can see of the other's."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bookings.models import Booking
from negotiation.models import Negotiation
from tests.factories.stays import day, make_host, make_property, make_user
from tests.negotiation.play import Play
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]


def room_of_two(visit: Visit) -> tuple[Page, Page]:
    """A haggle with a bid of 2,000 on a list price of 3,000: the guest on a phone, the host at a desk."""
    host, guest = make_host("mina", first_name="Mina"), make_user("rahim", first_name="Rahim")
    play = Play(home=make_property(host), guest=guest)
    play.open("2000")
    pages = [visit(who, width=width).go(f"/inbox/{play.id}/") for who, width in ((guest, 360), (host, 1440))]
    return pages[0], pages[1]


def seal(page: Page, label: str, amount: str) -> None:
    page.get_by_label(label).fill(amount)
    page.get_by_role("button", name="Seal", exact=True).click()


def test_limits_that_meet_are_a_booking_half_way(visit: Visit) -> None:
    guest, host = room_of_two(visit)
    # Only the other side can move just now; a limit is offered all the same, and asks for nothing.
    expect(guest.get_by_label("The most I pay")).to_be_hidden()
    guest.get_by_role("button", name="Seal my limit").click()
    seal(guest, "The most I pay", "1,999")
    expect(guest.get_by_role("alert").get_by_text("Choose a limit from ৳2,000 to ৳2,999.99.")).to_be_visible()
    guest.get_by_label("The most I pay").fill("2,600")
    expect(guest.get_by_text("At most ৳2,990 all-in")).to_be_visible()
    guest.get_by_role("button", name="Seal", exact=True).click()
    expect(guest.get_by_text("Your limit is sealed: ৳2,600")).to_be_visible()
    expect(host.get_by_text("Rahim has sealed a limit")).to_be_visible()
    assert "2,600" not in host.content()
    assert "2600" not in host.content()

    host.get_by_role("radio", name="Seal my limit").check(force=True)
    seal(host, "The least I take", "2,500")
    host.get_by_role("button", name="Seal and compare").click()
    for page in (guest, host):
        expect(page.get_by_role("log")).to_contain_text("Half-way is ৳2,550")
        expect(page.get_by_text("confirmed").first).to_be_visible()
    assert Booking.objects.get().base_price == 2550


def test_limits_that_miss_show_nothing_and_the_haggle_goes_on(visit: Visit) -> None:
    guest, host = room_of_two(visit)
    host.get_by_role("radio", name="Seal my limit").check(force=True)
    seal(host, "The least I take", "2,900")
    expect(host.get_by_text("Your limit is sealed: ৳2,900")).to_be_visible()
    host.get_by_role("button", name="Take my limit back").click()
    expect(host.get_by_text("Your limit is sealed")).to_be_hidden()
    seal(host, "The least I take", "2,800")
    guest.get_by_role("button", name="Seal my limit").click()
    seal(guest, "The most I pay", "2,100")
    guest.get_by_role("button", name="Seal and compare").click()
    for page in (guest, host):
        expect(page.get_by_role("log")).to_contain_text("did not meet")
    assert "2,800" not in guest.content()
    assert "2,100" not in host.content()
    assert not Booking.objects.exists()

    host.get_by_label("Your offer").fill("2,900")
    host.get_by_role("button", name="Send offer").click()
    guest.get_by_role("button", name="Meet in the middle").click()
    expect(guest.get_by_label("Your offer")).to_have_value("2,450")


def test_a_haggle_opened_with_a_sealed_limit(visit: Visit) -> None:
    home = make_property(make_host("mina", first_name="Mina"))
    page = visit(make_user("rahim", first_name="Rahim"), width=360).go(f"/homes/{home.pk}/")
    page.get_by_label("Check-in").fill(day(0).isoformat())
    page.get_by_label("Check-out").fill(day(3).isoformat())
    expect(page.get_by_text("Total")).to_be_visible()
    page.get_by_label("Your offer").fill("2,400")
    expect(page.get_by_text("about ৳2,760 all-in")).to_be_visible()
    page.get_by_role("button", name="Seal my limit").click()
    page.wait_for_url(re.compile(r"/inbox/\d+/"))
    expect(page.get_by_text("Your limit is sealed: ৳2,400")).to_be_visible()
    expect(page.get_by_label("Your offer")).to_be_visible()
    assert Negotiation.objects.get().has_offers is False
