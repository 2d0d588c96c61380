"""A change of an agreed stay: what it costs, who may, what becomes of nights and money, and what happens at once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Block
from bookings.gateways.base import SUCCEEDED, Refunded
from bookings.models import Booking, LedgerLine, Payment, Refund, SandboxCharge, StayChange
from bookings.selectors.refunds import get_balance, preview_refund
from bookings.services.changing import expire_changes
from bookings.services.gateway_refunds import record_gateway_refund
from bookings.services.reconciling import reconcile_all
from bookings.services.reserving import StayOrder, reserve_stay
from bookings.services.settling import record_charge
from core.errors import DomainError
from properties.models import CalendarEntry
from tests.bookings.changes import DAY, HOUR, LONGER, SHORTER, TOTAL, Stay
from tests.bookings.conftest import CommittingClient
from tests.bookings.test_change_races import failed, late
from tests.factories.bookings import NOW, day, make_booking
from tests.factories.properties import make_user


@pytest.fixture(autouse=True)
def _cheap_cleaning(settings: Any) -> None:
    settings.PAYMENT_GATEWAY = "sandbox"


@pytest.mark.django_db(transaction=True)
class TestOne:
    """One after the other."""

    def test_more_nights_are_held_until_the_guest_has_paid_the_difference(self) -> None:
        stay = Stay()
        change = stay.propose(**LONGER)
        assert (stay.row.end_date, stay.row.total, stay.nights) == (day(3), TOTAL, [(day(0), day(3))])
        # Four nights list at 4000.00; a sixth was haggled off.
        assert (change.quote["stay"], change.total) == ("3333.33", Decimal("3948.33"))
        assert stay.answer(change).status == "accepted"
        assert stay.nights == [(day(0), day(3)), (day(3), day(4))]
        assert (stay.row.end_date, stay.row.payment_status) == (day(3), "paid")
        assert stay.pay().amount == change.total - TOTAL
        row = stay.row
        assert (row.end_date, row.total, row.payment_status) == (day(4), change.total, "paid")
        assert row.check_out_at == NOW.replace(year=2027, month=3, day=5, hour=5)
        assert stay.nights == [(day(0), day(4))]
        assert get_balance(stay.id).kept == change.total
        assert stay.told("guest") == ["booking.change_accepted", "booking.changed"]
        assert stay.told("host") == ["booking.change_proposed", "booking.changed"]

    def test_fewer_nights_give_the_difference_back_by_the_same_ledger(self) -> None:
        stay = Stay()
        change = stay.answer(stay.propose("host", **SHORTER), "guest")
        row = stay.row
        assert (change.status, row.end_date, row.payment_status) == ("done", day(2), "paid")
        assert stay.nights == [(day(0), day(2))]
        refund = Refund.objects.get()
        assert (refund.amount, refund.reason, refund.status) == (TOTAL - row.total, "changed", "succeeded")
        assert get_balance(stay.id).kept == row.total
        # Cancelled in time, all of what it costs now goes back, and no more than was paid.
        preview = preview_refund(row, by="guest", status="confirmed", now=NOW)
        assert preview.amount == row.total
        stay.cancel()
        assert (get_balance(stay.id).kept, stay.row.payment_status) == (0, "refunded")

    def test_a_difference_that_staff_gave_back_at_the_gateway_is_no_part_of_a_later_cancellation(self) -> None:
        stay = Stay(paid=False)
        payment = stay.pay("tok_no_refund")
        stay.answer(stay.propose("host", **SHORTER), "guest")
        row, less = stay.row, Refund.objects.get().amount
        record_gateway_refund(payment.pk, Refunded("by-hand", SUCCEEDED, amount=less), now=NOW)
        assert (Refund.objects.get(reason="changed").status, get_balance(stay.id).kept) == ("covered", row.total)
        assert preview_refund(row, by="host", status="confirmed", now=NOW).amount == row.total

    def test_a_stay_that_is_due_becomes_due_at_its_new_price(self) -> None:
        stay = Stay(paid=False)
        change = stay.answer(stay.propose(**LONGER))
        assert (change.status, stay.row.payment_status, stay.row.total) == ("done", "due", change.total)
        assert stay.pay().amount == change.total
        assert stay.row.payment_status == "paid"

    def test_settled_on_arrival_it_moves_no_money(self, settings: Any) -> None:
        settings.PAYMENT = "on_arrival"
        stay = Stay(paid=False)
        assert stay.answer(stay.propose(**LONGER)).status == "done"
        assert (stay.row.payment_status, LedgerLine.objects.count()) == ("on_arrival", 0)

    def test_guests_alone_keep_the_agreed_price(self) -> None:
        stay = Stay()
        change = stay.answer(stay.propose(guests=4))
        assert (change.total, stay.row.number_of_guests, Payment.objects.count()) == (TOTAL, 4, 1)

    def test_a_stay_may_move_to_nights_that_it_has_in_part(self) -> None:
        stay = Stay()
        change = stay.answer(stay.propose(start_date=day(1), end_date=day(4)))
        assert (change.status, stay.nights) == ("done", [(day(1), day(4))])
        entry = stay.row.calendar_entry
        assert entry is not None
        assert entry.kind == "stay"

    def test_what_is_not_paid_in_time_comes_to_nothing(self) -> None:
        stay = Stay()
        change = stay.answer(stay.propose(**LONGER))
        late = change.pay_by + HOUR
        # The nights are anybody's, whether or not the clock has been round.
        other = reserve_stay(actor=make_user(), order=StayOrder(stay.home.pk, "stay", day(3), day(5), 2), now=late)
        assert expire_changes(late) == 1
        assert expire_changes(late) == 0
        change.refresh_from_db()
        assert (change.status, stay.row.end_date, stay.row.status) == ("expired", day(3), "confirmed")
        assert Booking.objects.get(pk=other).status == "pending"
        with pytest.raises(DomainError) as refusal:
            stay.pay(now=late)
        assert refusal.value.code == "payment.already_paid"

    def test_what_is_not_answered_in_a_day_comes_to_nothing(self) -> None:
        stay = Stay()
        change = stay.propose(**LONGER)
        with pytest.raises(DomainError) as refusal:
            stay.answer(change, now=NOW + DAY)
        assert (refusal.value.code, refusal.value.params["change_status"]) == ("booking.wrong_state", "expired")
        change.refresh_from_db()
        assert change.status == "expired"
        assert stay.told("host")[-1] == stay.told("guest")[-1] == "booking.change_ended"

    @pytest.mark.parametrize(("by", "status"), [("host", "declined"), ("guest", "withdrawn")])
    def test_it_is_declined_or_withdrawn(self, by: str, status: str) -> None:
        stay = Stay()
        change = stay.answer(stay.propose(**LONGER), by, status)
        assert (change.status, stay.row.end_date) == (status, day(3))
        assert stay.propose(**LONGER).status == "proposed"

    def test_the_wrong_side_does_nothing(self) -> None:
        stay = Stay()
        change = stay.propose(**LONGER)
        for by, status in (("guest", "accepted"), ("guest", "declined"), ("host", "withdrawn")):
            with pytest.raises(DomainError) as refusal:
                stay.answer(change, by, status)
            assert refusal.value.code == "not_allowed"

    def test_a_cancelled_booking_takes_its_change_along(self) -> None:
        stay = Stay()
        change = stay.answer(stay.propose(**LONGER))
        stay.cancel()
        change.refresh_from_db()
        assert (change.status, stay.nights, get_balance(stay.id).kept) == ("cancelled", [], 0)
        with pytest.raises(DomainError):
            stay.answer(change)

    def test_news_of_the_difference_that_come_late_go_back(self) -> None:
        stay = Stay()
        change = stay.answer(stay.propose(**LONGER))
        payment = stay.pay("tok_action")
        assert payment.status == "requires_action"
        assert CalendarEntry.objects.get(kind="hold").held_until == max(change.pay_by, NOW + timedelta(minutes=30))
        stay.cancel("host")
        late(payment)
        assert (get_balance(stay.id).kept, stay.row.status) == (0, "cancelled")

    def test_a_payment_of_the_old_price_that_comes_late_goes_back(self) -> None:
        stay = Stay(paid=False)
        change = stay.propose(**LONGER)
        payment = stay.pay("tok_action")
        with pytest.raises(DomainError) as refusal:
            stay.answer(change)
        assert refusal.value.params["payment_status"] == "processing"
        charge = SandboxCharge.objects.get(key=payment.key)
        record_charge(payment.pk, failed(payment), now=NOW)
        stay.answer(change)
        SandboxCharge.objects.filter(pk=charge.pk).update(status="succeeded")
        late(payment)
        assert (stay.row.payment_status, get_balance(stay.id).kept) == ("due", 0)
        assert stay.pay().amount == change.total

    def test_a_stay_that_was_paid_meanwhile_pays_the_difference(self) -> None:
        stay = Stay(paid=False)
        change = stay.propose(**LONGER)
        stay.pay()
        assert stay.answer(change).status == "accepted"
        assert stay.pay().amount == change.total - TOTAL
        assert stay.row.end_date == day(4)

    def test_a_declined_card_leaves_the_stay_as_it_is(self) -> None:
        stay = Stay()
        change = stay.answer(stay.propose(**LONGER))
        with pytest.raises(DomainError) as refusal:
            stay.pay("tok_declined")
        assert refusal.value.code == "payment.declined"
        assert (stay.row.payment_status, stay.row.total) == ("paid", TOTAL)
        change.refresh_from_db()
        assert (change.status, change.processing_since) == ("accepted", None)
        assert stay.pay().status == "succeeded"

    def test_an_answer_that_is_lost_is_found_again(self) -> None:
        stay = Stay()
        stay.answer(stay.propose(**LONGER))
        assert stay.pay("tok_timeout").status == "processing"
        assert stay.row.end_date == day(3)
        reconcile_all(NOW + timedelta(minutes=1))
        assert (stay.row.end_date, stay.row.payment_status) == (day(4), "paid")

    @pytest.mark.parametrize(
        ("wish", "code"),
        [
            ({}, "invalid"),
            ({"end_date": day(3), "guests": 2}, "invalid"),
            ({"end_date": day(0)}, "dates.invalid"),
            ({"start_date": date(2020, 1, 1)}, "dates.invalid"),
            ({"guests": 40}, "stay.too_many_guests"),
            ({"start_date": day(10), "end_date": day(12)}, "dates.taken"),
        ],
    )
    def test_what_can_not_be_is_refused(self, wish: dict[str, Any], code: str) -> None:
        stay = Stay()
        make_booking(stay.home, make_user(), first=9)
        with pytest.raises(DomainError) as refusal:
            stay.propose(**wish)
        assert refusal.value.code == code
        assert StayChange.objects.count() == 0

    def test_one_at_a_time(self) -> None:
        stay = Stay()
        first = stay.propose(key="one", **LONGER)
        assert stay.propose(key="one", **LONGER) == first
        with pytest.raises(DomainError) as refusal:
            stay.propose("host", **SHORTER)
        assert (refusal.value.code, refusal.value.params["change"]) == ("booking.wrong_state", first.pk)

    def test_nights_that_went_meanwhile_refuse_the_accept_and_nothing_else(self) -> None:
        stay = Stay()
        change = stay.propose(**LONGER)
        make_booking(stay.home, make_user(), first=3)
        with pytest.raises(DomainError) as refusal:
            stay.answer(change)
        assert refusal.value.code == "dates.taken"
        change.refresh_from_db()
        assert (change.status, stay.row.total) == ("proposed", TOTAL)

    def test_whoever_is_blocked_proposes_nothing(self) -> None:
        stay = Stay()
        Block.objects.create(blocker=stay.host, blocked=stay.guest, created_at=NOW)
        with pytest.raises(DomainError) as refusal:
            stay.propose(**LONGER)
        assert refusal.value.code == "not_allowed"

    def test_a_stay_that_has_begun_or_lost_money_is_not_changed(self) -> None:
        stay = Stay()
        with pytest.raises(DomainError):
            stay.propose(now=stay.row.check_in_at + HOUR, **LONGER)
        Booking.objects.update(payment_status="partly_refunded")
        with pytest.raises(DomainError) as refusal:
            stay.propose(**LONGER)
        assert refusal.value.params["payment_status"] == "partly_refunded"


@pytest.mark.django_db(transaction=True)
def test_over_rest(settings: Any) -> None:
    stay = Stay(paid=False, first=40)
    clients = {}
    for name in ("guest", "host"):
        clients[name] = CommittingClient()
        clients[name].force_authenticate(getattr(stay, name))
    path = f"/api/booking/{stay.id}/changes/"
    end = (stay.row.end_date + DAY).isoformat()
    quote = clients["guest"].get(f"{path}quote/", {"end_date": end})
    assert (quote.status_code, quote.data["difference"]) == (200, "958.33")
    made = clients["guest"].post(path, {"end_date": end, "number_of_guests": ""})
    assert (made.status_code, made.data["status"], made.data["by"]) == (201, "proposed", "guest")
    answer = clients["host"].put(f"{path}{made.data['id']}/", {"status": "accepted"})
    assert (answer.status_code, answer.data["status"]) == (200, "done")
    assert [row["id"] for row in clients["host"].get(path).data] == [made.data["id"]]
    again = clients["host"].put(f"{path}{made.data['id']}/", {"status": "accepted"})
    assert (again.status_code, again.data["params"]["change_status"]) == (409, "done")
    stranger = CommittingClient()
    stranger.force_authenticate(make_user())
    assert stranger.get(path).status_code == stranger.post(path, {"end_date": end}).status_code == 404
    assert clients["host"].put(f"{path}{made.data['id']}/", {"status": "perhaps"}).status_code == 400
