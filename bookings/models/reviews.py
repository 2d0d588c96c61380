from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from bookings.models.stays import Booking
from properties.models import Property


class Review(models.Model):
    """What a guest says of a stay that is over, and the host's one answer. A hidden one counts nowhere."""

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="review")
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="reviews")
    guest = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews_written")
    rating = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=5000, blank=True)
    answer = models.TextField(max_length=5000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

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
        ]

    def __str__(self) -> str:
        return f"Review {self.pk}"


class ReviewReport(models.Model):
    """Somebody thinks that a review should not stand; staff decide."""

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
