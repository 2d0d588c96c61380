"""Changing an agreed stay: choose, see what it costs, propose; and the other side's answer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings.pages.booking import key_in, shown_to, viewer
from bookings.pages.booking_view import Shown
from bookings.pages.change_view import change_words
from bookings.selectors.changes import get_open_change, quote_change
from bookings.serializers import WishIn
from bookings.services.changing import MOVES, answer_change, propose_change
from core import clock
from core.errors import Code, DomainError, not_found
from core.web.pages import refused


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, booking_id: int) -> HttpResponse:
    """`/bookings/<id>/change/?start_date=&end_date=&number_of_guests=`: with them what it would cost; a POST proposes it."""
    shown = shown_to(request, booking_id)
    if request.method == "POST":
        return _propose(request, booking_id)
    if not shown.may_change and not get_open_change(booking_id, shown.now):
        return redirect("booking", booking_id)
    quoted, problem = _quoted(request, shown) if request.GET else (None, None)
    return render(request, "bookings/change.html", _content(request, shown, quoted, problem))


def _content(
    request: HttpRequest, shown: Shown, quoted: dict[str, Any] | None, problem: DomainError | None
) -> dict[str, Any]:
    booking = shown.booking
    wish = {
        "start_date": request.GET.get("start_date") or booking.start_date.isoformat(),
        "end_date": request.GET.get("end_date") or booking.end_date.isoformat(),
        "number_of_guests": request.GET.get("number_of_guests") or booking.number_of_guests,
    }
    return shown.price() | {
        "side": shown.side,
        "them": shown.them,
        "wish": wish,
        "stay": {"start_date": booking.start_date.isoformat(), "end_date": booking.end_date.isoformat()},
        "quoted": quoted,
        "problem": problem.translated().message if problem else "",
        "fields": problem.translated().fields if problem else {},
        "is_paid": booking.payment_status == "paid",
        "today": shown.now.date().isoformat(),
        "key": uuid4().hex,
    }


def _quoted(request: HttpRequest, shown: Shown) -> tuple[dict[str, Any] | None, DomainError | None]:
    try:
        wish = WishIn.wish(request.GET)
        quoted = quote_change(shown.booking.pk, user_id=shown.viewer_id, wish=wish, now=shown.now)
    except DomainError as error:
        return None, error
    return quoted | change_words(shown.booking.payment_status, quoted), None


def _propose(request: HttpRequest, booking_id: int) -> HttpResponse:
    try:
        propose_change(
            actor=viewer(request), booking_id=booking_id, wish=WishIn.wish(request.POST), key=key_in(request),
            now=clock.now(),
        )  # fmt: skip
    except DomainError as error:
        return _back(request, booking_id, error)
    messages.success(request, _("Proposed. Until the other side accepts, the stay is as it was."))
    return redirect("booking", booking_id)


@login_required
@require_POST
def answer(request: HttpRequest, booking_id: int, change_id: int) -> HttpResponse:
    """`/bookings/<id>/change/<change>/`: accept, decline, or take it back."""
    status = request.POST.get("status", "")
    if status not in MOVES:
        raise not_found()
    try:
        answer_change(
            actor=viewer(request), booking_id=booking_id, change_id=change_id, status=status, key=key_in(request),
            now=clock.now(),
        )  # fmt: skip
    except DomainError as error:
        return _back(request, booking_id, error)
    messages.success(request, str(DONE[status]()))
    return redirect("booking", booking_id)


DONE = {
    "accepted": lambda: _("Accepted, and the other side has been told."),
    "declined": lambda: _("Declined. The stay is as it was."),
    "withdrawn": lambda: _("Taken back. The stay is as it was."),
}


def _back(request: HttpRequest, booking_id: int, error: DomainError) -> HttpResponse:
    """Goes back to the booking with the error. A user who is no party of it gets not_found instead."""
    if error.code == Code.NOT_FOUND:
        raise error
    return refused(request, error, "booking", booking_id)
