"""The frontend's words for where a negotiation stands. Source: docs/rest.md, "Negotiation"."""

from __future__ import annotations

from typing import Literal

from negotiation.records import NegotiationRecord

Verb = Literal["accept", "decline", "withdraw"]

FIXED = {"withdrawn": "Withdrawn", "expired": "Expired", "superseded": "Superseded", "closed": "Closed"}
SETTLED = ("paid", "on_arrival", "partly_refunded", "refunded")
WORDS: dict[str, Verb] = {"accepted": "accept", "declined": "decline", "withdrawn": "withdraw"}
INPUT: dict[str, dict[str, Verb]] = {
    "host": {"Accepted By Host": "accept", "Rejected By Host": "decline"},
    "guest": {
        "Guest Payment": "accept",
        "Accepted By Guest": "accept",
        "Accepted By Host": "accept",
        "Rejected By Guest": "decline",
    },
}


def label_of(record: NegotiationRecord) -> str:
    """The label of a negotiation as it reads now."""
    if record.status in FIXED:
        return FIXED[record.status]
    if record.status == "declined":
        return f"Rejected By {record.ended_by_side.title()}"
    if record.status == "accepted":
        return _agreed(record)
    if record.standing is None:
        return "Question"
    return f"{record.standing.by.title()} Proposed"


def _agreed(record: NegotiationRecord) -> str:
    if record.shown.booking_status == "cancelled":
        return "Cancelled"
    side = record.ended_by_side.title()
    return f"Accepted By {side}" if record.shown.payment_status in SETTLED else f"{side} Payment"


def is_known(word: str) -> bool:
    """Whether either side may say `word`."""
    return word in WORDS or any(word in words for words in INPUT.values())


def verb_of(word: str, side: str) -> tuple[Verb, bool] | None:
    """What `word` asks for when `side` says it, and whether "accepted already" satisfies it; None: nothing."""
    if word in WORDS:
        return WORDS[word], False
    verb = INPUT[side].get(word)
    return None if verb is None else (verb, side == "guest" and verb == "accept")
