"""Where to, as people write it, and what a list price does while two haggle, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from core import clock
from properties.models import Property
from properties.services.prices import set_price
from properties.services.search import refresh_search
from tests.factories.accounts import make_user
from tests.factories.properties import make_property
from tests.negotiation.play import Play
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_a_place_is_suggested_and_found_in_any_spelling(visit: Visit, width: int) -> None:
    host = make_user("nasrin", is_host=True)
    homes = [make_property(host, title=title) for title in ("Sea Dome", "Villa")]
    homes[0].location.__class__.objects.filter(pk=homes[0].pk).update(selected_location="Kolatoli, Cox’s Bazar")
    Property.objects.filter(pk=homes[1].pk).update(currency="USD", price=Decimal(50))
    refresh_search([row.pk for row in homes])
    visitor = visit(width=width)
    page = visitor.go("/")
    page.get_by_label("Where").press_sequentially("chitt")
    option = page.locator("#places option[value='Chattogram']")
    expect(option).to_be_attached()
    assert "Chattogram" in str(option.get_attribute("label"))
    page.get_by_label("Where").fill("Cox's Bazar, Chattogram, Bangladesh")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("link", name="Sea Dome")).to_be_visible()
    expect(page.locator("[data-id]")).to_have_count(1)
    page.goto("/?max_price=5000")
    expect(page.get_by_role("note")).to_contain_text("Prices are compared in BDT: 1 home priced in USD is left out.")
    assert visitor.overflow() == []
    assert visitor.accessibility() == []
    visitor.picture("search-left-out", whole=False)
    page.get_by_role("link", name="Search in USD").click()
    expect(page.get_by_role("link", name="Villa")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1440])
def test_the_room_shows_todays_price_as_it_falls(visit: Visit, width: int) -> None:
    play = Play()
    Property.objects.filter(pk=play.home.pk).update(steps_done=[1, 2, 3, 4, 7])
    play.open("2000.00")
    visitor = visit(play.guest, width=width)
    page = visitor.go(f"/inbox/{play.id}/")
    visitor.live()
    expect(page.get_by_text("List price ৳3,000, fixed when it was opened")).to_be_visible()
    now = clock.now()
    night = Decimal("500.00")
    set_price(property_id=play.home.pk, start_date=play.start, end_date=play.end, price=night, actor=play.host, now=now)
    page.reload()
    expect(page.get_by_text("today ৳1,500")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("The list price fell: the stay costs everybody ৳1,500 now")
    assert visitor.overflow() == []
    visitor.picture("room-list-lowered", whole=False)
