"""Writing, changing and answering reviews, from the booking's page."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bookings.pages.booking import shown_to, viewer
from bookings.selectors.reviews import reviews_of_stay
from bookings.serializers import AnswerIn, StayReviewIn
from bookings.services.review_answers import answer_review
from bookings.services.reviewing import put_review, take_back_review
from core import clock
from core.errors import DomainError, not_found
from core.web.forms import form_of
from core.web.pages import refused


@login_required
@form_of("booking", keep=("booking_id",))
def review_booking(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Writes, changes or takes back (`take_back`) the review by one side of a stay that is over."""
    shown = shown_to(request, booking_id)
    actor, now = viewer(request), clock.now()
    try:
        if "take_back" in request.POST:
            take_back_review(actor=actor, booking_id=booking_id, now=now)
            messages.success(request, _("You took your review back."))
            return redirect("booking", booking_id)
        given = StayReviewIn.read({"rating": request.POST.get("rating"), "review": request.POST.get("review")})
        put_review(actor=actor, booking_id=booking_id, rating=given["rating"], text=given["review"], now=now)
    except DomainError as error:
        return _again(request, booking_id, error)
    both = reviews_of_stay(shown.booking, shown.side, now)["theirs"]
    words = _("Thank you. Both reviews can be read now.") if both else _("Thank you. Your review is kept.")
    messages.success(request, words)
    return redirect("booking", booking_id)


def _again(request: HttpRequest, booking_id: int, error: DomainError) -> HttpResponse:
    """Redirects back to the booking with the error in the form's words, and keeps what was typed."""
    words = {"rating": _("Choose how many stars."), "review": _("Write a few words.")}
    missing = [words[name] for name in error.fields if name in words]
    request.session[f"review:{booking_id}"] = request.POST.get("review", "")[:5000].replace("\0", "")
    if not missing:
        return refused(request, error, "booking", booking_id)
    messages.error(request, " ".join(missing))
    return redirect("booking", booking_id)


@login_required
@form_of("booking", keep=("booking_id",))
def answer_to_review(request: HttpRequest, booking_id: int) -> HttpResponse:
    """The host's one answer."""
    shown = shown_to(request, booking_id)
    review = reviews_of_stay(shown.booking, "host", clock.now())["theirs"]
    if review is None:
        raise not_found()
    try:
        given = AnswerIn.read({"answer": request.POST.get("answer")})
        answer_review(
            actor=viewer(request), property_id=shown.booking.property_id, review_id=review["id"], text=given["answer"],
            now=clock.now(),
        )  # fmt: skip
    except DomainError as error:
        return refused(request, error, "booking", booking_id)
    messages.success(request, _("Your answer is public now."))
    return redirect("booking", booking_id)
