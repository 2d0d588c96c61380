from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from bookings.models.stays import Booking
from properties.models import Property


class Written(models.Model):
    """A review by one side of a stay. It can be read once both sides have written, or the time to write is over."""

    rating = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=5000, blank=True)
    # Null: it shows since it was written, as all reviews did before both sides wrote.
    shows_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True

    @staticmethod
    def shown(now: datetime) -> Q:
        """The condition of reviews that everyone may read."""
        return Q(hidden_at=None) & (Q(shows_at=None) | Q(shows_at__lte=now))


class Review(Written):
    """What a guest says of a stay that is over, and the host's one answer. A hidden one counts nowhere."""

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="review")
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="reviews")
    guest = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews_written")
    # Whether it may count for the rating, and whether the property's rating includes it already.
    counts = models.BooleanField(default=True, db_default=True)
    counted = models.BooleanField(default=True, db_default=True)
    answer = models.TextField(max_length=5000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(rating__range=(1, 5)), name="review_rating"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="review_answered",
            ),
        ]
        indexes = [
            models.Index(fields=["property", "-id"], name="review_shown", condition=Q(hidden_at=None)),
            models.Index(fields=["shows_at"], name="review_to_count", condition=Q(counts=True, counted=False)),
        ]

    def __str__(self) -> str:
        return f"Review {self.pk}"


class GuestReview(Written):
    """What a host says of a guest whose stay is over."""

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="guest_review")
    guest = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews_received")
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(rating__range=(1, 5)), name="guest_review_rating")]
        indexes = [models.Index(fields=["guest", "-id"], name="guest_review_shown", condition=Q(hidden_at=None))]

    def __str__(self) -> str:
        return f"Guest review {self.pk}"


class ReviewReport(models.Model):
    """A report that a review should be hidden; staff decide."""

    class Outcome(models.TextChoices):
        HIDDEN = "hidden"
        KEPT = "kept"

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    outcome = models.CharField(max_length=6, choices=Outcome, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "reporter"], name="review_report_once")]
        indexes = [models.Index(fields=["review"], name="review_reports_open", condition=Q(resolved_at=None))]
