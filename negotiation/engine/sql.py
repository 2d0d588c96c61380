"""What the engine locks and reads; what it writes is in `write_sql.py`.

Plain SQL, because two trips of these are what every offer pays: five queries of the ORM cost more than all the rest of a
move. A single row is a statement of its own, small and planned once a connection; the rows of a batch are one statement a table.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.database.prepared_statements import Prepared
from negotiation.row_reading import SELECT_LIST
from negotiation.selectors.rooms_nights import NIGHTS_GONE

# ruff: noqa: S608 - made of our own names

# -- locks -------------------------------------------------------------------------------------------------------------

# Negotiations, ascending by id.
LOCK_NEGOTIATIONS = Prepared(
    "hub_lock",
    ["bigint[]"],
    "SELECT 1 FROM negotiation_negotiation WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
    answers=False,
)

# The negotiations $1, for the commands whose ids (as numbers) are $2; of each command whether this transaction runs it, and
# no other. The numbers are taken before the negotiations are waited for, so that others see that these commands run, and asked
# for again after the wait: who held one may be through. What is read by them is read by a later statement: this one's
# snapshot may be older than the outcome of whom it took a number from.
LOCK_COMMANDS = Prepared(
    "hub_lock_commands",
    ["bigint[]", "bigint[]"],
    """
SELECT pg_try_advisory_xact_lock(own.number) AS had FROM unnest($2) WITH ORDINALITY AS own(number, place)
WHERE (SELECT count(*) FROM (
    SELECT 1 FROM negotiation_negotiation
    WHERE id = ANY($1) AND (SELECT count(pg_try_advisory_xact_lock(number)) FROM unnest($2) number) >= 0
    ORDER BY id FOR NO KEY UPDATE
) locked) >= 0
ORDER BY own.place
""",
)

# Whether no other transaction runs the command of this number just now.
TRY_KEY = Prepared("hub_try_key", ["bigint"], "SELECT pg_try_advisory_xact_lock($1) AS had")

# The properties of the negotiations $1, and the properties $2, ascending; whose each is.
LOCK_PROPERTIES = Prepared(
    "hub_lock_properties",
    ["bigint[]", "bigint[]"],
    """
SELECT id, host_id FROM properties_property WHERE id = ANY(ARRAY(
    SELECT unnest($2) UNION SELECT property_id FROM negotiation_negotiation WHERE id = ANY($1)
)) ORDER BY id FOR NO KEY UPDATE
""",
)

# The guests of the negotiations $1, and the guests $2, ascending; after the properties.
LOCK_GUESTS = Prepared(
    "hub_lock_guests",
    ["bigint[]", "bigint[]"],
    """
SELECT 1 FROM accounts_user WHERE id = ANY(ARRAY(
    SELECT unnest($2) UNION SELECT guest_id FROM negotiation_negotiation WHERE id = ANY($1)
)) ORDER BY id FOR NO KEY UPDATE
""",
    answers=False,
)

# The open negotiations that share nights with a stay on the same property or of the same guest: of the negotiations $1,
# and of stays by property, guest, start and end. To be asked under those locks.
RIVALS = Prepared(
    "hub_rivals",
    ["bigint[]", "bigint[]", "bigint[]", "date[]", "date[]"],
    """
WITH stays AS (
    SELECT property_id, guest_id, nights FROM negotiation_negotiation WHERE id = ANY($1)
    UNION ALL
    SELECT u.property_id, u.guest_id, daterange(u.start_date, u.end_date)
    FROM unnest($2, $3, $4, $5) AS u(property_id, guest_id, start_date, end_date)
)
SELECT r.id FROM stays s JOIN negotiation_negotiation r
    ON r.status = 'open' AND r.property_id = s.property_id AND r.nights && s.nights
UNION SELECT r.id FROM stays s JOIN negotiation_negotiation r
    ON r.status = 'open' AND r.guest_id = s.guest_id AND r.nights && s.nights
""",
)

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
READ_NEGOTIATIONS = Prepared(
    "hub_read", ["bigint[]"], f"SELECT {_LOADED} FROM negotiation_negotiation n {_BESIDE} WHERE n.id = ANY($1)"
)

_GONE = NIGHTS_GONE.format(now="$1 + interval '1 day'")
# What a move may have looked up for it, beside its negotiation and the outcome that its id had before: what is selected,
# and what is joined for that.
ASKED: dict[str, tuple[str, str]] = {
    # The maker of the offer that it names.
    "named": (
        "named.by AS named_by",
        """
LEFT JOIN LATERAL (
    SELECT * FROM negotiation_offer WHERE id = c.offer AND negotiation_id = n.id LIMIT 1
) named ON true
""",
    ),
    # A number for its offer, and whether the nights are gone.
    "offer": (
        f"nextval('negotiation_offer_id_seq') AS new_offer_id, {_GONE} AS nights_gone",
        "",
    ),
    # Numbers for a negotiation and its first offer.
    "opening": (
        "nextval('negotiation_offer_id_seq') AS new_offer_id,"
        " nextval('negotiation_negotiation_id_seq') AS new_negotiation_id",
        "",
    ),
    # Today's bids, and the guest's other rooms at that home.
    "bids": (
        "bids.count AS bids, bids.first AS first_bid_at, bids.other_rooms",
        """
LEFT JOIN LATERAL (
    SELECT coalesce(sum(made.count), 0)::bigint AS count, min(made.first) AS first,
        count(*) FILTER (WHERE m.status = 'open' AND m.id <> n.id) AS other_rooms
    FROM negotiation_negotiation m
    LEFT JOIN LATERAL (
        SELECT count(*) + (m.compared_at > $1 IS TRUE)::int AS count,
            least(min(b.made_at), CASE WHEN m.compared_at > $1 THEN m.compared_at END) AS first
        FROM negotiation_offer b
        WHERE b.negotiation_id = m.id AND b.by = 'guest' AND b.made_at > $1
            AND b.made_at IS DISTINCT FROM m.compared_at
    ) made ON true
    WHERE m.property_id = n.property_id AND m.guest_id = n.guest_id AND n.guest_id = c.account
        AND (m.updated_at > $1 OR m.status = 'open')
) bids ON true
""",
    ),
    # Once they have agreed: who of the two blocked the other, and when the stay ends.
    "agreed": (
        """CASE WHEN n.status = 'accepted' THEN ARRAY(
        SELECT b.blocker_id FROM accounts_block b WHERE (b.blocker_id, b.blocked_id) IN
            ((n.guest_id, n.host_id), (n.host_id, n.guest_id))
    ) END AS blockers,
    CASE WHEN n.status = 'accepted' THEN (
        SELECT b.check_out_at FROM bookings_booking b WHERE b.id = n.booking_id
    ) END AS stay_ends_at""",
        "",
    ),
}
_MOVE = {"n": "bigint", "account": "bigint", "key": "text", "offer": "bigint"}


def _look_up(name: str, asked: Sequence[str], *, many: bool) -> Prepared:
    """For moves that ask these, a row each: $1 is a day ago; then the negotiation, the mover, the move's id and the offer
    that it names, with `many` of several moves each.

    No outcome is younger than the moment: the bound is for the days that are only to come.
    """
    fields = {field: kind for field, kind in _MOVE.items() if field != "offer" or "named" in asked}
    places = ", ".join(f"${n}" for n in range(2, 2 + len(fields)))
    names = ", ".join(fields)
    moves = f"unnest({places}) WITH ORDINALITY AS c({names}, place)" if many else f"(SELECT {places}) AS c({names})"
    selected = "".join(f"{ASKED[one][0]},\n    " for one in asked)
    return Prepared(
        name,
        ("timestamptz", *(f"{kind}[]" if many else kind for kind in fields.values())),
        f"""
SELECT s.outcome::text AS stored, s.fingerprint AS stored_fingerprint, s.created_at <= $1 AS stored_is_old,
    {selected}{_LOADED}
FROM {moves}
LEFT JOIN LATERAL (SELECT * FROM negotiation_negotiation WHERE id = c.n LIMIT 1) n ON true {_BESIDE}
LEFT JOIN LATERAL (
    SELECT * FROM core_storedoutcome
    WHERE account_id = c.account AND key = c.key AND created_at < $1 + interval '25 hours' LIMIT 1
) s ON true
{"".join(ASKED[one][1] for one in asked)}
{"ORDER BY c.place" if many else ""}
""",
    )


# What kinds of moves ask; each statement reads no more than its moves are judged by.
LOOK_UPS: dict[str, tuple[str, ...]] = {
    "offer": ("offer", "bids"),
    "figure": ("offer",),
    "deep_offer": ("bids",),
    "opening": ("opening",),
    "answer": ("named",),
    "message": ("agreed",),
    "plain": (),
}
LOOK_UP = {kind: _look_up(f"hub_look_up_{kind}", asked, many=False) for kind, asked in LOOK_UPS.items()}
LOOK_UP_MANY = {kind: _look_up(f"hub_look_up_{kind}_many", asked, many=True) for kind, asked in LOOK_UPS.items()}

# What the negotiations are about: never changed after they were opened.
STAYS = Prepared(
    "hub_stays",
    ["bigint[]"],
    """
SELECT id, property_id, guest_id, host_id, lower(nights) AS start_date, upper(nights) AS end_date
FROM negotiation_negotiation WHERE id = ANY($1)
""",
)

# Nights that are gone on these properties between two dates; of a hold that its guest may give up, for whom it is.
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

# What guests opened and bid on properties since then; guest by guest, and each one's property.
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

# Sealed limits of guests on properties, pair by pair, that were compared since then, and for which stay.
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

# Guest and host of stays that limits agreed on and that the guest gave back within $3, or left unpaid, since $2.
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

# What users are called.
USER_NAMES = Prepared(
    "hub_user_names", ["bigint[]"], "SELECT id, first_name, last_name, username FROM accounts_user WHERE id = ANY($1)"
)
