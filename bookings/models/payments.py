from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bookings.models.changes import StayChange
from bookings.models.stays import Booking


class Payment(models.Model):
    """One attempt to pay for a booking: written as an intent before the gateway is called, settled by its answer."""

    class Status(models.TextChoices):
        # Written and committed; the gateway's answer is not known yet.
        PROCESSING = "processing"
        REQUIRES_ACTION = "requires_action"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    RUNNING = (Status.PROCESSING, Status.REQUIRES_ACTION)

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="payments")
    change = models.ForeignKey(
        StayChange, on_delete=models.PROTECT, null=True, blank=True, related_name="payments",
        help_text="Pays what this change of the stay costs more.",
    )  # fmt: skip
    gateway = models.CharField(max_length=10)
    method = models.CharField(max_length=20, blank=True)
    amount = models.DecimalField(max_digits=13, decimal_places=2)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=15, choices=Status, default=Status.PROCESSING)
    # To the gateway this key is one payment, however often it is sent.
    key = models.UUIDField(unique=True)
    reference = models.CharField(max_length=100, blank=True, help_text="The gateway's own id.")
    action_url = models.CharField(max_length=1000, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    card = models.BinaryField(
        max_length=16, null=True, blank=True, help_text="A keyed digest of which card it was, where the gateway says."
    )
    surplus = models.BooleanField(
        default=False, help_text="Came for a booking that was over or paid already: all of it goes back."
    )
    # Sum of the refunds that are owed, on their way or done.
    refunded = models.DecimalField(max_digits=13, decimal_places=2, default=0)
    check_at = models.DateTimeField(null=True, blank=True, help_text="When the gateway is next asked about it.")
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_above_zero"),
            models.CheckConstraint(condition=Q(refunded__gte=0, refunded__lte=F("amount")), name="payment_refunded"),
            models.CheckConstraint(condition=Q(status="succeeded") | Q(refunded=0), name="payment_refunded_only_paid"),
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(status__in=["processing", "requires_action"]),
                name="payment_one_running",
            ),
            models.UniqueConstraint(
                fields=["gateway", "reference"], condition=~Q(reference=""), name="payment_reference_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["check_at"], name="payment_to_check", condition=Q(check_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Payment {self.pk}"


class Refund(models.Model):
    """Money on its way back to the guest: an intent in the transaction that decided it, settled by the gateway.

    A refund that was made at the gateway itself, for instance in its dashboard, has the reason `gateway`.
    """

    class Status(models.TextChoices):
        # Owed: not asked for yet, refused so far, or on its way.
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        # The gateway took it back, perhaps days after it had succeeded. `retry` is the next try.
        FAILED = "failed"
        # Not needed any more: as much was given back at the gateway itself.
        COVERED = "covered"

    GATEWAY = "gateway"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="refunds")
    amount = models.DecimalField(max_digits=13, decimal_places=2)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    key = models.UUIDField(unique=True)
    reference = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=20)
    made_by = models.CharField(max_length=150, blank=True, help_text="Staff who made it by hand.")
    # Unique, so that what the gateway refused is tried again once, however often staff ask.
    retry_of = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="retry")
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often the gateway refused it.")
    failure = models.CharField(max_length=200, blank=True)
    check_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_above_zero"),
            models.UniqueConstraint(
                fields=["payment", "reference"], condition=~Q(reference=""), name="refund_reference_unique"
            ),
        ]
        indexes = [models.Index(fields=["check_at"], name="refund_pending", condition=Q(status="pending"))]

    def __str__(self) -> str:
        return f"Refund {self.pk}"


class Dispute(models.Model):
    """A guest told the bank that a payment was not right. While it is open nothing goes back by itself."""

    class Status(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="disputes")
    reference = models.CharField(max_length=100)
    amount = models.DecimalField(max_digits=13, decimal_places=2)
    status = models.CharField(max_length=4, choices=Status, default=Status.OPEN)
    reason = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    # When the gateway said what this row holds; what it said earlier changes nothing any more.
    told_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="dispute_above_zero"),
            models.UniqueConstraint(fields=["payment", "reference"], name="dispute_reference_unique"),
        ]
        indexes = [models.Index(fields=["payment"], name="dispute_open", condition=Q(status="open"))]

    def __str__(self) -> str:
        return f"Dispute {self.pk}"


class LedgerLine(models.Model):
    """Money that moved: a charge is above zero, a refund or a lost dispute below, and above again where it was taken back.

    Never changed; a booking's lines add up to what is kept.
    """

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="ledger")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="line")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="lines")
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, null=True, blank=True, related_name="lines")
    amount = models.DecimalField(max_digits=13, decimal_places=2)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(payment__isnull=False, refund=None, dispute=None, amount__gt=0)
                | Q(payment=None, refund__isnull=False, dispute=None)
                | Q(payment=None, refund=None, dispute__isnull=False),
                name="ledger_one_source",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_moves_money"),
            # A refund goes once, and is taken back once.
            models.UniqueConstraint(fields=["refund"], condition=Q(amount__lt=0), name="ledger_refund_once"),
            models.UniqueConstraint(fields=["refund"], condition=Q(amount__gt=0), name="ledger_refund_back_once"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"


class GatewayEvent(models.Model):
    """A message of a gateway that was dealt with, so that a duplicate does nothing."""

    gateway = models.CharField(max_length=10)
    event_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=60)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "event_id"], name="gateway_event_once")]


class Discrepancy(models.Model):
    """Where our books and a gateway's differ, and `reconcile` could not mend it. Closed by the first comparison without it."""

    gateway = models.CharField(max_length=10)
    # Names the difference in the words of both books: one open row for each.
    subject = models.CharField(max_length=200)
    text = models.CharField(max_length=500)
    payment = models.ForeignKey(Payment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "discrepancies"
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "subject"], condition=Q(closed_at=None), name="discrepancy_open_once"
            )
        ]

    def __str__(self) -> str:
        return self.subject
