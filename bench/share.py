"""Gives a process a fixed part of a core, so that two processes have twice as much as one, even on a busy machine.

It uses Linux' control groups, version 1 or 2, and needs the right to make one (usually root).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

# Microseconds. The period is short, so that a process that has used up its part waits only milliseconds.
PERIOD_US = 10_000
ROOT = Path("/sys/fs/cgroup")


def own_group() -> tuple[Path, bool]:
    """Returns the directory of this process's group that can limit the CPU, and whether it is of version 2."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpu" in controllers.split(","):
            return ROOT / "cpu" / path.lstrip("/"), False
        if not controllers and (ROOT / "cgroup.controllers").exists():
            return ROOT / path.lstrip("/"), True
    raise SystemExit("--share needs control groups that can limit the CPU; this machine has none")


@contextlib.contextmanager
def shares(pids: list[int], share: float) -> Iterator[None]:
    """Gives each process at most `share` of a core while the block runs (0: no limit)."""
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
