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

# Debian's shell does all that the pages need in a third of a whole browser's time.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE_S = 400
# .ci/run may be installing already.
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300")


@cache
def find_browser() -> str | None:
    """The path of a browser, after an attempt to install one; None where none can be had."""
    if found := _good_enough():
        return found
    # Test processes start together; one of them installs.
    with (Path(tempfile.gettempdir()) / "staynest-browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _good_enough() or _install()


def _good_enough() -> str | None:
    """The shell, or what else is there; CI installs the shell where it can."""
    if os.environ.get("CI") == "true" and _installs_packages():
        return shutil.which(SHELL)
    return _there()


def _there() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None) or _of_playwright()


def _installs_packages() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _of_playwright() -> str | None:
    try:
        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except Error:
        return None
    return path if Path(path).exists() else None


def _install() -> str | None:
    if _installs_packages():
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        _run([*APT, "update", "-qq"], **quiet)
        # Ubuntu has no such package.
        for name in (SHELL, "chromium"):
            if _run([*APT, "install", "-y", "-qq", "--no-install-recommends", name], **quiet):
                break
    else:
        _run([sys.executable, "-m", "playwright", "install", "chromium"])
    return _there()


def _run(command: list[str], **options: dict[str, str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False, **options)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
