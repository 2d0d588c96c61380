"""The `booking_details` object, for many bookings in one query. Source: docs/rest.md, "Booking"."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bookings.rules.states import State, status_at
from core.clock import stamp
from core.database.replica import reading
from core.money import ZERO, money, round_money
from core.web.drawn_pictures import picture_url
from properties.drawings import drawn_home

MEAL_KINDS = ("breakfast", "lunch", "dinner")
Absolute = Callable[[str], str]

_SELECT = """
SELECT b.id, b.property_id, p.title, p.property_type, b.guest_id, b.host_id, b.booking_type, b.start_date, b.end_date,
       b.number_of_guests, b.list_price, b.base_price, b.meals_price, b.cleaning_fee, b.platform_fee, b.tax, b.total,
       b.currency, b.status, b.payment_status, b.negotiation_id, b.instant, b.hold_expires_at, b.pay_by, b.processing_since,
       b.check_out_at, b.cancellation_policy, b.reason, b.created_at, b.updated_at,
       (SELECT f.image FROM properties_photo f WHERE f.property_id = p.id ORDER BY f.position, f.id LIMIT 1) AS photo,
       (SELECT jsonb_agg(jsonb_build_array(m.kind, m.meal_id, m.name, m.quantity, m.date, m.price::text)
                         ORDER BY m.date, m.id)
          FROM bookings_bookedmeal m WHERE m.booking_id = b.id) AS meals
  FROM bookings_booking b JOIN properties_property p ON p.id = b.property_id
 WHERE b.id = ANY(%s)
"""


def get_booking_details(ids: Iterable[int], *, now: datetime, absolute: Absolute = str) -> list[dict[str, Any]]:
    """The `booking_details` objects of `ids`, in their order; ids that are not there are left out.

    `absolute` makes a full URL of a path. A passed deadline shows even before the clock's job has run.
    """
    wanted = list(ids)
    with reading().cursor() as cursor:
        cursor.execute(_SELECT, [wanted])
        names = [column.name for column in cursor.description or ()]
        rows = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    return [_details(rows[pk], now, absolute) for pk in wanted if pk in rows]


def _details(row: dict[str, Any], now: datetime, absolute: Absolute) -> dict[str, Any]:
    meals = json.loads(row["meals"]) if isinstance(row["meals"], str) else row["meals"] or []
    return {
        "id": row["id"],
        "property_id": row["property_id"],
        "property_name": row["title"],
        "property_photo": picture_url(row["photo"] or drawn_home(row["property_type"]), absolute),
        "guest_id": row["guest_id"],
        "host_id": row["host_id"],
        "booking_type": row["booking_type"],
        "start_date": row["start_date"].isoformat(),
        "end_date": row["end_date"].isoformat(),
        "number_of_guests": row["number_of_guests"],
        **_meals(meals),
        "meal_totals": _meal_totals(row, meals),
        **{name: money(row[name]) for name in _AMOUNTS},
        "currency": row["currency"],
        "status": status_at(State(**{name: row[name] for name in _STATE}), now),
        "payment_status": row["payment_status"],
        "cancellation_policy": row["cancellation_policy"],
        "reason": row["reason"],
        "negotiation": row["negotiation_id"],
        "hold_expires_at": _stamp(row["hold_expires_at"]),
        "pay_by": _stamp(row["pay_by"]),
        "created_at": stamp(row["created_at"]),
        "updated_at": stamp(row["updated_at"]),
    }


_STATE = tuple(field.name for field in fields(State))
_AMOUNTS = ("list_price", "base_price", "meals_price", "cleaning_fee", "platform_fee", "tax", "total")


def _meals(rows: Iterable[Sequence[Any]]) -> dict[str, list[dict[str, Any]]]:
    menu: dict[str, list[dict[str, Any]]] = {kind: [] for kind in MEAL_KINDS}
    for kind, meal, name, quantity, day, price in rows:
        menu[kind].append(
            {"item": name, "meal_id": meal, "meal_name": name, "quantity": quantity, "date": day, "price": price}
        )
    return menu


def _meal_totals(row: dict[str, Any], rows: Iterable[Sequence[Any]]) -> list[dict[str, str]]:
    """The sum of the meals of each date; a paying guest's meals cost the same every night."""
    totals: dict[str, Decimal] = {}
    for _, _, _, quantity, day, price in rows:
        totals[day] = totals.get(day, ZERO) + quantity * Decimal(price)
    nights = (row["end_date"] - row["start_date"]).days
    if not totals and row["meals_price"]:
        share = round_money(row["meals_price"] / nights)
        totals = {(row["start_date"] + timedelta(n)).isoformat(): share for n in range(nights)}
    return [{"date": day, "total": money(total)} for day, total in sorted(totals.items())]


def _stamp(moment: datetime | None) -> str | None:
    return stamp(moment) if moment else None
