"""Figures of money for Prometheus; each request for metrics reads them from the database."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, connection
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core import clock

OWED = ("hub_refunds_owed", "Refunds that the gateway refused or did not take, and that guests wait for")
DIFFERENCES = ("hub_books_differences", "Differences between our books and a gateway's that are not mended")


class OpenMoney(Collector):
    """How many refunds are owed, and in how many places the books differ."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        from bookings.models import Discrepancy
        from bookings.selectors.refunds import refunds_owed

        try:
            owed = refunds_owed(clock.now()).count()
            differences = Discrepancy.objects.filter(closed_at=None).count()
        except (DatabaseError, InterfaceError):
            connection.close()
            return
        yield GaugeMetricFamily(*OWED, value=owed)
        yield GaugeMetricFamily(*DIFFERENCES, value=differences)

    def describe(self) -> list[GaugeMetricFamily]:
        """Describes no metric: otherwise the registry would read the database when the collector is registered."""
        return [GaugeMetricFamily(*OWED), GaugeMetricFamily(*DIFFERENCES)]


def watch() -> None:
    """Adds the figures to the metrics, once a process."""
    if OWED[0] not in REGISTRY._names_to_collectors:
        REGISTRY.register(OpenMoney())
