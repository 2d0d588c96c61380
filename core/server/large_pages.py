"""Lets the kernel keep what a process has loaded in large pages, 2 MiB each instead of 4 KiB.

A command touches objects in hundreds of places of some 100 MB: modules, code, classes. With small pages the processor forgets
where most of them are from one command to the next, and looks each up again in the page tables, in a virtual machine in those of
its host too.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SMAPS = Path("/proc/self/smaps")
LARGE = 2 * 1024 * 1024
# Linux's advice (linux/mman.h): large pages are welcome, and make them now (since 6.1).
MADV_HUGEPAGE, MADV_COLLAPSE = 14, 25
# The least share of an area that is in use; of another one large pages would take memory that nothing needs.
LEAST_IN_USE = 0.75

# The head of an area that is private and writable, with its name: none, or that of the C library's heap.
AREA = re.compile(
    r"^([0-9a-f]+)-([0-9a-f]+) rw-p [0-9a-f]+ 00:00 0 +(|\[heap\])\n(?:[A-Z].*\n)*?Rss: +(\d+) kB$", re.MULTILINE
)


class Area(NamedTuple):
    """Addresses of memory, from `start` to `end`, as far as they are whole large pages."""

    start: int
    end: int


def areas(smaps: str) -> Iterator[Area]:
    """Returns the areas of /proc/self/smaps for objects, if most of an area is in use."""
    for start, end, _, kilobytes in AREA.findall(smaps):
        first, last = int(start, 16), int(end, 16)
        area = Area(-(-first // LARGE) * LARGE, last // LARGE * LARGE)
        if area.start < area.end and int(kilobytes) * 1024 >= LEAST_IN_USE * (last - first):
            yield area


def use_large_pages() -> None:
    """Moves what is loaded by now into large pages. Does nothing where the system has none."""
    madvise = getattr(ctypes.CDLL(None), "madvise", None)
    if madvise is None or not SMAPS.exists():
        return
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for area in areas(SMAPS.read_text()):
        for advice in (MADV_HUGEPAGE, MADV_COLLAPSE):
            madvise(area.start, area.end - area.start, advice)
