"""Bodies and answers of bookings over REST. Reading is tolerant as core/api/serializers.py says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from bookings.models import Payment, Refund
from bookings.selectors.changes import Wish
from bookings.services.changing import MOVES as CHANGE_MOVES
from bookings.services.reserving import StayOrder
from bookings.services.status_changes import MOVES
from core.api.fields import MAX_ID
from core.api.serializers import ChoiceWord, TolerantSerializer, several
from core.clock import stamp
from core.money import ZERO, money
from properties.rules.menu import MAX_LINES, MAX_QUANTITY, MealOrder
from properties.rules.terms import BOOKING_TYPE_ALIASES

MEAL_KINDS = ("breakfast", "lunch", "dinner")
MOST_GUESTS = 2**31 - 1


class IdField(serializers.IntegerField):
    """An id, as a number or digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


class MealLineIn(TolerantSerializer):
    id = IdField()
    quantity = serializers.IntegerField(min_value=0, max_value=MAX_QUANTITY)
    date = serializers.DateField(required=False, help_text="Outside the stay, or not given: its first night.")


class ReserveIn(TolerantSerializer):
    property_id = IdField()
    booking_type = ChoiceWord(choices=sorted(BOOKING_TYPE_ALIASES))
    start_date = serializers.DateField()
    end_date = serializers.DateField(help_text="The day of check-out; its night is not part of the stay.")
    number_of_guests = serializers.IntegerField(min_value=1, max_value=MOST_GUESTS)
    breakfast = several(MealLineIn(), MAX_LINES, required=False)
    lunch = several(MealLineIn(), MAX_LINES, required=False)
    dinner = several(MealLineIn(), MAX_LINES, required=False)

    @classmethod
    def order(cls, body: Any) -> StayOrder:
        """What the body orders. Raises `invalid`."""
        given = cls.read(body)
        return StayOrder(
            property_id=given["property_id"],
            booking_type=BOOKING_TYPE_ALIASES[given["booking_type"]],
            start_date=given["start_date"],
            end_date=given["end_date"],
            guests=given["number_of_guests"],
            meals=tuple(
                MealOrder(kind, line["id"], line["quantity"], line.get("date"))
                for kind in MEAL_KINDS
                for line in given.get(kind, ())
                if line["quantity"]
            ),
        )


class StatusIn(TolerantSerializer):
    status = ChoiceWord(choices=sorted(MOVES))
    reason = serializers.CharField(max_length=500, required=False, default="")


class WishIn(TolerantSerializer):
    """The parts of a stay that are to change; absent ones stay as they are."""

    start_date = serializers.DateField(required=False)
    end_date = serializers.DateField(required=False, help_text="The day of check-out.")
    number_of_guests = serializers.IntegerField(min_value=1, max_value=MOST_GUESTS, required=False)

    @classmethod
    def wish(cls, body: Any) -> Wish:
        """What the body wishes. Raises `invalid`."""
        given = cls.read(body)
        return Wish(given.get("start_date"), given.get("end_date"), given.get("number_of_guests"))


class ChangeAnswerIn(TolerantSerializer):
    status = ChoiceWord(choices=sorted(CHANGE_MOVES))


class PaymentIn(TolerantSerializer):
    method = serializers.CharField(max_length=20, required=False, default="card")
    token = serializers.CharField(max_length=100, help_text="The gateway's name for a card; never a card number.")


class ReviewIn(TolerantSerializer):
    booking = IdField()
    rating = serializers.IntegerField(min_value=1, max_value=5)
    review = serializers.CharField(max_length=5000)


class StayReviewIn(TolerantSerializer):
    rating = serializers.IntegerField(min_value=1, max_value=5)
    review = serializers.CharField(max_length=5000)


class AnswerIn(TolerantSerializer):
    answer = serializers.CharField(max_length=5000)


class ReportIn(TolerantSerializer):
    reason = serializers.CharField(max_length=500)


# --- answers ---------------------------------------------------------------------------------------------------------


def payment_body(payment: Payment) -> dict[str, Any]:
    """A payment as the parties see it."""
    return {
        "payment_id": payment.pk,
        "booking_id": payment.booking_id,
        "status": payment.status,
        "amount": money(payment.amount),
        "currency": payment.currency,
        "method": payment.method,
        "refunded": money(_went_back(payment)),
        "action_url": payment.action_url or None,
        "failure": payment.failure,
        "created_at": stamp(payment.created_at),
    }


def _went_back(payment: Payment) -> Decimal:
    done = (refund.amount for refund in payment.refunds.all() if refund.status == Refund.Status.SUCCEEDED)
    return sum(done, ZERO)
