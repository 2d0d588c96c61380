"""The room: one haggle, live, and how it ended."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.pages.offer_durations import offer_lives
from bookings.selectors.details import get_booking_details
from core import clock
from core.money import SIGNS, ZERO
from negotiation.pages.inbox import brief
from negotiation.pages.words import duration_words
from negotiation.rules.negotiation_state import Side
from negotiation.selectors.entries import list_entries
from negotiation.selectors.snapshots import View, snapshot
from negotiation.services.access import access_negotiation

# Twenty offers a side and a long talk; what is beyond it comes with the socket.
SHOWN = 1000


@login_required
@require_safe
def room(request: HttpRequest, negotiation_id: int) -> HttpResponse:
    """`/inbox/<id>/`."""
    view, side = access_negotiation(negotiation_id, user_id=_user_id(request), now=clock.now())
    shown = snapshot(view, absolute=str)
    entries, _more = list_entries(view.id, limit=SHOWN)
    content = {
        **brief(request, view.id),
        "room": shown,
        "side": side,
        "them": view.host if side == "guest" else view.guest,
        "online": shown["online"]["host" if side == "guest" else "guest"],
        "entries": entries,
        "room_data": {"snapshot": shown, "entries": entries, "side": side},
        "shown_amount": view.standing.amount if view.standing else view.list_amount,
        "lives": offer_lives(),
        "nights": (view.end_date - view.start_date).days,
        "currency_sign": SIGNS.get(view.currency, view.currency),
        "pay_within": duration_words(settings.PAY_WITHIN_S),
        "pays_online": settings.PAYMENT == "online",
        "outcome": outcome(view, side),
    }
    return render(request, "negotiation/room.html", content)


@login_required
@require_safe
def room_outcome(request: HttpRequest, negotiation_id: int) -> HttpResponse:
    """How it ended, alone, for the page's script to put in."""
    view, side = access_negotiation(negotiation_id, user_id=_user_id(request), now=clock.now())
    return render(request, "negotiation/parts/outcome.html", {"outcome": outcome(view, side)})


def outcome(view: View, side: Side) -> dict[str, Any] | None:
    """What happened, in one sentence, and the next best thing; None while the haggle is on."""
    if view.status == "open":
        return None
    if view.booking_id is not None:
        return _agreed(view, side)
    title, text = _ended(view)
    stay = {"check_in": view.start_date, "check_out": view.end_date, "guests": view.guests}
    taken = view.status == "superseded"
    home = reverse("property", args=[view.property_id])
    return {
        "kind": "ended",
        "side": side,
        "title": title,
        "text": text,
        "again": home if taken else f"{home}?{urlencode(stay)}",
        "again_words": _("Try other dates") if taken else _("Ask again"),
        "similar": f"/?{urlencode(stay)}",
    }


def _agreed(view: View, side: Side) -> dict[str, Any]:
    [booking] = get_booking_details([view.booking_id or 0], now=clock.now(), absolute=str)
    saved = Decimal(booking["list_price"]) - Decimal(booking["base_price"])
    return {"kind": "agreed", "side": side, "booking": booking, "saved": max(saved, ZERO)}


def _ended(view: View) -> tuple[str, str]:
    if view.status == "superseded":
        return _("These nights are gone"), _superseded(view)
    return {
        "declined": (_("Declined"), _("The last price was not accepted.")),
        "withdrawn": (_("Withdrawn"), _("The last offer was taken back.")),
        "expired": (_("Time ran out"), _("Nobody answered the last offer in time.")),
        "closed": (_("Closed"), _("The question was closed.")),
    }[view.status]


def _superseded(view: View) -> str:
    last, _more = list_entries(view.id, after_seq=view.last_seq - 1, limit=1)
    reason = str(last[0]["data"].get("reason")) if last else ""
    return {
        "dates.taken": _("Somebody else booked these nights first."),
        "guest.booked": _("The guest booked another home for these nights."),
        "property.unlisted": _("The home is no longer listed."),
        "account.closed": _("One of the two accounts was closed."),
    }.get(reason, _("This haggle is over."))


def _user_id(request: HttpRequest) -> int:
    return int(request.user.pk or 0)
