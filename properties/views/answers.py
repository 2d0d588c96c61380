"""What the views of properties answer, as JSON Schemas that are made from what the selectors return."""

from __future__ import annotations

from core.api.json_schema import (
    CURRENCY,
    DAY,
    HOUR,
    ID,
    MONEY,
    NUMBER,
    SPAN,
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
from properties.models import Property
from properties.rules.terms import BOOKING_TYPES
from properties.serializers.steps import SUB_TYPES, TYPES

PROPERTY_TYPE = component("PropertyType", words(*TYPES))
PROPERTY_SUB_TYPE = component("PropertySubType", words(*SUB_TYPES))
PROPERTY_STATUS = component("PropertyStatus", words(*Property.Status.values))
POLICY = component("CancellationPolicy", words(*Property.Policy.values))
BOOKING_TYPE = component("BookingType", words(*BOOKING_TYPES))
PICTURE = about(URL, "A drawn one where there is no other.")

HOME = component(
    "SearchResult",
    record(
        {
            "property_id": ID,
            "name": TEXT,
            "photo": PICTURE,
            "location_name": TEXT,
            "latitude": about(NUMBER, "Blurred to about 150 m."),
            "longitude": NUMBER,
            "property_type": PROPERTY_TYPE,
            "price_per_night": about(MONEY, "With dates the mean of their nights."),
            "currency": CURRENCY,
            "rating": maybe(NUMBER),
            "reviews_count": WHOLE,
            "stay": YES_NO,
            "stay_with_meal": YES_NO,
            "paying_guest": YES_NO,
            "negotiation_availability": YES_NO,
            "superhost": YES_NO,
            "availability": about(maybe(SPAN), "The first free window from today on; null: always open."),
        },
        {
            "total": about(MONEY, "With dates: all in."),
            "distance_km": about(NUMBER, "With `near`."),
            "check_in": about(DAY, "With `flexible_days`: the first of the nights that are free; the price is theirs."),
            "check_out": about(DAY, "With `flexible_days`."),
        },
    ),
)
RESULTS = component(
    "SearchResults",
    record(
        {"results": rows(HOME), "next": about(maybe(URL), "The next page; a PUT takes its `cursor` in the body.")},
        {
            "currency": about(CURRENCY, "Where prices are compared: what they are in."),
            "left_out": {
                "type": "object",
                "additionalProperties": WHOLE,
                "description": "Where prices are compared: the homes found in each other currency, at most 100.",
            },
        },
    ),
)
SAVED = component(
    "SavedHomes",
    record(
        {
            "results": rows(HOME),
            "next": about(maybe(URL), "The next page."),
            "unlisted": about(
                rows(component("UnlistedHome", record({"property_id": ID, "name": TEXT}))),
                "Of this page those that are not let at the moment, under the name that they were saved with.",
            ),
        }
    ),
)
PLACE = component(
    "Place",
    record(
        {
            "name": TEXT,
            "kind": words("division", "district", "upazila", "postcode", "home"),
            "within": about(TEXT, "What it lies in, the nearest first."),
            "bangla": TEXT,
        }
    ),
)
PLACES = component("Places", record({"results": rows(PLACE)}))

BASICS = component(
    "Basics",
    record(dict.fromkeys(("number_of_guests", "number_of_bedrooms", "number_of_beds", "number_of_bathrooms"), WHOLE)),
)
ADDRESS = dict.fromkeys(
    ("selected_location", "house_name", "holding_number", "flat_number", "road_number", "area_details"), TEXT
)
LOCATION = component("Location", record({"latitude": NUMBER, "longitude": NUMBER, **ADDRESS}))
PHOTO = {
    "image_data": PICTURE,
    "thumbnail": URL,
    "width": about(WHOLE, "Pixels."),
    "height": WHOLE,
    "description": TEXT,
}
STORED_PHOTO = component("Photo", record({"id": ID, **PHOTO}))
SHOWN_PHOTO = component("ShownPhoto", record({"id": about(maybe(ID), "Null: drawn, as there is no photo."), **PHOTO}))
AMENITY = component("Amenity", record({"name": TEXT}))
PERCENT = maybe({"type": "number", "minimum": 0, "maximum": 100})
DISCOUNTS = component(
    "Discounts", record(dict.fromkeys(("earlyBooking", "weeklyStay", "monthlyStay"), PERCENT), about="Per cent.")
)
HAGGLE = record(
    {
        "auto_accept_percent": PERCENT,
        "auto_decline_percent": PERCENT,
        "offers_per_side": WHOLE,
        "people_only": about(YES_NO, "No machine haggles here for anybody."),
    }
)
PRICE_RULE = record(
    {
        "start_date": DAY,
        "end_date": DAY,
        "weekdays": about(maybe(rows({"type": "integer", "minimum": 0, "maximum": 6})), "0 is Monday; null: all."),
        "price": MONEY,
    }
)
DISH = component("Dish", record({"id": ID, "name": TEXT, "price": MONEY, "photo": PICTURE, "description": TEXT}))
MENU = dict.fromkeys(("breakfast", "lunch", "dinner"), rows(DISH))
OFFERED = dict.fromkeys(BOOKING_TYPES, YES_NO)

FIRST = {
    "property_type": PROPERTY_TYPE,
    "property_sub_type": PROPERTY_SUB_TYPE,
    "online_type": TEXT,
    **OFFERED,
    "timezone": TEXT,
    "location": LOCATION,
    "some_basics": BASICS,
}
TERMS = {
    "price": MONEY,
    "currency": CURRENCY,
    "discounts": DISCOUNTS,
    "security_features": rows(TEXT),
    "negotiation_availability": YES_NO,
    "instant_book": YES_NO,
    "cancellation_policy": POLICY,
    "cleaning_fee": MONEY,
    "min_nights": WHOLE,
    "max_nights": WHOLE,
    "notice_days": WHOLE,
    "check_in_from": maybe(HOUR),
    "check_out_by": maybe(HOUR),
    "house_rules": TEXT,
}
STEP_FIELDS = {
    1: FIRST,
    2: {"regular_amenities": rows(AMENITY), "standout_amenities": rows(AMENITY), "photos": rows(STORED_PHOTO)},
    3: {"house_title": TEXT, "highlights": rows(TEXT), "description": TEXT},
    4: {**TERMS, "negotiation": HAGGLE, "price_rules": rows(PRICE_RULE)},
    5: MENU,
    6: {"allow_paying_guests": YES_NO, "description": TEXT, "meal_price": MONEY, "photo": PICTURE},
    7: {"selected_dates": rows(SPAN), "always_open": YES_NO, "status": PROPERTY_STATUS},
}
STEPS = {
    number: component(f"Step{number}", record({"registration_id": ID, **fields}))
    for number, fields in STEP_FIELDS.items()
}
PARTS = {number: component(f"Step{number}Part", record(fields)) for number, fields in STEP_FIELDS.items() if number > 1}
STARTED = component(
    "StartedRegistration", record({"registration_id": ID, "property_id": ID, "status": PROPERTY_STATUS, **FIRST})
)
REGISTRATION = component(
    "Registration",
    record(
        {
            "registration_id": ID,
            "property_id": ID,
            "status": PROPERTY_STATUS,
            **FIRST,
            **{f"step{number}": maybe(PARTS[number]) for number in (2, 3, 4, 5, 7)},
            "paying_guest_offered": YES_NO,
            "paying_guest": about(maybe(PARTS[6]), "Step 6, not whether paying guests are taken."),
            "ical_url": URL,
            "listed_at": maybe(TIME),
        },
        about="Each step as its own address has it; null: not saved.",
    ),
)
LISTING = component(
    "Listing",
    record(
        {
            "property_id": ID,
            "photo": PICTURE,
            "name": TEXT,
            "location_name": TEXT,
            "online_type": TEXT,
            "status": PROPERTY_STATUS,
            "steps_done": rows(WHOLE),
        }
    ),
)
STAYS = record(
    {
        "first": about(DAY, "The first day on which a stay can begin."),
        "min_nights": WHOLE,
        "max_nights": WHOLE,
        "arrivals": about(
            rows(record({"date": DAY, "min_nights": WHOLE})),
            "The days from which another least counts than `min_nights`.",
        ),
        "gaps": about(
            rows(SPAN), "Stays shorter than the least that are taken all the same, since they fill a gap whole."
        ),
    }
)
AVAILABILITY = component(
    "Availability",
    record(
        {
            "windows": rows(SPAN),
            "taken": rows(SPAN),
            "nights": about(rows(record({"date": DAY, "price": MONEY})), "The free ones."),
            "currency": CURRENCY,
            "stays": about(STAYS, "Which stays the host takes, so that a calendar can show it."),
        }
    ),
)
QUOTE_LINES = dict.fromkeys(("stay", "meals", "cleaning", "platform_fee", "tax", "total"), MONEY)
QUOTE_FIELDS = {"currency": CURRENCY, "nights": WHOLE, **QUOTE_LINES}
QUOTE = component("Quote", record(QUOTE_FIELDS, about="All in; `stay` is what is haggled about."))
QUOTED = component(
    "StayQuote",
    record(
        {
            **QUOTE_FIELDS,
            "booking_type": BOOKING_TYPE,
            "base": about(MONEY, "The nights before discounts."),
            "discounts": rows(record({"name": TEXT, "percent": TEXT, "amount": MONEY})),
            "available": about(YES_NO, "Whether all nights are free."),
        }
    ),
)
INTERVAL = component("ChangedNights", record({"property_id": ID, "start_date": DAY, "end_date": DAY}))
PRICED = component("PricedNights", record({"property_id": ID, "start_date": DAY, "end_date": DAY, "price": MONEY}))
MARKET = component("MarketStatus", record({"property_id": ID, "status": PROPERTY_STATUS}))
FEED = component("FeedAddress", record({"url": URL}))
