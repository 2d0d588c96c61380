"""The statements by which the engine locks and reads. `write_sql.py` has those by which it writes.

They are plain SQL, because every offer pays for them: five queries of the ORM cost more than all the
rest of a move. A single row has a statement of its own, which is small and planned once a connection. The rows of a batch
share one statement for each table.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.database.prepared_statements import Prepared
from negotiation.row_reading import SELECT_LIST
from negotiation.selectors.rooms_nights import NIGHTS_GONE

# ruff: noqa: S608 - made of our own names

# -- locks -------------------------------------------------------------------------------------------------------------

# Locks negotiations, ascending by id.
LOCK_NEGOTIATIONS = Prepared(
    "hub_lock",
    ["bigint[]"],
    "SELECT 1 FROM negotiation_negotiation WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
    answers=False,
)

# Locks the negotiations $1 for the commands with the lock numbers $2. Returns for each command whether this transaction, and
# no other, runs it. The statement tries each number before it waits for the negotiations, so that other transactions see
# that these commands run, and again after the wait, since the transaction that held a number may have ended by then. A
# later statement reads the stored outcomes: this one's snapshot may be older than the outcome that such a transaction wrote.
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

# Takes the lock of a command's number, and returns whether it was free: no other transaction runs the command.
TRY_KEY = Prepared("hub_try_key", ["bigint"], "SELECT pg_try_advisory_xact_lock($1) AS had")

# -- reads under those locks -------------------------------------------------------------------------------------------

# The columns of a negotiation that `read_negotiation` takes, and the percentages of its property. Each join looks up one
# row and has a LIMIT, which the planner can't reorder: with plain joins, a plan that was made while the tables were empty
# reads whole tables for every move. Each names its columns, since PostgreSQL would carry all of a wide table along.
LOADED = f"{SELECT_LIST}, p.auto_accept_percent, p.auto_decline_percent"
BESIDE = """
LEFT JOIN LATERAL (
    SELECT always_open, auto_accept_percent, auto_decline_percent FROM properties_property WHERE id = n.property_id LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT * FROM negotiation_offer WHERE negotiation_id = n.id AND status = 'standing' LIMIT 1
) o ON true
"""

# Reads negotiations by id.
READ_NEGOTIATIONS = Prepared(
    "hub_read", ["bigint[]"], f"SELECT {LOADED} FROM negotiation_negotiation n {BESIDE} WHERE n.id = ANY($1)"
)

_GONE = NIGHTS_GONE.format(now="$1 + interval '1 day'")
# What may be looked up for a move, besides its negotiation and the stored outcome of its command: the columns to select,
# and the joins that they need.
ASKED: dict[str, tuple[str, str]] = {
    # The side that made the offer which the move names.
    "named": (
        "named.by AS named_by",
        """
LEFT JOIN LATERAL (
    SELECT by FROM negotiation_offer WHERE id = c.offer AND negotiation_id = n.id LIMIT 1
) named ON true
""",
    ),
    # An id for the new offer, and whether the nights are gone.
    "offer": (
        f"nextval('negotiation_offer_id_seq') AS new_offer_id, {_GONE} AS nights_gone",
        "",
    ),
    # Ids for a new negotiation and its first offer.
    "opening": (
        "nextval('negotiation_offer_id_seq') AS new_offer_id,"
        " nextval('negotiation_negotiation_id_seq') AS new_negotiation_id",
        "",
    ),
    # The guest's bids of the last 24 hours on the property, and the guest's other open negotiations there.
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
    # In an agreed negotiation: which of the two users blocked the other, and when the stay ends.
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
    """Returns the statement that looks up `asked` (keys of ASKED) for moves, one row for each move.

    Its parameters: $1 is the moment a day ago; then the negotiation, the mover, the command's id and the offer that the
    move names, each as an array with `many`.

    No stored outcome is younger than now. The upper bound of `created_at` lets PostgreSQL skip the partitions of days to
    come.
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
    {selected}{LOADED}
FROM {moves}
LEFT JOIN LATERAL (SELECT * FROM negotiation_negotiation WHERE id = c.n LIMIT 1) n ON true {BESIDE}
LEFT JOIN LATERAL (
    SELECT outcome, fingerprint, created_at FROM core_storedoutcome
    WHERE account_id = c.account AND key = c.key AND created_at < $1 + interval '25 hours' LIMIT 1
) s ON true
{"".join(ASKED[one][1] for one in asked)}
{"ORDER BY c.place" if many else ""}
""",
    )


# What each kind of move looks up; a statement reads no more than its moves are judged by.
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
