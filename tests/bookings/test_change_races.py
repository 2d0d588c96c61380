"""Changes of a stay at once with payments, cancellations and each other."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bookings.gateways.base import SUCCEEDED
from bookings.models import Booking, Payment, Refund, SandboxCharge, StayChange
from bookings.selectors.refunds import get_balance
from bookings.services.reconciling import reconcile_all
from bookings.services.reserving import StayOrder, reserve_stay
from bookings.services.settling import record_charge
from tests.bookings.changes import HOUR, LONGER, SHORTER, Stay
from tests.factories.bookings import NOW, day
from tests.factories.properties import make_user
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _cheap_cleaning(settings: Any) -> None:
    settings.PAYMENT_GATEWAY = "sandbox"


def failed(payment: Payment) -> Any:
    from bookings.gateways.base import FAILED, Charge

    charge = SandboxCharge.objects.get(key=payment.key)
    return Charge(charge.reference, FAILED, payment.amount, payment.currency, failure="no")


def late(payment: Payment) -> None:
    """The gateway took it after all, and the news come now."""
    from bookings.gateways.base import Charge

    charge = SandboxCharge.objects.get(key=payment.key)
    SandboxCharge.objects.filter(pk=charge.pk).update(status="succeeded")
    record_charge(payment.pk, Charge(charge.reference, SUCCEEDED, payment.amount, payment.currency), now=NOW)
    reconcile_all(NOW)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Real threads on the real database."""

    def test_of_accepting_and_withdrawing_one_wins(self) -> None:
        for _ in range(3):
            stay = Stay()
            change = stay.propose(**SHORTER)
            answers = at_once(partial(stay.answer, change), partial(stay.answer, change, "guest", "withdrawn"))
            change.refresh_from_db()
            assert sorted(map(str, answers)).count("booking.wrong_state") == 1
            assert stay.row.end_date == (day(2) if change.status == "done" else day(3))
            assert Refund.objects.filter(booking_id=stay.id).count() == int(change.status == "done")

    def test_accepted_many_times_it_is_done_once(self) -> None:
        stay = Stay()
        change = stay.propose(**SHORTER)
        answers = at_once(*[partial(stay.answer, change)] * 4)
        assert sorted(map(str, answers)).count("booking.wrong_state") == 3
        assert Refund.objects.count() == 1

    def test_proposed_by_both_at_once_one_stands(self) -> None:
        for _ in range(3):
            stay = Stay()
            at_once(partial(stay.propose, **LONGER), partial(stay.propose, "host", **SHORTER))
            assert StayChange.objects.filter(booking_id=stay.id).count() == 1

    def test_of_a_change_and_a_guest_who_wants_the_same_nights_one_wins(self) -> None:
        for _ in range(3):
            stay = Stay(paid=False)
            change = stay.propose(**LONGER)
            order = StayOrder(stay.home.pk, "stay", day(3), day(5), 2)
            at_once(partial(stay.answer, change), partial(reserve_stay, actor=make_user(), order=order, now=NOW))
            nights = [
                day(0) + timedelta(n) for a, b in stay.nights for n in range((a - day(0)).days, (b - day(0)).days)
            ]
            assert len(nights) == len(set(nights))
            change.refresh_from_db()
            assert (stay.row.end_date == day(4)) == (change.status == "done")
            assert Booking.objects.filter(property=stay.home).count() == (1 if change.status == "done" else 2)

    def test_of_accepting_and_cancelling_the_money_comes_out_right(self) -> None:
        for _ in range(3):
            stay = Stay()
            change = stay.propose(**SHORTER)
            at_once(partial(stay.answer, change), stay.cancel)
            reconcile_all(NOW + HOUR)
            assert (stay.row.status, get_balance(stay.id).kept, stay.nights) == ("cancelled", 0, [])

    def test_of_paying_the_difference_and_cancelling_the_money_comes_out_right(self) -> None:
        for _ in range(3):
            stay = Stay()
            stay.answer(stay.propose(**LONGER))
            at_once(stay.pay, stay.cancel)
            reconcile_all(NOW + HOUR)
            assert (stay.row.status, get_balance(stay.id).kept, stay.nights) == ("cancelled", 0, [])

    def test_of_paying_the_old_price_and_accepting_the_books_agree(self) -> None:
        for _ in range(3):
            stay = Stay(paid=False)
            change = stay.propose(**LONGER)
            at_once(stay.pay, partial(stay.answer, change))
            reconcile_all(NOW + HOUR)
            row = stay.row
            change.refresh_from_db()
            kept = get_balance(stay.id).kept
            assert (row.payment_status == "paid") == (kept == row.total)
            assert kept in (0, row.total)

    def test_the_difference_is_charged_once(self) -> None:
        stay = Stay()
        change = stay.answer(stay.propose(**LONGER))
        at_once(*[stay.pay] * 4)
        reconcile_all(NOW + HOUR)
        assert (stay.row.end_date, get_balance(stay.id).kept) == (day(4), change.total)
