"""How the calendars of other sites are doing, for `/metrics`; read from the database when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from properties.models import ImportedCalendar

NAME = "hub_calendars"


class Calendars(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = _family()
        try:
            rows = ImportedCalendar.objects.values_list("status").annotate(Count("pk"))
            counts = dict.fromkeys(ImportedCalendar.Status.values, 0) | dict(rows)
            for status, count in counts.items():
                found.add_metric([status], count)
        except (DatabaseError, InterfaceError):
            connection.close()
        yield found

    def describe(self) -> list[GaugeMetricFamily]:
        """Without this the registry would ask the database as soon as the collector is known to it."""
        return [_family()]


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily(NAME, "Calendars of other sites that are followed", labels=["status"])


def watch() -> None:
    """Adds the calendars to the metrics, once a process."""
    if NAME not in REGISTRY._names_to_collectors:
        REGISTRY.register(Calendars())
