"""Reviews over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import OptionalTokenOrSession, TokenOrSession
from bookings.selectors.bookings import access_booking
from bookings.selectors.reviews import get_review, list_public_reviews, review_body, reviews_of_stay
from bookings.serializers import AnswerIn, ReportIn, ReviewIn, StayReviewIn
from bookings.services.locking import side_of
from bookings.services.review_answers import answer_review, report_review
from bookings.services.reviewing import put_review, take_back_review, write_review
from bookings.views import answers
from core import clock
from core.api.openapi import paged
from core.api.paging import list_response
from core.api.refusals import refuses
from core.api.requests import actor_of, body_of, key_of, read_command
from core.database.replica import reads_replica
from core.errors import Code


class Reviews(APIView):
    """A property's reviews: everyone reads them, a guest whose stay is over writes one."""

    takes_key = True

    def get_authenticators(self) -> list[BaseAuthentication]:
        reads = self.request is None or self.request.method in SAFE_METHODS
        return [OptionalTokenOrSession() if reads else TokenOrSession()]

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method in SAFE_METHODS else IsAuthenticated()]

    @extend_schema(**paged(answers.REVIEW))
    @reads_replica
    def get(self, request: Request, property_id: int) -> Response:
        """Lists a home's reviews, newest first."""
        return list_response(
            request,
            lambda limit, before: list_public_reviews(property_id, now=clock.now(), limit=limit, before=before),
            id_of=lambda review: review.pk,
            show=review_body,
        )

    @extend_schema(request=ReviewIn, responses={201: answers.REVIEW})
    @refuses(Code.BOOKING_WRONG_STATE, Code.PROPERTY_NOT_LISTED)
    def post(self, request: Request, property_id: int) -> Response:
        """Writes a review, once for each stay, by its guest, after check-out."""
        given = read_command(request, "review.write", ReviewIn.read)
        review_id = write_review(
            actor=actor_of(request),
            property_id=property_id,
            booking_id=given["booking"],
            rating=given["rating"],
            text=given["review"],
            key=key_of(request),
            now=clock.now(),
        )
        return Response(review_body(get_review(review_id)), status=201)


class StayReview(APIView):
    """The reviews by the two sides of a stay: the guest reviews the home, the host the guest."""

    takes_key = True

    @extend_schema(responses={200: answers.STAY_REVIEWS})
    def get(self, request: Request, booking_id: int) -> Response:
        """Reads the own review and, once both can be read, the other side's."""
        return Response(_of_stay(request, booking_id))

    @extend_schema(request=StayReviewIn, responses={200: answers.STAY_REVIEWS})
    @refuses(Code.BOOKING_WRONG_STATE)
    def put(self, request: Request, booking_id: int) -> Response:
        """Writes the own review, or changes it within its hour."""
        given = read_command(request, "review.put", StayReviewIn.read)
        put_review(
            actor=actor_of(request),
            booking_id=booking_id,
            rating=given["rating"],
            text=given["review"],
            key=key_of(request),
            now=clock.now(),
        )
        return Response(_of_stay(request, booking_id))

    @extend_schema(responses={204: None})
    @refuses(Code.BOOKING_WRONG_STATE)
    def delete(self, request: Request, booking_id: int) -> Response:
        """Takes the own review back within its hour."""
        take_back_review(actor=actor_of(request), booking_id=booking_id, now=clock.now())
        return Response(status=204)


def _of_stay(request: Request, booking_id: int) -> dict[str, Any]:
    booking = access_booking(booking_id, user_id=actor_of(request).pk)
    return reviews_of_stay(booking, side_of(booking, actor_of(request).pk), clock.now())


class ReviewAnswer(APIView):
    """The host's one answer."""

    @extend_schema(request=AnswerIn, responses={201: answers.REVIEW})
    @refuses(Code.BOOKING_WRONG_STATE)
    def post(self, request: Request, property_id: int, review_id: int) -> Response:
        """Writes the host's one answer."""
        given = AnswerIn.read(body_of(request))
        review = answer_review(
            actor=actor_of(request), property_id=property_id, review_id=review_id, text=given["answer"], now=clock.now()
        )
        return Response(review_body(review), status=201)


class ReviewReports(APIView):
    """Reports that a review should be hidden."""

    @extend_schema(request=ReportIn, responses={201: answers.REPORTED})
    def post(self, request: Request, property_id: int, review_id: int) -> Response:
        """Tells staff that a review should not stand."""
        given = ReportIn.read(body_of(request))
        report_review(
            actor=actor_of(request),
            property_id=property_id,
            review_id=review_id,
            reason=given["reason"],
            now=clock.now(),
        )
        return Response({"reported": True}, status=201)
