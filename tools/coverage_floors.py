"""Checks that the tests cover each package as far as its floor demands.

    python -m tools.coverage_floors .data/coverage.json

It reads what `coverage json` wrote. A floor is a share of lines and branches together, in per cent, over all files that its
pattern matches; the first pattern that matches a file counts. The exit status is 1 where a package is below its floor.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

# Raise a floor when the coverage of its package has risen. Lower one only with the reason next to it.
FLOORS: dict[str, float] = {
    "*/rules/*": 100,
    "core/money.py": 100,
    "accounts/services/*": 95,
    "properties/services/*": 95,
    "bookings/services/*": 95,
    "negotiation/services/*": 95,
    "*/selectors/*": 95,
    "*/views/*": 95,
    "*/serializers*": 95,
    "negotiation/engine/*": 95,
    "core/api/*": 90,
    # The bridge runs in server processes, as core/server and core/live do.
    "core/web/wsgi_*.py": 0,
    "core/web/*": 90,
    "*/pages/*": 85,
    "bookings/gateways/*": 85,
    # Tests run servers, sockets and clocks in processes of their own, where coverage does not measure them.
}


def main() -> int:
    report = json.loads(Path(sys.argv[1]).read_text())
    failed = 0
    for pattern, (covered, total) in shares(report["files"], FLOORS).items():
        share = 100 * covered / total if total else 0.0
        low = share < FLOORS[pattern]
        failed += low
        print(f"{pattern:24} {share:6.2f} %  floor {FLOORS[pattern]:g} %{'  BELOW' if low else ''}")
        if low:
            print(*missing(report["files"], pattern), sep="\n")
    return 1 if failed else 0


def shares(files: Mapping[str, Any], floors: Mapping[str, float]) -> dict[str, tuple[int, int]]:
    """Returns pattern → (covered lines and branches, all lines and branches)."""
    sums = dict.fromkeys(floors, (0, 0))
    for path, file in files.items():
        pattern = next((pattern for pattern in floors if fnmatch(path, pattern)), None)
        if pattern is not None:
            covered, total = sums[pattern]
            found = file["summary"]
            covered += found["covered_lines"] + found.get("covered_branches", 0)
            total += found["num_statements"] + found.get("num_branches", 0)
            sums[pattern] = (covered, total)
    return sums


def missing(files: Mapping[str, Any], pattern: str) -> list[str]:
    """Returns the files of a package that are not fully covered, with the lines and branches that no test ran."""
    lines = []
    for path, file in sorted(files.items()):
        if fnmatch(path, pattern) and (file["missing_lines"] or file.get("missing_branches")):
            branches = [f"{a}→{b}" for a, b in file.get("missing_branches", [])]
            lines.append(f"    {path}: {', '.join([*map(str, file['missing_lines']), *branches])}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
