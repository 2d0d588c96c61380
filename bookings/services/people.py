"""What bookings does for accounts: their export, erasing, reports of reviews, blocks, and what keeps an account from erasing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Report
from accounts.reporting import Evidence
from bookings.models import (
    BookedMeal,
    Booking,
    Dispute,
    GuestReview,
    LedgerLine,
    Payment,
    Refund,
    Review,
    ReviewReport,
    StayChange,
)
from bookings.rules.deadlines import CONTACT_AFTER
from bookings.rules.states import ACTIVE
from bookings.services.locking import lock_booking
from bookings.services.review_answers import hide_review
from bookings.services.transitions import end_booking
from core.errors import DomainError, not_found

_BOOKING = (
    "id", "property_id", "guest_id", "host_id", "booking_type", "start_date", "end_date", "number_of_guests",
    "currency", "list_price", "base_price", "meals_price", "cleaning_fee", "platform_fee", "tax", "total",
    "cancellation_policy", "status", "payment_status", "negotiation_id", "reason", "created_at", "ended_at",
)  # fmt: skip
_CHANGE = (
    "booking_id", "by", "status", "start_date", "end_date", "number_of_guests", "total", "old_start_date", "old_end_date",
    "old_number_of_guests", "old_total", "created_at", "ended_at",
)  # fmt: skip
_MONEY = ("booking_id", "amount", "currency", "status", "created_at", "settled_at")


def put_into_export(*, user_id: int, box: Any) -> None:
    """Adds stays on both sides, their meals and payments, reviews written and answered."""
    mine = Q(guest_id=user_id) | Q(host_id=user_id)
    box.add_rows("bookings", Booking.objects.filter(mine).order_by("pk").values(*_BOOKING).iterator())
    changes = StayChange.objects.filter(Q(booking__guest_id=user_id) | Q(booking__host_id=user_id)).order_by("pk")
    box.add_rows("stay_changes", changes.values(*_CHANGE).iterator())
    meals = BookedMeal.objects.filter(booking__guest_id=user_id).order_by("pk")
    box.add_rows("booked_meals", meals.values("booking_id", "kind", "name", "quantity", "date", "price").iterator())
    payments = Payment.objects.filter(booking__guest_id=user_id).order_by("pk")
    box.add_rows("payments", payments.values("id", "gateway", "method", *_MONEY).iterator())
    refunds = Refund.objects.filter(booking__guest_id=user_id).order_by("pk")
    box.add_rows("refunds", refunds.values("reason", "booking_id", "amount", "status", "created_at").iterator())
    lines = LedgerLine.objects.filter(booking__guest_id=user_id)
    box.add_rows("ledger", lines.order_by("pk").values("amount", "currency", "at").iterator())
    written = Review.objects.filter(guest_id=user_id).order_by("pk")
    box.add_rows("reviews_written", written.values("property_id", "rating", "text", "created_at").iterator())
    of_guests = GuestReview.objects.filter(host_id=user_id).order_by("pk")
    box.add_rows("guest_reviews_written", of_guests.values("booking_id", "rating", "text", "created_at").iterator())
    # A host's review that the guest may not read yet is left out of the export too.
    shown = Q(hidden_at=None) & (Q(shows_at=None) | Q(shows_at__lte=Now()))
    of_me = GuestReview.objects.filter(shown, guest_id=user_id).order_by("pk")
    box.add_rows("guest_reviews_received", of_me.values("booking_id", "rating", "text", "created_at").iterator())
    answered = Review.objects.filter(property__host_id=user_id).exclude(answer="").order_by("pk")
    box.add_rows("reviews_answered", answered.values("property_id", "answer", "answered_at").iterator())
    reports = ReviewReport.objects.filter(reporter_id=user_id).order_by("pk")
    box.add_rows("review_reports", reports.values("review_id", "reason", "created_at").iterator())


def is_needed(*, user_id: int, now: datetime) -> bool:
    """Whether a booking still needs the account: it ended less than 30 days ago, money is on its way, or a dispute is open."""
    mine = Q(guest_id=user_id) | Q(host_id=user_id)
    ahead = Booking.objects.filter(mine, status__in=ACTIVE).exists()
    lately = Booking.objects.filter(mine, status="completed", check_out_at__gt=now - CONTACT_AFTER).exists()
    owed = Refund.objects.filter(booking__guest_id=user_id, status=Refund.Status.PENDING).exists()
    disputed = Dispute.objects.filter(booking__guest_id=user_id, status=Dispute.Status.OPEN).exists()
    return ahead or lately or owed or disputed


def is_property_named(*, property_id: int) -> bool:
    """Whether a booking names that home."""
    return Booking.objects.filter(property_id=property_id).exists()


def erase(*, user_id: int, needed: bool, now: datetime) -> None:
    """Erases the reasons of cancellations and of reported reviews; sums, dates and ratings stay, by law."""
    if needed:
        return
    Booking.objects.filter(guest_id=user_id).exclude(reason="").update(reason="")
    Review.objects.filter(guest_id=user_id).exclude(text="").update(text="")
    GuestReview.objects.filter(host_id=user_id).exclude(text="").update(text="")
    ReviewReport.objects.filter(reporter_id=user_id).delete()


def end_requests(*, blocker_id: int, blocked_id: int, now: datetime) -> int:
    """Ends requests and holds between two users of whom one blocked the other. Returns how many.

    It keeps one whose payment runs, which is as good as agreed.
    """
    pair = Q(guest_id=blocker_id, host_id=blocked_id) | Q(guest_id=blocked_id, host_id=blocker_id)
    pending = Booking.objects.filter(pair, status=Booking.Status.PENDING).order_by("property_id", "pk")
    done = 0
    for booking_id, guest_id in pending.values_list("pk", "guest_id"):
        move, by = ("cancel", "guest") if guest_id == blocker_id else ("reject", "host")
        try:
            with transaction.atomic():
                end_booking(lock_booking(booking_id), move=move, by=by, now=now)
                done += 1
        except DomainError:
            continue
    return done


def find_review(id: str, reporter_id: int, now: datetime) -> Evidence:
    """A review that is shown. Raises `not_found`."""
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0
    review = Review.objects.filter(Review.shown(now), pk=number).select_related("property").first()
    if review is None:
        raise not_found()
    details = {"rating": review.rating, "answer": review.answer}
    return Evidence(review.pk, review.guest_id, review.property.title, review.text, details=details)


def remove_review(report: Report, now: datetime) -> None:
    """Hides a review, as staff decided, and takes it out of the rating."""
    hide_review(review_id=report.subject_id, now=now)
