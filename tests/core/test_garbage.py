"""The garbage collector: survivors are frozen, and a full run comes while the process is quiet."""

import json
import subprocess
import sys

import pytest

from core.server.garbage import FULL_AT_LAST_S, FULL_S, FullRuns

# In a process of its own, since it changes how that one collects.
SCRIPT = """
import gc, json, weakref
from core.server.garbage import NEW, OLDER_RUNS, RUNS, collect_all, start_collecting

class Circle:
    def __init__(self):
        self.me = self

start_collecting()
loaded = gc.get_freeze_count()
lasting = Circle()
most = NEW * RUNS * (OLDER_RUNS + 2)
kept = [[] for _ in range(2 * most)]
grown, left = gc.get_freeze_count() - loaded, len(gc.get_objects())
gone = weakref.ref(lasting)
del lasting
young = weakref.ref(Circle())
gc.collect()
before = [gone() is None, young() is None]
collect_all()
print(json.dumps([grown > most, left < most, before, gone() is None, gc.get_freeze_count() > loaded]))
"""


def test_what_lasts_is_frozen_and_circles_of_it_wait_for_a_full_run() -> None:
    out = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60).stdout
    assert json.loads(out) == [True, True, [False, True], True, True]


@pytest.mark.parametrize(
    ("load", "first"),
    [
        (lambda now: 0.0, FULL_S),
        (lambda now: 1.0, FULL_AT_LAST_S),
        (lambda now: 1.0 if now < 2000 else 0.05, 2005.0),
    ],
    ids=["quiet", "busy", "quiet later"],
)
def test_a_full_run_waits_for_a_quiet_time(load, first) -> None:
    runs, used = FullRuns(0.0, 0.0), 0.0
    for now in range(1, int(FULL_AT_LAST_S) + 2):
        used += load(now)
        if runs.is_due(float(now), used):
            break
    assert abs(now - first) <= 1
    assert not runs.is_due(now + 1.0, used)
