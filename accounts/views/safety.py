"""Blocking and reporting."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.safety_serializers import BlockSerializer, ThingReportBody, ThingReportSerializer
from accounts.selectors.blocks import list_blocks
from accounts.services.blocks import put_block, remove_block
from accounts.services.reports import write_report
from accounts.views.base import user_of
from core import clock
from core.api.openapi import PAGE
from core.api.paging import list_response
from core.api.refusals import refuses
from core.errors import Code


class BlocksView(APIView):
    """Whom the account blocked."""

    @extend_schema(parameters=PAGE, responses=BlockSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Lists whom the account blocked, the latest first."""
        user_id = user_of(request).pk
        return list_response(
            request,
            lambda limit, before: list_blocks(user_id, limit, before),
            id_of=lambda row: row.pk,
            show=lambda row: BlockSerializer(row).data,
        )


class BlockView(APIView):
    """Blocks a user, or takes the block back; that user is never told."""

    @extend_schema(request=None, responses={204: None})
    @refuses(Code.NOT_FOUND, Code.INVALID)
    def put(self, request: Request, user_id: int) -> Response:
        """Blocks a user: what is open ends, nothing new begins. A repeat is harmless."""
        put_block(actor=user_of(request), user_id=user_id, now=clock.now())
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    @refuses(Code.NOT_FOUND)
    def delete(self, request: Request, user_id: int) -> Response:
        """Takes a block back. A repeat is harmless."""
        remove_block(actor=user_of(request), user_id=user_id)
        return Response(status=204)


class ReportView(APIView):
    """Tells the staff that something is wrong with a listing, a person, a message or a review by either side."""

    @extend_schema(request=ThingReportBody, responses={201: ThingReportSerializer})
    @refuses(Code.NOT_FOUND)
    def post(self, request: Request) -> Response:
        """Reports something; the same again answers the first report."""
        fields = ThingReportBody.read(request.data)
        report = write_report(actor=user_of(request), **fields, now=clock.now())
        return Response(ThingReportSerializer(report).data, status=201)
