from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class StoredOutcome(models.Model):
    """The outcome of a command, given again to a repeat of its id for 24 hours.

    `account_id` names a user without a foreign key, since this app knows no users.
    """

    pk = models.CompositePrimaryKey("account_id", "key")
    account_id = models.BigIntegerField()
    key = models.CharField(max_length=64)
    fingerprint = models.BinaryField(max_length=16)
    outcome = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        # Only the daily clean-up asks by time, and rows lie in its order anyway.
        indexes = [BrinIndex(fields=["created_at"], name="stored_outcome_created")]


class ClockJob(models.Model):
    """When each job of the clock last ended, in any process. It shows a clock that stands still."""

    name = models.CharField(max_length=60, primary_key=True)
    ran_at = models.DateTimeField()
    did = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name
