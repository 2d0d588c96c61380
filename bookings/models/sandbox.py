"""The sandbox gateway's own books. It writes them in transactions of their own, as a real gateway keeps books elsewhere."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class SandboxCharge(models.Model):
    """A payment as the sandbox sees it. `reference` is unguessable: it opens the action page."""

    class Status(models.TextChoices):
        OPEN = "open"
        REQUIRES_ACTION = "requires_action"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        VOID = "void"

    key = models.UUIDField(unique=True)
    reference = models.CharField(max_length=60, unique=True)
    amount = models.DecimalField(max_digits=13, decimal_places=2)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=15, choices=Status, default=Status.OPEN)
    refunded = models.DecimalField(max_digits=13, decimal_places=2, default=0)
    refuses_refunds = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(refunded__gte=0, refunded__lte=F("amount")), name="sandbox_refunded")
        ]


class SandboxRefund(models.Model):
    """A refund as the sandbox sees it; a key gives money back once."""

    key = models.UUIDField(unique=True)
    charge = models.ForeignKey(SandboxCharge, on_delete=models.CASCADE, related_name="refunds")
    amount = models.DecimalField(max_digits=13, decimal_places=2)
