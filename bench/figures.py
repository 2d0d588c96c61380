"""Turns raw seconds and CPU clocks into the figures of the table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil


def quantiles(seconds: Sequence[float]) -> dict[str, float | None]:
    """Returns p50 and p99 in milliseconds."""
    if len(seconds) < 2:
        return {"p50_ms": None, "p99_ms": None}
    cuts = statistics.quantiles(seconds, n=100)
    return {"p50_ms": round(1000 * cuts[49], 1), "p99_ms": round(1000 * cuts[98], 1)}


def cpu_seconds(processes: Mapping[str, int]) -> dict[str, float]:
    """Returns the CPU seconds so far of each named process with its children, of this one (`load`) and of the machine."""
    m = psutil.cpu_times()
    used = {"load": time.process_time(), "machine": m.user + m.nice + m.system + m.softirq + m.irq}
    for name, pid in processes.items():
        used[name] = sum(_cpu(p) for p in family(pid))
    return used


def cpu_between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Returns the CPU seconds used in between; `others` is what the rest of the machine used."""
    used = {name: after[name] - before.get(name, 0) for name in after}
    machine = used.pop("machine")
    return {**{name: round(value, 2) for name, value in used.items()}, "others": round(machine - sum(used.values()), 2)}


def resident_kb(pid: int) -> int:
    """Returns the resident memory of a process and its children, in KB."""
    total = 0
    for process in family(pid):
        status = Path(f"/proc/{process.pid}/status").read_text()
        total += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return total


def family(pid: int) -> list[psutil.Process]:
    """Returns a process and those of its children that are alive."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def table(head: Sequence[str], body: Sequence[Sequence[Any]]) -> str:
    """Returns a Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Returns `median (least-most)`."""
    if not values:
        return "-"
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"
