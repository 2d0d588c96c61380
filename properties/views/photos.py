"""`/api/property_registration/step2/<id>/photos/`: uploads, order, removal."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.exceptions import TolerantJSONParser
from core.api.json_schema import record, rows
from core.errors import invalid
from core.images import MAX_BYTES, wrong
from core.said import said
from properties.selectors.steps import show_photo
from properties.serializers.photos import OrderBody, UploadBody
from properties.services.photos import MAX_PHOTOS, SentPhoto, add_photos, delete_photo, order_photos
from properties.views import answers
from properties.views.actors import actor_of

# `photos` may be repeated; files under other names count too.
UPLOAD = {
    "multipart/form-data": record(
        {
            "photos": {
                "type": "array",
                "items": {"type": "string", "format": "binary"},
                "minItems": 1,
                "maxItems": MAX_PHOTOS,
            }
        },
        {"description": {"type": "string", "maxLength": 300}},
    )
}


class PhotosView(APIView):
    """POST appends pictures (multipart, any field names), PUT orders them."""

    parser_classes = (MultiPartParser, FormParser, TolerantJSONParser)

    @extend_schema(request=UPLOAD, responses={201: rows(answers.STORED_PHOTO)})
    def post(self, request: Request, property_id: int) -> Response:
        """Appends photos."""
        added = add_photos(
            property_id=property_id,
            actor=actor_of(request),
            photos=uploaded_photos(request),
            now=clock.now(),
        )
        return Response([show_photo(photo, request.build_absolute_uri) for photo in added], status=201)

    @extend_schema(
        operation_id="property_registration_step2_photos_reorder",
        request={"application/json": OrderBody},
        responses={204: None},
    )
    def put(self, request: Request, property_id: int) -> Response:
        """Puts the photos into an order."""
        order = OrderBody.read(request.data)["order"]
        order_photos(property_id=property_id, actor=actor_of(request), order=order, now=clock.now())
        return Response(status=204)


class PhotoView(APIView):
    """DELETE takes one photo away."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, property_id: int, photo_id: int) -> Response:
        """Takes one photo away."""
        delete_photo(property_id=property_id, photo_id=photo_id, actor=actor_of(request), now=clock.now())
        return Response(status=204)


def uploaded_photos(request: Request) -> list[SentPhoto]:
    """Every uploaded file. Raises `invalid` where there is none, or too many."""
    description = UploadBody.read(request.data)["description"]
    files = [file for name in request.FILES for file in request.FILES.getlist(name)]
    if not files:
        raise invalid(photos=wrong())
    if len(files) > MAX_PHOTOS:
        raise invalid(photos=said("At most %(most)s photos.", most=MAX_PHOTOS))
    # One byte too many tells that a file is too large.
    return [SentPhoto(file.read(MAX_BYTES + 1), description, file.name or "") for file in files]
