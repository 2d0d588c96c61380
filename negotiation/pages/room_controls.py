"""The room's words before its script runs: the offer on the table, the ladder, the controls. The script goes on from there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.rules.earnings import host_receives
from core.amounts import price
from negotiation.pages import haggle_figures as figures
from negotiation.pages.entry_words import drawn_entries, milliseconds_until, offer_title, time_left, via_words
from negotiation.pages.haggle_figures import Entry, Ladder, Snapshot
from negotiation.rules.negotiation_state import OTHER, Side

# The part of an offer's life in which its clock turns amber.
LATE = 0.1


def room_as_shown(snapshot: Snapshot, entries: Sequence[Entry], side: Side, now: datetime) -> dict[str, Any]:
    """Everything that the room's templates show of the haggle itself."""
    can = figures.may(snapshot, entries, side)
    return {
        "can": can,
        "table": _table(snapshot, entries, side, now),
        "ladder": _ladder(snapshot, entries),
        "offering": _offering(snapshot, entries, side) if can["offer"] else None,
        "sealing": _sealing(snapshot, entries, side, can),
        "waiting": _waiting(snapshot, side, can),
        "drawn": drawn_entries(snapshot, entries, side, now),
    }


def _table(snapshot: Snapshot, entries: Sequence[Entry], side: Side, now: datetime) -> dict[str, Any]:
    standing = snapshot["standing_offer"]
    offer = standing or _last_offer(entries)
    heading = {"open": _("On the table"), "accepted": _("Agreed")}.get(snapshot["status"], _("Last on the table"))
    return {
        "heading": heading,
        "by": offer["by"] if offer else "",
        "amount": offer["amount"] if offer else snapshot["list_amount"],
        "who": _who(snapshot, offer, side),
        "via": via_words(snapshot, side, offer["by"]) if offer and _is_machines(entries, offer) else "",
        "quote": offer["quote"] if offer else None,
        "receives": receives_of(offer["quote"]) if offer and side == "host" else None,
        "clock": _clock(standing, now) if standing and snapshot["status"] == "open" else None,
    }


def receives_of(quote: dict[str, Any]) -> Decimal:
    """What the host gets of a quote."""
    return host_receives(**{name: Decimal(quote[name]) for name in ("total", "platform_fee", "tax")})


def _last_offer(entries: Sequence[Entry]) -> dict[str, Any] | None:
    made = [entry["data"]["offer"] for entry in entries if entry["kind"] in ("offer.made", "limit.met")]
    return made[-1] if made else None


def _is_machines(entries: Sequence[Entry], offer: dict[str, Any]) -> bool:
    """Whether a machine laid that offer on the table."""
    made = [one for one in entries if one["kind"] == "offer.made" and one["data"]["offer"]["id"] == offer["id"]]
    return bool(made and made[-1].get("via"))


def _who(snapshot: Snapshot, offer: dict[str, Any] | None, side: Side) -> str:
    if offer is None:
        return _("List price, no offer yet")
    return _("for the stay") if snapshot["status"] == "accepted" else offer_title(snapshot, side, offer["by"])


def _clock(offer: dict[str, Any], now: datetime) -> dict[str, Any]:
    left = milliseconds_until(offer["expires_at"], now)
    whole = milliseconds_until(offer["expires_at"], datetime.fromisoformat(offer["made_at"]))
    return {"left": time_left(left), "late": whole <= 0 or left / whole <= LATE}


def _ladder(snapshot: Snapshot, entries: Sequence[Entry]) -> dict[str, Any]:
    """The dots, and the words under them with the share of the width on each side."""
    ladder, currency = figures.ladder_of(snapshot, entries), snapshot["currency"]
    drawing = {"dots": _dots(ladder), "gap": _gap(ladder)}
    bids, asks = figures.prices(entries, "guest"), figures.prices(entries, "host")
    listed = _("list %(amount)s") % {"amount": price(Decimal(snapshot["list_amount"]), currency)}
    if ladder.agreed is not None:
        accepted = [entry["data"]["amount"] for entry in entries if entry["kind"] == "offer.accepted"][-1]
        agreed = _("agreed at %(amount)s") % {"amount": price(Decimal(accepted), currency)}
        words = {"bid": agreed, "gap": "", "ask": listed, "before": ladder.agreed, "behind": 100 - ladder.top}
        return {"words": words, **drawing}
    top = asks[-1] if asks else Decimal(snapshot["list_amount"])
    words = {
        "bid": price(bids[-1], currency) if bids else _("no bid yet"),
        "gap": _("gap %(amount)s") % {"amount": price(top - bids[-1], currency)} if bids else "",
        "ask": price(top, currency) if asks else listed,
        "before": ladder.bids[-1] if bids else 0,
        "behind": 100 - (ladder.asks[-1] if asks else ladder.top),
    }
    return {"words": words, **drawing}


def _dots(ladder: Ladder) -> list[dict[str, Any]]:
    """The dots, as `draw` in room/ladder.js makes them: each side's last one is large, until there is an agreement."""
    open_still = ladder.agreed is None
    dots = [] if ladder.asks else [{"at": ladder.top, "kind": "list", "now": True, "r": 6}]
    for kind, places in (("guest", ladder.bids), ("host", ladder.asks)):
        for number, place in enumerate(places, 1):
            now = open_still and number == len(places)
            dots.append({"at": place, "kind": kind, "now": now, "r": 8 if now else 4})
    return dots if open_still else [*dots, {"at": ladder.agreed, "kind": "agreed", "now": True, "r": 8}]


def _gap(ladder: Ladder) -> tuple[float, float] | None:
    if not ladder.bids or ladder.agreed is not None:
        return None
    return ladder.bids[-1], ladder.asks[-1] if ladder.asks else ladder.top


def _offering(snapshot: Snapshot, entries: Sequence[Entry], side: Side) -> dict[str, Any]:
    span = figures.offer_span(snapshot, entries, side)
    slider, value = figures.slider_of(span), figures.suggested(span, side, entries)
    left = snapshot["offers_left"][side]
    offers = ngettext("%(count)s offer left", "%(count)s offers left", left) % {"count": left}
    return {
        "value": f"{value:,.2f}".removesuffix(".00"),
        "at": f"{value}",
        "low": f"{slider.low}",
        "high": f"{slider.high}",
        "step": f"{slider.step}",
        "range": f"{_between(snapshot, entries, side)} · {offers}",
    }


def _between(snapshot: Snapshot, entries: Sequence[Entry], side: Side) -> str:
    """`above ৳4,400, below ৳5,200`: the prices themselves, not the hundredth beside them."""
    currency = snapshot["currency"]
    bid, ask = figures.last(figures.prices(entries, "guest")), figures.last(figures.prices(entries, "host"))
    top = price(Decimal(snapshot["list_amount"]) if ask is None else ask, currency)
    first_ask = side == "host" and ask is None
    upper = (_("up to %(amount)s") if first_ask else _("below %(amount)s")) % {"amount": top}
    if bid is None:
        return upper
    return f"{_('above %(amount)s') % {'amount': price(bid, currency)}}, {upper}"


def _sealing(snapshot: Snapshot, entries: Sequence[Entry], side: Side, can: dict[str, bool]) -> dict[str, Any]:
    limits, them = snapshot["limits"], OTHER[side]
    return {
        "mine": _own_limit(snapshot) if limits[side] == "sealed" else "",
        "theirs": _("%(name)s has sealed a limit") % {"name": snapshot[them]["name"]}
        if limits[them] == "sealed"
        else "",
        "missed": limits[side] == "spent",
        "opener": can["seal"] and not can["offer"],
        "unseal": limits[side] == "sealed" and limits[them] != "sealed",
        "middle": can["offer"] and figures.midpoint(entries) is not None,
    }


def _own_limit(snapshot: Snapshot) -> str:
    mine = snapshot.get("limit_mine")
    if not mine:
        return _("Your limit is sealed")
    until = formats.date_format(timezone.localtime(datetime.fromisoformat(mine["expires_at"])), "j M Y, H:i")
    amount = price(Decimal(mine["amount"]), snapshot["currency"])
    return _("Your limit is sealed: %(amount)s, until %(until)s") % {"amount": amount, "until": until}


def _waiting(snapshot: Snapshot, side: Side, can: dict[str, bool]) -> str:
    if can["withdraw"]:
        if side == "guest":
            return _("The host has your bid. You can withdraw it; you can't change it.")
        return _("The guest has your price. You can withdraw it; you can't change it.")
    if can["accept"] and not can["offer"]:
        if snapshot["offers_left"][side] > 0:
            return _("No price is left between the two. Accept or decline.")
        return _("You have no offers left. You can still accept or decline.")
    return ""
