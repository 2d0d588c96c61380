"""The audit as files: who looked at which document or contact, what staff changed, what was decided.

Staff may export the tables that they may see; every export is recorded in the log of what staff do.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.dateparse import parse_date

from accounts.models import ContactAccess, DocumentAccess, Report
from core import clock
from core.clock import stamp

FIRST_DAYS = 90
MOST_ROWS = 200_000
# A spreadsheet would take such a cell for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _tables() -> dict[str, tuple[str, QuerySet[Any], str, list[str]]]:
    """name → permission, rows, the column of their time, columns."""
    looks = DocumentAccess.objects.annotate(owner=F("document__user__username"), by=F("viewer__username"))
    contacts = ContactAccess.objects.annotate(owner=F("user__username"), by=F("viewer__username"))
    changes = LogEntry.objects.annotate(
        by=F("user__username"), table=F("content_type__model"), at=F("action_time"), what=F("change_message")
    )
    decided = Report.objects.filter(decided_at__isnull=False).annotate(by=F("decided_by__username"), at=F("decided_at"))
    of_report = ["at", "by", "id", "kind", "subject_id", "seq", "reason", "decision", "note"]
    return {
        "documents": ("accounts.view_documentaccess", looks, "at", ["at", "by", "owner", "document_id", "address"]),
        "contacts": ("accounts.view_contactaccess", contacts, "at", ["at", "by", "owner", "address"]),
        "changes": ("admin.view_logentry", changes, "at", ["at", "by", "table", "object_id", "object_repr", "what"]),
        "decisions": ("accounts.view_report", decided, "at", of_report),
    }


NAMES = ("documents", "contacts", "changes", "decisions")


def names_for(request: HttpRequest) -> list[str]:
    """The names of the files that a member of the staff may export."""
    return [name for name, (permission, *_) in _tables().items() if request.user.has_perm(permission)]


def export(request: HttpRequest, what: str) -> HttpResponseBase:
    """`/admin/audit/<documents, contacts, changes or decisions>.csv?from=&to=` (days, UTC; the last 90 by default)."""
    if what not in NAMES:
        raise Http404
    permission, rows, moment, columns = _tables()[what]
    if not request.user.has_perm(permission):
        raise PermissionDenied
    first, last = _days(request, clock.now())
    within = rows.filter(**{f"{moment}__gte": first, f"{moment}__lt": last}).order_by(moment)[:MOST_ROWS]
    LogEntry.objects.create(
        user_id=request.user.pk or 0, action_flag=CHANGE, object_repr=f"audit: {what}", action_time=clock.now(),
        change_message=f"Exported {what} from {first.date()} to {last.date()}.",
    )  # fmt: skip
    answer = StreamingHttpResponse(
        _lines(columns, within.values_list(*columns).iterator(2000)), content_type="text/csv"
    )
    answer["Content-Disposition"] = f'attachment; filename="{what}-{first.date()}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _days(request: HttpRequest, now: datetime) -> tuple[datetime, datetime]:
    last = _day(request.GET.get("to")) or now.date()
    first = _day(request.GET.get("from")) or last - timedelta(days=FIRST_DAYS)
    return datetime.combine(first, time(), UTC), datetime.combine(last, time(), UTC) + timedelta(days=1)


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text or "")
    except ValueError:
        return None


class _Echo:
    def write(self, line: str) -> str:
        return line


def _lines(columns: list[str], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield str(writer.writerow(columns))
    for row in rows:
        yield str(writer.writerow([_cell(value) for value in row]))


def _cell(value: Any) -> str:
    text = stamp(value) if isinstance(value, datetime) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
