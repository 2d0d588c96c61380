"""A stay is chosen by keyboard and by hand, from the search to the home and to a change of what was agreed; in the dark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from bookings.models import Booking
from core import clock
from tests.factories.bookings import make_booking
from tests.factories.properties import make_entry, make_user
from tests.properties.searching import day, home
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]


@pytest.fixture
def guest() -> User:
    return make_user("rahim", first_name="Rahim")


@pytest.fixture
def stay(guest: User) -> Booking:
    row = home(host=make_user("hasan"), min_nights=2)
    make_entry(row, day(4), day(6))
    return make_booking(row, guest, now=clock.now(), first=40)


def cell(page: Page, number: int) -> str:
    return f".dates__panel [data-date='{day(number).isoformat()}']"


def test_a_stay_is_chosen_from_the_search_to_its_change(visit: Visit, guest: User, stay: Booking) -> None:
    visitor = visit(guest)
    page = visitor.go("/")
    # Dark at once, with no script but the switch's own, and on the next page too.
    page.get_by_text("Light or dark").locator("..").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    # By keyboard alone: the button, a day, four days on.
    page.get_by_role("button", name="Choose the dates in a calendar").press("Enter")
    expect(page.locator(".dates__panel [data-date]:focus")).to_have_count(1)
    first = page.locator(".dates__panel [data-date]:focus").get_attribute("data-date") or ""
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_label("Check-in")).to_have_value(first)
    expect(page.get_by_role("button", name="Choose the dates in a calendar")).to_be_focused()
    page.get_by_label("Adults, children and infants").click()
    for kind in ("adults", "children", "infants"):
        page.locator(f"[data-kind={kind}][data-step='1']").click()
    page.wait_for_url(lambda url: "guests=2&children=1&infants=1" in url)
    # The split goes along to the home; its calendar has prices, and closed days can't be chosen.
    page.goto(f"/homes/{stay.property_id}/?check_in={day(2)}&check_out={day(4)}&guests=2&children=1&infants=1")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_text("1 adult, 1 child, 1 infant")).to_be_visible()
    page.get_by_label("Check-in").click()
    expect(page.locator(cell(page, 4))).to_have_attribute("aria-disabled", "true")
    assert visitor.accessibility() == []
    page.locator(cell(page, 8)).click()
    expect(page.locator(cell(page, 9))).to_have_attribute("aria-disabled", "true")
    page.locator(cell(page, 10)).click()
    expect(page.get_by_label("Check-out")).to_have_value(day(10).isoformat())
    expect(page.locator("[data-quote-lines]")).to_contain_text("2 nights")
    # A change of what was agreed: the stay's own nights are free to be kept.
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 760})
        page.goto(f"/bookings/{stay.pk}/change/")
        page.get_by_role("button", name="Choose the dates in a calendar").click()
        own = page.locator(f".dates__panel [data-date='{stay.start_date + timedelta(1)}']")
        expect(own).to_have_attribute("aria-selected", "true")
        assert (visitor.overflow(), visitor.accessibility()) == ([], [])
    own.press("Escape")
    page.get_by_role("button", name="See what it costs").click()
    expect(page.get_by_role("button", name="See what it costs")).to_be_visible()
    assert visitor.accessibility() == []


def test_without_scripts_dates_and_guests_are_fields(visit: Visit, stay: Booking) -> None:
    page = visit(scripts=False).go("/")
    page.get_by_label("Check-in").fill(day(2).isoformat())
    page.get_by_label("Check-out").fill(day(4).isoformat())
    page.get_by_label("Guests").fill("2")
    page.get_by_role("button", name="Search").click()
    assert f"check_in={day(2)}&check_out={day(4)}" in page.url
    expect(page.get_by_role("link", name="Lake House")).to_be_visible()
