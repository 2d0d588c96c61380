"""`/api/saved/`: homes that a person keeps."""

from __future__ import annotations

from django.utils.http import urlencode
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.paging import MOST, read_page
from core.api.refusals import refuses
from core.database.replica import reads_replica
from core.errors import Code
from properties.selectors.saved import get_saved, list_saved
from properties.services.saving import forget_home, save_home
from properties.views import answers
from properties.views.actors import actor_of

PAGE = [
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST}, description="Rows of a page; 50."),
    OpenApiParameter("cursor", {"type": "string"}, description="Where the page begins, out of `next`."),
]


class SavedHomesView(APIView):
    """What the account keeps."""

    @extend_schema(operation_id="saved_homes", parameters=PAGE, responses={200: answers.SAVED})
    @reads_replica
    def get(self, request: Request) -> Response:
        """Lists the homes that the account keeps, the latest first."""
        page, absolute = read_page(request), request.build_absolute_uri
        found = list_saved(
            user_id=actor_of(request).pk, now=clock.now(), absolute=absolute, limit=page.limit, before=page.before
        )
        following = next_address(request, page.limit, found.before)
        return Response({"results": found.homes, "next": following, "unlisted": found.unlisted})


def next_address(request: Request, limit: int, before: int | None) -> str | None:
    """Where the next page is, None at the end."""
    if before is None:
        return None
    return f"{request.build_absolute_uri(request.path)}?{urlencode({'limit': limit, 'cursor': before})}"


class SavedHomeView(APIView):
    """Keeps a home, or takes it out."""

    @extend_schema(responses={200: answers.HOME})
    @reads_replica
    def get(self, request: Request, property_id: int) -> Response:
        """Reads a home that the account keeps, as a search shows it."""
        absolute = request.build_absolute_uri
        actor = actor_of(request)
        return Response(get_saved(user_id=actor.pk, property_id=property_id, now=clock.now(), absolute=absolute))

    @extend_schema(request=None, responses={204: None})
    @refuses(Code.PROPERTY_NOT_LISTED, Code.INVALID)
    def put(self, request: Request, property_id: int) -> Response:
        """Keeps a home. A repeat is harmless."""
        save_home(actor=actor_of(request), property_id=property_id, now=clock.now())
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, property_id: int) -> Response:
        """Takes a home out. A repeat is harmless."""
        forget_home(actor=actor_of(request), property_id=property_id)
        return Response(status=204)
