from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from bookings.rules import states
from properties.models import CalendarEntry, Meal, Property
from properties.rules import terms


class Booking(models.Model):
    """An agreed stay, or a reservation that may become one. Amounts are in `currency`; dates half-open."""

    class Status(models.TextChoices):
        PENDING = states.PENDING
        CONFIRMED = states.CONFIRMED
        REJECTED = states.REJECTED
        CANCELLED = states.CANCELLED
        EXPIRED = states.EXPIRED
        COMPLETED = states.COMPLETED

    class PaymentStatus(models.TextChoices):
        DUE = states.DUE
        PROCESSING = states.PROCESSING
        PAID = states.PAID
        PARTLY_REFUNDED = states.PARTLY_REFUNDED
        REFUNDED = states.REFUNDED
        ON_ARRIVAL = states.ON_ARRIVAL

    class Type(models.TextChoices):
        STAY = terms.STAY
        STAY_WITH_MEAL = terms.STAY_WITH_MEAL
        PAYING_GUEST = terms.PAYING_GUEST

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="bookings")
    guest = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stays")
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hosted_bookings")
    # Null once the nights are free again; also where an expired hold's nights went to another guest before the clock's job ran.
    # The database itself sets it null (migration 0001), so that any way to delete the entry is right.
    calendar_entry = models.OneToOneField(
        CalendarEntry, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="booking"
    )
    booking_type = models.CharField(max_length=14, choices=Type)
    start_date = models.DateField()
    end_date = models.DateField()
    # The moments that the dates mean at the property, frozen at booking.
    check_in_at = models.DateTimeField()
    check_out_at = models.DateTimeField()
    number_of_guests = models.PositiveSmallIntegerField()

    currency = models.CharField(max_length=3)
    list_price = models.DecimalField(max_digits=12, decimal_places=2, help_text="List price of the whole stay.")
    base_price = models.DecimalField(max_digits=12, decimal_places=2, help_text="Agreed price of the whole stay.")
    meals_price = models.DecimalField(max_digits=12, decimal_places=2)
    cleaning_fee = models.DecimalField(max_digits=12, decimal_places=2)
    platform_fee = models.DecimalField(max_digits=12, decimal_places=2)
    tax = models.DecimalField(max_digits=12, decimal_places=2)
    total = models.DecimalField(max_digits=13, decimal_places=2)
    quote = models.JSONField()
    cancellation_policy = models.CharField(max_length=8, choices=Property.Policy)

    status = models.CharField(max_length=9, choices=Status)
    payment_status = models.CharField(max_length=15, choices=PaymentStatus, default=PaymentStatus.DUE)
    # A number without a foreign key: negotiations live a floor above.
    negotiation_id = models.BigIntegerField(null=True, blank=True, unique=True)
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    pay_by = models.DateTimeField(null=True, blank=True)
    processing_since = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=6, blank=True, help_text="guest, host or system")
    unpaid = models.BooleanField(default=False, help_text="Cancelled because nobody paid in time.")
    instant = models.BooleanField(default=False, help_text="Reserved by instant book: payment alone confirms it.")
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(start_date__lt=F("end_date")), name="booking_dates"),
            models.CheckConstraint(condition=~Q(guest=F("host")), name="booking_two_parties"),
            models.CheckConstraint(
                condition=Q(
                    total=F("base_price") + F("meals_price") + F("cleaning_fee") + F("platform_fee") + F("tax")
                ),
                name="booking_total_adds_up",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["confirmed", "completed"]) | Q(calendar_entry__isnull=False),
                name="booking_agreed_has_nights",
            ),
            models.CheckConstraint(
                condition=~Q(status="pending") | Q(hold_expires_at__isnull=False), name="booking_pending_has_end"
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed", payment_status="due") | Q(pay_by__isnull=False),
                name="booking_due_has_deadline",
            ),
            models.CheckConstraint(
                condition=Q(payment_status="processing", processing_since__isnull=False)
                | (~Q(payment_status="processing") & Q(processing_since=None)),
                name="booking_processing_has_start",
            ),
        ]
        indexes = [
            models.Index(fields=["guest", "-start_date"], name="booking_guest"),
            models.Index(fields=["host", "-start_date"], name="booking_host"),
            models.Index(
                fields=["guest"],
                name="booking_unpaid",
                condition=Q(status__in=states.ACTIVE, payment_status__in=states.UNPAID),
            ),
            # What the clock looks for.
            models.Index(fields=["hold_expires_at"], name="booking_holds", condition=Q(status="pending")),
            models.Index(
                fields=["pay_by"],
                name="booking_pay_by",
                condition=Q(status="confirmed", payment_status__in=states.UNPAID),
            ),
            models.Index(fields=["check_out_at"], name="booking_check_out", condition=Q(status="confirmed")),
            models.Index(fields=["guest", "property"], name="booking_paused", condition=Q(unpaid=True)),
        ]

    def __str__(self) -> str:
        return f"Booking {self.pk}"


class BookedMeal(models.Model):
    """A dish ordered for one date of a stay; `price` is the unit price frozen when it was ordered."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="meals")
    meal = models.ForeignKey(Meal, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=Meal.Kind)
    name = models.CharField(max_length=100)
    date = models.DateField()
    quantity = models.PositiveSmallIntegerField()
    price = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["date", "id"]
