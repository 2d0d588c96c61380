"""Metrics for what happens with each command: the same series as prometheus_client's own, with one call in place of six."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from threading import Lock

from prometheus_client import REGISTRY, CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import INF, floatToGoString


class LeanHistogram(Collector):
    """A histogram without labels. `buckets` are upper bounds, ascending; any thread may call `observe`."""

    def __init__(
        self, name: str, documentation: str, *, buckets: Sequence[float], registry: CollectorRegistry = REGISTRY
    ) -> None:
        self.name, self.documentation, self.bounds = name, documentation, [float(bound) for bound in buckets]
        # The number of values in each bucket alone; the last one has those above all bounds.
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0
        self.lock, self.created = Lock(), time.time()
        registry.register(self)

    def observe(self, value: float) -> None:
        place = bisect_left(self.bounds, value)
        with self.lock:
            self.counts[place] += 1
            self.sum += value

    def collect(self) -> Iterable[Metric]:
        with self.lock:
            counts, total = tuple(self.counts), self.sum
        names = [floatToGoString(bound) for bound in (*self.bounds, INF)]
        below = list(zip(names, map(float, accumulate(counts)), strict=True))
        family = HistogramMetricFamily(self.name, self.documentation, buckets=below, sum_value=total)
        family.add_sample(f"{self.name}_created", {}, self.created)
        return [family]


class LeanCounter(Collector):
    """A counter with labels. Its name ends in `_total`; any thread may call `inc`."""

    def __init__(
        self, name: str, documentation: str, labels: Sequence[str], *, registry: CollectorRegistry = REGISTRY
    ) -> None:
        self.name, self.documentation, self.labels = name, documentation, labels
        self.counts: Counter[tuple[str, ...]] = Counter()
        # values of the labels → when they were counted for the first time.
        self.created: dict[tuple[str, ...], float] = {}
        self.lock = Lock()
        registry.register(self)

    def inc(self, *values: str) -> None:
        """Counts one more for these values of the labels, in their order."""
        with self.lock:
            if values not in self.counts:
                self.created[values] = time.time()
            self.counts[values] += 1

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(self.name, self.documentation, labels=self.labels)
        with self.lock:
            for values, count in self.counts.items():
                family.add_metric(values, float(count), created=self.created[values])
        return [family]
