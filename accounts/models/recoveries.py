from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from accounts.models.users import User


class EmailChange(models.Model):
    """Another address that an account asked for; it counts once its mailbox has confirmed it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="email_change", primary_key=True)
    email = models.EmailField(max_length=254)
    asked_at = models.DateTimeField()


class Recovery(models.Model):
    """Lets an account be taken back for seven days after its password or address changed, by a link to the earlier mailbox."""

    class Kind(models.TextChoices):
        EMAIL = "email"
        PASSWORD = "password"  # noqa: S105 - a kind, no secret

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recoveries")
    kind = models.CharField(max_length=8, choices=Kind)
    # The account's address before, where the link is mailed to and what it gives back.
    email = models.EmailField(max_length=254)
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="When that address had been confirmed.")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "recoveries"
        # An address that its owner may still ask back can't be taken by another account until then.
        indexes = [models.Index(Lower("email"), name="recovery_email")]
