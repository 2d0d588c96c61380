"""A user's notifications, and the number of unread ones in every page's header."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_http_methods

from accounts.models import Notification, User
from accounts.selectors.notifications import count_unread, list_notifications
from accounts.serializers import NotificationSerializer
from accounts.services.notifications import read_all_notifications
from core import clock
from core.database.replica import reads_replica

PAGE = 40


@login_required
@require_http_methods(["GET", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """`/notifications/?cursor=`; a POST marks all as read."""
    user_id = request.user.pk or 0
    if request.method == "POST":
        read_all_notifications(user_id=user_id, now=clock.now())
        return redirect("notifications")
    return _listed(request, user_id)


@reads_replica
def _listed(request: HttpRequest, user_id: int) -> HttpResponse:
    rows = list_notifications(user_id, PAGE + 1, _cursor(request))
    content = {
        "notifications": [_shown(row) for row in rows[:PAGE]],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
    }
    return render(request, "accounts/notifications.html", content)


def _cursor(request: HttpRequest) -> int | None:
    text = request.GET.get("cursor", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _shown(row: Notification) -> dict[str, Any]:
    """The page that a notification leads to. Its path belongs to a floor above; docs/web.md lists the pages."""
    body: dict[str, Any] = dict(NotificationSerializer(row).data)
    if row.kind.startswith("calendar.") and row.property_id:
        return body | {"url": f"/hosting/{row.property_id}/calendar/"}
    if row.booking_id and not row.property_id:
        # Only staff are told of a booking without its property: it is not theirs.
        return body | {"url": f"/admin/bookings/booking/{row.booking_id}/change/"}
    pages = (("inbox", row.negotiation_id), ("bookings", row.booking_id), ("homes", row.property_id))
    found = next((f"/{page}/{id}/" for page, id in pages if id), "/notifications/")
    return body | {"url": found}


def unread(request: HttpRequest) -> dict[str, Any]:
    """A context processor: how many notifications are unread."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    # Lazy: only a template that shows the number asks the database.
    return {"unread": SimpleLazyObject(lambda: count_unread(user.pk))}
