"""Nights that go while two people haggle over them, in two browsers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from core import clock
from properties.services.blocks import block_nights, free_interval
from tests.factories.stays import make_host, make_property, make_user
from tests.negotiation.play import Play
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "These nights are taken or held by somebody just now."


def test_both_sides_are_told_when_the_nights_go_and_when_they_are_free_again(visit: Callable[..., Visitor]) -> None:
    play = Play(home=make_property(make_host("mina", first_name="Mina")), guest=make_user("rahim", first_name="Rahim"))
    play.open("2000")
    pages = [visit(who, width=width).go(f"/inbox/{play.id}/") for who, width in ((play.guest, 360), (play.host, 1440))]
    for page in pages:
        expect(page.locator("[data-dot]")).to_have_class(re.compile("dot--on"))
        expect(page.get_by_text(WORDS)).to_be_hidden()
    nights = {"property_id": play.home.pk, "start_date": play.start, "end_date": play.end, "actor": play.host}
    block_nights(**nights, now=clock.now())
    for page in pages:
        expect(page.get_by_role("status").get_by_text(WORDS)).to_be_visible()
    host = pages[1]
    host.get_by_label("Your offer").fill("2,900")
    host.get_by_role("button", name="Send offer").click()
    expect(
        host.get_by_role("alert").get_by_text("These nights are taken or held by somebody just now.")
    ).to_be_visible()
    free_interval(**nights, now=clock.now())
    for page in pages:
        expect(page.get_by_text(WORDS).first).to_be_hidden()
    host.get_by_role("button", name="Send offer").click()
    expect(pages[0].get_by_role("log")).to_contain_text("2,900")
