"""What the other views of this app answer, as JSON Schemas that are made from what the selectors return."""

from __future__ import annotations

from bookings.views.answers import REVIEW_FIELDS
from core.api.json_schema import (
    CURRENCY,
    DAY,
    ID,
    MONEY,
    NUMBER,
    TEXT,
    WHOLE,
    YES_NO,
    about,
    component,
    maybe,
    record,
    rows,
)
from properties.views.answers import PICTURE, PROPERTY_STATUS

SHARE = about(maybe(NUMBER), "Per cent; null of nothing.")
MONTH = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "examples": ["2027-03"]}
COUNTS = dict.fromkeys(("bids", "negotiations", "agreed", "paid"), WHOLE)
FUNNEL = component("Funnel", record(dict.fromkeys(("views", "negotiations", "agreed", "paid"), WHOLE)))
INSIGHT_FIELDS = {
    "property_id": ID,
    "name": TEXT,
    "status": PROPERTY_STATUS,
    "currency": CURRENCY,
    "views": WHOLE,
    "bids": WHOLE,
    "ended": WHOLE,
    "acceptance_rate": SHARE,
    "average_discount": SHARE,
    "median_answer_seconds": maybe(WHOLE),
    "answered_within_day": SHARE,
    "occupancy": rows(record({"month": MONTH, "nights": WHOLE, "occupancy": SHARE})),
    "revenue": rows(record({"month": MONTH, "amount": MONEY})),
    "funnel": FUNNEL,
    "months": rows(
        record({"month": MONTH, "views": WHOLE, **COUNTS, "nights": WHOLE, "occupancy": SHARE, "revenue": MONEY})
    ),
}
INSIGHT = component("PropertyInsight", record(INSIGHT_FIELDS))
HOST_INSIGHT = component(
    "HostInsight",
    record(
        {
            "properties": rows(INSIGHT),
            "views": WHOLE,
            "bids": WHOLE,
            "funnel": FUNNEL,
            "acceptance_rate": SHARE,
            "revenue": rows(record({"currency": CURRENCY, "amount": MONEY})),
        }
    ),
)

PROFILE_REVIEW = component(
    "ProfileReview",
    record(
        {
            **{name: REVIEW_FIELDS[name] for name in ("id", "rating", "review", "reviewer_name", "date")},
            "property_id": ID,
            "answer": maybe(TEXT),
        }
    ),
)
PROFILE_LISTING = component(
    "ProfileListing",
    record(
        {
            "property_id": ID,
            "name": TEXT,
            "photo": PICTURE,
            "location_name": TEXT,
            "price_per_night": MONEY,
            "currency": CURRENCY,
            "rating": maybe(NUMBER),
            "reviews_count": WHOLE,
        }
    ),
)
PERSON = {
    "host_id": ID,
    "name": TEXT,
    "super_host": YES_NO,
    "verified": YES_NO,
    "profile_pic": PICTURE,
    "joined": DAY,
}
CONTACT = {
    "email": about({"type": "string", "format": "email"}, "For the other party of a settled booking."),
    "phone": TEXT,
}
HOST_PROFILE = component(
    "HostProfile",
    record(
        {
            **PERSON,
            "reviews": rows(PROFILE_REVIEW),
            "response_rate": about(maybe(NUMBER), "Per cent of first bids, over 365 days."),
            "response_time": maybe(TEXT),
            "rating": maybe(NUMBER),
            "reviews_count": WHOLE,
            "listings": rows(PROFILE_LISTING),
        },
        CONTACT,
    ),
)
GUEST_REVIEW = component(
    "GuestReview", record({name: REVIEW_FIELDS[name] for name in ("id", "rating", "review", "reviewer_name", "date")})
)
GUEST_PROFILE = component(
    "GuestProfile",
    record(
        {
            **PERSON,
            "guest_id": ID,
            "stays": WHOLE,
            "response_rate": about(maybe(NUMBER), "Per cent of hosts' asks, over 365 days."),
            "response_time": maybe(TEXT),
            "reviews": about(rows(GUEST_REVIEW), "What hosts say."),
            "rating": maybe(NUMBER),
            "reviews_count": WHOLE,
        },
        CONTACT,
    ),
)
