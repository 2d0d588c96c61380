"""The tables that the engine writes, column by column. A new column of a negotiation needs a line here, in the model, in its
migration and in `records.py`, and nowhere else: the statements of `engine/write_sql.py` are made from these tables."""

from __future__ import annotations

from core.database.columns import Column, Table

# The writers of columns: the UPDATE of each move, and the UPDATE that freezes a question's terms with its first offer.
MOVE, FREEZE = "move", "freeze"

NEGOTIATION = Table(
    "negotiation_negotiation",
    (
        Column("id", "bigint"),
        Column("property_id", "bigint"),
        Column("guest_id", "bigint"),
        Column("host_id", "bigint"),
        Column("nights", "daterange", read="lower({alias}.nights) AS start_date, upper({alias}.nights) AS end_date"),
        Column("guests", "smallint", FREEZE),
        Column("booking_type", "text", FREEZE),
        Column("currency", "text"),
        Column("list_amount", "numeric", FREEZE),
        Column("terms", "jsonb", FREEZE, read="{alias}.terms::text AS {prefix}terms"),
        Column("arm", "text", FREEZE),
        Column("status", "text", MOVE),
        Column("turn", "text", MOVE),
        Column("has_offers", "bool", MOVE),
        Column("last_bid", "numeric", MOVE),
        Column("last_ask", "numeric", MOVE),
        Column("guest_offers_left", "smallint", MOVE),
        Column("host_offers_left", "smallint", MOVE),
        Column("guest_limit", "numeric", MOVE),
        Column("guest_limit_until", "timestamptz", MOVE),
        Column("host_limit", "numeric", MOVE),
        Column("host_limit_until", "timestamptz", MOVE),
        Column("guest_seals", "smallint", MOVE),
        Column("host_seals", "smallint", MOVE),
        Column("compared_at", "timestamptz", MOVE),
        Column("guest_opened_at", "timestamptz", MOVE),
        Column("last_seq", "int", MOVE),
        # services/seen_marks.py also writes these, possibly at the same time as a move.
        Column("guest_seen", "int", MOVE, only_grows=True),
        Column("host_seen", "int", MOVE, only_grows=True),
        Column("ended_by", "text", MOVE),
        Column("booking_id", "bigint", MOVE),
        Column("question_expires_at", "timestamptz", MOVE),
        Column("auto_decline_at", "timestamptz", MOVE),
        Column("expiring_offer_id", "bigint", MOVE),
        # Only services/superseding.py writes it.
        Column("rivals_told_at", "timestamptz"),
        Column("created_at", "timestamptz"),
        Column("updated_at", "timestamptz", MOVE),
    ),
)
OFFER = Table(
    "negotiation_offer",
    (
        Column("id", "bigint"),
        Column("negotiation_id", "bigint"),
        Column("by", "text"),
        Column("amount", "numeric"),
        Column("status", "text", MOVE),
        Column("made_at", "timestamptz"),
        Column("expires_at", "timestamptz", MOVE),
        Column("quote", "jsonb", read="{alias}.quote::text AS {prefix}quote"),
        Column("via", "text"),
    ),
)
ENTRY = Table(
    "negotiation_entry",
    (
        Column("negotiation_id", "bigint"),
        Column("seq", "int"),
        Column("kind", "text"),
        Column("actor", "text"),
        Column("data", "jsonb"),
        Column("at", "timestamptz"),
        Column("via", "text"),
    ),
)
STORED_OUTCOME = Table(
    "core_storedoutcome",
    (
        Column("account_id", "bigint"),
        Column("key", "text"),
        Column("fingerprint", "bytea"),
        Column("outcome", "jsonb"),
        Column("created_at", "timestamptz"),
    ),
)
NOTIFICATION = Table(
    "accounts_notification",
    (
        Column("id", "bigint"),
        Column("user_id", "bigint"),
        Column("kind", "text"),
        Column("title", "text"),
        Column("negotiation_id", "bigint"),
        Column("booking_id", "bigint"),
        Column("property_id", "bigint"),
        Column("at", "timestamptz"),
        Column("read_at", "timestamptz"),
        Column("mailed_at", "timestamptz"),
    ),
)
