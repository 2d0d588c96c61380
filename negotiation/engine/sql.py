"""Every statement of the engine, made from the column tables of `negotiation/columns.py`.

Plain SQL, because two of these trips are what every offer pays: five queries of the ORM cost more than all the rest of
a move. `%s` and `%(name)s` are psycopg2's parameters, `$1` those of a prepared statement.
"""

from __future__ import annotations

from core.database.prepared_statements import Prepared
from negotiation.columns import ENTRY, FREEZE, MOVE, NEGOTIATION, NOTIFICATION, OFFER, STORED_OUTCOME
from negotiation.records import SELECT_LIST

# ruff: noqa: S608 - made of our own names

# -- locks -------------------------------------------------------------------------------------------------------------

# From here on this transaction waits so long for each lock.
WAIT_FOR_LOCKS = "SELECT set_config('lock_timeout', %s, true);"

# Commands' ids (as numbers): the transaction that holds one runs that command. Those it got are noted, because `LOOK_UP`
# must not take one itself: its snapshot could be older than the outcome of whom it took the lock from.
LOCK_KEYS = (
    "SELECT set_config('hub.keys', coalesce(string_agg(k::text, ' '), ''), true)"
    " FROM unnest(%s::bigint[]) k WHERE pg_try_advisory_xact_lock(k);"
)

# One command's id: false where another transaction runs it just now.
TRY_KEY = "SELECT pg_try_advisory_xact_lock(%s) AS had"

# Negotiations, ascending by id.
LOCK_NEGOTIATIONS = "SELECT 1 FROM negotiation_negotiation WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE;"

# Properties ascending, then guests ascending; answers the open negotiations that share nights with the stays concerned.
LOCK_PROPERTIES_AND_GUESTS = """
SELECT 1 FROM properties_property WHERE id = ANY(ARRAY(
    SELECT unnest(%(properties)s::bigint[])
    UNION SELECT property_id FROM negotiation_negotiation WHERE id = ANY(%(ids)s)
)) ORDER BY id FOR NO KEY UPDATE;
SELECT 1 FROM accounts_user WHERE id = ANY(ARRAY(
    SELECT unnest(%(guests)s::bigint[])
    UNION SELECT guest_id FROM negotiation_negotiation WHERE id = ANY(%(ids)s)
)) ORDER BY id FOR NO KEY UPDATE;
WITH stays AS (
    SELECT property_id, guest_id, nights FROM negotiation_negotiation WHERE id = ANY(%(ids)s)
    UNION ALL
    SELECT property_id, guest_id, daterange(start_date, end_date)
    FROM json_to_recordset(%(opens)s::json) AS u(property_id bigint, guest_id bigint, start_date date, end_date date)
)
SELECT r.id FROM stays s JOIN negotiation_negotiation r
    ON r.status = 'open' AND r.property_id = s.property_id AND r.nights && s.nights
UNION SELECT r.id FROM stays s JOIN negotiation_negotiation r
    ON r.status = 'open' AND r.guest_id = s.guest_id AND r.nights && s.nights
"""

# -- reads under those locks -------------------------------------------------------------------------------------------

# A negotiation as `read_negotiation` takes it, and its home's percentages. Each join is a look-up for one row, fenced by
# its LIMIT: as plain joins a plan made while the tables were empty reads all of them for every move.
_LOADED = f"{SELECT_LIST}, p.auto_accept_percent, p.auto_decline_percent"
_BESIDE = """
LEFT JOIN LATERAL (SELECT * FROM properties_property WHERE id = n.property_id LIMIT 1) p ON true
LEFT JOIN LATERAL (
    SELECT * FROM negotiation_offer WHERE negotiation_id = n.id AND status = 'standing' LIMIT 1
) o ON true
"""

# Negotiations by id.
READ_NEGOTIATIONS = f"SELECT {_LOADED} FROM negotiation_negotiation n {_BESIDE} WHERE n.id = ANY(%s)"

# For each move: its negotiation, the maker of the offer it names, the outcome its id had before, new ids, today's bids.
LOOK_UP = Prepared(
    "hub_look_up",
    ("json", "timestamptz"),
    f"""
SELECT c.i, named.by AS named_by, s.outcome::text AS stored, s.fingerprint AS stored_fingerprint,
    s.created_at <= $2 AS stored_is_old,
    c.lock IS NULL OR c.lock::text = ANY(string_to_array(current_setting('hub.keys', true), ' ')) AS key_is_free,
    CASE WHEN c.makes THEN nextval('negotiation_offer_id_seq') END AS new_offer_id,
    CASE WHEN c.opens THEN nextval('negotiation_negotiation_id_seq') END AS new_negotiation_id,
    bids.count AS bids, bids.first AS first_bid_at, bids.other_rooms,
    CASE WHEN c.says AND n.status = 'accepted' THEN ARRAY(
        SELECT b.blocker_id FROM accounts_block b WHERE (b.blocker_id, b.blocked_id) IN
            ((n.guest_id, n.host_id), (n.host_id, n.guest_id))
    ) END AS blockers, {_LOADED}
FROM json_to_recordset($1) AS c(
    i int, n bigint, offer bigint, account bigint, key text, lock bigint, makes bool, opens bool, counts bool, says bool
)
LEFT JOIN LATERAL (SELECT * FROM negotiation_negotiation WHERE id = c.n LIMIT 1) n ON true {_BESIDE}
LEFT JOIN LATERAL (
    SELECT * FROM negotiation_offer WHERE id = c.offer AND negotiation_id = n.id LIMIT 1
) named ON true
LEFT JOIN LATERAL (
    SELECT * FROM core_storedoutcome WHERE account_id = c.account AND key = c.key LIMIT 1
) s ON true
LEFT JOIN LATERAL (
    SELECT coalesce(sum(made.count), 0) AS count, min(made.first) AS first,
        count(*) FILTER (WHERE m.status = 'open' AND m.id <> n.id) AS other_rooms
    FROM negotiation_negotiation m
    LEFT JOIN LATERAL (
        SELECT count(*) + (m.compared_at > $2 IS TRUE)::int AS count,
            least(min(b.made_at), CASE WHEN m.compared_at > $2 THEN m.compared_at END) AS first
        FROM negotiation_offer b
        WHERE b.negotiation_id = m.id AND b.by = 'guest' AND b.made_at > $2
            AND b.made_at IS DISTINCT FROM m.compared_at
    ) made ON true
    WHERE c.counts AND m.property_id = n.property_id AND m.guest_id = n.guest_id AND n.guest_id = c.account
        AND (m.updated_at > $2 OR m.status = 'open')
) bids ON true
""",
)

# An id that was used more than 24 hours ago is new again, whether or not the daily job has been round.
FORGET_OUTCOMES = """
DELETE FROM core_storedoutcome s USING unnest(%s::bigint[], %s::text[]) AS u(account, key)
WHERE s.account_id = u.account AND s.key = u.key
"""

# Nights that are gone on these properties between two dates; of a hold that its guest may give up, for whom it is.
TAKEN_NIGHTS = """
SELECT c.property_id, lower(c.nights) AS start_date, upper(c.nights) AS end_date,
    CASE WHEN c.kind = 'hold' AND b.payment_status <> 'processing' THEN b.guest_id END AS held_for
FROM properties_calendarentry c LEFT JOIN bookings_booking b ON b.calendar_entry_id = c.id
WHERE c.property_id = ANY(%(properties)s) AND c.nights && daterange(%(start)s, %(end)s)
    AND (c.kind <> 'hold' OR c.held_until > %(now)s)
"""

# What each guest opened and bid on each property since then.
DAY_COUNTS = """
SELECT u.guest_id, u.property_id, n.count AS opened, n.first AS first_opened_at, b.count AS bids, b.first AS first_bid_at
FROM json_to_recordset(%(pairs)s::json) AS u(guest_id bigint, property_id bigint)
LEFT JOIN LATERAL (
    SELECT count(*), min(guest_opened_at) AS first FROM negotiation_negotiation
    WHERE property_id = u.property_id AND guest_id = u.guest_id AND guest_opened_at > %(since)s
) n ON true
LEFT JOIN LATERAL (
    SELECT count(*), min(b.at) AS first FROM (
        SELECT o.made_at AS at
        FROM negotiation_negotiation m JOIN negotiation_offer o ON o.negotiation_id = m.id
        WHERE m.property_id = u.property_id AND m.guest_id = u.guest_id AND m.updated_at > %(since)s
            AND o.by = 'guest' AND o.made_at > %(since)s AND o.made_at IS DISTINCT FROM m.compared_at
        UNION ALL
        SELECT compared_at FROM negotiation_negotiation
        WHERE property_id = u.property_id AND guest_id = u.guest_id AND compared_at > %(since)s
    ) b
) b ON true
"""

# Sealed limits of each guest on each property that were compared since then, and for which stay.
COMPARISONS = """
SELECT n.guest_id, n.property_id, lower(n.nights) AS start_date, upper(n.nights) AS end_date, n.compared_at
FROM json_to_recordset(%(pairs)s::json) AS u(guest_id bigint, property_id bigint)
JOIN negotiation_negotiation n
    ON n.property_id = u.property_id AND n.guest_id = u.guest_id AND n.compared_at > %(since)s
"""

# Guest and host of stays that limits agreed on and that the guest gave back at once, or left unpaid, since then.
REGRETS = """
SELECT b.guest_id, b.host_id, max(b.ended_at) AS ended_at
FROM bookings_booking b JOIN negotiation_negotiation n ON n.id = b.negotiation_id AND n.compared_at IS NOT NULL
WHERE b.guest_id = ANY(%(guests)s) AND b.status = 'cancelled' AND b.ended_at > %(since)s
    AND (b.unpaid OR (b.ended_by = 'guest' AND b.ended_at <= b.created_at + %(within)s))
GROUP BY b.guest_id, b.host_id
"""

# What users are called.
USER_NAMES = "SELECT id, first_name, last_name, username FROM accounts_user WHERE id = ANY(%s)"

# -- writes ------------------------------------------------------------------------------------------------------------

# Offers that were answered, countered or extended; before the new ones, of which one negotiation has one that stands.
CHANGE_OFFERS = Prepared(
    "hub_change_offers",
    ("json",),
    """
UPDATE negotiation_offer o SET status = u.status, expires_at = coalesce(u.expires_at, o.expires_at)
FROM json_to_recordset($1) AS u(id bigint, status text, expires_at timestamptz) WHERE o.id = u.id
""",
)

# `opened` stands first: PostgreSQL runs such parts from the last to the first, and a negotiation whose time is over must
# have ended before another one may open on its nights (constraint negotiation_one_open).
_WRITE = f"""
WITH {{opened}}moved AS ({NEGOTIATION.update("$1", MOVE)}),
offers AS ({OFFER.insert("$2")}),
entries AS ({ENTRY.insert("$3")}),
outcomes AS ({STORED_OUTCOME.insert("$4")})
{NOTIFICATION.insert("$5", without=("id",))}
RETURNING id
"""

# Everything a unit of work came to; answers the new notifications' ids in the order of their rows.
WRITE = Prepared("hub_write", ["json"] * 5, _WRITE.format(opened=""))

# The same with negotiations that were opened.
WRITE_AND_OPEN = Prepared(
    "hub_write_and_open", ["json"] * 6, _WRITE.format(opened=f"opened AS ({NEGOTIATION.insert('$6')}),\n")
)

# A question whose terms froze with its first offer; rare, so a statement of its own.
FREEZE_TERMS = Prepared("hub_freeze_terms", ["json"], NEGOTIATION.update("$1", FREEZE))
