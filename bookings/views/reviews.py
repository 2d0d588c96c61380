"""Reviews over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import OptionalTokenOrSession, TokenOrSession
from bookings.models import Review
from bookings.selectors.reviews import list_public_reviews, review_body
from bookings.serializers import AnswerIn, ReportIn, ReviewIn
from bookings.services.reviewing import answer_review, report_review, write_review
from bookings.views import answers
from core import clock
from core.api.openapi import paged
from core.api.paging import list_response
from core.api.refusals import refuses
from core.api.requests import actor_of, body_of, key_of, read_command
from core.database.replica import reads_replica
from core.errors import Code


class Reviews(APIView):
    """A property's reviews: everybody reads, a guest whose stay is over writes."""

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
            lambda limit, before: list_public_reviews(property_id, limit=limit, before=before),
            id_of=lambda review: review.pk,
            show=review_body,
        )

    @extend_schema(request=ReviewIn, responses={201: answers.REVIEW})
    @refuses(Code.BOOKING_WRONG_STATE, Code.PROPERTY_NOT_LISTED)
    def post(self, request: Request, property_id: int) -> Response:
        """Once a stay, by its guest, after check-out."""
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
        review = Review.objects.select_related("guest").get(pk=review_id)
        return Response(review_body(review), status=201)


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
    """Somebody thinks that a review should not stand."""

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
