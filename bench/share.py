"""Gives a process a fixed part of a core, so that two of them have twice as much as one, whatever else runs here.

By Linux' control groups, version 1 or 2, which needs the right to make one (mostly root).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

# Short, so that a process out of its part waits for milliseconds (µs).
PERIOD_US = 10_000
ROOT = Path("/sys/fs/cgroup")


def own_group() -> tuple[Path, bool]:
    """The directory of this process's group that can limit the CPU, and whether that is version 2."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpu" in controllers.split(","):
            return ROOT / "cpu" / path.lstrip("/"), False
        if not controllers and (ROOT / "cgroup.controllers").exists():
            return ROOT / path.lstrip("/"), True
    raise SystemExit("--share needs control groups that can limit the CPU; this machine has none")


@contextlib.contextmanager
def shares(pids: list[int], share: float) -> Iterator[None]:
    """While the block runs, each process has at most `share` of a core (0: as much as it gets)."""
    groups = [_group(pid, share) for pid in pids] if share else []
    try:
        yield
    finally:
        for group in groups:
            _leave(group)


def _group(pid: int, share: float) -> Path:
    parent, is_second = own_group()
    group, quota = parent / f"staynest-bench-{pid}", round(share * PERIOD_US)
    try:
        group.mkdir()
        if is_second:
            (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
        else:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        (group / "cgroup.procs").write_text(str(pid))
    except OSError as error:
        raise SystemExit(f"--share needs the right to make control groups: {error}") from None
    return group


def _leave(group: Path) -> None:
    for pid in (group / "cgroup.procs").read_text().split():
        with contextlib.suppress(OSError):
            (group.parent / "cgroup.procs").write_text(pid)
    with contextlib.suppress(OSError):
        group.rmdir()
