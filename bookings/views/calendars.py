"""`/api/property/<id>/calendars/`: the calendars of other sites that a home follows. On this floor, since they show stays."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookings.selectors.calendars import get_own_calendar, list_own_calendars
from core import clock
from core.api.exceptions import TolerantJSONParser
from core.api.openapi import PAGE
from core.api.paging import list_response
from core.api.refusals import refuses
from core.api.requests import key_of, read_command
from core.errors import Code
from properties.serializers.imported import ImportedCalendarAnswer, ImportedCalendarBody
from properties.services.imported_calendars import add_calendar, delete_calendar, refresh_calendar
from properties.views.actors import actor_of


class CalendarsView(APIView):
    """The calendars of the host's own home; POST adds one by its address, or as a file, which replaces one of its name."""

    takes_key = True
    parser_classes = (TolerantJSONParser, MultiPartParser, FormParser)

    @extend_schema(parameters=PAGE, responses=ImportedCalendarAnswer(many=True))
    def get(self, request: Request, property_id: int) -> Response:
        """Lists the calendars that the home follows."""
        actor, now = actor_of(request), clock.now()
        return list_response(
            request,
            lambda limit, before: list_own_calendars(
                property_id=property_id, actor=actor, limit=limit, before=before, now=now
            ),
            id_of=lambda row: row["id"],
            show=lambda row: row,
        )

    @extend_schema(
        request={"application/json": ImportedCalendarBody, "multipart/form-data": ImportedCalendarBody},
        responses={201: ImportedCalendarAnswer, 200: ImportedCalendarAnswer},
    )
    @refuses(Code.CALENDAR_LIMIT_REACHED)
    def post(self, request: Request, property_id: int) -> Response:
        """Follows a calendar by its address, or takes a file, which replaces one of its name."""
        asked: dict[str, Any] = read_command(request, "property.calendar", ImportedCalendarBody.read)
        actor, now = actor_of(request), clock.now()
        calendar_id, is_new = add_calendar(property_id=property_id, actor=actor, key=key_of(request), now=now, **asked)
        shown = get_own_calendar(property_id=property_id, calendar_id=calendar_id, actor=actor, now=now)
        return Response(shown, status=201 if is_new else 200)


class CalendarView(APIView):
    """One of them; DELETE stops following it, and its nights are free."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, property_id: int, calendar_id: int) -> Response:
        """Stops following a calendar; its nights are free."""
        delete_calendar(property_id=property_id, calendar_id=calendar_id, actor=actor_of(request), now=clock.now())
        return Response(status=204)


class RefreshView(APIView):
    """Has a calendar read within a minute."""

    @extend_schema(request=None, responses={202: ImportedCalendarAnswer})
    def post(self, request: Request, property_id: int, calendar_id: int) -> Response:
        """Has a calendar read within a minute."""
        actor, now = actor_of(request), clock.now()
        refresh_calendar(property_id=property_id, calendar_id=calendar_id, actor=actor, now=now)
        shown = get_own_calendar(property_id=property_id, calendar_id=calendar_id, actor=actor, now=now)
        return Response(shown, status=202)
