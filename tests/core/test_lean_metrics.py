"""Our own metrics show the same series as prometheus_client's."""

import re

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from core.lean_metrics import LeanCounter, LeanHistogram

BUCKETS = (0.5, 1, 2.5)


def shown(registry: CollectorRegistry) -> str:
    """The text that Prometheus reads, with one time for all creations."""
    return re.sub(r"(_created(?:\{.*\})?) .*", r"\1 0", generate_latest(registry).decode())


def test_a_histogram_and_a_counter_look_like_the_librarys() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    lean = LeanHistogram("hub_x_seconds", "From here to there", buckets=BUCKETS, registry=ours)
    plain = Histogram("hub_x_seconds", "From here to there", buckets=BUCKETS, registry=theirs)
    lean_count = LeanCounter("hub_y_total", "By type", ("type", "code"), registry=ours)
    plain_count = Counter("hub_y_total", "By type", ("type", "code"), registry=theirs)
    assert shown(ours) == shown(theirs)
    for value in (0, 0.5, 0.75, 1, 2.6, 1e9):
        lean.observe(value)
        plain.observe(value)
    for labels in (("ping", "ok"), ("ping", "ok"), ('a"b', "not_found")):
        lean_count.inc(*labels)
        plain_count.labels(*labels).inc()
    assert shown(ours) == shown(theirs)
    assert 'hub_x_seconds_bucket{le="+Inf"} 6.0' in shown(ours)
