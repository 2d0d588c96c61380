"""Reads the saved steps of a registration, in the shape in which clients send them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal
from typing import Any

from accounts.models import User
from core.clock import stamp
from core.errors import not_found
from core.money import ZERO, money
from core.web.drawn_pictures import picture_url
from properties.drawings import HEIGHT, WIDTH, drawn_dish, drawn_home
from properties.models import Meal, Photo, Property
from properties.rules.spans import span_of
from properties.selectors.feeds import feed_path
from properties.selectors.ownership import get_own_property

Absolute = Callable[[str], str]
Plain = dict[str, Any]

LOCATION = (
    "selected_location", "house_name", "holding_number", "flat_number", "road_number", "area_details",
)  # fmt: skip
BASICS = ("number_of_guests", "number_of_bedrooms", "number_of_beds", "number_of_bathrooms")


def get_step(*, property_id: int, step: int, actor: User | None, absolute: Absolute) -> Plain:
    """A step of the actor's own property; step 5 of a listed one is public. Raises `not_found`, before a first save too."""
    if step == 5:
        row = Property.objects.filter(pk=property_id).first()
        public = row is not None and row.status == Property.Status.LISTED
        if row is None or not (public or (actor is not None and row.host_id == actor.pk)):
            raise not_found()
    elif actor is None:
        raise not_found()
    else:
        row = get_own_property(property_id, actor)
    if step not in row.steps_done:
        raise not_found()
    return {"registration_id": row.pk, **SHOWN[step](row, absolute)}


def get_registration(*, property_id: int, actor: User, absolute: Absolute) -> Plain:
    """All steps of the actor's own property; null for a step that was not saved. Raises `not_found`."""
    row = get_own_property(property_id, actor)
    first = show_1(row, absolute)

    def saved(step: int) -> Plain | None:
        return SHOWN[step](row, absolute) if step in row.steps_done else None

    return {
        "registration_id": row.pk,
        "property_id": row.pk,
        "status": row.status,
        **first,
        "step2": saved(2),
        "step3": saved(3),
        "step4": saved(4),
        "step5": saved(5),
        "paying_guest_offered": row.paying_guest,
        "paying_guest": saved(6),
        "step7": saved(7),
        "ical_url": absolute(feed_path(row)),
        "listed_at": stamp(row.listed_at) if row.listed_at else None,
    }


def show_1(row: Property, absolute: Absolute) -> Plain:
    """Step 1: kind, place and basics."""
    place = row.location
    return {
        "property_type": row.property_type,
        "property_sub_type": row.property_sub_type,
        "online_type": row.online_type,
        "stay": row.stay,
        "stay_with_meal": row.stay_with_meal,
        "paying_guest": row.paying_guest,
        "timezone": row.timezone,
        "location": {
            "latitude": float(place.latitude),
            "longitude": float(place.longitude),
            **{name: getattr(place, name) for name in LOCATION},
        },
        "some_basics": show_basics(row),
    }


def show_basics(row: Property) -> Plain:
    """The numbers of guests, bedrooms, beds and bathrooms."""
    return {name: getattr(row.basics, name) for name in BASICS}


def show_2(row: Property, absolute: Absolute) -> Plain:
    """Step 2: amenities and photos, in the host's order."""
    amenities = list(row.amenities.all())
    return {
        **{f"{kind}_amenities": [{"name": a.name} for a in amenities if a.kind == kind] for kind in KINDS},
        "photos": [show_photo(photo, absolute) for photo in row.photos.all()],
    }


KINDS = ("regular", "standout")


def show_photo(photo: Photo, absolute: Absolute) -> Plain:
    """A photo with its full addresses; sizes in pixels."""
    return {
        "id": photo.pk,
        "image_data": picture_url(photo.image.name or "", absolute),
        "thumbnail": picture_url(photo.thumbnail.name or "", absolute),
        "width": photo.width,
        "height": photo.height,
        "description": photo.description,
    }


def cover_of(row: Property) -> str:
    """The file name of a property's first photo, small; the drawn one of its kind where it has none."""
    photos = row.photos.all()
    return str(photos[0].thumbnail.name) if photos else drawn_home(row.property_type)


def drawn_photo(kind: str, absolute: Absolute) -> Plain:
    """The drawn picture that stands in for photos; it has no id."""
    url = picture_url(drawn_home(kind), absolute)
    return {"id": None, "image_data": url, "thumbnail": url, "width": WIDTH, "height": HEIGHT, "description": ""}


def show_3(row: Property, absolute: Absolute) -> Plain:
    """Step 3: title, highlights, description."""
    return {"house_title": row.title, "highlights": row.highlights, "description": row.description}


def show_4(row: Property, absolute: Absolute) -> Plain:
    """Step 4: prices as texts with two places in the listing's currency, discounts in per cent, rules of a stay."""
    return show_terms(row) | {
        "price_rules": [
            {
                **show_span(rule.start_date, rule.end_date),
                "weekdays": rule.weekdays,
                "price": money(rule.price),
                "min_nights": rule.min_nights,
            }
            for rule in row.price_rules.all()
        ],
    }


def show_terms(row: Property) -> Plain:
    """Step 4 but for the prices of seasons."""
    return {
        "price": money(row.price or ZERO),
        "currency": row.currency,
        "discounts": {
            "earlyBooking": _percent(row.early_booking_percent),
            "weeklyStay": _percent(row.weekly_percent),
            "monthlyStay": _percent(row.monthly_percent),
        },
        "security_features": row.security_features,
        "negotiation_availability": row.negotiable,
        "negotiation": {
            "auto_accept_percent": _percent(row.auto_accept_percent),
            "auto_decline_percent": _percent(row.auto_decline_percent),
            "offers_per_side": row.offers_per_side,
            "people_only": row.people_only,
        },
        "instant_book": row.instant_book,
        "cancellation_policy": row.cancellation_policy,
        "cleaning_fee": money(row.cleaning_fee),
        "min_nights": row.min_nights,
        "max_nights": row.max_nights,
        "fill_gaps": row.fill_gaps,
        "notice_days": row.notice_days,
        "check_in_from": _clock(row.check_in_from),
        "check_out_by": _clock(row.check_out_by),
        "house_rules": row.house_rules,
    }


def show_5(row: Property, absolute: Absolute) -> Plain:
    """Step 5: the menu, breakfast, lunch and dinner; what was removed is not in it."""
    menu: Plain = {kind: [] for kind in Meal.Kind.values}
    for meal in row.meals.filter(removed_at=None):
        menu[meal.kind].append(
            {
                "id": meal.pk,
                "name": meal.name,
                "price": money(meal.price),
                "photo": picture_url(meal.photo.name or drawn_dish(meal.kind), absolute),
                "description": meal.description,
            }
        )
    return menu


def show_6(row: Property, absolute: Absolute) -> Plain:
    """Step 6: meals of paying guests; the price a guest and night."""
    return {
        "allow_paying_guests": row.allow_paying_guests,
        "description": row.paying_guest_description,
        "meal_price": money(row.meal_price or ZERO),
        "photo": picture_url(row.paying_guest_photo.name or drawn_dish("table"), absolute),
    }


def show_7(row: Property, absolute: Absolute) -> Plain:
    """Step 7: windows open for stays, half-open, and whether it is listed."""
    return {
        "selected_dates": show_spans(span_of(window.nights) for window in row.windows.all()),
        "always_open": row.always_open,
        "status": row.status,
    }


def show_span(start: date, end: date) -> Plain:
    """A half-open span as the wire has it."""
    return {"start_date": start.isoformat(), "end_date": end.isoformat()}


def show_spans(spans: Iterable[tuple[date, date]]) -> list[Plain]:
    """Half-open spans as the wire has them."""
    return [show_span(start, end) for start, end in spans]


def _percent(value: Decimal | None) -> float | int | None:
    """A number, as the frontend's sliders have it."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _clock(at: time | None) -> str | None:
    return f"{at:%H:%M}" if at else None


SHOWN: dict[int, Callable[[Property, Absolute], Plain]] = {
    1: show_1, 2: show_2, 3: show_3, 4: show_4, 5: show_5, 6: show_6, 7: show_7,
}  # fmt: skip
