"""Open work of the staff: refunds owed, disputes, differing books, reported reviews."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from accounts.open_work import OpenList, OpenThing
from bookings.models import Discrepancy, Dispute, ReviewReport
from bookings.selectors.refunds import refunds_owed


def list_owed(now: datetime, limit: int) -> list[OpenThing]:
    return [
        OpenThing(
            f"{row.amount} {row.booking.currency} of booking {row.booking_id}",
            row.created_at,
            reverse("admin:bookings_refund_change", args=[row.pk]),
            row.failure,
        )
        for row in refunds_owed(now).select_related("booking").order_by("created_at")[:limit]
    ]


def list_disputes(now: datetime, limit: int) -> list[OpenThing]:
    rows = Dispute.objects.filter(status="open").select_related("booking").order_by("created_at")[:limit]
    return [
        OpenThing(
            f"{row.amount} {row.booking.currency} of booking {row.booking_id}",
            row.created_at,
            reverse("admin:bookings_dispute_change", args=[row.pk]),
            row.reason,
        )
        for row in rows
    ]


def list_discrepancies(now: datetime, limit: int) -> list[OpenThing]:
    rows = Discrepancy.objects.filter(closed_at=None).order_by("found_at")[:limit]
    return [
        OpenThing(row.subject, row.found_at, reverse("admin:bookings_discrepancy_change", args=[row.pk]), row.text)
        for row in rows
    ]


def list_reported(now: datetime, limit: int) -> list[OpenThing]:
    rows = ReviewReport.objects.filter(resolved_at=None).order_by("created_at")[:limit]
    return [
        OpenThing(
            f"Review {row.review_id}", row.created_at, reverse("admin:bookings_reviewreport_changelist"), row.reason
        )
        for row in rows
    ]


LISTS = (
    OpenList(
        "refunds", "Refunds owed", "bookings.add_refund", lambda now: refunds_owed(now).count(), list_owed,
        "admin:bookings_refund_changelist",
    ),
    OpenList(
        "disputes", "Disputes", "bookings.view_dispute", lambda now: Dispute.objects.filter(status="open").count(),
        list_disputes, "admin:bookings_dispute_changelist",
    ),
    OpenList(
        "discrepancies", "Books that differ from the gateway's", "bookings.view_discrepancy",
        lambda now: Discrepancy.objects.filter(closed_at=None).count(), list_discrepancies,
        "admin:bookings_discrepancy_changelist",
    ),
    OpenList(
        "review_reports", "Reviews reported", "bookings.change_reviewreport",
        lambda now: ReviewReport.objects.filter(resolved_at=None).count(), list_reported,
        "admin:bookings_reviewreport_changelist",
    ),
)  # fmt: skip
