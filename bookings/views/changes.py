"""Changes of an agreed stay over REST: proposed by one party, answered by the other."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookings.selectors.changes import change_body, get_change, list_changes, quote_change
from bookings.serializers import ChangeAnswerIn, WishIn
from bookings.services.changing import answer_change, propose_change
from bookings.views import answers
from core import clock
from core.api.openapi import paged
from core.api.paging import list_response
from core.api.refusals import refuses
from core.api.requests import actor_of, key_of, read_command
from core.errors import Code

UNFIT = (
    Code.BOOKING_WRONG_STATE,
    Code.DATES_INVALID,
    Code.DATES_TAKEN,
    Code.STAY_TOO_MANY_GUESTS,
    Code.STAY_NOT_PAYABLE,
)


class Changes(APIView):
    """The changes of one booking, for its two parties."""

    takes_key = True

    @extend_schema(**paged(answers.CHANGE))
    def get(self, request: Request, booking_id: int) -> Response:
        """Lists a booking's changes, newest first."""
        now, user_id = clock.now(), actor_of(request).pk
        return list_response(
            request,
            lambda limit, before: list_changes(booking_id, user_id=user_id, limit=limit, before=before),
            id_of=lambda change: change.pk,
            show=lambda change: change_body(change, now),
        )

    @extend_schema(request=WishIn, responses={201: answers.CHANGE})
    @refuses(*UNFIT)
    def post(self, request: Request, booking_id: int) -> Response:
        """Proposes other dates or guests; the booking stays as it is until the other side accepts."""
        wish, now = read_command(request, "booking.change", WishIn.wish), clock.now()
        change_id = propose_change(
            actor=actor_of(request), booking_id=booking_id, wish=wish, key=key_of(request), now=now
        )
        return Response(change_body(get_change(change_id), now), status=201)


class ChangeQuote(APIView):
    """What a change would cost."""

    @extend_schema(parameters=[WishIn], responses={200: answers.CHANGE_QUOTE})
    @refuses(Code.INVALID, *UNFIT)
    def get(self, request: Request, booking_id: int) -> Response:
        """Says what other dates or guests would cost, and what that is more or less."""
        wish = WishIn.wish(request.query_params)
        return Response(quote_change(booking_id, user_id=actor_of(request).pk, wish=wish, now=clock.now()))


class Change(APIView):
    """One change."""

    takes_key = True

    @extend_schema(request=ChangeAnswerIn, responses={200: answers.CHANGE})
    @refuses(Code.BOOKING_WRONG_STATE, Code.DATES_TAKEN)
    def put(self, request: Request, booking_id: int, change_id: int) -> Response:
        """The other side accepts or declines a change; its own side takes it back."""
        given, now = read_command(request, "booking.answer_change", ChangeAnswerIn.read), clock.now()
        done = answer_change(
            actor=actor_of(request), booking_id=booking_id, change_id=change_id, status=given["status"],
            key=key_of(request), now=now,
        )  # fmt: skip
        return Response(change_body(get_change(done), now))
