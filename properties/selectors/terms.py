"""Reads a property's terms in one query: every offer, quote and reservation starts with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from core.database.conversation import Question
from core.database.plain import fetch_often
from core.database.prepared_statements import Prepared
from core.database.rows import Row
from core.money import ZERO
from properties.rules.terms import MenuItem, PropertyTerms, SeasonPrice

# Each column has the name of its field of PropertyTerms. Amounts inside JSON are text, so that none becomes a float.
TERMS = Prepared(
    "property_terms",
    ["bigint[]"],
    """
SELECT p.id, p.host_id, p.status, p.title, p.currency, p.price,
  (SELECT json_agg(json_build_array(r.start_date, r.end_date, r.weekdays, r.price::text, r.min_nights)
            ORDER BY r.position, r.id)
     FROM properties_pricerule r WHERE r.property_id = p.id) AS price_rules,
  p.monthly_percent, p.weekly_percent, p.early_booking_percent AS early_percent, p.cleaning_fee,
  p.min_nights, p.max_nights, p.notice_days, p.timezone, p.check_in_from, p.check_out_by,
  b.number_of_guests AS max_guests,
  p.stay, p.stay_with_meal, p.paying_guest, p.meal_price,
  (SELECT json_agg(json_build_array(m.id, m.kind, m.name, m.price::text) ORDER BY m.id)
     FROM properties_meal m WHERE m.property_id = p.id AND m.removed_at IS NULL) AS menu,
  (SELECT json_agg(json_build_array(lower(w.nights), upper(w.nights)) ORDER BY w.nights)
     FROM properties_window w WHERE w.property_id = p.id) AS windows,
  p.cancellation_policy, p.instant_book, p.negotiable, p.offers_per_side, p.auto_accept_percent,
  p.auto_decline_percent, p.always_open,
  (SELECT ph.thumbnail FROM properties_photo ph WHERE ph.property_id = p.id
     ORDER BY ph.position, ph.id LIMIT 1) AS photo,
  p.fill_gaps,
  CASE WHEN p.fill_gaps AND (p.min_nights > 1 OR EXISTS (
         SELECT 1 FROM properties_pricerule r WHERE r.property_id = p.id AND r.min_nights > 1))
       THEN (SELECT json_agg(json_build_array(lower(e.nights), upper(e.nights))) FROM properties_calendarentry e
              WHERE e.property_id = p.id AND e.kind <> 'hold' AND upper(e.nights) >= current_date - 2) END AS busy
FROM properties_property p LEFT JOIN properties_somebasics b ON b.property_id = p.id
WHERE p.id = ANY($1)
""",
)


def get_terms(property_id: int) -> PropertyTerms | None:
    """The terms of one property, drafts included (their price is 0.00); None where there is none."""
    return get_terms_map([property_id]).get(property_id)


def ask_terms(ids: Iterable[int]) -> Question[dict[int, PropertyTerms]]:
    """The terms of each of these properties that exists."""
    return Question(TERMS(list(ids)), lambda rows: {row["id"]: _terms(row) for row in rows})


def get_terms_map(ids: Iterable[int]) -> dict[int, PropertyTerms]:
    """The answer to `ask_terms`."""
    asked = ask_terms(ids)
    return asked.read(fetch_often(asked.query))


def _terms(row: Row) -> PropertyTerms:
    read: dict[str, Any] = row | {
        "price": row["price"] or ZERO,
        "price_rules": _seasons(row["price_rules"]),
        "max_guests": row["max_guests"] or 0,
        "meal_price": row["meal_price"] or ZERO,
        "menu": _menu(row["menu"]),
        "windows": _spans(row["windows"]),
        "photo": row["photo"] or "",
        "busy": _spans(row["busy"]),
    }
    return PropertyTerms(**read)


def _menu(dishes: list[Any] | None) -> tuple[MenuItem, ...]:
    if not dishes:
        return ()
    return tuple(MenuItem(id, kind, name, Decimal(price)) for id, kind, name, price in dishes)


def _spans(pairs: list[tuple[str, str]] | None) -> tuple[tuple[date, date], ...]:
    return tuple((date.fromisoformat(start), date.fromisoformat(end)) for start, end in pairs) if pairs else ()


def _seasons(rules: list[Any] | None) -> tuple[SeasonPrice, ...]:
    return tuple(_season(*rule) for rule in rules) if rules else ()


def _season(start: str, end: str, weekdays: list[int] | None, price: str, min_nights: int | None) -> SeasonPrice:
    days = tuple(weekdays) if weekdays is not None else None
    return SeasonPrice(date.fromisoformat(start), date.fromisoformat(end), days, Decimal(price), min_nights)
