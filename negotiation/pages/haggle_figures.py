"""Computes what a room's controls show from the snapshot and the log, as `room/haggle.js` does, so that the page is complete
before its script runs. Pure; amounts are Decimals in the negotiation's currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from core.money import CENT, round_money
from negotiation.rules.negotiation_state import Side

Snapshot = dict[str, Any]
Entry = dict[str, Any]

STEPS = (1000, 500, 100, 50, 10, 5, 1)
LEAST_STEPS = 20
FIRST_PERCENT_OFF = 10
# How far the ladder reaches below the lowest bid, and where it begins without a bid.
LADDER_FOOT, LADDER_EMPTY = Decimal("0.12"), Decimal("0.9")


@dataclass(frozen=True, slots=True)
class Span:
    """The prices that may be named next, both ends included."""

    least: Decimal
    most: Decimal

    @property
    def is_empty(self) -> bool:
        return self.least > self.most


@dataclass(frozen=True, slots=True)
class Slider:
    """The round prices within a span."""

    low: Decimal
    high: Decimal
    step: Decimal


@dataclass(frozen=True, slots=True)
class Ladder:
    """Places in per cent of the ladder's width; `bid` and `ask` are the last of each, None where there is none."""

    bids: tuple[float, ...]
    asks: tuple[float, ...]
    top: float
    agreed: float | None


def prices(entries: Sequence[Entry], side: Side) -> list[Decimal]:
    """A side's offers so far, oldest first."""
    made = [entry for entry in entries if entry["kind"] == "offer.made" and entry["actor"] == side]
    return [Decimal(entry["data"]["offer"]["amount"]) for entry in made]


def last(amounts: Sequence[Decimal]) -> Decimal | None:
    return amounts[-1] if amounts else None


def offer_span(snapshot: Snapshot, entries: Sequence[Entry], side: Side) -> Span:
    """Where the next offer of `side` lies."""
    bid, ask, listed = last(prices(entries, "guest")), last(prices(entries, "host")), Decimal(snapshot["list_amount"])
    least = (bid or Decimal(0)) + CENT
    if side == "guest":
        return Span(least, (ask if ask is not None else listed) - CENT)
    return Span(least, listed if ask is None else ask - CENT)


def limit_span(snapshot: Snapshot, entries: Sequence[Entry], side: Side) -> Span:
    """Where a limit of `side` lies: from its own last offer to short of the other side's."""
    bid, ask, listed = last(prices(entries, "guest")), last(prices(entries, "host")), Decimal(snapshot["list_amount"])
    if side == "guest":
        return Span(CENT if bid is None else bid, (listed if ask is None else ask) - CENT)
    return Span((bid or Decimal(0)) + CENT, listed if ask is None else ask)


def may(snapshot: Snapshot, entries: Sequence[Entry], side: Side) -> dict[str, bool]:
    """The controls that `side` has now."""
    is_open, standing = snapshot["status"] == "open", snapshot["standing_offer"]
    theirs = bool(is_open and standing and standing["by"] != side)
    question = bool(is_open and not standing)
    offers = snapshot["offers_left"][side] > 0 and not offer_span(snapshot, entries, side).is_empty
    seals = snapshot["limits"][side] == "none" and not limit_span(snapshot, entries, side).is_empty
    return {
        "seal": is_open and seals,
        "accept": theirs,
        "decline": theirs,
        "withdraw": bool(is_open and standing and standing["by"] == side),
        "offer": (theirs or question) and offers,
        "close": question,
        "talk": is_open or snapshot["status"] == "accepted",
    }


def slider_of(span: Span) -> Slider:
    """A step that divides the span into some twenty to two hundred round prices."""
    width = span.most - span.least
    fitting = (Decimal(size) for size in STEPS if width / size >= LEAST_STEPS)
    step = next(fitting, Decimal(1) if width >= 2 else CENT)
    low = (span.least / step).to_integral_value(ROUND_CEILING) * step
    high = (span.most / step).to_integral_value(ROUND_FLOOR) * step
    return Slider(low, max(low, high), step)


def suggested(span: Span, side: Side, entries: Sequence[Entry]) -> Decimal:
    """The first value of the offer's field; the same as `suggestion` in haggle.js."""
    slider = slider_of(span)
    third = (slider.high - slider.low) / 3
    if prices(entries, "guest"):
        price = slider.low + third if side == "guest" else slider.high - third
    else:
        price = span.most * (100 - FIRST_PERCENT_OFF) / 100
    rounded = (price / slider.step).quantize(Decimal(1), ROUND_HALF_UP) * slider.step
    return min(slider.high, max(slider.low, rounded))


def midpoint(entries: Sequence[Entry]) -> Decimal | None:
    """Half-way between the last bid and the last ask; None until both were made."""
    bid, ask = last(prices(entries, "guest")), last(prices(entries, "host"))
    return None if bid is None or ask is None else round_money((bid + ask) / 2)


def ladder_of(snapshot: Snapshot, entries: Sequence[Entry]) -> Ladder:
    """Where the two sides are on the way from the lowest bid to the list price."""
    bids, asks, listed = prices(entries, "guest"), prices(entries, "host"), Decimal(snapshot["list_amount"])
    top = max(listed, *asks) if asks else listed
    lowest = min(top * LADDER_EMPTY, *bids) if bids else top * LADDER_EMPTY
    floor = lowest - (top - lowest) * LADDER_FOOT
    accepted = [Decimal(entry["data"]["amount"]) for entry in entries if entry["kind"] == "offer.accepted"]

    def place(amount: Decimal) -> float:
        return float(((amount - floor) / (top - floor) * 1000).quantize(Decimal(1), ROUND_HALF_UP) / 10)

    return Ladder(
        tuple(map(place, bids)), tuple(map(place, asks)), place(top), place(accepted[-1]) if accepted else None
    )
