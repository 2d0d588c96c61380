"""Addresses of forms, opened; prices as people write them; papers that say what is true."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from bookings.services.paying import start_payment
from core import clock
from properties.pages.amounts import plain_amount
from tests.factories.bookings import make_booking
from tests.factories.stays import make_host, make_property, make_user
from tests.pages.test_forms import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "page"),
    [("answer_booking", "booking"), ("review_booking", "booking"), ("answer_review", "booking"), ("listing_unlist", "listing"),
     ("listing_relist", "listing"), ("listing_feed", "listing"), ("logout", "home")],
)  # fmt: skip
def test_a_forms_address_leads_to_its_page(name: str, page: str) -> None:
    home = make_property(make_host())
    booking = make_booking(home, make_user(), now=clock.now())
    parts = {"booking": [booking.pk], "listing": [home.pk], "home": []}[page]
    answer = signed_in(home.host).get(reverse(name, args=parts))
    assert (answer.status_code, answer["Location"]) == (302, reverse(page, args=parts))


def test_a_method_that_an_address_does_not_take_is_refused_as_a_page(client: Client) -> None:
    answer = client.post("/inbox/")
    page = signed_in(make_user()).post("/trips/")
    assert (page.status_code, page["Allow"]) == (405, "GET, HEAD")
    assert "<h1" in page.content.decode()
    assert answer.status_code == 302  # the log-in comes first
    api = client.put("/api/properties/search/nowhere/")
    assert api.status_code == 404


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("12,500", "12500"), ("1,25,000.50", "125000.50"), (" ৳ 12 500 ", "12500"), ("১২,৫০০", "12500"), ("950", "950"),
        ("$99.5", "99.5"), ("12,50", "12,50"), ("1,2,3", "1,2,3"), ("12500,", "12500,"), ("abc", "abc"), ("", ""),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(typed: str, amount: str) -> None:
    assert plain_amount(typed) == amount


def test_the_wizards_price_takes_separators_and_names_what_can_be_paid() -> None:
    home = make_property(make_host())
    client = signed_in(home.host)
    path = reverse("listing_step", args=[home.pk, 4])
    client.post(path, {"price": "৳12,500", "cleaning_fee": "1,200", "currency": "BDT"})
    home.refresh_from_db()
    assert (str(home.price), str(home.cleaning_fee)) == ("12500.00", "1200.00")
    shown = client.get(path).content.decode()
    assert '"night": "10000000.00"' in shown
    assert "pattern=" not in shown
    wrong = client.post(path, {"price": "12,50", "currency": "BDT"})
    assert (wrong.status_code, "Give a number in plain digits" in wrong.content.decode()) == (400, True)


def test_a_draft_without_a_price_has_no_nights_at_0() -> None:
    home = make_property(make_host(), status="draft", price=None)
    client = signed_in(home.host)
    assert client.get(f"/api/property/{home.pk}/availability/").json()["nights"] == []
    assert "No night has a price yet." in client.get(reverse("listing_calendar", args=[home.pk])).content.decode()


def test_what_was_not_paid_has_no_receipt() -> None:
    booking = make_booking(make_property(), make_user(), now=clock.now())
    client = signed_in(booking.guest)

    def words() -> list[bool]:
        pages = [client.get(reverse(name, args=[booking.pk])).content.decode() for name in ("booking", "receipt")]
        return ["Receipt" in page for page in pages] + ["This is no receipt." in pages[1]]

    assert words() == [False, False, True]
    start_payment(actor=booking.guest, booking_id=booking.pk, method="card", token="tok_ok", key=None, now=clock.now())
    assert words() == [True, True, False]
