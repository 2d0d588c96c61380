"""Where a Chromium or Chrome is; on a bare machine it is installed once, as root by apt, else by Playwright."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE_S = 400


@cache
def find_browser() -> str | None:
    """The path of a browser, after an attempt to install one; None where none can be had."""
    if found := _on_the_machine() or _of_playwright():
        return found
    # Test processes start together; one of them installs.
    with (Path(tempfile.gettempdir()) / "staynest-browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _on_the_machine() or _of_playwright() or _install()


def _on_the_machine() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _of_playwright() -> str | None:
    try:
        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except Error:
        return None
    return path if Path(path).exists() else None


def _install() -> str | None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        if _run(["apt-get", "update", "-qq"], **quiet):
            _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], **quiet)
    else:
        _run([sys.executable, "-m", "playwright", "install", "chromium"])
    return _on_the_machine() or _of_playwright()


def _run(command: list[str], **options: dict[str, str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False, **options)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
