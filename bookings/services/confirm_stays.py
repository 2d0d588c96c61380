"""Makes agreed stays bookings, which is this app's part of an accept. Two statements, however many stays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, connection

from bookings.models import Booking
from bookings.selectors.holds_in_the_way import InTheWay, Place, ask_in_the_way
from bookings.services import notifications
from bookings.services.confirming import terms_of_payment
from core.database.columns import Column, Table
from core.database.conversation import Question, Talk, ask, call, put
from core.database.prepared_statements import Prepared, Query
from core.errors import Code, DomainError
from core.money import money
from core.said import said
from properties.rules.menu import PricedMeal
from properties.rules.quote import Quote
from properties.services.calendar import raise_taken
from properties.services.imported_nights import retake_nights_of


@dataclass(frozen=True, slots=True)
class AgreedStay:
    """A stay that both sides agreed on. Dates half-open, moments UTC, `list_price` of the whole stay before the haggle."""

    property_id: int
    guest_id: int
    host_id: int
    negotiation_id: int | None
    booking_type: str
    start_date: date
    end_date: date
    check_in_at: datetime
    check_out_at: datetime
    guests: int
    quote: Quote
    list_price: Any
    cancellation_policy: str
    meals: Sequence[PricedMeal] = ()


def confirm_agreed_stays(stays: Sequence[AgreedStay], *, now: datetime) -> Talk[list[Booking]]:
    """Confirmed bookings for `stays`, in their order, with their nights taken.

    The caller holds the locks of the properties and guests, has checked the rules of the haggle, and undoes the
    transaction where this raises. A hold that expired makes way, as does the guest's own pending reservation. Nights that
    are gone raise `dates.taken` where one stay was given, and IntegrityError where several were: the caller then repeats
    them one by one.
    """
    try:
        zones, given_up = yield from _make_way(stays, now)
        bookings = yield from _write(stays, zones, now)
        if given_up:
            yield from call(partial(_retake, given_up, now))
    except IntegrityError as error:
        if len(stays) == 1:
            raise_taken(error)
        raise
    return bookings


def confirm_at_once(
    stays: Sequence[AgreedStay], in_the_way: InTheWay, ids: Sequence[int], *, now: datetime
) -> tuple[list[Booking], Query] | None:
    """Returns the confirmed bookings and the query that writes them, for a caller that has read the holds and drawn the ids.

    Returns None if a hold must be deleted first, or if there are too few ids. If the query writes one stay and fails, the caller
    passes the error to `raise_taken`.
    """
    found = [in_the_way.get(place_of(stay), []) for stay in stays]
    if len(ids) < len(stays) or not all(len(rows) == 1 and rows[0]["entry"] is None for rows in found):
        return None
    bookings = [_booking(stay, rows[0]["timezone"], now) for stay, rows in zip(stays, found, strict=True)]
    for booking, booking_id in zip(bookings, ids, strict=False):
        booking.pk = booking_id
    return bookings, _take_and_book(stays, bookings)


def _retake(properties: Sequence[int], now: datetime) -> None:
    """Gives the freed nights that no stay takes to what was booked on them on other sites meanwhile."""
    for property_id in properties:
        retake_nights_of(property_id, now)


def _make_way(stays: Sequence[AgreedStay], now: datetime) -> Talk[tuple[list[str], list[int]]]:
    """Deletes the holds that may go. Returns the zone of each stay's property, and where guests gave up a hold of their own."""
    zones: list[str] = ["UTC"] * len(stays)
    entries: list[int] = []
    reservations: list[int] = []
    over_at: set[int] = set()
    given_up: set[int] = set()
    [found] = yield from put(ask_in_the_way(list(dict.fromkeys(map(place_of, stays))), now))
    for stay, row in ((n, row) for n, its in enumerate(stays) for row in found[place_of(its)]):
        zones[stay] = row["timezone"]
        if row["is_over"]:
            entries.append(row["entry"])
            over_at.add(stays[stay].property_id)
        elif row["is_own"] and row["payment_status"] == Booking.PaymentStatus.PROCESSING:
            raise _paying(len(stays))
        elif row["is_own"]:
            entries.append(row["entry"])
            reservations.append(row["booking"])
            given_up.add(stays[stay].property_id)
    if entries:
        yield from call(partial(_free, entries, reservations, now))
        # A booking on another site that was made while a hold ran comes before the stay that is agreed now.
        yield from call(partial(_retake, sorted(over_at - given_up), now))
    return zones, sorted(given_up)


def _paying(stays: int) -> Exception:
    """The error for a guest's own hold whose payment runs. Where there are several stays only the caller can tell which it was."""
    text = said("You are paying for a reservation of these nights.")
    return DomainError(Code.DATES_TAKEN, text) if stays == 1 else IntegrityError(text)


def place_of(stay: AgreedStay) -> Place:
    """Where and when it is, and whose."""
    return stay.property_id, stay.guest_id, stay.start_date, stay.end_date


# Ids for bookings that are written later in the transaction.
_NEW_IDS = Prepared(
    "new_booking_ids", ["int"], "SELECT nextval('bookings_booking_id_seq') AS id FROM generate_series(1, $1)"
)


def ask_new_ids(count: int) -> Question[list[int]]:
    """Ids for so many bookings; those that are not used are gone."""
    return Question(_NEW_IDS(count), lambda rows: [row["id"] for row in rows])


def _free(entries: list[int], reservations: list[int], now: datetime) -> None:
    """Deletes the calendar's `entries`; `reservations` are the guest's own, given up for the agreed stay."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM properties_calendarentry WHERE id = ANY(%s)", [entries])
    if not reservations:
        return
    own = Booking.objects.filter(pk__in=reservations)
    own.update(
        status=Booking.Status.CANCELLED, ended_at=now, ended_by="system",
        reason="Replaced by the stay agreed in a negotiation.", updated_at=now,
    )  # fmt: skip
    notifications.notify_both(own, kind="booking.cancelled", now=now)


# The database draws an id that is not given, and the same statement writes the calendar entry.
_BOOKING = Table(
    "bookings_booking",
    (
        Column("id", "bigint"),
        Column("property_id", "bigint"),
        Column("guest_id", "bigint"),
        Column("host_id", "bigint"),
        Column("negotiation_id", "bigint"),
        Column("booking_type", "text"),
        Column("start_date", "date"),
        Column("end_date", "date"),
        Column("check_in_at", "timestamptz"),
        Column("check_out_at", "timestamptz"),
        Column("number_of_guests", "smallint"),
        Column("currency", "text"),
        Column("list_price", "numeric"),
        Column("base_price", "numeric"),
        Column("meals_price", "numeric"),
        Column("cleaning_fee", "numeric"),
        Column("platform_fee", "numeric"),
        Column("tax", "numeric"),
        Column("total", "numeric"),
        Column("quote", "jsonb"),
        Column("cancellation_policy", "text"),
        Column("status", "text"),
        Column("payment_status", "text"),
        Column("pay_by", "timestamptz"),
        Column("confirmed_at", "timestamptz"),
        Column("created_at", "timestamptz"),
        Column("updated_at", "timestamptz"),
        Column("hold_expires_at", "timestamptz"),
        Column("processing_since", "timestamptz"),
        Column("ended_at", "timestamptz"),
        Column("ended_by", "text"),
        Column("unpaid", "bool"),
        Column("instant", "bool"),
        Column("reason", "text"),
    ),
)
_FIELDS = _BOOKING.names()
_COLUMNS = ", ".join(_FIELDS)


def _written(name: str) -> str:
    return "coalesce(stay.id, nextval('bookings_booking_id_seq'))" if name == "id" else f"stay.{name}"


# The calendar's constraint is deferrable, so it is judged when the statement ends.
_TAKE_AND_BOOK = Prepared(
    "take_and_book",
    ["jsonb", "jsonb"],
    f"""
WITH stay AS (
  SELECT * FROM jsonb_to_recordset($1) AS s(n int, {_BOOKING.typed()})
), taken AS (
  INSERT INTO properties_calendarentry (property_id, kind, nights, held_until, created_at)
  SELECT property_id, 'stay', daterange(start_date, end_date), NULL, created_at FROM stay ORDER BY n
  RETURNING id, property_id, nights
), booked AS (
  INSERT INTO bookings_booking ({_COLUMNS}, calendar_entry_id)
  SELECT {", ".join(_written(k) for k in _FIELDS)}, taken.id
    FROM stay JOIN taken ON taken.property_id = stay.property_id
     AND taken.nights = daterange(stay.start_date, stay.end_date)
   ORDER BY stay.n
  RETURNING id, calendar_entry_id, property_id, start_date
), dishes AS (
  INSERT INTO bookings_bookedmeal (booking_id, meal_id, kind, name, date, quantity, price)
  SELECT booked.id, m.id, m.kind, m.name, m.date, m.quantity, m.price
    FROM jsonb_to_recordset($2) AS m(n int, id bigint, kind text, name text, date date, quantity smallint, price numeric)
    JOIN stay ON stay.n = m.n
    JOIN booked ON booked.property_id = stay.property_id AND booked.start_date = stay.start_date
)
SELECT stay.n, booked.id, booked.calendar_entry_id AS entry FROM booked
  JOIN stay ON stay.property_id = booked.property_id AND stay.start_date = booked.start_date
 ORDER BY stay.n
""",  # noqa: S608 - built from the names above, never from input
)


def _write(stays: Sequence[AgreedStay], zones: Sequence[str], now: datetime) -> Talk[list[Booking]]:
    bookings = [_booking(stay, zone, now) for stay, zone in zip(stays, zones, strict=True)]
    [rows] = yield from ask(_take_and_book(stays, bookings))
    for row in rows:
        booking = bookings[row["n"]]
        booking.pk, booking.calendar_entry_id = row["id"], row["entry"]
        booking._state.adding = False
    return bookings


def _take_and_book(stays: Sequence[AgreedStay], bookings: Sequence[Booking]) -> Query:
    columns = [{"n": n} | {name: _plain(getattr(b, name)) for name in _FIELDS} for n, b in enumerate(bookings)]
    meals = [_dish(n, meal) for n, stay in enumerate(stays) for meal in stay.meals]
    return _TAKE_AND_BOOK(json.dumps(columns), json.dumps(meals))


def _booking(stay: AgreedStay, zone: str, now: datetime) -> Booking:
    payment_status, pay_by = terms_of_payment(stay.quote.total, stay.start_date, zone, now)
    return Booking(
        property_id=stay.property_id, guest_id=stay.guest_id, host_id=stay.host_id,
        negotiation_id=stay.negotiation_id, booking_type=stay.booking_type, start_date=stay.start_date,
        end_date=stay.end_date, check_in_at=stay.check_in_at, check_out_at=stay.check_out_at,
        number_of_guests=stay.guests, list_price=stay.list_price, cancellation_policy=stay.cancellation_policy,
        status=Booking.Status.CONFIRMED,
        payment_status=payment_status, pay_by=pay_by,
        confirmed_at=now, created_at=now, updated_at=now, **price_parts(stay.quote),
    )  # fmt: skip


def price_parts(quote: Quote) -> dict[str, Any]:
    """A quote as a booking's columns."""
    return {
        "currency": quote.currency,
        "base_price": quote.stay,
        "meals_price": quote.meals,
        "cleaning_fee": quote.cleaning,
        "platform_fee": quote.platform_fee,
        "tax": quote.tax,
        "total": quote.total,
        "quote": quote.as_dict(),
    }


def _dish(n: int, meal: PricedMeal) -> dict[str, Any]:
    return {
        "n": n, "id": meal.id, "kind": meal.kind, "name": meal.name,
        "date": meal.date.isoformat(), "quantity": meal.quantity, "price": money(meal.price),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """A column's value as JSON has it; money as text, so that no cent is lost on the way."""
    if value is None or isinstance(value, (str, int, dict)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
