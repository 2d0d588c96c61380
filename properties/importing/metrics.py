"""Figures of imported calendars for `/metrics`; each request reads them from the database."""

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
        """Describes no metric: otherwise the registry would read the database when the collector is registered."""
        return [_family()]


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily(NAME, "Calendars of other sites that are followed", labels=["status"])


def watch() -> None:
    """Adds the calendars to this process's metrics, once."""
    if NAME not in REGISTRY._names_to_collectors:
        REGISTRY.register(Calendars())
