"""Two people, two browsers: from an offer to a paid booking, and through a network that goes away in between."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from bookings.models import Booking
from negotiation.models import Entry, Negotiation, Offer
from tests.factories.accounts import PASSWORD, make_token
from tests.factories.accounts import make_user as make_account
from tests.factories.stays import day, make_host, make_property, make_user
from tests.negotiation.play import Play
from tests.servers import ServerProcess
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]


def log_of(page: Page) -> str:
    return page.get_by_role("log").inner_text()


def offer(page: Page, amount: str) -> None:
    page.get_by_label("Your offer").fill(amount)
    page.get_by_role("button", name="Send offer").click()


def test_an_offer_becomes_a_paid_booking_in_two_browsers(visit: Visit) -> None:
    host = make_host("mina", first_name="Mina")
    home = make_property(host, title="Lake House")
    guest, other = visit(make_user("rahim", first_name="Rahim")), visit(host, width=360)

    page = guest.go(f"/homes/{home.pk}/")
    page.get_by_label("Check-in").fill(day(0).isoformat())
    page.get_by_label("Check-out").fill(day(3).isoformat())
    page.get_by_label("Guests").fill("2")
    expect(page.get_by_text("Total")).to_be_visible()
    page.get_by_label("Your offer").fill("2,200")
    page.get_by_role("button", name="Make an offer").click()
    page.wait_for_url(re.compile(r"/inbox/\d+/"))

    theirs = other.go("/inbox/")
    # A host's rooms are a table: what is on it, in % of the list price, and its clock.
    row = theirs.get_by_role("row", name=re.compile("Lake House Rahim.*৳2,200.*73 %.*left.*Your turn"))
    row.get_by_role("link", name=re.compile("Lake House.*Rahim")).click()
    expect(theirs.get_by_role("log")).to_contain_text("2,200")
    theirs.get_by_label("Good for").select_option("7 days")
    offer(theirs, "2800")
    expect(page.get_by_role("log")).to_contain_text("2,800")
    assert Offer.objects.get(amount=2800).expires_at - Offer.objects.get(amount=2800).made_at == timedelta(days=7)
    page.get_by_label("Message").fill("Could you meet me half way?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(theirs.get_by_role("log")).to_contain_text("half way")
    expect(page.locator(".brief__row.is-waiting")).to_have_count(1)
    offer(page, "2500")
    # The list beside the room knows at once that the turn is gone.
    expect(page.locator(".brief__row.is-waiting")).to_have_count(0)
    expect(theirs.get_by_role("log")).to_contain_text("2,500")
    # The host reads what the host gets, live as well, the guest what the guest pays.
    expect(theirs.locator("[data-total]").first).to_have_text("you receive ৳2,500")
    expect(page.locator("[data-total]").first).to_have_text("all-in ৳2,875")
    theirs.get_by_role("button", name="Accept").click()
    expect(theirs.locator("[data-dialog-total]")).to_have_text(
        "You receive ৳2,500. The guest pays ৳2,875, with fee and tax."
    )
    theirs.get_by_role("button", name="Confirm").click()
    for side in (theirs, page):
        expect(side.get_by_text("confirmed").first).to_be_visible()
        assert all(amount in log_of(side) for amount in ("2,200", "2,800", "2,500"))

    page.get_by_role("link", name="Pay now").click()
    page.get_by_role("button", name="Pay ৳2,875").click()
    # The host's room tells of it too, without a reload.
    expect(theirs.locator("[data-part=outcome]").get_by_text("Paid", exact=True)).to_be_visible()
    expect(page.get_by_text("Paid. Your stay is confirmed.")).to_be_visible()
    booking = Booking.objects.get()
    assert (booking.status, booking.payment_status, str(booking.base_price)) == ("confirmed", "paid", "2500.00")
    theirs.goto(f"/bookings/{booking.pk}/")
    expect(theirs.get_by_text("Paid", exact=True)).to_be_visible()


def test_an_offer_typed_before_signing_in_is_still_there_after_it(visit: Visit) -> None:
    home = make_property(title="Lake House")
    make_account("rahim", password=PASSWORD)
    page = visit().go(f"/homes/{home.pk}/?check_in={day(0)}&check_out={day(3)}")
    page.get_by_label("Your offer").fill("2,150")
    page.get_by_label("Good for").select_option("3 days")
    page.get_by_role("button", name="Make an offer").click()
    page.get_by_label("User name").fill("rahim")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_label("Your offer")).to_have_value("2,150")
    page.get_by_role("button", name="Make an offer").click()
    page.wait_for_url(re.compile(r"/inbox/\d+/"))
    made = Offer.objects.get()
    assert (str(made.amount), made.expires_at - made.made_at) == ("2150.00", timedelta(days=3))


def test_a_list_price_that_falls_under_the_bid_is_seen_at_once_beside_the_frozen_one(
    visit: Visit, server: ServerProcess
) -> None:
    play = Play()
    play.open("2200.00")
    guest, host = visit(play.guest, width=360), visit(play.host)
    rooms = [visitor.go(f"/inbox/{play.id}/") for visitor in (guest, host)]
    for visitor, room in zip((guest, host), rooms, strict=True):
        visitor.live()
        expect(room.locator("[data-list]")).to_have_text(re.compile(r"List price ৳3,000, fixed when it was opened\s*$"))
    price(server, play, "800.00")
    price(server, play, "1100.00")
    assert "list.lowered" not in [entry["kind"] for entry in play.log()], "no fall under the bid"
    price(server, play, "500.00")
    for visitor, room, words in zip((guest, host), rooms, ("You may withdraw", "Your list price fell"), strict=True):
        expect(room.locator("[data-list]")).to_have_text(re.compile("List price ৳3,000, .* today ৳1,500"))
        expect(room.get_by_role("log")).to_contain_text(words)
        expect(room.get_by_role("log")).to_contain_text("৳1,500")
        visitor.picture("room-list-lowered")
        assert visitor.overflow() == []
    price(server, play, "400.00")
    for room in rooms:
        expect(room.locator("[data-list]")).to_have_text(re.compile("today ৳1,200"))
        room.reload()
        expect(room.locator("[data-list]")).to_have_text(re.compile("List price ৳3,000, .* today ৳1,200"))


def price(server: ServerProcess, play: Play, night: str) -> None:
    """The host sets the price of the haggle's nights, from another device."""
    body = {"start_date": str(play.start), "end_date": str(play.end), "price": night}
    headers = {"Authorization": f"Token {make_token(play.host)[1]}"}
    answer = httpx.post(f"{server.url}/api/property/{play.home.pk}/price/", json=body, headers=headers, timeout=20)
    assert answer.status_code == 200, answer.text


def test_a_cut_network_loses_nothing(visit: Visit) -> None:
    play = Play()
    play.open("2200.00")
    play.offer("host", "2800")
    visitor = visit(play.guest, wire=True)
    page = visitor.go(f"/inbox/{play.id}/")
    visitor.live()
    visitor.cut()
    page.get_by_label("Message").fill("Are you still there?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sending…")).to_be_visible()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    play.do("host", "message.send", text="Take your time.")
    visitor.mend()
    expect(page.get_by_text("while you were away")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("Take your time.")
    expect(page.get_by_text("Sending…")).to_have_count(0)
    expect(page.locator("#connection")).to_be_hidden()
    said = Entry.objects.filter(negotiation_id=play.id, kind="message.sent").order_by("seq")
    assert [entry.data["text"] for entry in said].count("Are you still there?") == 1
    assert log_of(page).count("Are you still there?") == 1
    assert log_of(page).index("while you were away") < log_of(page).index("Take your time.")


def test_only_a_concession_leaves_the_form(visit: Visit) -> None:
    play = Play()
    play.open("2200.00")
    play.offer("host", "2800")
    page = visit(play.guest).go(f"/inbox/{play.id}/")
    offer(page, "2900")
    expect(page.get_by_text("Choose a price above ৳2,200, below ৳2,800.")).to_be_visible()
    page.get_by_label("Price slider").focus()
    page.keyboard.press("Home")
    assert 2200 < int(page.get_by_label("Your offer").input_value().replace(",", "")) < 2800
    page.get_by_role("button", name="Send offer").click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()
    # The form that had the focus is gone; reading goes on where the state is told.
    expect(page.get_by_text("The host has your bid.")).to_be_focused()
    assert Negotiation.objects.get(pk=play.id).turn == "host"


@pytest.mark.parametrize(
    ("verb", "side", "words"), [("Decline", "guest", "Declined"), ("Withdraw", "host", "Withdrawn")]
)
def test_an_end_is_explained_with_what_to_do_next(visit: Visit, verb: str, side: str, words: str) -> None:
    play = Play()
    play.open("2200.00")
    play.offer("host", "2800")
    mover = visit(play.guest if side == "guest" else play.host).go(f"/inbox/{play.id}/")
    guest = visit(play.guest).go(f"/inbox/{play.id}/")
    mover.get_by_role("button", name=verb).click()
    # One tap ends nothing, and the button that was left has the focus again.
    mover.get_by_role("button", name="Not yet").click()
    expect(mover.get_by_role("button", name=verb)).to_be_focused()
    mover.keyboard.press("Enter")
    if verb == "Decline":
        mover.get_by_label("A word for").fill("Too late for us.")
    mover.get_by_role("button", name="Confirm").click()
    expect(guest.get_by_role("heading", name=words)).to_be_visible()
    if verb == "Decline":
        expect(guest.get_by_role("log")).to_contain_text("Too late for us.")
    expect(mover.get_by_role("heading", name=words)).to_be_focused()
    expect(guest.get_by_role("link", name="Ask again")).to_be_visible()
    expect(guest.get_by_label("Your offer")).to_be_hidden()
