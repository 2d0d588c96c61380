"""The page of a user's trips: their stays, the next one first, with what is due."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.pages.booking import contact_of, house_of, map_link
from bookings.pages.booking_view import Shown, access_shown
from bookings.pages.change_view import shown_change
from bookings.rules.states import ACTIVE
from bookings.selectors.bookings import instant_among, trip_ids
from bookings.selectors.details import get_booking_details
from bookings.selectors.stay_calendar import address_of
from core import clock
from core.database.replica import reads_replica

PAGE = 20
# The cards of so many next stays say all that is needed on the way there; the others lead to their pages.
NEAR = 3


@login_required
@require_safe
@reads_replica
def trips(request: HttpRequest) -> HttpResponse:
    """`/trips/?as=host&past=1&page=2`."""
    side = "host" if request.GET.get("as") == "host" else "guest"
    past = bool(request.GET.get("past"))
    now = clock.now()
    ids = trip_ids(request.user.pk or 0, side, past=past, now=now)
    page = Paginator(ids, PAGE).get_page(request.GET.get("page"))
    stays = get_booking_details(page.object_list, now=now, absolute=str)
    instant = instant_among(page.object_list)
    shown = [stay | _due(stay, side, stay["id"] in instant) for stay in stays if past or stay["status"] in ACTIVE]
    near = [] if past else [stay["id"] for stay in shown if stay["status"] == "confirmed"][:NEAR]
    needs = {pk: _needed(access_shown(pk, user_id=request.user.pk or 0, now=now)) for pk in near}
    content = {
        "stays": [stay | {"need": needs.get(stay["id"])} for stay in shown],
        "as_host": side == "host",
        "past": past,
        "older": _older(request, page.next_page_number()) if page.has_next() else "",
    }
    return render(request, "bookings/trips.html", content)


def _older(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


def _needed(shown: Shown) -> dict[str, Any]:
    """How to come to an agreed stay, the house's rules, the other party, and a change that waits."""
    return {
        "arrive": shown.local_time(shown.booking.check_in_at),
        "leave": shown.local_time(shown.booking.check_out_at),
        "address": address_of(shown.booking, user_id=shown.viewer_id, now=shown.now),
        "map": map_link(shown),
        "rules": house_of(shown)["rules"],
        "them": contact_of(shown),
        "change": shown_change(shown),
    }


def _due(stay: dict[str, Any], side: str, is_instant: bool) -> dict[str, Any]:
    """What this side has to do for a stay, and until when."""
    instant = stay["status"] == "pending" and is_instant
    if stay["status"] == "pending" and not instant:
        words = _("The host answers until") if side == "guest" else _("Answer until")
        return {"due": words, "due_at": stay["hold_expires_at"], "answer": side == "host"}
    if instant or (stay["status"] == "confirmed" and stay["payment_status"] == "due"):
        words = _("Pay until") if side == "guest" else _("The guest pays until")
        due_at = stay["hold_expires_at"] if instant else stay["pay_by"]
        return {"due": words, "due_at": due_at, "pay": side == "guest"}
    return {}
