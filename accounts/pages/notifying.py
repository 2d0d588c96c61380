"""A user's notifications, and the number of unread ones in every page's header."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_http_methods

from accounts.events import target_of
from accounts.models import Notification, User
from accounts.selectors.notifications import count_unread, list_notifications, list_quiet_kinds
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
    """A notification with the page that it leads to."""
    ids = {name: getattr(row, name) for name in ("negotiation_id", "booking_id", "property_id")}
    return dict(NotificationSerializer(row).data) | {"url": target_of(kind=row.kind, **ids)}


def unread(request: HttpRequest) -> dict[str, Any]:
    """A context processor: how many notifications are unread, and the kinds that the user does not want to see come up."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    # Lazy: only a template that shows the number asks the database.
    return {
        "unread": SimpleLazyObject(lambda: count_unread(user.pk)),
        "quiet_kinds": lambda: " ".join(list_quiet_kinds(user.pk)),
    }
