"""Reserving, reading and moving bookings over REST."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookings.models import Booking
from bookings.rules.states import status_at
from bookings.selectors.bookings import access_booking, access_details, list_upcoming
from bookings.selectors.refunds import preview_refund
from bookings.selectors.stay_calendar import get_stay_calendar
from bookings.serializers import ReserveIn, StatusIn
from bookings.services.locking import side_of, state_of
from bookings.services.reserving import find_echo, reserve_stay
from bookings.services.status_changes import change_status
from bookings.views import answers
from core import clock
from core.api.openapi import paged
from core.api.paging import list_response
from core.api.refusals import refuses
from core.api.requests import actor_of, body_of, key_of, read_command
from core.clock import stamp
from core.database.replica import reads_replica
from core.errors import Code

PAST = OpenApiParameter("past", {"type": "string", "enum": ["0", "1"]}, description="1: those that are over, too.")


class Reserve(APIView):
    """Holds nights at the listed price."""

    takes_key = True

    @extend_schema(request=ReserveIn, responses={201: answers.RESERVED})
    @refuses(
        Code.DATES_TAKEN,
        Code.DATES_INVALID,
        Code.STAY_TOO_MANY_GUESTS,
        Code.STAY_NOT_PAYABLE,
        Code.PROPERTY_NOT_LISTED,
        Code.OFFER_LIMIT_REACHED,
        Code.BOOKING_TOO_MANY_UNPAID,
        Code.NEGOTIATION_CLOSED,
        Code.BOOKING_WRONG_STATE,
        Code.NOT_FOUND,
    )
    def post(self, request: Request) -> Response:
        """Holds nights: 15 minutes to pay with instant book, else a day for the host to approve.

        A body that repeats an accepted negotiation (`id` and `negotiation_status`) books nothing twice.
        """
        now = clock.now()
        booking_id = find_echo(actor=actor_of(request), body=body_of(request), now=now)
        if booking_id is None:
            order = read_command(request, "booking.reserve", ReserveIn.order)
            booking_id = reserve_stay(actor=actor_of(request), order=order, key=key_of(request), now=now)
        return Response(_reserved(access_booking(booking_id, user_id=actor_of(request).pk)), status=201)


def _reserved(booking: Booking) -> dict[str, object]:
    return {
        "reservation_id": booking.pk,
        "status": booking.status,
        "payment_status": booking.payment_status,
        "hold_expires_at": stamp(booking.hold_expires_at) if booking.hold_expires_at else None,
        "quote": booking.quote,
    }


class Details(APIView):
    """One booking, for its two parties."""

    alias_of = ""

    @extend_schema(responses={200: answers.BOOKING})
    @reads_replica
    def get(self, request: Request, booking_id: int) -> Response:
        """Reads a booking."""
        absolute = request.build_absolute_uri
        return Response(access_details(booking_id, user_id=actor_of(request).pk, now=clock.now(), absolute=absolute))


class Status(APIView):
    """Moves of the parties."""

    takes_key = True

    @extend_schema(request=StatusIn, responses={200: answers.BOOKING})
    @refuses(Code.BOOKING_WRONG_STATE, Code.DATES_TAKEN)
    def put(self, request: Request, booking_id: int) -> Response:
        """The host confirms or rejects; either cancels, with what the policy gives back."""
        given, now = read_command(request, "booking.status", StatusIn.read), clock.now()
        change_status(
            actor=actor_of(request),
            booking_id=booking_id,
            status=given["status"],
            reason=given["reason"],
            key=key_of(request),
            now=now,
        )
        absolute = request.build_absolute_uri
        return Response(access_details(booking_id, user_id=actor_of(request).pk, now=now, absolute=absolute))


class RefundPreview(APIView):
    """What cancelling now would give back."""

    @extend_schema(responses={200: answers.REFUND})
    def get(self, request: Request, booking_id: int) -> Response:
        """Says what cancelling now would give back."""
        now = clock.now()
        booking = access_booking(booking_id, user_id=actor_of(request).pk)
        side, status = side_of(booking, actor_of(request).pk), status_at(state_of(booking), now)
        preview = preview_refund(booking, by=side, status=status, now=now)
        return Response(preview.as_dict())


class WhateverIsAsked(BaseContentNegotiation):
    """Accepts any media type: calendar programs ask for `text/calendar`, and a refusal is JSON in any case."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class StayCalendar(APIView):
    """A stay for its guest's or host's own calendar."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(responses={(200, "text/calendar"): OpenApiResponse(OpenApiTypes.STR)})
    def get(self, request: Request, booking_id: int) -> HttpResponse:
        """The stay as an iCalendar file, in the property's zone."""
        file = get_stay_calendar(booking_id, user_id=actor_of(request).pk, now=clock.now())
        headers = {
            "Content-Disposition": f'attachment; filename="stay-{booking_id}.ics"',
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(file, content_type="text/calendar; charset=utf-8", headers=headers)


class Upcoming(APIView):
    """A side's bookings, newest first; `?past=1` for all of them."""

    side = "guest"

    @extend_schema(**paged(answers.UPCOMING, PAST))
    @reads_replica
    def get(self, request: Request) -> Response:
        """Lists a side's bookings, newest first."""
        past = request.query_params.get("past", "").lower() in ("1", "true")
        return list_response(
            request,
            lambda limit, before: list_upcoming(
                user_id=actor_of(request).pk, side=self.side, now=clock.now(), limit=limit, before=before, past=past,
                absolute=request.build_absolute_uri,
            ),
            id_of=lambda row: row["id"],
            show=lambda row: row,
        )  # fmt: skip
