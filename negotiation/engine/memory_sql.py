"""The statements by which a move that was decided from memory makes sure that what it remembered still holds.

Each refuses the transaction where something has changed (`negotiation_changed_since`), so that the writes of the same round
trip never happen.
"""

from __future__ import annotations

from core.database.prepared_statements import Prepared
from negotiation.engine.sql import ASKED
from negotiation.selectors.rooms_nights import NIGHTS_GONE

# ruff: noqa: S608 - made of our own names

# Locks the negotiation $1 for the command with the lock number $4. It has to be as remembered: its last entry, and the offer
# whose approaching end was told, which are all that moves change.
LOCK_REMEMBERED = Prepared(
    "hub_lock_remembered",
    ["bigint", "int", "bigint", "bigint"],
    """
SELECT CASE WHEN (SELECT count(*) FROM (
    SELECT 1 FROM negotiation_negotiation
    WHERE id = $1 AND last_seq = $2 AND expiring_offer_id IS NOT DISTINCT FROM $3 AND pg_try_advisory_xact_lock($4)
    FOR NO KEY UPDATE
) locked) = 1 THEN 0 ELSE negotiation_changed_since('40001') END
""",
    answers=False,
)

# It is a statement after the lock, since the lock's snapshot may be older than an outcome that was stored before the lock.
# No stored outcome is younger than now; the upper bound lets PostgreSQL skip the partitions of days to come.
_STORED = """EXISTS (
    SELECT 1 FROM core_storedoutcome WHERE account_id = $1 AND key = $2 AND created_at < $3 + interval '25 hours'
)"""

# No outcome is stored for the command $2 of the account $1; $3 is the moment a day ago.
CHECK_COMMAND = Prepared(
    "hub_check_command",
    ["bigint", "text", "timestamptz"],
    f"SELECT CASE WHEN {_STORED} THEN negotiation_changed_since('40002') ELSE 0 END",
    answers=False,
)


_NIGHTS_GONE = NIGHTS_GONE.format(now="$3 + interval '1 day'")


def _check_offer(name: str, *, counted: bool) -> Prepared:
    few_bids = "AND bids.count < $10 AND bids.other_rooms = 0" if counted else ""
    bids = ASKED["bids"][1].replace("$1", "$3") if counted else ""
    kinds = ["bigint", "text", "timestamptz", "bigint", "bigint", "bigint", "daterange", "numeric", "numeric"]
    return Prepared(
        name,
        [*kinds, *(["bigint"] if counted else [])],
        f"""
SELECT nextval('negotiation_offer_id_seq') AS offer_id, CASE WHEN NOT {_STORED} AND (
    SELECT p.auto_accept_percent IS NOT DISTINCT FROM $8 AND p.auto_decline_percent IS NOT DISTINCT FROM $9
        AND NOT {_NIGHTS_GONE}
    FROM properties_property p WHERE p.id = n.property_id
) {few_bids} THEN 0 ELSE negotiation_changed_since('40002') END AS changed
FROM (SELECT $1 AS account) c, (SELECT $4 AS id, $5 AS property_id, $6 AS guest_id, $7 AS nights) n
{bids}
""",
    )


# Does the same for an offer in the negotiation $4, about the property $5, by the guest $6, for the nights $7: none of these ever
# changes. The host's percentages have to be $8 and $9, the nights free, and where bids are counted, the guest has to have made
# fewer than $10 in a day, with no other open negotiation on the property. Returns an id for a later offer.
CHECK_OFFER = _check_offer("hub_check_offer", counted=False)
CHECK_OFFER_COUNTED = _check_offer("hub_check_offer_counted", counted=True)

# Draws $1 ids for offers to come.
DRAW_OFFER_IDS = Prepared(
    "hub_draw_offer_ids",
    ["int"],
    "SELECT nextval('negotiation_offer_id_seq') AS offer_id FROM generate_series(1, $1)",
)
