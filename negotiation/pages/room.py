"""The room: the page of one negotiation, live, and how it ended."""

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

from accounts.pages.speed_words import speed_words
from accounts.rules.answer_speed import speed_of
from bookings.pages.offer_durations import offer_lives
from bookings.rules.earnings import host_receives
from bookings.selectors.details import get_booking_details
from core import clock
from core.amounts import sign_of
from core.money import ZERO, money
from negotiation.pages.entry_words import superseded
from negotiation.pages.inbox import brief
from negotiation.pages.room_controls import room_as_shown
from negotiation.pages.words import duration_words
from negotiation.records import NegotiationRecord
from negotiation.rules.negotiation_state import Side
from negotiation.selectors.bidders import get_answering, get_bidders
from negotiation.selectors.entries import list_entries
from negotiation.selectors.list_prices import list_amount_today
from negotiation.selectors.rooms_nights import are_nights_free
from negotiation.selectors.snapshots import snapshot
from negotiation.services.access import access_negotiation

# Enough for twenty offers a side and a long talk; later entries come by the socket.
SHOWN = 1000


@login_required
@require_safe
def room(request: HttpRequest, negotiation_id: int) -> HttpResponse:
    """`/inbox/<id>/`."""
    record, side = access_negotiation(negotiation_id, user_id=_user_id(request), now=clock.now())
    shown = snapshot(record, side=side, absolute=str)
    entries, _more = list_entries(record.id, limit=SHOWN)
    content = {
        **brief(request, record.id),
        "room": shown,
        "side": side,
        "them": record.shown.host if side == "guest" else record.shown.guest,
        "them_id": shown["host" if side == "guest" else "guest"]["id"],
        "online": shown["online"]["host" if side == "guest" else "guest"],
        "room_data": {"snapshot": shown, "entries": entries, "side": side, "terms": _rates(record)},
        "shown": room_as_shown(shown, entries, side, clock.now()),
        "lives": offer_lives(),
        "nights": (record.end_date - record.start_date).days,
        "currency_sign": sign_of(record.currency).strip(),
        "pay_within": duration_words(settings.PAY_WITHIN_S),
        "pays_online": settings.PAYMENT == "online",
        "outcome": outcome(record, side),
        "nights_free": record.status != "open" or are_nights_free(record.id, now=clock.now()),
        **_list_prices(record),
        **(_bidder(record) if side == "host" else {}),
    }
    return render(request, "negotiation/room.html", content)


def _bidder(record: NegotiationRecord) -> dict[str, Any]:
    """What the host sees of the guest."""
    now = clock.now()
    answering = get_answering(record.guest_id, now=now)
    return {
        "bidder": get_bidders([record.guest_id], now=now).get(record.guest_id),
        "answering": answering,
        "answer_speed": speed_words(speed_of(answering.seconds)),
    }


def _list_prices(record: NegotiationRecord) -> dict[str, Any]:
    """The frozen list amount, and today's where it differs; empty for a question and for an ended negotiation."""
    if record.status != "open" or not record.has_offers:
        return {"frozen": None, "today": None}
    today = list_amount_today(record, now=clock.now())
    return {"frozen": record.haggle.list_amount, "today": today if today != record.haggle.list_amount else None}


@login_required
@require_safe
def room_outcome(request: HttpRequest, negotiation_id: int) -> HttpResponse:
    """The outcome alone, for the page's script to insert."""
    record, side = access_negotiation(negotiation_id, user_id=_user_id(request), now=clock.now())
    return render(request, "negotiation/parts/outcome.html", {"outcome": outcome(record, side)})


def _rates(record: NegotiationRecord) -> dict[str, str]:
    """The rates from which the page computes the all-in price at a limit that is not sealed yet."""
    terms = record.terms
    return {
        "meals": money(terms.meals_amount),
        "cleaning": money(terms.cleaning),
        "fee_percent": str(terms.fee_percent),
        "tax_percent": str(terms.tax_percent),
    }


def outcome(record: NegotiationRecord, side: Side) -> dict[str, Any] | None:
    """The outcome in one sentence, and what the user can do next; None while the negotiation is open."""
    if record.status == "open":
        return None
    if record.booking_id is not None:
        return _agreed(record, side)
    title, text = _ended(record)
    stay = {"check_in": record.start_date, "check_out": record.end_date, "guests": record.guests}
    taken = record.status == "superseded"
    home = reverse("property", args=[record.property_id])
    return {
        "kind": "ended",
        "side": side,
        "title": title,
        "text": text,
        "again": home if taken else f"{home}?{urlencode(stay)}",
        "again_words": _("Try other dates") if taken else _("Ask again"),
        "similar": f"/?{urlencode(stay)}",
    }


def _agreed(record: NegotiationRecord, side: Side) -> dict[str, Any]:
    [booking] = get_booking_details([record.booking_id or 0], now=clock.now(), absolute=str)
    saved = Decimal(booking["list_price"]) - Decimal(booking["base_price"])
    receives = host_receives(**{name: Decimal(booking[name]) for name in ("total", "platform_fee", "tax")})
    content = {"kind": "agreed", "side": side, "booking": booking, "saved": max(saved, ZERO)}
    return content | ({"receives": receives} if side == "host" else {})


def _ended(record: NegotiationRecord) -> tuple[str, str]:
    if record.status == "superseded":
        return _("These nights are gone"), _why_gone(record)
    return {
        "declined": (_("Declined"), _("The last price was not accepted.")),
        "withdrawn": (_("Withdrawn"), _("The last offer was taken back.")),
        "expired": (_("Time ran out"), _("Nobody answered the last offer in time.")),
        "closed": (_("Closed"), _("The question was closed.")),
    }[record.status]


def _why_gone(record: NegotiationRecord) -> str:
    last, _more = list_entries(record.id, after_seq=record.last_seq - 1, limit=1)
    return superseded(str(last[0]["data"].get("reason")) if last else "")


def _user_id(request: HttpRequest) -> int:
    return int(request.user.pk or 0)
