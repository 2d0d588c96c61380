"""A host at work in a real browser: a home is listed step by step and then found, its calendar and figures are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core import clock
from properties.models import Amenity, CalendarEntry, Property
from properties.services.search import refresh_search
from tests.factories.accounts import make_user
from tests.factories.bookings import make_booking
from tests.factories.properties import make_location, make_property
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def picture(folder: Path, name: str, colour: str) -> str:
    path = folder / name
    Image.new("RGB", (800, 600), colour).save(path)
    return str(path)


def the_place(page: Page) -> None:
    page.get_by_role("radio", name="Cabin").check()
    press(page, "Next")
    page.get_by_role("radio", name="Entire place").check()
    press(page, "Next")
    # The question does not let go before it is answered.
    press(page, "Next")
    expect(page.get_by_text("Tick at least one.")).to_be_visible()
    page.get_by_role("checkbox", name="Stay A bed").check()
    press(page, "Next")
    page.get_by_label("Town or area").fill("Sreemangal, Sylhet")
    page.locator("[data-spot]").click(position={"x": 300, "y": 120})
    expect(page.get_by_label("Latitude")).not_to_have_value("")
    press(page, "Next")
    page.get_by_role("spinbutton", name="Guests").fill("3")
    press(page, "Save and go on")


def what_it_offers(page: Page, folder: Path) -> None:
    page.get_by_role("checkbox", name="Wifi").check()
    press(page, "Next")
    press(page, "Next")
    photos = page.locator("[data-photo]")
    page.get_by_label("Add photos").set_input_files(
        [picture(folder, "a.png", "teal"), picture(folder, "b.jpg", "orange")]
    )
    expect(photos).to_have_count(2)
    second = photos.nth(1).get_attribute("data-photo")
    press(page, "Photo 2: earlier")
    expect(photos.nth(0)).to_have_attribute("data-photo", str(second))
    press(page, "Photo 2: delete")
    press(page, "Delete")
    expect(photos).to_have_count(1)
    press(page, "Save and go on")


def test_the_wizard_lists_a_home_that_is_then_found(visit: Visit, tmp_path: Path) -> None:
    host = visit(make_user("rahim"), width=360, height=760)
    page = host.go("/hosting/")
    page.get_by_role("link", name="List your home").click()
    the_place(page)
    what_it_offers(page, tmp_path)
    page.get_by_role("textbox", name="Title").fill("Tea garden bungalow")
    press(page, "Save and leave")
    # Left in the middle: the home is kept as a draft and goes on where it stopped.
    page.goto("/hosting/")
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("textbox", name="Price a night").fill("4500")
    for _question in range(6):
        press(page, "Next")
    press(page, "Save and go on")
    press(page, "List this home")
    expect(page.get_by_text("Your home is listed.")).to_be_visible()
    row = Property.objects.get()
    assert (row.status, row.negotiable, row.photos.count()) == ("listed", True, 1)

    guest = visit()
    found = guest.go("/")
    found.get_by_label("Where").fill("srimangal")
    press(found, "Search")
    expect(found.locator("[data-id]")).to_have_count(1)
    found.get_by_role("link", name="Tea garden bungalow").click()
    expect(found.get_by_role("button", name="Make an offer")).to_be_visible()


def test_what_was_typed_survives_a_closed_tab(visit: Visit) -> None:
    host = visit(make_user("rahim"))
    page = host.go("/hosting/new/")
    page.get_by_role("radio", name="Dome").check()
    press(page, "Next")
    page.get_by_role("radio", name="Private room").check()
    page.goto("/")
    page.goto("/hosting/new/")
    expect(page.get_by_role("radio", name="Dome")).to_be_checked()
    press(page, "Next")
    expect(page.get_by_role("radio", name="Private room")).to_be_checked()


def test_a_photo_that_is_none_is_refused_in_words(visit: Visit, tmp_path: Path) -> None:
    row = make_property(make_user("rahim"))
    visitor = visit(row.host)
    page = visitor.go(f"/hosting/{row.pk}/step/2/")
    press(page, "Next")
    press(page, "Next")
    fake = tmp_path / "fake.jpg"
    fake.write_bytes(b"no picture")
    with page.expect_response(lambda response: response.status == 400):
        page.get_by_label("Add photos").set_input_files(str(fake))
    expect(page.locator("[data-photo-error]")).to_contain_text("fake.jpg")
    expect(page.locator(".photo")).to_have_count(0)
    visitor.troubles = [trouble for trouble in visitor.troubles if "400" not in trouble]


def homes() -> list[Property]:
    host = make_user("nasrin", is_host=True)
    rows = [
        make_property(host, title=title, property_type=kind)
        for title, kind in (("Lake House", "House"), ("Hill cabin", "Cabin"), ("Beach hut", "Cabin"))
    ]
    for row, (latitude, longitude) in zip(rows, ((23.79, 90.41), (22.2, 92.22), (20.62, 92.32)), strict=True):
        row.location.delete()
        make_location(row, latitude, longitude, "Somewhere")
        Amenity.objects.create(property=row, kind="regular", name="Wifi")
    refresh_search([row.pk for row in rows])
    return rows


def test_cards_and_pins_move_together(visit: Visit) -> None:
    lake, cabin, _beach = homes()
    page = visit().go("/")
    cards, pins = page.locator("[data-id]"), page.locator(".pin__body")
    expect(pins).to_have_count(3)
    # A card lifts its pin.
    page.locator(f'[data-id="{cabin.pk}"]').hover()
    expect(page.locator(".pin.is-lifted")).to_contain_text("Hill cabin")
    # A filter says what it leaves, and leaves it in both.
    page.locator("summary", has_text="Type").click()
    page.get_by_role("checkbox", name="Cabin 2 homes").check()
    expect(cards).to_have_count(2)
    expect(pins).to_have_count(2)
    expect(page).to_have_url("/?property_type=Cabin")
    page.keyboard.press("Escape")
    page.go_back()
    expect(cards).to_have_count(3)
    # Moving the map away from the coast leaves what is still on it.
    ground = page.locator("[data-map]").bounding_box()
    assert ground
    x, y = ground["x"] + ground["width"] / 2, ground["y"] + 40
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 550, steps=6)
    page.mouse.up()
    expect(cards).to_have_count(1)
    expect(pins).to_have_count(1)
    expect(page.locator(f'[data-id="{lake.pk}"]')).to_be_visible()
    expect(page).to_have_url(re.compile("bbox="))


def test_a_phone_switches_between_cards_and_map(visit: Visit) -> None:
    homes()
    page = visit(width=360, height=740).go("/")
    expect(page.locator("[data-map]")).to_be_hidden()
    press(page, "Map")
    expect(page.locator(".found__list")).to_be_hidden()
    page.locator(".pin__body", has_text="Beach hut").click()
    expect(page.locator("[data-peek]").get_by_role("link", name="Beach hut")).to_be_visible()
    press(page, "List")
    expect(page.locator("[data-id]").first).to_be_visible()


def test_nights_are_blocked_freed_and_priced(visit: Visit) -> None:
    row = make_property(make_user("rahim", is_host=True))
    visitor = visit(row.host)
    page = visitor.go(f"/hosting/{row.pk}/calendar/")
    # In a month that is wholly ahead the nights stand in one table.
    this_month = page.locator(".nights__month caption").first.inner_text()
    page.get_by_role("button", name="Later months").click()
    expect(page.locator(".nights__month caption").first).not_to_have_text(this_month)
    free = page.locator(".night.is-free")
    first, last = free.nth(8), free.nth(10)
    first.hover()
    page.mouse.down()
    last.hover()
    page.mouse.up()
    expect(page.locator("[data-state]")).to_have_text("all open")
    press(page, "Block")
    expect(page.locator(".night.is-block")).to_have_count(3)
    assert CalendarEntry.objects.get().kind == "block"
    press(page, "Free")
    expect(page.locator(".night.is-block")).to_have_count(0)
    page.get_by_label("Price a night").fill("1,750")
    press(page, "Set the price")
    expect(page.locator(".night.is-chosen").first).to_contain_text("৳1,750")
    assert [str(rule.price) for rule in row.price_rules.all()] == ["1750.00"]
    # The list of such prices was empty; now it is there, without a reload.
    page.locator("summary", has_text="Other prices (1)").click()
    expect(page.get_by_role("cell", name="৳1,750", exact=True)).to_be_visible()
    # The same by keyboard: Space on the first night, arrows, Space on the last.
    free.nth(15).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("[data-chosen]")).to_contain_text("2 nights")


def host_pages(row: Property) -> dict[str, str]:
    own = f"/hosting/{row.pk}"
    steps = {f"wizard-{step}": f"{own}/step/{step}/" for step in range(1, 8)}
    return {
        "hosting": "/hosting/", "new-listing": "/hosting/new/", "listing": f"{own}/", "calendar": f"{own}/calendar/",
        "figures": f"{own}/figures/", "all-figures": "/hosting/figures/", "host": f"/hosts/{row.host_id}/",
        "documents": "/profile/documents/", "search": "/", "search-none": "/?location=nowhereatall", **steps,
    }  # fmt: skip


# Pages whose parts differ between the widths; the others are judged on the phone alone.
DIFFERENT = ("search", "hosting", "calendar", "figures")


def test_every_page_is_whole_and_accessible(visit: Visit) -> None:
    row = homes()[0]
    Property.objects.filter(pk=row.pk).update(stay_with_meal=True, paying_guest=True)
    make_booking(row, make_user("maya"), now=clock.now())
    visitor, faults = visit(row.host), {}
    for name, path in host_pages(row).items():
        visitor.page.set_viewport_size({"width": 360, "height": 760})
        answer = visitor.page.goto(path)
        assert answer is not None
        visitor.live()
        found = [answer.status != 200, visitor.overflow(), visitor.accessibility()]
        visitor.picture(name, whole="search" not in name)
        visitor.page.set_viewport_size({"width": 1280, "height": 760})
        if name in DIFFERENT:
            visitor.page.reload()
            visitor.live()
        found += [visitor.overflow(), name in DIFFERENT and visitor.accessibility()]
        visitor.picture(name, whole="search" not in name)
        if any(found):
            faults[name] = found
    assert faults == {}


def test_the_search_fits_every_width(visit: Visit) -> None:
    homes()
    visitor = visit()
    visitor.go("/")
    for width in (480, 768, 1024, 1440, 1920):
        visitor.page.set_viewport_size({"width": width, "height": 760})
        assert visitor.overflow() == [], width
