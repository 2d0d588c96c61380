"""`/api/properties/search/`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.http import urlencode
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import OptionalTokenOrSession
from core import clock
from core.api.refusals import refuses
from core.database.replica import reads_replica
from core.errors import Code
from properties.rules.search import Cursor
from properties.selectors.places import suggest_places
from properties.selectors.search import count_left_out, search_homes, seen_by
from properties.serializers.search import PlacesBody, SearchBody, SearchQueryFields, read_search
from properties.views import answers

RESULTS = {200: answers.RESULTS}


class SearchView(APIView):
    """Listed homes, free for every night asked. GET with a query; PUT with the same fields as a JSON body."""

    agents_need: ClassVar[dict[str, str]] = {"GET": "", "PUT": ""}
    authentication_classes = (OptionalTokenOrSession,)
    permission_classes = (AllowAny,)

    @extend_schema(parameters=[SearchQueryFields], responses=RESULTS)
    @refuses(Code.DATES_INVALID)
    def get(self, request: Request) -> Response:
        """Finds listed homes that are free for every night asked."""
        return self.answer(request, request.query_params)

    @extend_schema(request=SearchBody, responses=RESULTS)
    @refuses(Code.DATES_INVALID)
    def put(self, request: Request) -> Response:
        """Finds homes, the filters in the body."""
        return self.answer(request, request.data)

    @reads_replica
    def answer(self, request: Request, asked: Any) -> Response:
        """200 with a page of homes."""
        now = clock.now()
        query = seen_by(read_search(asked, now), request.user.pk, now)
        homes, cursor = search_homes(query, now=now, absolute=request.build_absolute_uri)
        found: dict[str, Any] = {"results": homes, "next": next_address(request, cursor)}
        if query.compares_prices:
            found |= {"currency": query.currency, "left_out": count_left_out(query, now)}
        return Response(found)


class PlacesView(APIView):
    """Places whose name, in any spelling or in Bangla, begins like `q`: what to choose from while typing."""

    agents_need: ClassVar[dict[str, str]] = {"GET": ""}
    authentication_classes = (OptionalTokenOrSession,)
    permission_classes = (AllowAny,)

    @extend_schema(parameters=[PlacesBody], responses={200: answers.PLACES})
    @reads_replica
    def get(self, request: Request) -> Response:
        """Suggests places while a user types."""
        return Response({"results": suggest_places(PlacesBody.read(request.query_params)["q"])})


def next_address(request: Request, cursor: Cursor | None) -> str | None:
    """Where the next page is; a PUT takes it as `cursor` of the same body."""
    if cursor is None:
        return None
    query = urlencode({**request.query_params.dict(), "cursor": cursor.text()})
    return f"{request.build_absolute_uri(request.path)}?{query}"
