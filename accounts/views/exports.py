"""One's data to take along."""

from __future__ import annotations

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.account_serializers import ExportSerializer
from accounts.services.exports import access_export, ask_for_export
from accounts.views.base import user_of
from core import clock
from core.api.refusals import refuses
from core.clock import stamp
from core.errors import Code, not_found


class ExportView(APIView):
    """Everything that the account gave or did here: asked for with the first call, ready soon after, for a day."""

    @extend_schema(responses={200: ExportSerializer, 202: ExportSerializer})
    def get(self, request: Request) -> Response:
        """Asks for the export, and says where it stands."""
        export = ask_for_export(user_id=user_of(request).pk, now=clock.now())
        if export.expires_at is None:
            return Response({"status": "preparing"}, status=202)
        url = request.build_absolute_uri("/auth/export/file/")
        return Response({"status": "ready", "url": url, "expires_at": stamp(export.expires_at)})


class ExportFileView(APIView):
    """The zip itself, for its owner alone."""

    @extend_schema(responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)})
    @refuses(Code.NOT_FOUND)
    def get(self, request: Request) -> FileResponse:
        """Fetches the zip."""
        export = access_export(user_id=user_of(request).pk, now=clock.now())
        try:
            file = export.file.open("rb")
        except FileNotFoundError as error:
            raise not_found() from error
        name = f"staynest-{export.user_id}-{export.asked_at:%Y-%m-%d}.zip"
        answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
        answer["Cache-Control"] = "private, no-store"
        return answer
