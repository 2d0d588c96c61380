"""A home's page in a browser: photos, sharing, the heart, the map, homes like it, all reviews; with scripts and without."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import User
from bookings.models import Review
from core import clock
from properties.models import Photo, Property, SavedHome
from properties.services.search import refresh_search
from tests.factories.accounts import PASSWORD
from tests.factories.bookings import make_booking
from tests.factories.stays import day, make_property, make_user
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]


def photo(home: Property, position: int) -> None:
    out = BytesIO()
    Image.new("RGB", (320, 240), ("teal", "olive", "navy")[position]).save(out, "JPEG")
    name = default_storage.save(f"photos/look{position}.jpg", ContentFile(out.getvalue()))
    Photo.objects.create(property=home, image=name, thumbnail=name, width=320, height=240, position=position)


@pytest.fixture
def home() -> Property:
    found = make_property(title="Lake House", price="1000.00")
    like = make_property(found.host, title="Hill House", price="1100.00")
    for number in range(3):
        photo(found, number)
    stay = make_booking(found, make_user(), now=clock.now(), first=60)
    Review.objects.create(
        booking=stay, property=found, guest=stay.guest, rating=5, text="Quiet.", created_at=clock.now()
    )
    Property.objects.filter(pk=found.pk).update(rating_sum=5, rating_count=1)
    refresh_search([found.pk, like.pk])
    return found


def sound(visitor: Visitor, name: str) -> dict[str, object]:
    """What is wrong with the page as it stands, at three widths."""
    faults: dict[str, object] = {}
    for width in (360, 768, 1440):
        visitor.page.set_viewport_size({"width": width, "height": 760})
        visitor.picture(name)
        if found := visitor.overflow():
            faults[f"{name} {width}"] = found
    visitor.page.set_viewport_size({"width": 360, "height": 760})
    return faults | ({f"{name} axe": found} if (found := visitor.accessibility()) else {})


def test_a_guest_looks_at_a_home(visit: Visit, home: Property) -> None:
    guest = make_user("maya")
    visitor = visit(guest, width=360, height=760)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hosts: set[str] = set()
    visitor.page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
    page = visitor.go(f"/homes/{home.pk}/")
    turn_the_photos(page, visitor)
    share(page, home)
    keep(page, guest, home)
    see_the_area(page)
    choose_nights(page)
    faults = sound(visitor, "home-whole")
    for name, path in (
        ("all-reviews", f"/homes/{home.pk}/reviews/"),
        ("ask", f"/homes/{home.pk}/ask/"),
        ("saved", "/saved/"),
    ):
        visitor.go(path)
        faults |= sound(visitor, name)
    assert faults == {}
    assert hosts == {"127.0.0.1"}


def turn_the_photos(page: Page, visitor: Visitor) -> None:
    first = page.get_by_role("link", name="Lake House, photo 1")
    first.click()
    dialog, count = page.get_by_role("dialog", name="Photos"), page.locator("[data-count]")
    expect(count).to_have_text("1 / 3")
    on, back = (dialog.get_by_role("button", name=f"{way} photo") for way in ("Next", "Previous"))
    expect(back).to_have_attribute("aria-disabled", "true")
    expect(dialog.locator("img").nth(1)).to_have_attribute("loading", "eager")
    on.click()
    expect(count).to_have_text("2 / 3")
    for key, number in zip(("ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"), (3, 3, 2, 1, 3), strict=True):
        page.keyboard.press(key)
        expect(count).to_have_text(f"{number} / 3")
    # A swipe is a scroll of the row of photos.
    page.locator("[data-track]").evaluate("(row) => row.scrollTo({left: row.clientWidth})")
    expect(count).to_have_text("2 / 3")
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    assert visitor.accessibility() == []
    visitor.picture("photos", whole=False)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(first).to_be_focused()


def share(page: Page, home: Property) -> None:
    page.get_by_role("button", name="Share").click()
    expect(page.locator("#toasts")).to_contain_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"/homes/{home.pk}/")


def keep(page: Page, guest: User, home: Property) -> None:
    heart = page.get_by_role("button", name="Save Lake House")
    for pressed, there in (("true", True), ("false", False), ("true", True)):
        heart.click()
        expect(heart).to_have_attribute("aria-pressed", pressed)
        expect(page.locator("#toasts .toast").last).to_contain_text("Saved." if there else "Taken out")
        assert SavedHome.objects.filter(user=guest, property=home).exists() is there


def see_the_area(page: Page) -> None:
    expect(page.locator(".leaflet-container")).to_have_count(0)
    page.get_by_role("heading", name="Where it is").scroll_into_view_if_needed()
    expect(page.locator(".spot .spot__area")).to_have_count(1)


def choose_nights(page: Page) -> None:
    expect(page.get_by_role("heading", name="Similar homes")).to_have_count(1)
    page.get_by_label("Check-in").fill(str(day(20)))
    page.get_by_label("Check-out").fill(str(day(22)))
    expect(page.get_by_role("heading", name="Similar homes, free on the same nights")).to_be_visible()
    link = page.locator(".similar").get_by_role("link", name="Hill House")
    assert f"check_in={day(20)}" in str(link.get_attribute("href"))
    assert f"check_in={day(20)}" in str(page.get_by_role("link", name="Ask a question").get_attribute("href"))


def test_a_stranger_s_heart_is_kept_over_the_sign_in(visit: Visit, home: Property) -> None:
    guest = make_user("maya")
    guest.set_password(PASSWORD)
    guest.save()
    page = visit(width=360, height=760).go(f"/homes/{home.pk}/?guests=2")
    page.get_by_role("button", name="Save Lake House").click()
    page.get_by_label("User name").fill("maya")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**/homes/{home.pk}/?guests=2")
    expect(page.get_by_role("button", name="Save Lake House")).to_have_attribute("aria-pressed", "true")
    # Without scripts the photos stand below one another.
    bare = visit(width=360, height=760, scripts=False).go(f"/homes/{home.pk}/")
    bare.get_by_role("link", name="All 3 photos").click()
    for number in (1, 2, 3):
        expect(bare.locator(f"#photo-{number} img")).to_be_visible()
    bare.get_by_role("link", name="Close").click()
    expect(bare.locator("#photo-1 img")).to_be_hidden()
