"""Has files parsed by processes of their own, each file within a time limit: one process for an upload, and some that the
lane keeps.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
from datetime import date
from typing import Any

from django.conf import settings

from core.errors import Code, DomainError
from properties.rules.ical.nights import Place
from properties.rules.ical.problems import CalendarProblem
from properties.rules.ical.reading import ForeignEvent, Reading

SECONDS = 10.0
# At most two at once in a server process: each uses a core for a while.
UPLOADS = threading.BoundedSemaphore(2)
COMMAND = (sys.executable, "-m", "properties.importing.interpreter_process")
# A fresh process replaces one after so many files, so that memory which the libraries keep is freed.
FILES_A_PROCESS = 500
ANSWER_BYTES = 8 * 2**20


def request_of(body: bytes, place: Place) -> bytes:
    """A job in the form in which the process reads it."""
    head = {
        "length": len(body),
        "timezone": place.timezone,
        "check_in": place.check_in.isoformat(),
        "check_out": place.check_out.isoformat(),
        "today": place.today.isoformat(),
    }
    return json.dumps(head).encode() + b"\n" + body


def reading_of(line: bytes) -> Reading:
    """Reads what the process answered. Raises CalendarProblem; `too_slow` where the process ended without an answer."""
    if not line.endswith(b"\n"):
        raise CalendarProblem("too_slow")
    found: dict[str, Any] = json.loads(line)
    if "problem" in found:
        raise CalendarProblem(found["problem"], found["detail"])
    events = (ForeignEvent(date.fromisoformat(a), date.fromisoformat(b), uid) for uid, a, b in found["events"])
    return Reading(found["count"], tuple(events))


def interpret_upload(body: bytes, place: Place) -> Reading:
    """The nights that an uploaded file takes. Raises CalendarProblem, and `rate_limited` where too many are being read."""
    if not UPLOADS.acquire(timeout=2):
        raise DomainError(Code.RATE_LIMITED, params={"retry_after": 5})
    try:
        done = subprocess.run(  # noqa: S603 - our own command; the file goes in as input
            COMMAND, input=request_of(body, place), stdout=subprocess.PIPE, cwd=settings.BASE_DIR, env=_environment(),
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise CalendarProblem("too_slow") from None
    finally:
        UPLOADS.release()
    return reading_of(done.stdout)


def _environment() -> dict[str, str]:
    """An environment without secrets, for the process that reads files of strangers."""
    return {"PYTHONPATH": str(settings.BASE_DIR), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


class Interpreters:
    """A fixed number of processes, kept for one event loop."""

    def __init__(self, number: int) -> None:
        self._free: asyncio.Queue[Interpreter] = asyncio.Queue()
        self._all = [Interpreter() for _ in range(number)]
        for one in self._all:
            self._free.put_nowait(one)

    async def interpret(self, body: bytes, place: Place) -> Reading:
        """The nights that a file takes. Raises CalendarProblem."""
        one = await self._free.get()
        try:
            return await one.interpret(body, place)
        finally:
            self._free.put_nowait(one)

    async def close(self) -> None:
        for one in self._all:
            await one.end()


class Interpreter:
    """One process, started when it is needed and after it had to be killed."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._files = 0

    async def interpret(self, body: bytes, place: Place) -> Reading:
        try:
            async with asyncio.timeout(SECONDS):
                line = await self._ask(request_of(body, place))
        except (TimeoutError, OSError, ValueError):  # ValueError: a longer answer than is read
            await self.end()
            raise CalendarProblem("too_slow") from None
        except BaseException:
            # Half an answer may be left, which the next file must not be given.
            await self.end()
            raise
        if not line.endswith(b"\n") or self._files >= FILES_A_PROCESS:
            await self.end()
        return reading_of(line)

    async def _ask(self, request: bytes) -> bytes:
        process = self._process or await self._start()
        assert process.stdin is not None  # noqa: S101 - both are pipes, see _start
        assert process.stdout is not None  # noqa: S101
        self._files += 1
        process.stdin.write(request)
        await process.stdin.drain()
        return await process.stdout.readline()

    async def _start(self) -> asyncio.subprocess.Process:
        self._files = 0
        self._process = await asyncio.create_subprocess_exec(
            *COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=settings.BASE_DIR, env=_environment(),
            limit=ANSWER_BYTES,
        )  # fmt: skip
        return self._process

    async def end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
