"""What a server process has loaded moves into large pages."""

import ctypes
import mmap
from pathlib import Path

import pytest

from core.server import large_pages
from core.server.large_pages import LARGE, areas, use_large_pages


def area(start: int, end: int, rss: int, kind: str = "rw-p 00000000 00:00 0 ", name: str = "") -> str:
    """An area as /proc/self/smaps has it; `rss` in KiB."""
    return f"{start:x}-{end:x} {kind}{name}\nSize: {(end - start) >> 10} kB\nKernelPageSize: 4 kB\nRss:  {rss} kB\nPss: 0 kB\n"


def test_areas_are_those_for_objects_of_which_most_is_in_use() -> None:
    whole, odd = 6 * LARGE, 20 * LARGE + 4096
    smaps = "".join([
        area(4 * LARGE, whole, 4096, name="[heap]"),
        area(odd, 23 * LARGE, 5000),
        area(30 * LARGE, 34 * LARGE, 100),  # a thread's stack
        area(40 * LARGE, 44 * LARGE, 8192, "r-xp 00000000 fe:00 77 ", "/usr/lib/libpython3.so"),
        area(50 * LARGE, 51 * LARGE - 4096, 2000),
        area(60 * LARGE, 64 * LARGE, 8192, name="[stack]"),
    ])  # fmt: skip
    assert list(areas(smaps)) == [(4 * LARGE, 6 * LARGE), (21 * LARGE, 23 * LARGE)]


def test_what_moves_stays_what_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mmap.mmap(-1, 3 * LARGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory[:] = b"home" * (len(memory) // 4)
        start = ctypes.addressof(held := ctypes.c_char.from_buffer(memory))
        (tmp_path / "smaps").write_text(area(start, start + len(memory), len(memory) >> 10))
        monkeypatch.setattr(large_pages, "SMAPS", tmp_path / "smaps")
        use_large_pages()
        assert memory[:] == b"home" * (len(memory) // 4)
        del held


def test_without_linux_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_pages, "SMAPS", tmp_path / "none")
    use_large_pages()
