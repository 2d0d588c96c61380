from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from bookings.models.stays import Booking

OPEN = ("proposed", "accepted")


class StayChange(models.Model):
    """Other dates or guests for an agreed stay: proposed by one party, accepted by the other, then paid where it costs more.

    Until it is `done` the booking stands as it was. Amounts are in the booking's currency; dates half-open.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        # Agreed; the nights that it adds are held until the guest has paid the difference.
        ACCEPTED = "accepted"
        DONE = "done"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"
        # The booking itself is over.
        CANCELLED = "cancelled"

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="changes")
    by = models.CharField(max_length=5, help_text="guest or host")
    status = models.CharField(max_length=9, choices=Status, default=Status.PROPOSED)
    start_date = models.DateField()
    end_date = models.DateField()
    number_of_guests = models.PositiveSmallIntegerField()
    # The stay as it was when the change was proposed.
    old_start_date = models.DateField()
    old_end_date = models.DateField()
    old_number_of_guests = models.PositiveSmallIntegerField()
    old_total = models.DecimalField(max_digits=13, decimal_places=2)
    # The changed stay's price, frozen when the change was proposed.
    quote = models.JSONField()
    list_price = models.DecimalField(max_digits=12, decimal_places=2)
    total = models.DecimalField(max_digits=13, decimal_places=2)
    expires_at = models.DateTimeField(help_text="Until when the other side may accept it.")
    pay_by = models.DateTimeField(null=True, blank=True)
    processing_since = models.DateTimeField(null=True, blank=True)
    # The calendar's entries of the nights that it adds, while they are held.
    held_entries = ArrayField(models.BigIntegerField(), default=list, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["booking"], condition=Q(status__in=OPEN), name="stay_change_one_open"),
            models.CheckConstraint(condition=Q(start_date__lt=F("end_date")), name="stay_change_dates"),
            models.CheckConstraint(
                condition=Q(status__in=OPEN, ended_at=None) | (~Q(status__in=OPEN) & Q(ended_at__isnull=False)),
                name="stay_change_ended",
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | Q(pay_by__isnull=False), name="stay_change_accepted_has_deadline"
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="stay_change_open", condition=Q(status__in=OPEN))]

    def __str__(self) -> str:
        return f"Change {self.pk} of booking {self.booking_id}"
