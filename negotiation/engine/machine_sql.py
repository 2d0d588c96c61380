"""The statements about machines and their mandates. Most moves need none of them."""

from __future__ import annotations

from accounts.selectors.mandates import TERMS
from core.database.prepared_statements import Prepared

# ruff: noqa: S608 - made of our own names

# Locks mandates, ascending by id.
LOCK_MANDATES = Prepared(
    "hub_lock_mandates",
    ["bigint[]"],
    "SELECT 1 FROM accounts_mandate WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
    answers=False,
)

# Reads mandates by id, only of users with an active account.
MANDATES = Prepared(
    "hub_mandates",
    ["bigint[]"],
    f"""
SELECT m.id, m.may, m.property_ids, {", ".join(f"m.{name}" for name in TERMS)}
FROM accounts_mandate m JOIN accounts_user u ON u.id = m.user_id AND u.is_active
WHERE m.id = ANY($1)
""",
)

# Reads which of these properties accept moves of people only.
PEOPLE_ONLY = Prepared(
    "hub_people_only", ["bigint[]"], "SELECT id FROM properties_property WHERE id = ANY($1) AND people_only"
)

# Reads which seals of which side machines made in these negotiations.
MACHINE_SEALS = Prepared(
    "hub_machine_seals",
    ["bigint[]"],
    """
SELECT s.negotiation_id, m.side, s.seal FROM negotiation_mandatestake s JOIN accounts_mandate m ON m.id = s.mandate_id
WHERE s.negotiation_id = ANY($1) AND s.seal IS NOT NULL
""",
)

# Writes what a machine did in a negotiation; a null leaves the column as it is.
STAKE = Prepared(
    "hub_stake",
    ["bigint", "bigint", "bool", "bigint", "bigint", "smallint"],
    """
INSERT INTO negotiation_mandatestake AS t (mandate_id, negotiation_id, opened, offer_id, accepted_offer_id, seal)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (mandate_id, negotiation_id) DO UPDATE SET opened = t.opened OR excluded.opened,
    offer_id = coalesce(excluded.offer_id, t.offer_id), seal = coalesce(excluded.seal, t.seal),
    accepted_offer_id = coalesce(excluded.accepted_offer_id, t.accepted_offer_id)
""",
    answers=False,
)

# Adds a line to the log that a machine's person reads. A refusal replaces the last one like it, and counts how often.
LOG_MACHINE = Prepared(
    "hub_log_machine",
    ["bigint", "bigint", "text", "int", "text", "text", "timestamptz"],
    """
WITH alike AS (
    DELETE FROM negotiation_mandatemove WHERE mandate_id = $1 AND negotiation_id IS NOT DISTINCT FROM $2
        AND kind = $3 AND code = $5 AND "limit" = $6 AND NOT (code = '')
    RETURNING times
)
INSERT INTO negotiation_mandatemove (mandate_id, negotiation_id, kind, seq, code, "limit", times, at)
SELECT $1, $2, $3, $4, $5, $6, coalesce((SELECT times FROM alike), 0) + 1, $7
""",
    answers=False,
)
