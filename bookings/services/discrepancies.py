"""Keeps what a comparison of both books could not mend, until a comparison no longer finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from bookings.models import Discrepancy


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: its subject, always in the same words, and what each side says."""

    subject: str
    text: str
    payment_id: int | None


def keep_findings(gateway: str, findings: Sequence[Finding], *, complete: bool, now: datetime) -> None:
    """Keeps what was found; a comparison that came to its end also closes what it no longer found."""
    with transaction.atomic():
        still_open = Discrepancy.objects.select_for_update().filter(gateway=gateway, closed_at=None)
        known = {row.subject: row for row in still_open.order_by("pk")}
        for one in findings:
            row = known.pop(one.subject[:200], None) or Discrepancy(
                gateway=gateway, subject=one.subject[:200], found_at=now
            )
            row.text, row.payment_id, row.seen_at = one.text[:500], one.payment_id, now
            row.save()
        if complete:
            Discrepancy.objects.filter(pk__in=[row.pk for row in known.values()]).update(closed_at=now)
