"""An assistant in the browser: its person makes a key, and both sides see in the room that a machine acts, and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from accounts.models import Mandate
from accounts.services.presented_credentials import identify_agents
from core import clock
from tests.factories.accounts import make_mandate
from tests.factories.stays import make_host, make_property, make_user
from tests.negotiation.play import Play, code
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]
WIDTHS = (360, 768, 1440)


def whole_at_every_width(visitor: Visitor, name: str) -> None:
    for width in WIDTHS:
        visitor.page.set_viewport_size({"width": width, "height": 800})
        assert visitor.overflow() == [], (name, width)
        visitor.picture(name)
    assert visitor.accessibility() == []


def test_a_key_is_made_and_its_assistant_ended(visit: Visit) -> None:
    guest = make_user("rahim", first_name="Rahim")
    visitor = visit(guest)
    page = visitor.go("/profile/")
    page.get_by_role("link", name="Assistants").click()
    expect(page.get_by_role("heading", name="Let an assistant haggle for me")).to_be_visible()
    whole_at_every_width(visitor, "assistants")
    page.get_by_label("What you call it").fill("Robo")
    page.get_by_label("Accept, which is a confirmed booking").check()
    page.get_by_label("Up to how much in all").fill("9000")
    page.get_by_role("button", name="Make a key").click()
    key = page.locator("[data-key]").inner_text()
    agent = identify_agents([key], clock.now())[0]
    assert agent is not None
    assert (agent.user_id, agent.max_total, "accept" in agent.may) == (guest.pk, 9000, True)
    expect(page.get_by_text(f"Authorization: Bearer {key}").first).to_be_visible()
    whole_at_every_width(visitor, "assistant-key")
    page.goto("/profile/assistants/")
    assert key not in page.content()
    page.get_by_role("link", name="What Robo did").click()
    expect(page.get_by_text("It has done nothing yet.")).to_be_visible()
    page.goto("/profile/assistants/")
    page.get_by_role("button", name="End Robo").click()
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("That assistant is out.")).to_be_visible()
    assert Mandate.objects.get().revoked_at is not None


def test_both_sides_see_that_a_machine_acts_and_for_whom(visit: Visit) -> None:
    play = Play(home=make_property(make_host("mina", first_name="Mina")), guest=make_user("rahim", first_name="Rahim"))
    mandate, _ = make_mandate(play.guest, may=["read", "message", "offer"])
    assert code(play.open("2000", message="We are two.", mandate=mandate)) == "ok"
    theirs, own = "by Rahim's assistant", "by your assistant"
    host, guest = visit(play.host, width=1440), visit(play.guest, width=360)
    for visitor, words in ((host, theirs), (guest, own)):
        page = visitor.go("/inbox/")
        expect(page.get_by_text(words).first).to_be_visible()
        visitor.picture("inbox-assistant")
        page.goto(f"/inbox/{play.id}/")
        visitor.live()
        log = page.get_by_role("log")
        expect(log.get_by_text(words)).to_have_count(3)
        expect(page.locator("[data-part=table]").get_by_text(words)).to_be_visible()
    # Live: what comes now says so too, also to those who listen.
    play.offer("host", 2800)
    assert code(play.offer("guest", 2100, mandate=mandate)) == "ok"
    expect(host.page.get_by_role("log").get_by_text(theirs)).to_have_count(4)
    expect(host.page.locator("[data-part=announce]")).to_have_text(re.compile(theirs))
    assert code(play.do("guest", "offer.accept", offer=play.standing(), mandate=mandate)) == "not_allowed"
    for visitor in (host, guest):
        whole_at_every_width(visitor, "room-assistant-host" if visitor is host else "room-assistant-guest")
    page = guest.go(f"/profile/assistants/{mandate.pk}/")
    expect(page.get_by_text("It offered ৳2,100.")).to_be_visible()
    expect(page.get_by_text("It tried to accept and was refused: it may not.")).to_be_visible()
    whole_at_every_width(guest, "assistant-log")
    expect(host.go("/notifications/").get_by_text("Rahim's assistant").first).to_be_visible()
