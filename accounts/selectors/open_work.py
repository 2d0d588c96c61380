"""What waits for the staff on this floor: documents to judge and reports to decide."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from accounts.models import Document, Report
from accounts.open_work import OpenList, OpenThing

WAITING = Document.objects.filter(status="pending")
OPEN = Report.objects.filter(decided_at=None)


def list_documents(now: datetime, limit: int) -> list[OpenThing]:
    rows = WAITING.all().order_by("uploaded_at")[:limit]
    return [
        OpenThing(str(row), row.uploaded_at, reverse("admin:accounts_document_change", args=[row.pk])) for row in rows
    ]


def list_reports(now: datetime, limit: int) -> list[OpenThing]:
    rows = OPEN.all().order_by("created_at")[:limit]
    return [
        OpenThing(
            f"{row.get_kind_display()}: {row.get_reason_display()}",
            row.created_at,
            reverse("admin:accounts_report_change", args=[row.pk]),
        )
        for row in rows
    ]


LISTS = (
    OpenList(
        "documents", "Documents to judge", "accounts.change_document", lambda now: WAITING.count(), list_documents,
        "admin:accounts_document_changelist",
    ),
    OpenList(
        "reports", "Reports to decide", "accounts.change_report", lambda now: OPEN.count(), list_reports,
        "admin:accounts_report_changelist",
    ),
)  # fmt: skip
