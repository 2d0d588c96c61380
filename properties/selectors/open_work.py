"""Open work of the staff: imported calendars that can't be read."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from accounts.open_work import OpenList, OpenThing
from properties.models import ImportedCalendar

FAILING = ImportedCalendar.objects.filter(status="failing")


def list_failing(now: datetime, limit: int) -> list[OpenThing]:
    return [
        OpenThing(
            f"{row.name} of {row.property}",
            row.failing_since,
            reverse("admin:properties_importedcalendar_change", args=[row.pk]),
            row.error_code,
        )
        for row in FAILING.select_related("property").order_by("failing_since")[:limit]
    ]


LISTS = (
    OpenList(
        "calendars", "Calendars failing", "properties.view_importedcalendar", lambda now: FAILING.count(), list_failing,
        "admin:properties_importedcalendar_changelist",
    ),
)  # fmt: skip
