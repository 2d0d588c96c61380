"""One booking for its two parties: what it is, what is due, cancelling, the receipt."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.selectors.users import get_phone
from bookings.pages.booking_view import Shown, access_shown, notice_of
from bookings.pages.change_view import shown_change
from bookings.selectors.contact import may_see_contact
from bookings.selectors.refunds import list_ledger_lines, preview_refund
from bookings.selectors.reviews import reviews_of_stay
from bookings.selectors.stay_calendar import address_of, get_shown_point
from bookings.services.reviewing import PAID_FOR
from bookings.services.status_changes import MOVES, change_status
from core import clock
from core.errors import Code, DomainError, not_found
from core.web.forms import form_of
from core.web.pages import refused

KINDS = {
    "stay": gettext_lazy("Stay"),
    "stay_with_meal": gettext_lazy("Stay with meals"),
    "paying_guest": gettext_lazy("Paying guest"),
}


def viewer(request: HttpRequest) -> User:
    """The signed-in user who looks at a page."""
    assert isinstance(request.user, User)  # noqa: S101 - behind login_required
    return request.user


def key_in(request: HttpRequest) -> str | None:
    """The form's own key, by which a second press does nothing new; None where it was tampered with."""
    key = request.POST.get("key", "")
    return key if key.isascii() and key.isalnum() and len(key) <= 64 else None


def shown_to(request: HttpRequest, booking_id: int) -> Shown:
    return access_shown(booking_id, user_id=viewer(request).pk, now=clock.now())


@login_required
@require_safe
def booking(request: HttpRequest, booking_id: int) -> HttpResponse:
    """`/bookings/<id>/`."""
    shown = shown_to(request, booking_id)
    reviews = reviews_of_stay(shown.booking, shown.side, shown.now)
    content = shown.price() | {
        "side": shown.side,
        "them": contact_of(shown),
        "kind": KINDS[shown.booking.booking_type],
        "notice": notice_of(shown),
        "money": shown.money(),
        "can": _can(shown, reviews),
        "bank_page": shown.bank_page,
        "check_in": shown.local_time(shown.booking.check_in_at),
        "check_out": shown.local_time(shown.booking.check_out_at),
        "meals": shown.meals(),
        "address": address_of(shown.booking, user_id=shown.viewer_id, now=shown.now),
        "map": map_link(shown),
        "house": house_of(shown),
        "change": shown_change(shown),
        "reviews": reviews,
        # What the user typed into a form that was refused.
        "draft": request.session.pop(f"review:{booking_id}", ""),
        "stars": (1, 2, 3, 4, 5),
    }
    return render(request, "bookings/booking.html", content)


def _can(shown: Shown, reviews: dict[str, Any]) -> dict[str, bool]:
    over = shown.details["status"] == "completed" and shown.details["payment_status"] in PAID_FOR
    mine, theirs = reviews["mine"], reviews["theirs"]
    return {
        "pay": shown.pays,
        "answer": shown.may("approve"),
        "cancel": shown.may("cancel"),
        "change": shown.may_change,
        "review": over and mine is None and reviews["is_open"],
        "change_review": mine is not None and mine["editable_until"] is not None,
        "reply": shown.side == "host" and theirs is not None and not theirs["answer"],
    }


def contact_of(shown: Shown) -> dict[str, str]:
    """The other party; how to reach them only once the stay is settled."""
    them = shown.them
    if not may_see_contact(viewer_id=shown.viewer_id, other_id=them.pk, now=shown.now):
        return {"name": them.name}
    return {"name": them.name, "email": them.email, "phone": get_phone(them.pk)}


def map_link(shown: Shown) -> str:
    """The home's place on OpenStreetMap, as exactly as this side may know it."""
    latitude, longitude = get_shown_point(shown.booking, user_id=shown.viewer_id, now=shown.now)
    return (
        f"https://www.openstreetmap.org/?mlat={latitude:.5f}&mlon={longitude:.5f}#map=16/{latitude:.5f}/{longitude:.5f}"
    )


def house_of(shown: Shown) -> dict[str, str]:
    """The house rules, for a stay that is agreed."""
    home = shown.booking.property
    agreed = shown.details["status"] in ("confirmed", "completed")
    return {"rules": home.house_rules if agreed else ""}


@login_required
@form_of("booking", keep=("booking_id",))
def answer_booking(request: HttpRequest, booking_id: int) -> HttpResponse:
    """The host approves or rejects."""
    status = request.POST.get("status", "")
    if status not in MOVES:
        raise not_found()
    try:
        change_status(actor=viewer(request), booking_id=booking_id, status=status, now=clock.now())
    except DomainError as error:
        return _back(request, booking_id, error)
    messages.success(request, _("Done. The guest has been told."))
    return redirect("booking", booking_id)


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, booking_id: int) -> HttpResponse:
    """`/bookings/<id>/cancel/`: what comes back is shown before anything is done."""
    shown = shown_to(request, booking_id)
    if request.method == "POST":
        return _cancel(request, booking_id)
    refund = preview_refund(shown.booking, by=shown.side, status=shown.details["status"], now=shown.now)
    content = shown.price() | {
        "side": shown.side,
        "refund": refund.as_dict(),
        "paid": refund.paid > 0,
        "returned": refund.already_returned + refund.owed,
        "key": uuid4().hex,
    }
    return render(request, "bookings/cancel.html", content)


def _cancel(request: HttpRequest, booking_id: int) -> HttpResponse:
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:500]
    try:
        change_status(
            actor=viewer(request), booking_id=booking_id, status="cancelled", reason=reason, key=key_in(request),
            now=clock.now(),
        )  # fmt: skip
    except DomainError as error:
        return _back(request, booking_id, error)
    messages.success(request, _("The stay is cancelled, and the other side has been told."))
    return redirect("booking", booking_id)


def _back(request: HttpRequest, booking_id: int, error: DomainError) -> HttpResponse:
    """Goes back to the booking with the error. A user who is no party of it gets not_found instead."""
    if error.code == Code.NOT_FOUND:
        raise error
    return refused(request, error, "booking", booking_id)


@login_required
@require_safe
def receipt(request: HttpRequest, booking_id: int) -> HttpResponse:
    """`/bookings/<id>/receipt/`, made to be printed."""
    shown = shown_to(request, booking_id)
    content = shown.price() | {
        "host_name": shown.booking.host.name,
        "guest_name": shown.booking.guest.name,
        "payments": _money_moved(shown),
    }
    return render(request, "bookings/receipt.html", content)


def _money_moved(shown: Shown) -> list[dict[str, Any]]:
    return [
        {
            "at": line.at,
            "amount": line.amount,
            "currency": line.currency,
            "words": _("Paid") if line.amount > 0 else _("Given back"),
        }
        for line in list_ledger_lines(shown.booking.pk)
    ]
