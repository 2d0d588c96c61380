"""A negotiation as it is now, for its two parties: the snapshot of docs/protocol.md, "Objects"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from accounts.models import display_name
from core.clock import stamp
from core.database.plain import fetch_often
from core.database.prepared_statements import Prepared
from core.database.rows import Row, fetch_rows
from core.live.presence import is_online
from core.money import money
from core.web.drawn_pictures import picture_url
from negotiation.records import NegotiationRecord, Person, Surroundings
from negotiation.row_reading import SELECT_LIST, read_negotiation
from negotiation.rules import limits
from negotiation.rules.negotiation_state import SIDES, Side
from negotiation.rules.terms import meal_to_json
from properties.drawings import drawn_home
from properties.rules.menu import PricedMeal

Absolute = Callable[[str], str]

# Offer and booking are look-ups for one row, fenced by their LIMIT: as plain joins, a plan that was made while few offers stood
# reads all of them for each negotiation.
SELECT = f"""
SELECT {SELECT_LIST}, p.title AS property_title,
    (SELECT thumbnail FROM properties_photo WHERE property_id = p.id ORDER BY position, id LIMIT 1) AS photo, p.property_type,
    g.first_name AS guest_first_name, g.last_name AS guest_last_name, g.username AS guest_username,
    h.first_name AS host_first_name, h.last_name AS host_last_name, h.username AS host_username,
    b.status AS booking_status, b.payment_status
FROM negotiation_negotiation n
JOIN properties_property p ON p.id = n.property_id
JOIN accounts_user g ON g.id = n.guest_id
JOIN accounts_user h ON h.id = n.host_id
LEFT JOIN LATERAL (
    SELECT * FROM negotiation_offer WHERE negotiation_id = n.id AND status = 'standing' LIMIT 1
) o ON true
LEFT JOIN LATERAL (SELECT status, payment_status FROM bookings_booking WHERE id = n.booking_id LIMIT 1) b ON true
"""  # noqa: S608 - our own names
BY_IDS = Prepared("negotiations_by_ids", ["bigint[]"], f"{SELECT} WHERE n.id = ANY($1)")


def get_negotiations(ids: Iterable[int]) -> dict[int, NegotiationRecord]:
    """Negotiations by id, with what is shown beside them. Callers check whether the user may see them."""
    return {row["id"]: _read(row) for row in fetch_often(BY_IDS(list(ids)))}


def get_negotiation(negotiation_id: int) -> NegotiationRecord | None:
    """One negotiation. Callers check whether the user may see it."""
    return get_negotiations([negotiation_id]).get(negotiation_id)


def get_parties(negotiation_id: int) -> tuple[int, ...]:
    """Guest and host, in this order; empty where there is no such negotiation."""
    rows = fetch_rows("SELECT guest_id, host_id FROM negotiation_negotiation WHERE id = %s", [negotiation_id])
    return (rows[0]["guest_id"], rows[0]["host_id"]) if rows else ()


def list_negotiations(
    *,
    user_id: int,
    side: Side,
    now: datetime,
    limit: int,
    before: int | None = None,
    status: str | None = None,
) -> list[NegotiationRecord]:
    """A party's negotiations, newest first: at most `limit` with an id below `before`, of `status` as it reads now."""
    expired = "(n.status = 'open' AND coalesce(o.expires_at, n.question_expires_at) <= %s)"
    where = [f"n.{'guest_id' if side == 'guest' else 'host_id'} = %s"]
    params: list[Any] = [user_id]
    if before is not None:
        where.append("n.id < %s")
        params.append(before)
    if status == "expired":
        where.append(f"(n.status = 'expired' OR {expired})")
        params.append(now)
    elif status:
        where.append(f"n.status = %s AND NOT coalesce({expired}, false)")
        params += [status, now]
    tail = f"WHERE {' AND '.join(where)} ORDER BY n.id DESC LIMIT %s"
    return [record.as_of(now) for record in _fetch(tail, [*params, limit])]


def _fetch(tail: str, params: Sequence[Any]) -> list[NegotiationRecord]:
    return [_read(row) for row in fetch_rows(SELECT + tail, params)]


def _read(row: Row) -> NegotiationRecord:
    return read_negotiation(row, surroundings=_surroundings(row))


def _surroundings(row: Row) -> Surroundings:
    return Surroundings(
        title=row["property_title"],
        photo=row["photo"] or drawn_home(row["property_type"]),
        guest=_person(row, "guest"),
        host=_person(row, "host"),
        booking_status=row["booking_status"],
        payment_status=row["payment_status"],
    )


def _person(row: Row, side: Side) -> Person:
    name = display_name(row[f"{side}_first_name"], row[f"{side}_last_name"], row[f"{side}_username"])
    return Person(row[f"{side}_id"], name)


def meals_by_kind(meals: Iterable[PricedMeal]) -> dict[str, list[dict[str, Any]]]:
    """The frozen meals as bodies have them: a list for breakfast, lunch and dinner."""
    menu: dict[str, list[dict[str, Any]]] = {"breakfast": [], "lunch": [], "dinner": []}
    for meal in map(meal_to_json, meals):
        menu[meal.pop("kind")].append(meal)
    return menu


def snapshot(record: NegotiationRecord, *, side: Side, absolute: Absolute) -> dict[str, Any]:
    """The snapshot object as `side` may see it; this process's presence says who is online."""
    haggle, shown = record.haggle, record.shown
    return {
        "id": record.id,
        "status": haggle.status,
        "turn": haggle.turn,
        "property": {"id": record.property_id, "title": shown.title, "photo": picture_url(shown.photo, absolute)},
        "guest": {"id": shown.guest.id, "name": shown.guest.name},
        "host": {"id": shown.host.id, "name": shown.host.name},
        "start_date": record.start_date.isoformat(),
        "end_date": record.end_date.isoformat(),
        "guests": record.guests,
        "booking_type": record.booking_type,
        "meals": meals_by_kind(record.terms.meals),
        "currency": record.currency,
        "list_amount": money(haggle.list_amount),
        "standing_offer": record.standing.body() if record.standing else None,
        "offers_left": {"guest": haggle.guest_offers_left, "host": haggle.host_offers_left},
        "booking": record.booking_id,
        "limits": {side: limits.word(haggle, side) for side in SIDES},
        "last_seq": record.last_seq,
        "online": {"guest": is_online(record.guest_id), "host": is_online(record.host_id)},
        "seen": {"guest": record.guest_seen, "host": record.host_seen},
        "created_at": stamp(record.created_at),
        "updated_at": stamp(record.updated_at),
        **_own_limit(record, side),
    }


def _own_limit(record: NegotiationRecord, side: Side) -> dict[str, Any]:
    """The sealed limit for its owner, while it stands; other users get no such field."""
    sealed = record.haggle.sealed(side)
    if sealed is None:
        return {}
    quote = record.terms.quote(sealed.amount, record.currency).as_dict()
    return {"limit_mine": {"amount": money(sealed.amount), "quote": quote, "expires_at": stamp(sealed.until)}}
