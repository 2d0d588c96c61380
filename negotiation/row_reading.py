"""Turns rows of the database into records, by column name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson

from negotiation.columns import NEGOTIATION, OFFER
from negotiation.records import RULED, NegotiationRecord
from negotiation.rules.negotiation_state import Haggle, Sealed, Side, StandingOffer
from negotiation.rules.terms import Terms

# The prefix of an offer's columns in a SELECT that reads the offer with its negotiation.
OFFER_PREFIX = "offer_"
# The columns that are attributes of the record with the same name; the others are in `haggle` (`RULED`).
OWN = tuple(
    name
    for name in NEGOTIATION.names()
    if name in {field.name for field in fields(NegotiationRecord)} - {"terms"} and name not in RULED
)
_own, _ruled = itemgetter(*OWN), itemgetter(*RULED)


def read_negotiation(row: Mapping[str, Any], **beside: Any) -> NegotiationRecord:
    """Reads a negotiation from a row with the columns of `NEGOTIATION`, and those of its standing offer with OFFER_PREFIX.

    `beside` are further fields of the record.
    """
    terms = read_terms(row["terms"])
    standing = read_standing(row)
    quote = row[f"{OFFER_PREFIX}quote"]
    return NegotiationRecord(
        **dict(zip(OWN, _own(row), strict=True)),
        start_date=row["start_date"],
        end_date=row["end_date"],
        terms=terms,
        quote=orjson.loads(quote) if quote else None,
        haggle=Haggle(
            **dict(zip(RULED, _ruled(row), strict=True)),
            standing=standing,
            expires_at=standing.expires_at if standing else row["question_expires_at"] or terms.latest_offer_at,
            latest_offer_at=terms.latest_offer_at,
            check_out_at=terms.check_out_at,
            guest_sealed=_read_sealed(row, "guest"),
            host_sealed=_read_sealed(row, "host"),
        ),
        **beside,
    )


def _read_sealed(row: Mapping[str, Any], side: Side) -> Sealed | None:
    amount = row[f"{side}_limit"]
    return None if amount is None else Sealed(amount, row[f"{side}_limit_until"])


# Every move of a negotiation reads the same frozen terms, so the cache parses those of active negotiations only once.
@lru_cache(maxsize=512)
def read_terms(text: str) -> Terms:
    """Reads the terms from the text of their column."""
    return Terms.from_json(orjson.loads(text))


def read_standing(row: Mapping[str, Any]) -> StandingOffer | None:
    """Reads the standing offer from the columns of such a row; None without one."""
    if row[f"{OFFER_PREFIX}id"] is None:
        return None
    return StandingOffer(**{name: row[OFFER_PREFIX + name] for name in STANDING})


STANDING = tuple(field.name for field in fields(StandingOffer))
# The list of columns for a SELECT that reads a negotiation as `n` and its standing offer as `o`.
SELECT_LIST = f"{NEGOTIATION.select_list('n')}, {OFFER.select_list('o', OFFER_PREFIX)}"
