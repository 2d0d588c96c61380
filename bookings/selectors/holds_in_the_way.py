"""Reads the holds in the way of stays that may be agreed on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from core.database.conversation import Question, Rows
from core.database.prepared_statements import Prepared
from core.database.rows import Row

# Property, guest, start and end of a stay.
Place = tuple[int, int, date, date]
# Place → its property's zone with each hold in its way, or with none.
InTheWay = dict[Place, list[Row]]

# For each stay, numbered from 1 in their order: its property's zone, and the holds in its way.
_IN_THE_WAY = Prepared(
    "holds_in_the_way",
    ["bigint[]", "bigint[]", "date[]", "date[]", "timestamptz"],
    """
SELECT s.n, p.timezone, c.id AS entry,
       c.held_until <= $5 AS is_over, b.id AS booking, b.guest_id = s.guest_id AS is_own, b.payment_status
  FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS s(property_id, guest_id, start_date, end_date, n)
  JOIN properties_property p ON p.id = s.property_id
  LEFT JOIN properties_calendarentry c ON c.property_id = s.property_id AND c.kind = 'hold'
       AND c.nights && daterange(s.start_date, s.end_date)
  LEFT JOIN bookings_booking b ON b.calendar_entry_id = c.id
""",
)


def ask_in_the_way(places: Sequence[Place], now: datetime) -> Question[InTheWay]:
    """The holds in the way of stays; what they say lasts while the caller holds the properties' locks."""

    def read(rows: Rows) -> InTheWay:
        found: InTheWay = {place: [] for place in places}
        for row in rows:
            found[places[row["n"] - 1]].append(row)
        return found

    homes, guests, starts, ends = zip(*places, strict=True)
    return Question(_IN_THE_WAY(homes, guests, starts, ends, now), read)
