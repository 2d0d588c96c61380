"""`/ical/<token>.ics`: a property's nights for other calendars."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from core import clock
from core.errors import DomainError
from properties.serializers.calendars import as_icalendar
from properties.services.feeds import serve_feed


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed; a wrong or replaced token is 404."""
    now = clock.now()
    try:
        nights = serve_feed(token, now)
    except DomainError as refusal:
        return JsonResponse(refusal.translated().as_dict(), status=refusal.status)
    headers = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return HttpResponse(as_icalendar(nights, now), content_type="text/calendar; charset=utf-8", headers=headers)
