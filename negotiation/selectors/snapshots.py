"""A negotiation as it is now, for its two parties: the snapshot of docs/protocol.md, "Objects"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from accounts.models import display_name
from core.clock import stamp
from core.live.presence import is_online
from core.money import money
from core.web.drawn_pictures import picture_url
from negotiation.events import offer_body
from negotiation.rules.negotiation_state import Side
from properties.drawings import drawn_home

Absolute = Callable[[str], str]

SELECT = """
SELECT n.id, n.status, n.turn, n.property_id, p.title,
    (SELECT thumbnail FROM properties_photo WHERE property_id = p.id ORDER BY position, id LIMIT 1) AS photo, p.property_type,
    n.guest_id, g.first_name, g.last_name, g.username, n.host_id, h.first_name, h.last_name, h.username,
    lower(n.nights), upper(n.nights), n.guests, n.booking_type, n.terms::text, n.currency, n.list_amount,
    n.last_bid, n.last_ask, n.guest_offers_left, n.host_offers_left, n.booking_id, n.last_seq,
    n.guest_seen, n.host_seen, n.ended_by, n.question_expires_at, n.has_offers, n.created_at, n.updated_at,
    o.id, o.by, o.amount, o.made_at, o.expires_at, o.status, o.quote::text,
    b.status, b.payment_status
FROM negotiation_negotiation n
JOIN properties_property p ON p.id = n.property_id
JOIN accounts_user g ON g.id = n.guest_id
JOIN accounts_user h ON h.id = n.host_id
LEFT JOIN negotiation_offer o ON o.negotiation_id = n.id AND o.status = 'standing'
LEFT JOIN bookings_booking b ON b.id = n.booking_id
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A party, as the other one may see them."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Offered:
    """The standing offer with its quote."""

    id: int
    by: Side
    amount: Decimal
    made_at: datetime
    expires_at: datetime
    status: str
    quote: dict[str, Any]

    def body(self) -> dict[str, Any]:
        """The offer object."""
        return offer_body(
            id=self.id,
            amount=self.amount,
            by=self.by,
            made_at=self.made_at,
            expires_at=self.expires_at,
            status=self.status,
            quote=self.quote,
        )


@dataclass(slots=True)
class View:
    """A negotiation and what is shown with it, from one query."""

    id: int
    status: str
    turn: Side | None
    property_id: int
    title: str
    # The file name of its first photo, or of the drawn one.
    photo: str
    guest: Person
    host: Person
    start_date: date
    end_date: date
    guests: int
    booking_type: str
    terms: dict[str, Any]
    currency: str
    list_amount: Decimal
    last_bid: Decimal | None
    last_ask: Decimal | None
    offers_left: dict[str, int]
    booking_id: int | None
    last_seq: int
    seen: dict[str, int]
    ended_by: str
    ends_at: datetime | None
    has_offers: bool
    created_at: datetime
    updated_at: datetime
    standing: Offered | None
    booking_status: str | None
    payment_status: str | None

    def side_of(self, user_id: int) -> Side | None:
        """Which side `user_id` is on; None for a stranger."""
        if user_id == self.guest.id:
            return "guest"
        return "host" if user_id == self.host.id else None

    def is_lapsed(self, now: datetime) -> bool:
        """Open in the table, but its time is over and nobody has written that yet."""
        return self.status == "open" and self.ends_at is not None and self.ends_at <= now

    def as_of(self, now: datetime) -> View:
        """What a list shows: a lapsed negotiation as expired, without writing it."""
        if self.is_lapsed(now):
            self.status, self.turn, self.standing = "expired", None, None
        return self


def get_views(ids: Iterable[int]) -> dict[int, View]:
    """Negotiations by id, whoever asks."""
    return {view.id: view for view in _fetch("WHERE n.id = ANY(%s)", [list(ids)])}


def get_view(negotiation_id: int) -> View | None:
    """One negotiation, whoever asks."""
    return get_views([negotiation_id]).get(negotiation_id)


def list_views(
    *,
    user_id: int,
    side: Side,
    now: datetime,
    limit: int,
    before: int | None = None,
    status: str | None = None,
) -> list[View]:
    """A party's negotiations, newest first: at most `limit` with an id below `before`, of `status` as it reads now."""
    lapsed = "(n.status = 'open' AND coalesce(o.expires_at, n.question_expires_at) <= %s)"
    where = [f"n.{'guest_id' if side == 'guest' else 'host_id'} = %s"]
    params: list[Any] = [user_id]
    if before is not None:
        where.append("n.id < %s")
        params.append(before)
    if status == "expired":
        where.append(f"(n.status = 'expired' OR {lapsed})")
        params.append(now)
    elif status:
        where.append(f"n.status = %s AND NOT coalesce({lapsed}, false)")
        params += [status, now]
    tail = f"WHERE {' AND '.join(where)} ORDER BY n.id DESC LIMIT %s"
    return [view.as_of(now) for view in _fetch(tail, [*params, limit])]


def _fetch(tail: str, params: Sequence[Any]) -> list[View]:
    with connection.cursor() as cursor:
        cursor.execute(SELECT + tail, params)
        return [_view(record) for record in cursor.fetchall()]


def _view(r: Sequence[Any]) -> View:
    (
        id, status, turn, property_id, title, photo, kind,
        guest_id, guest_first, guest_last, guest_user, host_id, host_first, host_last, host_user,
        start, end, guests, booking_type, terms, currency, list_amount,
        last_bid, last_ask, guest_left, host_left, booking_id, last_seq, guest_seen, host_seen,
        ended_by, question_end, has_offers, created_at, updated_at,
        offer_id, by, amount, made_at, expires_at, offer_status, quote,
        booking_status, payment_status,
    ) = r  # fmt: skip
    standing = None
    if offer_id is not None:
        standing = Offered(offer_id, by, amount, made_at, expires_at, offer_status, orjson.loads(quote))
    return View(
        id, status, turn, property_id, title, photo or drawn_home(kind),
        Person(guest_id, display_name(guest_first, guest_last, guest_user)),
        Person(host_id, display_name(host_first, host_last, host_user)),
        start, end, guests, booking_type, orjson.loads(terms), currency, list_amount, last_bid, last_ask,
        {"guest": guest_left, "host": host_left}, booking_id, last_seq, {"guest": guest_seen, "host": host_seen},
        "host" if ended_by == "rule" else ended_by,
        standing.expires_at if standing else question_end, has_offers, created_at, updated_at,
        standing, booking_status, payment_status,
    )  # fmt: skip


def meals_by_kind(terms: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The frozen meals as bodies have them: a list for breakfast, lunch and dinner."""
    menu: dict[str, list[dict[str, Any]]] = {"breakfast": [], "lunch": [], "dinner": []}
    for meal in terms["meals"]:
        menu[meal["kind"]].append({name: meal[name] for name in ("id", "name", "price", "quantity", "date")})
    return menu


def snapshot(view: View, *, absolute: Absolute) -> dict[str, Any]:
    """The snapshot object; who is online is asked of this process's presence."""
    return {
        "id": view.id,
        "status": view.status,
        "turn": view.turn,
        "property": {"id": view.property_id, "title": view.title, "photo": picture_url(view.photo, absolute)},
        "guest": {"id": view.guest.id, "name": view.guest.name},
        "host": {"id": view.host.id, "name": view.host.name},
        "start_date": view.start_date.isoformat(),
        "end_date": view.end_date.isoformat(),
        "guests": view.guests,
        "booking_type": view.booking_type,
        "meals": meals_by_kind(view.terms),
        "currency": view.currency,
        "list_amount": money(view.list_amount),
        "standing_offer": view.standing.body() if view.standing else None,
        "offers_left": view.offers_left,
        "booking": view.booking_id,
        "last_seq": view.last_seq,
        "online": {"guest": is_online(view.guest.id), "host": is_online(view.host.id)},
        "seen": view.seen,
        "created_at": stamp(view.created_at),
        "updated_at": stamp(view.updated_at),
    }
