"""`manage.py test` runs the same tests as bin/test."""

import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class PytestRunner:
    """Hands labels over to pytest: paths as they are, dotted names as the file (and test) they name."""

    def __init__(self, verbosity: int = 1, failfast: bool = False, keepdb: bool = False, **options: Any) -> None:
        self.verbosity, self.failfast, self.keepdb = verbosity, failfast, keepdb

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument("--keepdb", action="store_true", help="Keep the test database between runs.")

    def run_tests(self, test_labels: Iterable[str], **kwargs: Any) -> int:
        """The number manage.py exits with: 0 when all passed."""
        flags = ["-x"] * self.failfast + ["--reuse-db"] * self.keepdb + ["-v"] * (self.verbosity > 1)
        command = [sys.executable, "-m", "pytest", *flags, *(as_path(label) for label in test_labels)]
        return subprocess.run(command, check=False).returncode


def as_path(label: str) -> str:
    """tests.core.test_health.test_live → tests/core/test_health.py::test_live; a path stays a path."""
    if "/" in label or label.endswith(".py") or Path(label).exists():
        return label
    parts = label.split(".")
    for count in range(len(parts), 0, -1):
        base = Path(*parts[:count])
        if base.is_dir() and count == len(parts):
            return str(base)
        if (file := base.with_suffix(".py")).is_file():
            return "::".join([str(file), *parts[count:]])
    return label
