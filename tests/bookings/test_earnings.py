"""What a host gets: one figure in rules, SQL, pages; and nothing of it on a guest's page."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from bookings.models import LedgerLine, Payment
from bookings.rules.earnings import host_receives, host_share
from bookings.selectors.insight import sum_revenue_by_month
from core import clock
from tests.factories.bookings import make_booking
from tests.factories.stays import make_property, make_user

KEPT = Decimal("1989.99")
# total, fee, tax, kept → the whole share, the share of what was kept.
CASES = [
    ("6325.00", "275.00", "550.00", "6325.00", "5500.00", "5500.00"),
    ("6325.00", "275.00", "550.00", "3162.50", "5500.00", "2750.00"),
    ("6325.00", "275.00", "550.00", "0.00", "5500.00", "0.00"),
    ("115.00", "5.00", "10.00", "0.01", "100.00", "0.01"),
    ("115.00", "5.00", "10.00", "57.49", "100.00", "49.99"),
    # Half a hundredth goes up.
    ("2.00", "0.50", "0.50", "0.01", "1.00", "0.01"),
    ("0.00", "0.00", "0.00", "0.00", "0.00", "0.00"),
]


@pytest.mark.parametrize(("total", "fee", "tax", "kept", "whole", "share"), CASES)
def test_the_share_of_a_host(total, fee, tax, kept, whole, share):
    price = {"total": Decimal(total), "platform_fee": Decimal(fee), "tax": Decimal(tax)}
    assert host_receives(**price) == Decimal(whole)
    assert host_share(Decimal(kept), **price) == Decimal(share)


@pytest.mark.django_db
def test_the_database_rounds_as_the_rule_does():
    sql = "SELECT round(%s::numeric * (%s::numeric - %s - %s) / %s::numeric, 2)"
    with connection.cursor() as cursor:
        for total, fee, tax, kept, _whole, share in CASES[:-1]:
            cursor.execute(sql, [kept, total, fee, tax, total])
            assert cursor.fetchone() == (Decimal(share),)


@pytest.fixture
def stays(db):
    """Two stays of one month at 2,600 for the host and 2,990 in all, of each of which 1,989.99 came."""
    home, guest, now = make_property(), make_user(), clock.now()
    found = [make_booking(home, guest, now=now, first=first) for first in (0, 4)]
    for booking in found:
        payment = Payment.objects.create(
            booking=booking, amount=KEPT, currency="BDT", status="succeeded", gateway="sandbox",
            reference=f"r{booking.pk}", key=uuid4(), created_at=now,
        )  # fmt: skip
        LedgerLine.objects.create(booking_id=booking.pk, currency="BDT", at=now, payment=payment, amount=KEPT)
    return found


def test_pages_of_the_host_say_what_the_insight_adds_up(stays):
    stay = stays[0]
    share = host_share(KEPT, total=stay.total, platform_fee=stay.platform_fee, tax=stay.tax)
    months = sum_revenue_by_month([stay.property_id], date(2027, 3, 1), date(2027, 4, 1))
    # Each stay is rounded once: together they would be a hundredth less.
    assert [*months.values()] == [2 * share] == [Decimal("3460.86")]
    for path in (f"/bookings/{stay.pk}/", f"/bookings/{stay.pk}/receipt/"):
        mine, theirs = (page_of(user, path) for user in (stay.host, stay.guest))
        for words in ("You receive", "৳2,600", "৳1,730.43", "৳2,990"):
            assert words in mine
        assert "৳2,990" in theirs
        assert not [words for words in ("You receive", "receives", "1,730.43", "৳2,600") if words in theirs]


def page_of(user, path):
    browser = Client()
    browser.force_login(user)
    return browser.get(path).content.decode()
