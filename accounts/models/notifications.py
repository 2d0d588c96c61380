from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.users import User


class Notification(models.Model):
    """Something a user is told of. The ids of things on floors above are plain numbers."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=300)
    negotiation_id = models.BigIntegerField(null=True, blank=True)
    booking_id = models.BigIntegerField(null=True, blank=True)
    property_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    # When the e-mail fallback dealt with it: it went into a digest, or no digest was needed.
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_user"),
            models.Index(fields=["user"], name="notification_unread", condition=models.Q(read_at=None)),
            models.Index(fields=["at"], name="notification_to_mail", condition=models.Q(read_at=None, mailed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_id}"


class NotificationPreference(models.Model):
    """Which notifications a user wants on the site, pushed and by e-mail, and when the last letter came. No row: all."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="notification_preference", primary_key=True
    )
    mail_enabled = models.BooleanField(default=True)
    unmailed_kinds = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    push_enabled = models.BooleanField(default=True, db_default=True)
    unpushed_kinds = ArrayField(models.CharField(max_length=32), default=list, db_default=[], blank=True)
    # Kinds that are stored and listed like all others, but neither count as unread nor come up on a page.
    quiet_kinds = ArrayField(models.CharField(max_length=32), default=list, db_default=[], blank=True)
    # When the last letter was sent or refused by the address. The next one waits some time after that.
    digest_at = models.DateTimeField(null=True, blank=True)
    # Until when one pass works on the next letter; after that another takes over, since the process has died.
    digest_claimed_until = models.DateTimeField(null=True, blank=True)
