"""What moves that take nights lock and read beside their negotiations: properties, guests, rivals, and the facts of a stay.

The order of the locks is that of all code: properties, guests, negotiations, each ascending (docs/design.md).
"""

from __future__ import annotations

from core.database.prepared_statements import Prepared
from negotiation.engine.sql import BESIDE, LOADED

# ruff: noqa: S608 - built from our own constants, never from input

# -- stays -------------------------------------------------------------------------------------------------------------

# Reads the stays of negotiations, which never change after the opening.
STAYS = Prepared(
    "hub_stays",
    ["bigint[]"],
    """
SELECT id, property_id, guest_id, host_id, lower(nights) AS start_date, upper(nights) AS end_date
FROM negotiation_negotiation WHERE id = ANY($1)
""",
)

# Reads the hosts of properties, which never change.
HOSTS = Prepared("hub_hosts", ["bigint[]"], "SELECT id, host_id FROM properties_property WHERE id = ANY($1)")

# -- locks -------------------------------------------------------------------------------------------------------------

# Locks properties, ascending by id.
LOCK_PROPERTIES = Prepared(
    "hub_lock_properties",
    ["bigint[]"],
    "SELECT 1 FROM properties_property WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
    answers=False,
)

# Locks guests, ascending by id. It runs after LOCK_PROPERTIES.
LOCK_GUESTS = Prepared(
    "hub_lock_guests",
    ["bigint[]"],
    "SELECT 1 FROM accounts_user WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
    answers=False,
)

# Ids of the open negotiations that have a night in common with a stay, and also its property or its guest. The stays are
# given by property, guest, start and end. Under the locks above none is opened, so a later statement finds no others.
_STAYS = ("bigint[]", "bigint[]", "date[]", "date[]")
_RIVALS = """
    SELECT r.id FROM unnest($1, $2, $3, $4) AS s(property_id, guest_id, start_date, end_date)
    JOIN negotiation_negotiation r ON r.status = 'open' AND r.property_id = s.property_id
        AND r.nights && daterange(s.start_date, s.end_date)
    UNION SELECT r.id FROM unnest($1, $2, $3, $4) AS s(property_id, guest_id, start_date, end_date)
    JOIN negotiation_negotiation r ON r.status = 'open' AND r.guest_id = s.guest_id
        AND r.nights && daterange(s.start_date, s.end_date)
"""
_OWN_AND_RIVALS = f"id = ANY(ARRAY({_RIVALS} UNION SELECT unnest($5)))"

# Locks the negotiations $5 and all rivals of the stays, ascending by id.
LOCK_WITH_RIVALS = Prepared(
    "hub_lock_with_rivals",
    [*_STAYS, "bigint[]"],
    f"SELECT 1 FROM negotiation_negotiation WHERE {_OWN_AND_RIVALS} ORDER BY id FOR NO KEY UPDATE",
    answers=False,
)

# The same for the commands of the numbers $6, as `LOCK_COMMANDS` in sql.py.
LOCK_COMMANDS_WITH_RIVALS = Prepared(
    "hub_lock_commands_with_rivals",
    [*_STAYS, "bigint[]", "bigint[]"],
    f"""
SELECT pg_try_advisory_xact_lock(own.number) AS had FROM unnest($6) WITH ORDINALITY AS own(number, place)
WHERE (SELECT count(*) FROM (
    SELECT 1 FROM negotiation_negotiation
    WHERE {_OWN_AND_RIVALS} AND (SELECT count(pg_try_advisory_xact_lock(number)) FROM unnest($6) number) >= 0
    ORDER BY id FOR NO KEY UPDATE
) locked) >= 0
ORDER BY own.place
""",
)

# -- reads under those locks -------------------------------------------------------------------------------------------

# Reads the rivals of the stays that are not among the negotiations $5. It runs after their rows are locked.
READ_RIVALS = Prepared(
    "hub_read_rivals",
    [*_STAYS, "bigint[]"],
    f"SELECT {LOADED} FROM negotiation_negotiation n {BESIDE} WHERE n.id = ANY(ARRAY({_RIVALS} EXCEPT SELECT unnest($5)))",
)

# Reads of these rivals only what `Rival` has, and by what it is found to have nothing due but to end: whether a limit is sealed
# in it, and when it ends if no side moves (`read_negotiation` works that out for a negotiation that is read whole).
READ_RIVALS_BRIEFLY = Prepared(
    "hub_read_rivals_briefly",
    [*_STAYS, "bigint[]"],
    f"""
SELECT n.id, n.property_id, n.guest_id, n.host_id, lower(n.nights) AS start_date, upper(n.nights) AS end_date,
    n.terms->>'title' AS title, o.id AS offer_id, n.last_seq, n.updated_at, n.arm,
    n.has_offers OR n.guest_seals + n.host_seals > 0 AS is_frozen,
    n.guest_limit IS NOT NULL OR n.host_limit IS NOT NULL AS is_sealed,
    coalesce(o.expires_at, n.question_expires_at, (n.terms->>'latest_offer_at')::timestamptz) AS expires_at
FROM negotiation_negotiation n
LEFT JOIN LATERAL (
    SELECT * FROM negotiation_offer WHERE negotiation_id = n.id AND status = 'standing' LIMIT 1
) o ON true
WHERE n.id = ANY(ARRAY({_RIVALS} EXCEPT SELECT unnest($5)))
""",
)

# Reads the nights that are gone on these properties between two dates. For a hold that its guest may still give up, it
# returns that guest.
TAKEN_NIGHTS = Prepared(
    "hub_taken_nights",
    ["bigint[]", "date", "date", "timestamptz"],
    """
SELECT c.property_id, lower(c.nights) AS start_date, upper(c.nights) AS end_date,
    CASE WHEN c.kind = 'hold' AND b.payment_status <> 'processing' THEN b.guest_id END AS held_for
FROM properties_calendarentry c LEFT JOIN bookings_booking b ON b.calendar_entry_id = c.id
WHERE c.property_id = ANY($1) AND c.nights && daterange($2, $3)
    AND (c.kind <> 'hold' OR c.held_until > $4)
""",
)

# Counts what guests opened, bid and asked since $3; $1 are guests, $2 the property of each.
DAY_COUNTS = Prepared(
    "hub_day_counts",
    ["bigint[]", "bigint[]", "timestamptz", "bool[]"],
    """
SELECT u.guest_id, u.property_id, n.count AS opened, n.first AS first_opened_at, b.count AS bids, b.first AS first_bid_at,
    q.count AS questions, q.first AS first_question_at
FROM unnest($1, $2, $4) AS u(guest_id, property_id, opens)
LEFT JOIN LATERAL (
    SELECT count(*), min(created_at) AS first FROM (
        SELECT created_at, guest_opened_at FROM negotiation_negotiation
        WHERE u.opens AND guest_id = u.guest_id ORDER BY id DESC LIMIT 500
    ) latest
    WHERE guest_opened_at IS NULL AND created_at > $3
) q ON true
LEFT JOIN LATERAL (
    SELECT count(*), min(guest_opened_at) AS first FROM negotiation_negotiation
    WHERE property_id = u.property_id AND guest_id = u.guest_id AND guest_opened_at > $3
) n ON true
LEFT JOIN LATERAL (
    SELECT count(*), min(b.at) AS first FROM (
        SELECT o.made_at AS at
        FROM negotiation_negotiation m JOIN negotiation_offer o ON o.negotiation_id = m.id
        WHERE m.property_id = u.property_id AND m.guest_id = u.guest_id AND m.updated_at > $3
            AND o.by = 'guest' AND o.made_at > $3 AND o.made_at IS DISTINCT FROM m.compared_at
        UNION ALL
        SELECT compared_at FROM negotiation_negotiation
        WHERE property_id = u.property_id AND guest_id = u.guest_id AND compared_at > $3
    ) b
) b ON true
""",
)

# Reads the comparisons of sealed limits since $3, with their stays; $1 are guests, $2 the property of each.
COMPARISONS = Prepared(
    "hub_comparisons",
    ["bigint[]", "bigint[]", "timestamptz"],
    """
SELECT n.guest_id, n.property_id, lower(n.nights) AS start_date, upper(n.nights) AS end_date, n.compared_at
FROM unnest($1, $2) AS u(guest_id, property_id)
JOIN negotiation_negotiation n
    ON n.property_id = u.property_id AND n.guest_id = u.guest_id AND n.compared_at > $3
""",
)

# Reads guest and host of stays that sealed limits agreed on, and that since $2 the guest gave back within $3 of the
# agreement or left unpaid.
REGRETS = Prepared(
    "hub_regrets",
    ["bigint[]", "timestamptz", "interval"],
    """
SELECT b.guest_id, b.host_id, max(b.ended_at) AS ended_at
FROM bookings_booking b JOIN negotiation_negotiation n ON n.id = b.negotiation_id AND n.compared_at IS NOT NULL
WHERE b.guest_id = ANY($1) AND b.status = 'cancelled' AND b.ended_at > $2
    AND (b.unpaid OR (b.ended_by = 'guest' AND b.ended_at <= b.created_at + $3))
GROUP BY b.guest_id, b.host_id
""",
)

# Reads the names of users.
USER_NAMES = Prepared(
    "hub_user_names", ["bigint[]"], "SELECT id, first_name, last_name, username FROM accounts_user WHERE id = ANY($1)"
)
