"""The log in words for one of its two sides, as `room/words.js` writes it once the page's script runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.amounts import price
from negotiation.pages.haggle_figures import Entry, Snapshot
from negotiation.rules.negotiation_state import OTHER, Side

TONES = {"offer.accepted": "entry--agreed", "limit.met": "entry--met", "limit.missed": "entry--missed"}


def offer_title(snapshot: Snapshot, side: Side, actor: str) -> str:
    """`You bid`, or `Mina asks`."""
    if actor == side:
        return _("You bid") if actor == "guest" else _("You ask")
    words = _("%(name)s bids") if actor == "guest" else _("%(name)s asks")
    return words % {"name": snapshot[actor]["name"]}


def via_words(snapshot: Snapshot, side: Side, actor: str) -> str:
    """Says that a machine did it, and for whom; `actor` is the side that it acts for."""
    if actor == side:
        return _("by your assistant")
    return _("by %(name)s's assistant") % {"name": snapshot[actor]["name"]}


def drawn_entries(snapshot: Snapshot, entries: Sequence[Entry], side: Side, now: datetime) -> list[dict[str, Any]]:
    """Each entry as the log shows it, with the line of a new day before it where one begins."""
    shown, day = [], timezone.localtime(now).date()
    mine = [entry["seq"] for entry in entries if entry["actor"] == side and is_own_block(entry)]
    seen = max((seq for seq in mine if seq <= snapshot["seen"][OTHER[side]]), default=None)
    for entry in entries:
        at = timezone.localtime(datetime.fromisoformat(entry["at"]))
        begins, day = at.date() != day, at.date()
        shown.append(
            {
                **entry,
                "day": day_words(day, now) if begins else "",
                "mine": entry["actor"] == side,
                "who": offer_title(snapshot, side, entry["actor"]) if entry["kind"] == "offer.made" else "",
                "words": "" if is_own_block(entry) else line(snapshot, entries, entry, side),
                "tone": TONES.get(entry["kind"], ""),
                "via_words": via_words(snapshot, side, entry["actor"]) if entry.get("via") else "",
                "seen": entry["seq"] == seen,
                "moment": at,
            }
        )
    return shown


def is_own_block(entry: Entry) -> bool:
    """Whether an entry has a card or a bubble; any other is a line."""
    return entry["kind"] in ("offer.made", "message.sent")


def day_words(day: date, now: datetime) -> str:
    """`Today`, `Yesterday`, `24 Nov 2026`, in the viewer's zone."""
    ago = (timezone.localtime(now).date() - day).days
    return {0: _("Today"), 1: _("Yesterday")}.get(ago) or formats.date_format(day, "j M Y")


def line(snapshot: Snapshot, entries: Sequence[Entry], entry: Entry, side: Side) -> str:
    """One line for an entry that is neither an offer nor a message."""
    kind, data, currency = entry["kind"], entry["data"], snapshot["currency"]
    if kind == "negotiation.superseded":
        return superseded(data["reason"])
    if kind == "list.lowered":
        return _lowered(side) % {"list": price(Decimal(data["list_amount"]), currency)}
    if kind == "offer.expired":
        return _("Time ran out: the offer expired.") if data["offer"] else _("The question expired.")
    if kind == "limit.missed":
        return _("The two limits did not meet. No figure was shown to anybody.")
    if kind == "limit.met":
        return _("The two limits met. Half-way is %(amount)s.") % {
            "amount": price(Decimal(data["offer"]["amount"]), currency)
        }
    if kind == "offer.accepted" and any(
        one["seq"] == entry["seq"] - 1 and one["kind"] == "limit.met" for one in entries
    ):
        return _("The booking is confirmed at %(amount)s.") % {"amount": price(Decimal(data["amount"]), currency)}
    sentence = (_by_me if entry["actor"] == side else _by_them)().get(kind, "")
    why = f" “{data['reason']}”" if kind == "offer.declined" and data.get("reason") else ""
    return sentence % _values(snapshot, entry) + why


def superseded(reason: str) -> str:
    """Why the nights are gone, from the `reason` of a `negotiation.superseded` entry."""
    return {
        "dates.taken": _("Somebody else booked these nights."),
        "guest.booked": _("The guest booked another stay for these nights."),
        "property.unlisted": _("The home is no longer listed."),
        "account.closed": _("One of the two accounts was closed."),
    }.get(reason, _("This haggle is over."))


def _lowered(side: Side) -> str:
    if side == "guest":
        return _(
            "The list price fell: the stay costs everybody %(list)s now, no more than your bid. You may withdraw and book it."
        )
    return _("Your list price fell: the stay costs everybody %(list)s now, no more than the bid.")


def _by_me() -> dict[str, str]:
    return {
        "offer.accepted": _("You accepted %(amount)s. The booking is confirmed."),
        "offer.declined": _("You declined."),
        "offer.withdrawn": _("You withdrew your offer."),
        "offer.extended": _("You gave the offer more time."),
        "negotiation.closed": _("You closed the question."),
        "limit.sealed": _("You sealed a limit. Only you see it."),
        "limit.unsealed": _("Your sealed limit is gone."),
        "negotiation.opened": _("You asked about %(nights)s, %(from)s to %(to)s. List price %(list)s."),
    }


def _by_them() -> dict[str, str]:
    return {
        "offer.accepted": _("%(name)s accepted %(amount)s. The booking is confirmed."),
        "offer.declined": _("%(name)s declined."),
        "offer.withdrawn": _("%(name)s withdrew the offer."),
        "offer.extended": _("%(name)s gave the offer more time."),
        "negotiation.closed": _("%(name)s closed the question."),
        "limit.sealed": _("%(name)s sealed a limit."),
        "limit.unsealed": _("%(name)s has no sealed limit any more."),
        "negotiation.opened": _("%(name)s asked about %(nights)s, %(from)s to %(to)s. List price %(list)s."),
    }


def _values(snapshot: Snapshot, entry: Entry) -> dict[str, str]:
    data, actor = entry["data"], entry["actor"]
    values = {"name": snapshot[actor]["name"] if actor in ("guest", "host") else "", "amount": ""}
    if "amount" in data:
        values["amount"] = price(Decimal(data["amount"]), snapshot["currency"])
    if "start_date" in data:
        start, end = date.fromisoformat(data["start_date"]), date.fromisoformat(data["end_date"])
        nights = (end - start).days
        values |= {
            "nights": ngettext("%(count)s night", "%(count)s nights", nights) % {"count": nights},
            "from": formats.date_format(start, "j M"),
            "to": formats.date_format(end, "j M"),
            "list": price(Decimal(data["list_amount"]), snapshot["currency"]),
        }
    return values


def time_left(milliseconds: float) -> str:
    """What is left until a moment: `3 h 12 m left`; the words of `left` in core/times.js."""
    seconds = max(0, -int(-milliseconds // 1000))
    days, hours, minutes, rest = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60
    if not seconds:
        return _("time is up")
    if days:
        return _("%(d)s d %(h)s h left") % {"d": days, "h": hours}
    if hours:
        return _("%(h)s h %(m)s m left") % {"h": hours, "m": minutes}
    return _("%(m)s m %(s)s s left") % {"m": minutes, "s": rest} if minutes else _("%(s)s s left") % {"s": rest}


def milliseconds_until(moment: str, now: datetime) -> float:
    return (datetime.fromisoformat(moment) - now).total_seconds() * 1000
