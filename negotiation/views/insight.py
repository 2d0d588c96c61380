"""`/api/dashboard/…`: insight. The views stand in this app because they show negotiations."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.database.replica import reads_replica
from negotiation.selectors.insight import get_host_insight, get_property_insight, list_insight_months
from negotiation.services.insight import insight_of
from negotiation.views import answers
from properties.views.actors import actor_of

COLUMNS = (
    "property", "name", "month", "views", "bids", "negotiations", "agreed", "paid", "nights", "occupancy", "revenue",
    "currency",
)  # fmt: skip
# Programs that open such files run a cell that starts with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class PropertyInsightView(APIView):
    """How one of the host's own properties does: the past eleven months, this one and the next three."""

    @extend_schema(responses={200: answers.INSIGHT})
    @reads_replica
    def get(self, request: Request, property_id: int) -> Response:
        """Reads how one of the own homes does."""
        asked = {"property_id": property_id, "actor": actor_of(request)}
        return Response(insight_of(get_property_insight, now=clock.now(), **asked))


class HostInsightView(APIView):
    """All of the host's properties, and their totals."""

    @extend_schema(responses={200: answers.HOST_INSIGHT})
    @reads_replica
    def get(self, request: Request) -> Response:
        """Reads how all of the own homes do, and their totals."""
        return Response(insight_of(get_host_insight, now=clock.now(), actor=actor_of(request)))


class InsightFileView(APIView):
    """The months of one property, or of all, as a CSV file."""

    @extend_schema(responses={(200, "text/csv"): str})
    @reads_replica
    def get(self, request: Request, property_id: int | None = None) -> HttpResponse:
        """Fetches the months of one home, or of all, as a CSV file."""
        asked = {"property_id": property_id, "actor": actor_of(request)}
        out = StringIO()
        file = csv.DictWriter(out, COLUMNS)
        file.writeheader()
        for row in insight_of(list_insight_months, now=clock.now(), **asked):
            file.writerow({name: safe_cell(row[name]) for name in COLUMNS})
        headers = {"Content-Disposition": 'attachment; filename="staynest.csv"', "Cache-Control": "private, no-store"}
        return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def safe_cell(value: Any) -> Any:
    """A text that can't be taken for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
