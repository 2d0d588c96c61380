from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeEndsWith
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now as moment

from properties.models.listing import Property


class Window(models.Model):
    """Nights in which a property may be booked; a property without windows is always open."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="windows")
    nights = DateRangeField()

    class Meta:
        ordering = ["nights"]


class CalendarEntry(models.Model):
    """Nights that are taken: by a stay, a hold, a host's block, or on another site. One constraint covers all kinds."""

    class Kind(models.TextChoices):
        STAY = "stay"
        HOLD = "hold"
        BLOCK = "block"
        ELSEWHERE = "elsewhere"

    # No index for the foreign key: `calendar_ends` finds a property's entries too, and each stay writes one index less.
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="calendar", db_index=False)
    kind = models.CharField(max_length=9, choices=Kind)
    nights = DateRangeField()
    held_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=moment)

    class Meta:
        verbose_name_plural = "calendar entries"
        indexes = [
            # "Is any of these nights taken?" for thousands of properties at once; much cheaper a probe than GiST.
            # The start is left out: with it PostgreSQL 18 plans a skip scan, and chooses the more expensive index.
            models.Index(F("property"), RangeEndsWith("nights"), name="calendar_ends"),
            models.Index(fields=["held_until"], name="calendar_holds", condition=Q(kind="hold")),
        ]
        constraints = [
            ExclusionConstraint(
                name="calendar_no_overlap",
                expressions=[("property", RangeOperators.EQUAL), ("nights", RangeOperators.OVERLAPS)],
                deferrable=models.Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(condition=Q(nights__isempty=False), name="calendar_nights_not_empty"),
            models.CheckConstraint(
                condition=Q(nights__lower_inf=False, nights__upper_inf=False), name="calendar_nights_bounded"
            ),
            models.CheckConstraint(
                condition=Q(kind="hold", held_until__isnull=False) | (~Q(kind="hold") & Q(held_until=None)),
                name="calendar_hold_has_end",
            ),
        ]

    def __str__(self) -> str:
        nights: Any = self.nights
        return f"{self.get_kind_display()}, {nights.lower} – {nights.upper}"
