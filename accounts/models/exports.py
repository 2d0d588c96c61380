from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.documents import private_storage
from accounts.models.users import User


class DataExport(models.Model):
    """Everything that an account gave or did here, packed for its owner. One at a time, for a day."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="data_export")
    asked_at = models.DateTimeField(db_index=True)
    # Until when the pass that packs it keeps other passes off.
    claimed_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(upload_to="exports/", storage=private_storage, max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ready_at=None, expires_at=None) | Q(ready_at__isnull=False, expires_at__isnull=False),
                name="data_export_ready_for_a_time",
            )
        ]
