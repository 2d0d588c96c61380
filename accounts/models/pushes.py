from __future__ import annotations

from django.db import models

from accounts.models.sessions import USER_AGENT_LENGTH
from accounts.models.users import User

ENDPOINT_LENGTH = 1500


class PushSubscription(models.Model):
    """Where a browser's push service takes messages for it (RFC 8030), and the keys under which they are encrypted (RFC 8291).

    It counts as long as the sign-in that made it, which it names without a foreign key, as a ticket does.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.CharField(max_length=ENDPOINT_LENGTH, unique=True)
    # The host of the endpoint: a push service that hangs delays its own messages only.
    host = models.CharField(max_length=255)
    p256dh = models.CharField(max_length=88)
    auth = models.CharField(max_length=24)
    token_id = models.BigIntegerField(null=True)
    session_key = models.CharField(max_length=40, null=True)
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(token_id__isnull=False) ^ models.Q(session_key__isnull=False),
                name="push_subscription_of_one_sign_in",
            )
        ]

    def __str__(self) -> str:
        return f"push subscription {self.pk} at {self.host}"


class PushDelivery(models.Model):
    """One notification on its way to one subscription; kept for a while after its end, so that none goes twice.

    It names its notification without a foreign key: what was told may be cleared away first.
    """

    class Outcome(models.TextChoices):
        SENT = "sent"
        # Read, on screen or no longer wanted before it was due.
        UNWANTED = "unwanted"
        # The push service does not know the subscription any more, or refused the message for good.
        REFUSED = "refused"
        # Whether it arrived is unknown; it is not sent again.
        DOUBTFUL = "doubtful"
        EXPIRED = "expired"

    subscription = models.ForeignKey(PushSubscription, on_delete=models.CASCADE, related_name="deliveries")
    notification_id = models.BigIntegerField()
    at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    # Set, and committed, before a request leaves; empty again where the push service certainly did not take it.
    started_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "notification_id"], name="push_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(settled_at=None, outcome="")
                | (models.Q(settled_at__isnull=False) & ~models.Q(outcome="")),
                name="push_delivery_settled",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="push_delivery_due", condition=models.Q(settled_at=None)),
            models.Index(fields=["at"], name="push_delivery_at"),
        ]

    def __str__(self) -> str:
        return f"push of {self.notification_id} to {self.subscription_id}"
