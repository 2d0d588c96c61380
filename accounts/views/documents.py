"""Proofs of identity: sent and listed by their owner, fetched by owner and staff."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors.documents import list_documents
from accounts.serializers import DocumentBody, DocumentSerializer
from accounts.services.documents import open_document, upload_document
from accounts.staff_sessions import has_staff_powers
from accounts.views.base import user_of
from core import clock
from core.api.client_address import client_address
from core.api.openapi import PAGE
from core.api.paging import list_response

# What an upload may turn out to be.
CONTENT_TYPES = ("image/jpeg", "image/png", "application/pdf")
# What the schema says; a client that knows none of them by name takes the last.
DECLARED = (*CONTENT_TYPES, "application/octet-stream")


class DocumentsView(APIView):
    """The account's own documents."""

    parser_classes = [MultiPartParser]

    @extend_schema(parameters=PAGE, responses=DocumentSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Lists the own proofs of identity, newest first."""
        user_id = user_of(request).pk
        return list_response(
            request,
            lambda limit, before: list_documents(user_id, limit, before),
            id_of=lambda row: row.pk,
            show=lambda row: DocumentSerializer(row, context={"request": request}).data,
        )

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: DocumentSerializer})
    def post(self, request: Request) -> Response:
        """Sends a proof of identity; staff approve or reject it."""
        fields = DocumentBody.read(request.data)
        document = upload_document(user_id=user_of(request).pk, **fields, now=clock.now())
        return Response(DocumentSerializer(document, context={"request": request}).data, status=201)


class DocumentFileView(APIView):
    """The file itself; every look is written down."""

    @extend_schema(responses={(200, kind): OpenApiResponse(OpenApiTypes.BINARY) for kind in DECLARED})
    def get(self, request: Request, document_id: int) -> HttpResponse:
        """Fetches the file itself; every look is written down."""
        now = clock.now()
        document, data = open_document(
            document_id=document_id, viewer=user_of(request), address=client_address(request), now=now,
            as_staff=has_staff_powers(request, now),
        )  # fmt: skip
        answer = HttpResponse(data, content_type=document.content_type)
        # Never shown by the browser as a page of ours: it is a stranger's file.
        suffix = Path(document.file.name or "").suffix
        answer["Content-Disposition"] = f'attachment; filename="{document.kind}-{document.pk}{suffix}"'
        answer["Cache-Control"] = "private, no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "sandbox"
        return answer
