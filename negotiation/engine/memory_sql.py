"""The statements by which a move that was decided from memory makes sure that what it remembered still holds.

The first writes the negotiation only where it is as remembered. The check behind it refuses the transaction where it did not write,
or something beside it has changed (`negotiation_changed_since`), so that the other writes of the same round trip never happen.
"""

from __future__ import annotations

from core.database.prepared_statements import Prepared
from negotiation.columns import MOVE, NEGOTIATION
from negotiation.engine.sql import ASKED
from negotiation.engine.write_sql import MOVED
from negotiation.selectors.rooms_nights import NIGHTS_GONE

# ruff: noqa: S608 - made of our own names

_PLACE = len(MOVED)
# Writes the columns `MOVED` of a negotiation, and thereby locks it, where it is as remembered: its last entry, and the offer whose
# approaching end was told, which are all that moves change. The last parameter is the command's lock number.
MOVE_REMEMBERED = Prepared(
    "hub_move_remembered",
    [*NEGOTIATION.types(MOVED), "int", "bigint", "bigint"],
    f"""
{NEGOTIATION.update(MOVE)} AND t.last_seq = ${_PLACE + 1} AND t.expiring_offer_id IS NOT DISTINCT FROM ${_PLACE + 2}
    AND pg_try_advisory_xact_lock(${_PLACE + 3})
""",
    answers=False,
)

# Both checks are statements after the move, since its snapshot may be older than an outcome that was stored before it had the lock.
# Their first parameters: the account and the id of the command, the moment a day ago, the negotiation, and the last entry and the
# time that the move gave it. By these two a check sees whether the move wrote it. Another move that has written the same ones has
# written the same entry too, so that the constraint of the entries refuses this one.
_CHECK = ("bigint", "text", "timestamptz", "bigint", "int", "timestamptz")
_MOVED = "(SELECT m.last_seq = $5 AND m.updated_at = $6 FROM negotiation_negotiation m WHERE m.id = $4)"
# No stored outcome is younger than now; the upper bound lets PostgreSQL skip the partitions of days to come.
_STORED = """EXISTS (
    SELECT FROM core_storedoutcome WHERE account_id = $1 AND key = $2 AND created_at < $3 + interval '25 hours'
)"""


def _if(holds: str, then: str) -> str:
    return f"""CASE WHEN {_MOVED} IS NOT TRUE THEN negotiation_changed_since('40001')
    WHEN NOT {_STORED} {holds} THEN {then} ELSE negotiation_changed_since('40002') END"""


# Refuses the move where its negotiation has changed, or its command has an outcome.
CHECK_COMMAND = Prepared("hub_check_command", _CHECK, f"SELECT {_if('', '0')}", answers=False)

_NIGHTS_GONE = NIGHTS_GONE.format(now="$3 + interval '1 day'")


# Whether the home's percentages are still $10 and $11, and the nights free.
_AS_REMEMBERED = f"""AND (
    SELECT p.auto_accept_percent IS NOT DISTINCT FROM $10 AND p.auto_decline_percent IS NOT DISTINCT FROM $11
        AND NOT {_NIGHTS_GONE}
    FROM properties_property p WHERE p.id = n.property_id
)"""
_CHECK_OFFER = (*_CHECK, "bigint", "bigint", "daterange", "numeric", "numeric")
_OF_OFFER = "(SELECT $1 AS account) c, (SELECT $4 AS id, $7 AS property_id, $8 AS guest_id, $9 AS nights) n"
_OFFER_ID = "nextval('negotiation_offer_id_seq')"

# Does the same for an offer about the property $7, by the guest $8, for the nights $9, none of which ever changes, and refuses it
# where the host's percentages have changed, or a night is gone. Returns an id for a later offer.
CHECK_OFFER = Prepared(
    "hub_check_offer", _CHECK_OFFER, f"SELECT {_if(_AS_REMEMBERED, _OFFER_ID)} AS offer_id FROM {_OF_OFFER}"
)
# Does the same, and refuses the offer where the guest has made $12 bids in a day, or has another open negotiation on the property.
CHECK_OFFER_COUNTED = Prepared(
    "hub_check_offer_counted",
    (*_CHECK_OFFER, "bigint"),
    f"SELECT {_if(f'{_AS_REMEMBERED} AND bids.count < $12 AND bids.other_rooms = 0', _OFFER_ID)} AS offer_id"
    f" FROM {_OF_OFFER} {ASKED['bids'][1].replace('$1', '$3')}",
)

# Draws $1 ids for offers to come.
DRAW_OFFER_IDS = Prepared(
    "hub_draw_offer_ids",
    ["int"],
    "SELECT nextval('negotiation_offer_id_seq') AS offer_id FROM generate_series(1, $1)",
)
