"""Writing and answering a review, from the booking's page."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bookings.pages.booking import shown_to, viewer
from bookings.selectors.reviews import get_review_of
from bookings.serializers import AnswerIn, ReviewIn
from bookings.services.reviewing import answer_review, write_review
from core import clock
from core.errors import DomainError, not_found
from core.web.forms import form_of
from core.web.pages import refused


@login_required
@form_of("booking", keep=("booking_id",))
def review_booking(request: HttpRequest, booking_id: int) -> HttpResponse:
    """The guest of a stay that is over says how it was."""
    shown = shown_to(request, booking_id)
    body = {"booking": booking_id, "rating": request.POST.get("rating"), "review": request.POST.get("review")}
    try:
        given = ReviewIn.read(body)
        write_review(
            actor=viewer(request), property_id=shown.booking.property_id, booking_id=booking_id,
            rating=given["rating"], text=given["review"], key=None, now=clock.now(),
        )  # fmt: skip
    except DomainError as error:
        return refused(request, error, "booking", booking_id)
    messages.success(request, _("Thank you. Your review is public now."))
    return redirect("booking", booking_id)


@login_required
@form_of("booking", keep=("booking_id",))
def answer_to_review(request: HttpRequest, booking_id: int) -> HttpResponse:
    """The host's one answer."""
    shown = shown_to(request, booking_id)
    review = get_review_of([booking_id]).get(booking_id)
    if review is None:
        raise not_found()
    try:
        given = AnswerIn.read({"answer": request.POST.get("answer")})
        answer_review(
            actor=viewer(request), property_id=shown.booking.property_id, review_id=review.pk, text=given["answer"],
            now=clock.now(),
        )  # fmt: skip
    except DomainError as error:
        return refused(request, error, "booking", booking_id)
    messages.success(request, _("Your answer is public now."))
    return redirect("booking", booking_id)
