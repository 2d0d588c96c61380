"""`/api/property/<id>/…`: nights, prices, and whether the property is let at all."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import OptionalTokenOrSession
from core import clock
from core.api.refusals import refuses
from core.api.requests import key_of, read_command
from core.database.replica import reads_replica
from core.errors import Code
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
from properties.views import answers
from properties.views.actors import actor_of, some_actor


class AvailabilityView(APIView):
    """Open and taken nights, each free one's price; 90 days from today unless `from` and `to` say otherwise."""

    agents_need: ClassVar[dict[str, str]] = {"GET": ""}
    authentication_classes = (OptionalTokenOrSession,)
    permission_classes = (AllowAny,)

    @extend_schema(parameters=[AvailabilityQuery], responses={200: answers.AVAILABILITY})
    @refuses(Code.DATES_INVALID, Code.PROPERTY_NOT_LISTED)
    @reads_replica
    def get(self, request: Request, property_id: int) -> Response:
        """Reads open and taken nights, and the price of each free one; 90 days unless asked otherwise."""
        asked, actor = AvailabilityQuery.read(request.query_params), some_actor(request)
        start, end = asked.get("from"), asked.get("to")
        shown = get_availability(property_id=property_id, actor=actor, start=start, end=end, now=clock.now())
        return Response(shown)


class QuoteView(APIView):
    """The all-in price of a stay, every discount named; `available` says whether its nights are free."""

    agents_need: ClassVar[dict[str, str]] = {"GET": ""}
    authentication_classes = (OptionalTokenOrSession,)
    permission_classes = (AllowAny,)

    @extend_schema(parameters=[QuoteQuery], responses={200: answers.QUOTED})
    @refuses(Code.DATES_INVALID, Code.STAY_TOO_MANY_GUESTS, Code.STAY_NOT_PAYABLE, Code.PROPERTY_NOT_LISTED)
    def get(self, request: Request, property_id: int) -> Response:
        """Says what a stay costs, all in, every discount named, and whether its nights are free."""
        asked = QuoteQuery.read(request.query_params)
        return Response(get_quote(property_id=property_id, actor=some_actor(request), now=clock.now(), **asked))


class IntervalView(APIView):
    """Blocks nights (`verb` block) or frees them (`free`)."""

    takes_key = True
    verb = "block"

    @extend_schema(request=IntervalBody, responses={200: answers.INTERVAL})
    @refuses(Code.DATES_TAKEN, Code.DATES_INVALID)
    def post(self, request: Request, property_id: int) -> Response:
        """Blocks nights, or gives them free."""
        nights: dict[str, Any] = read_command(request, f"property.{self.verb}", IntervalBody.read)
        actor, key, now = actor_of(request), key_of(request), clock.now()
        return Response(change_interval(self.verb, property_id=property_id, actor=actor, key=key, now=now, **nights))


class PriceView(APIView):
    """What some nights cost, whatever the seasons say; agreed stays keep their price."""

    takes_key = True

    @extend_schema(request=PriceBody, responses={200: answers.PRICED})
    @refuses(Code.REGISTRATION_INCOMPLETE, Code.DATES_INVALID)
    def post(self, request: Request, property_id: int) -> Response:
        """Sets what some nights cost."""
        asked: dict[str, Any] = read_command(request, "property.price", PriceBody.read)
        actor, key, now = actor_of(request), key_of(request), clock.now()
        return Response(change_price(property_id=property_id, actor=actor, key=key, now=now, **asked))


class MarketView(APIView):
    """Takes the property off the market (`verb` unlist), which ends open negotiations and no agreed stay; or puts it back."""

    takes_key = True
    verb = "unlist"

    @extend_schema(request=None, responses={200: answers.MARKET})
    @refuses(Code.REGISTRATION_INCOMPLETE)
    def put(self, request: Request, property_id: int) -> Response:
        """Takes the home off the market, or puts it back."""
        actor, key, now = actor_of(request), key_of(request), clock.now()
        return Response(change_market(self.verb, property_id=property_id, actor=actor, key=key, now=now))


class FeedAddressView(APIView):
    """The address of the property's iCalendar feed; POST replaces it, and the old one is dead."""

    @extend_schema(responses={200: answers.FEED})
    def get(self, request: Request, property_id: int) -> Response:
        """Reads the address of the home's iCalendar feed."""
        return self.answer(request, get_own_property(property_id, actor_of(request)))

    @extend_schema(request=None, responses={200: answers.FEED})
    def post(self, request: Request, property_id: int) -> Response:
        """Replaces the address of the feed; the old one is dead."""
        return self.answer(request, replace_feed(property_id=property_id, actor=actor_of(request), now=clock.now()))

    def answer(self, request: Request, row: Property) -> Response:
        """200 with the full address."""
        return Response({"url": request.build_absolute_uri(feed_path(row))})
