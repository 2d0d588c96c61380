"""What bookings answer, as JSON Schemas: made from what the selectors return."""

from __future__ import annotations

from bookings.models import Booking, Payment, StayChange
from core.api.json_schema import (
    CURRENCY,
    DAY,
    ID,
    MONEY,
    NUMBER,
    TEXT,
    TIME,
    URL,
    WHOLE,
    YES_NO,
    about,
    component,
    maybe,
    record,
    rows,
    words,
)
from properties.views.answers import (
    ADDRESS,
    BASICS,
    BOOKING_TYPE,
    OFFERED,
    PICTURE,
    POLICY,
    PROPERTY_STATUS,
    PROPERTY_SUB_TYPE,
    PROPERTY_TYPE,
    QUOTE,
    QUOTE_LINES,
    SHOWN_PHOTO,
    SPAN,
    TERMS,
)

BOOKING_STATUS = component("BookingStatus", words(*Booking.Status.values))
PAYMENT_STATUS = component("BookingPaymentStatus", words(*Booking.PaymentStatus.values))
RESERVED = component(
    "Reserved",
    record(
        {
            "reservation_id": ID,
            "status": BOOKING_STATUS,
            "payment_status": PAYMENT_STATUS,
            "hold_expires_at": maybe(TIME),
            "quote": QUOTE,
        }
    ),
)
MEAL = component(
    "BookedMeal",
    record(
        {
            "item": about(TEXT, "The dish's name, as `meal_name`."),
            "meal_id": ID,
            "meal_name": TEXT,
            "quantity": WHOLE,
            "date": DAY,
            "price": about(MONEY, "A piece, as it was when ordered."),
        }
    ),
)
BOOKING_FIELDS = {
    "id": ID,
    "property_id": ID,
    "property_name": TEXT,
    "property_photo": PICTURE,
    "guest_id": ID,
    "host_id": ID,
    "booking_type": BOOKING_TYPE,
    "start_date": DAY,
    "end_date": DAY,
    "number_of_guests": WHOLE,
    **dict.fromkeys(("breakfast", "lunch", "dinner"), rows(MEAL)),
    "meal_totals": rows(record({"date": DAY, "total": MONEY})),
    "list_price": about(MONEY, "The stay before the haggle."),
    "base_price": about(MONEY, "The stay as agreed."),
    **dict.fromkeys(("meals_price", "cleaning_fee", "platform_fee", "tax", "total"), MONEY),
    "currency": CURRENCY,
    "status": BOOKING_STATUS,
    "payment_status": PAYMENT_STATUS,
    "cancellation_policy": POLICY,
    "reason": TEXT,
    "negotiation": maybe(ID),
    "hold_expires_at": maybe(TIME),
    "pay_by": maybe(TIME),
    "created_at": TIME,
    "updated_at": TIME,
}
BOOKING = component("Booking", record(BOOKING_FIELDS))
UPCOMING = component("UpcomingBooking", record({**BOOKING_FIELDS, "check_in": DAY, "check_out": DAY}))
REFUND = component(
    "RefundPreview",
    record(
        {
            "amount": about(MONEY, "What cancelling now would give back; 0.00 where the booking is over."),
            "currency": CURRENCY,
            "paid": about(MONEY, "All that came: amount + kept + already_returned + owed."),
            "kept": about(MONEY, "What stays after that."),
            "already_returned": about(MONEY, "What went back, and what a lost dispute took."),
            "owed": about(MONEY, "What the gateway still has to give back."),
            "lines": about(
                record({name: MONEY for name in QUOTE_LINES if name != "total"}), "What `amount` is made of."
            ),
            "policy": POLICY,
            "rule": TEXT,
            "by": words("guest", "host", "system"),
        }
    ),
)
PAYMENT = component(
    "Payment",
    record(
        {
            "payment_id": ID,
            "booking_id": ID,
            "status": component("PaymentStatus", words(*Payment.Status.values)),
            "amount": MONEY,
            "currency": CURRENCY,
            "method": TEXT,
            "refunded": MONEY,
            "action_url": about(maybe(URL), "Where the payer goes on, with `requires_action`."),
            "failure": TEXT,
            "created_at": TIME,
        }
    ),
)
REVIEW_FIELDS = {
    "id": ID,
    "rating": {"type": "integer", "minimum": 1, "maximum": 5},
    "review": TEXT,
    "reviewer_name": TEXT,
    "date": DAY,
    "answer": TEXT,
    "answered_at": maybe(TIME),
}
REVIEW = component("Review", record(REVIEW_FIELDS))
_WRITTEN = {
    "id": ID,
    "rating": REVIEW_FIELDS["rating"],
    "review": TEXT,
    "written_at": TIME,
    "shown": YES_NO,
    "hidden": about(YES_NO, "Whether staff took it out of sight."),
    "editable_until": about(maybe(TIME), "Null once it can't be changed any more."),
}
# `answer` and `counts` are the guest's review's alone.
STAY_REVIEW = component(
    "StayReview", record(_WRITTEN, {"answer": TEXT, "counts": about(YES_NO, "Whether ratings take it in.")})
)
STAY_REVIEWS = component(
    "StayReviews",
    record(
        {
            "mine": maybe(STAY_REVIEW),
            "theirs": about(maybe(STAY_REVIEW), "Once both have written, or the time is over."),
            "theirs_written": YES_NO,
            "ends_at": TIME,
            "is_open": YES_NO,
        }
    ),
)
REPORTED = component("Reported", record({"reported": YES_NO}))
PAGE = component(
    "Property",
    record(
        {
            "property_id": ID,
            "status": PROPERTY_STATUS,
            "name": TEXT,
            "property_type": PROPERTY_TYPE,
            "property_sub_type": PROPERTY_SUB_TYPE,
            "online_type": TEXT,
            "location": TEXT,
            "latitude": about(NUMBER, "Blurred to about 150 m."),
            "longitude": NUMBER,
            "timezone": TEXT,
            "description": TEXT,
            "highlights": rows(TEXT),
            "regular_amenities": rows(TEXT),
            "standout_amenities": rows(TEXT),
            "photos": rows(SHOWN_PHOTO),
            "some_basics": BASICS,
            "booking_options": rows(BOOKING_TYPE),
            **OFFERED,
            "paying_guest_description": TEXT,
            "meal_price": MONEY,
            **TERMS,
            "people_only": YES_NO,
            "availability": about(maybe(rows(SPAN)), "Free windows; null: always open."),
            "rating": maybe(NUMBER),
            "reviews_count": WHOLE,
            "host": record({"host_id": ID, "name": TEXT, "super_host": YES_NO}),
            "reviews": rows(REVIEW),
        },
        {
            "address": about(
                record({"latitude": NUMBER, "longitude": NUMBER, **ADDRESS}),
                "For its host, and for guests whose stay is settled.",
            )
        },
    ),
)

# May be below zero.
DIFFERENCE = {
    "type": "string",
    "pattern": r"^-?[0-9]+\.[0-9]{2}$",
    "description": "What the guest pays more; below zero: what goes back.",
}
CHANGE_STATUS = component("StayChangeStatus", words(*StayChange.Status.values))
CHANGE_QUOTE = component(
    "StayChangeQuote",
    record(
        {
            "start_date": DAY,
            "end_date": DAY,
            "number_of_guests": WHOLE,
            "quote": QUOTE,
            "total": MONEY,
            "difference": DIFFERENCE,
            "currency": CURRENCY,
        }
    ),
)
CHANGE = component(
    "StayChange",
    record(
        {
            "id": ID,
            "booking": ID,
            "by": words("guest", "host"),
            "status": CHANGE_STATUS,
            "start_date": DAY,
            "end_date": DAY,
            "number_of_guests": WHOLE,
            "before": record({"start_date": DAY, "end_date": DAY, "number_of_guests": WHOLE, "total": MONEY}),
            "quote": QUOTE,
            "total": MONEY,
            "difference": DIFFERENCE,
            "currency": CURRENCY,
            "expires_at": TIME,
            "pay_by": maybe(TIME),
            "created_at": TIME,
            "ended_at": maybe(TIME),
        }
    ),
)
