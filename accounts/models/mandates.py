from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models.users import User
from accounts.rules.mandates import LONGEST, MAY, NAME_LENGTH, SIDES


class Mandate(models.Model):
    """What a person lets a machine do in their name, and up to which limits. Only the hash of its key is kept.

    A limit that is null is none. `version` grows with every change of a limit: what was signed in before ends.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mandates")
    name = models.CharField(max_length=NAME_LENGTH)
    digest = models.BinaryField(max_length=32, unique=True)
    side = models.CharField(max_length=5)
    may = ArrayField(models.CharField(max_length=7))
    currency = models.CharField(max_length=3)
    max_total = models.DecimalField(max_digits=13, decimal_places=2, null=True, blank=True)
    min_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    # Numbers without a foreign key: homes live a floor above.
    property_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    max_open = models.PositiveSmallIntegerField(null=True, blank=True)
    check_in_from = models.DateField(null=True, blank=True)
    check_out_by = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(side__in=SIDES), name="mandate_of_a_side"),
            models.CheckConstraint(
                condition=Q(may__contained_by=list(MAY)) & Q(may__len__gt=0), name="mandate_may_something"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + LONGEST),
                name="mandate_ends",
            ),
            models.CheckConstraint(condition=Q(max_total=None) | Q(side="guest"), name="mandate_total_of_a_guest"),
            models.CheckConstraint(condition=Q(min_percent=None) | Q(side="host"), name="mandate_percent_of_a_host"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="mandate_of_user"),
        ]

    def __str__(self) -> str:
        return f"mandate {self.pk} of {self.user_id}"
