"""Bodies and answers of this floor's REST door. What is read here is tolerant as core/api/serializers.py says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from bookings.models import Payment, Refund, Review
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


class PaymentIn(TolerantSerializer):
    method = serializers.CharField(max_length=20, required=False, default="card")
    token = serializers.CharField(max_length=100, help_text="The gateway's name for a card; never a card number.")


class ReviewIn(TolerantSerializer):
    booking = IdField()
    rating = serializers.IntegerField(min_value=1, max_value=5)
    review = serializers.CharField(max_length=5000, required=False, default="")


class AnswerIn(TolerantSerializer):
    answer = serializers.CharField(max_length=5000)


class ReportIn(TolerantSerializer):
    reason = serializers.CharField(max_length=500)


# --- answers ---------------------------------------------------------------------------------------------------------


class QuoteOut(serializers.Serializer[Any]):
    currency = serializers.CharField()
    nights = serializers.IntegerField()
    stay = serializers.CharField()
    meals = serializers.CharField()
    cleaning = serializers.CharField()
    platform_fee = serializers.CharField()
    tax = serializers.CharField()
    total = serializers.CharField()


class ReservedOut(serializers.Serializer[Any]):
    reservation_id = serializers.IntegerField()
    status = serializers.CharField()
    payment_status = serializers.CharField()
    hold_expires_at = serializers.DateTimeField(allow_null=True)
    quote = QuoteOut()


class BookedMealOut(serializers.Serializer[Any]):
    item = serializers.CharField(help_text="The dish's name, as `meal_name`.")
    meal_id = serializers.IntegerField()
    meal_name = serializers.CharField()
    quantity = serializers.IntegerField()
    date = serializers.DateField()
    price = serializers.CharField(help_text="A piece, as it was when ordered.")


class MealTotalOut(serializers.Serializer[Any]):
    date = serializers.DateField()
    total = serializers.CharField()


class BookingOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    property_id = serializers.IntegerField()
    property_name = serializers.CharField()
    property_photo = serializers.URLField(allow_null=True)
    guest_id = serializers.IntegerField()
    host_id = serializers.IntegerField()
    booking_type = serializers.CharField()
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    number_of_guests = serializers.IntegerField()
    breakfast = BookedMealOut(many=True)
    lunch = BookedMealOut(many=True)
    dinner = BookedMealOut(many=True)
    meal_totals = MealTotalOut(many=True)
    list_price = serializers.CharField(help_text="The stay's price before the haggle.")
    base_price = serializers.CharField(help_text="The stay's price as agreed.")
    meals_price = serializers.CharField()
    cleaning_fee = serializers.CharField()
    platform_fee = serializers.CharField()
    tax = serializers.CharField()
    total = serializers.CharField()
    currency = serializers.CharField()
    status = serializers.CharField()
    payment_status = serializers.CharField()
    cancellation_policy = serializers.CharField()
    reason = serializers.CharField()
    negotiation = serializers.IntegerField(allow_null=True)
    hold_expires_at = serializers.DateTimeField(allow_null=True)
    pay_by = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class UpcomingOut(BookingOut):
    check_in = serializers.DateField()
    check_out = serializers.DateField()


class RefundLinesOut(serializers.Serializer[Any]):
    stay = serializers.CharField()
    meals = serializers.CharField()
    cleaning = serializers.CharField()
    platform_fee = serializers.CharField()
    tax = serializers.CharField()


class RefundPreviewOut(serializers.Serializer[Any]):
    amount = serializers.CharField(help_text="What cancelling now would give back; 0.00 where the booking is over.")
    currency = serializers.CharField()
    paid = serializers.CharField(help_text="All that came: amount + kept + already_returned + owed.")
    kept = serializers.CharField(help_text="What stays after that.")
    already_returned = serializers.CharField(help_text="What went back, and what a lost dispute took.")
    owed = serializers.CharField(help_text="What the gateway still has to give back.")
    lines = RefundLinesOut(help_text="What `amount` is made of.")
    policy = serializers.CharField()
    rule = serializers.CharField()
    by = serializers.CharField()


class PaymentOut(serializers.Serializer[Any]):
    payment_id = serializers.IntegerField()
    booking_id = serializers.IntegerField()
    status = serializers.CharField(help_text="processing, requires_action, succeeded or failed")
    amount = serializers.CharField()
    currency = serializers.CharField()
    method = serializers.CharField()
    refunded = serializers.CharField()
    action_url = serializers.URLField(allow_null=True)
    failure = serializers.CharField()
    created_at = serializers.DateTimeField()


class ReviewOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    rating = serializers.IntegerField()
    review = serializers.CharField()
    reviewer_name = serializers.CharField()
    date = serializers.DateField()
    answer = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)


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


def review_body(review: Review) -> dict[str, Any]:
    """A review as everybody sees it."""
    return {
        "id": review.pk,
        "rating": review.rating,
        "review": review.text,
        "reviewer_name": review.guest.name,
        "date": review.created_at.date().isoformat(),
        "answer": review.answer,
        "answered_at": stamp(review.answered_at) if review.answered_at else None,
    }
