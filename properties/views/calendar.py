"""`/api/property/<id>/…`: nights, prices, and whether the property is let at all."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import OptionalTokenOrSession
from core import clock
from core.api.requests import key_of, read_command
from properties.models import Property
from properties.selectors.availability import get_availability
from properties.selectors.feeds import feed_path
from properties.selectors.ownership import get_own_property
from properties.selectors.quotes import get_quote
from properties.serializers.stays import AvailabilityQuery, IntervalBody, PriceBody, QuoteQuery
from properties.services.blocks import change_interval
from properties.services.feeds import replace_feed
from properties.services.listings import change_market
from properties.services.prices import change_price
from properties.views.actors import actor_of, some_actor

AVAILABILITY = OpenApiResponse(description="{windows, taken, nights: [{date, price}], currency}")


class AvailabilityView(APIView):
    """Open and taken nights, each free one's price; 90 days from today unless `from` and `to` say otherwise."""

    authentication_classes = (OptionalTokenOrSession,)
    permission_classes = (AllowAny,)

    @extend_schema(parameters=[AvailabilityQuery], responses=AVAILABILITY)
    def get(self, request: Request, property_id: int) -> Response:
        asked, actor = AvailabilityQuery.read(request.query_params), some_actor(request)
        start, end = asked.get("from"), asked.get("to")
        shown = get_availability(property_id=property_id, actor=actor, start=start, end=end, now=clock.now())
        return Response(shown)


class QuoteView(APIView):
    """The all-in price of a stay, every discount named; `available` says whether its nights are free."""

    authentication_classes = (OptionalTokenOrSession,)
    permission_classes = (AllowAny,)

    @extend_schema(parameters=[QuoteQuery], responses=OpenApiResponse(description="The quote object."))
    def get(self, request: Request, property_id: int) -> Response:
        asked = QuoteQuery.read(request.query_params)
        return Response(get_quote(property_id=property_id, actor=some_actor(request), now=clock.now(), **asked))


class IntervalView(APIView):
    """Nights that the host keeps back (`verb` block) or gives free (`free`)."""

    takes_key = True
    verb = "block"

    @extend_schema(request=IntervalBody, responses=OpenApiResponse(description="{property_id, start_date, end_date}"))
    def post(self, request: Request, property_id: int) -> Response:
        nights: dict[str, Any] = read_command(request, f"property.{self.verb}", IntervalBody.read)
        actor, key, now = actor_of(request), key_of(request), clock.now()
        return Response(change_interval(self.verb, property_id=property_id, actor=actor, key=key, now=now, **nights))


class PriceView(APIView):
    """What some nights cost, whatever the seasons say; agreed stays keep their price."""

    takes_key = True

    @extend_schema(
        request=PriceBody, responses=OpenApiResponse(description="{property_id, start_date, end_date, price}")
    )
    def post(self, request: Request, property_id: int) -> Response:
        asked: dict[str, Any] = read_command(request, "property.price", PriceBody.read)
        actor, key, now = actor_of(request), key_of(request), clock.now()
        return Response(change_price(property_id=property_id, actor=actor, key=key, now=now, **asked))


class MarketView(APIView):
    """Takes the property off the market (`verb` unlist), which ends open negotiations and no agreed stay; or puts it back."""

    takes_key = True
    verb = "unlist"

    @extend_schema(request=None, responses=OpenApiResponse(description="{property_id, status}"))
    def put(self, request: Request, property_id: int) -> Response:
        actor, key, now = actor_of(request), key_of(request), clock.now()
        return Response(change_market(self.verb, property_id=property_id, actor=actor, key=key, now=now))


class FeedAddressView(APIView):
    """The address of the property's iCalendar feed; POST replaces it, and the old one is dead."""

    @extend_schema(responses=OpenApiResponse(description="{url}"))
    def get(self, request: Request, property_id: int) -> Response:
        return self.answer(request, get_own_property(property_id, actor_of(request)))

    @extend_schema(request=None, responses=OpenApiResponse(description="{url}"))
    def post(self, request: Request, property_id: int) -> Response:
        return self.answer(request, replace_feed(property_id=property_id, actor=actor_of(request), now=clock.now()))

    def answer(self, request: Request, row: Property) -> Response:
        """200 with the full address."""
        return Response({"url": request.build_absolute_uri(feed_path(row))})
