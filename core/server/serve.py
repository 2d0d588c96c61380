"""Runs one server process as in production: uvicorn with the settings that the hub needs, and a drain at its end.

    python -m core.server.serve --port 8000 [--host 127.0.0.1] [--fd N]

A SIGTERM or SIGINT closes the listening socket, runs the drain steps (core.server.lifespan.on_drain: sockets are told to
reconnect elsewhere, spread over some seconds), then ends what is left. A second SIGINT ends the process at once.
"""

import argparse
import asyncio
import contextlib
import ctypes
import gc
import importlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import uvicorn

from core.environment import told_in_one_line
from core.server.garbage import FullRuns, start_collecting
from core.server.large_pages import use_large_pages
from core.server.uvicorn_version import protocols

# Seconds after the setting DRAIN_S for the last commands, and seconds after that for the last HTTP answers.
LAST_S, END_S = 1, 2
BACKLOG = 4096
# Seconds between two looks at the clock, for the Date of answers.
TICK_S = 1.0
# The number of the option in glibc's malloc.h, and its value in bytes.
M_MMAP_THRESHOLD, LARGE_BLOCK = -3, 1024 * 1024

log = logging.getLogger(__name__)


class DrainingServer(uvicorn.Server):
    """Gives the application time to close its websockets; uvicorn itself closes all of them at once when it ends."""

    # Ends the pause of the main loop; a signal calls it.
    wake: Callable[[], Any] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Does what uvicorn's method does, but a requested stop ends with exit code 0."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        if self.wake is not None:
            self.wake()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # In a thread, since the kernel needs some milliseconds for each page.
        threading.Thread(target=use_large_pages, name="large pages", daemon=True).start()

    async def main_loop(self) -> None:
        """Does what uvicorn's method does, but once a second, and at a signal, in place of ten times a second."""
        woken = asyncio.Event()
        self.wake = partial(asyncio.get_running_loop().call_soon_threadsafe, woken.set)
        full_runs = FullRuns(time.monotonic(), time.process_time())
        while not await self.on_tick(0):
            full_runs.tick()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await woken.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        if not self.force_exit:
            await self.drain()
        await super().shutdown(sockets)

    async def drain(self) -> None:
        from django.conf import settings

        from core.server.lifespan import drain

        task = asyncio.ensure_future(drain())
        deadline = asyncio.get_running_loop().time() + settings.DRAIN_S + LAST_S
        while not task.done() and not self.force_exit and asyncio.get_running_loop().time() < deadline:
            await asyncio.wait([task], timeout=0.1)
        task.cancel()


def config(**where: Any) -> uvicorn.Config:
    """Returns the configuration that all server processes share. `where` is host and port."""
    return uvicorn.Config(
        "asgi:application",
        loop="uvloop",
        **protocols(),
        ws_max_size=1024 * 1024,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        lifespan="on",
        # The server does not decide about addresses behind a proxy; TRUSTED_PROXIES does (core.api.client_address).
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="warning",
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=END_S,
        **where,
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/serve", description="One server process as in production.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument("--fd", type=int, help="an already listening socket, instead of host and port")
    parser.add_argument(
        "--after", type=int, metavar="FD", help="load everything, but serve only once this pipe is closed"
    )
    return parser.parse_args()


def give_large_blocks_back() -> None:
    """Makes the C library map each large block by itself, so that a picture's memory is given back when it is freed.

    By default glibc raises that size up to 32 MB while it runs, and Pillow's blocks of 16 MB then stay in each thread's heap.
    """
    # Other C libraries, for instance musl, always map large blocks, and have no such function.
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def main() -> None:
    # Nearly all objects that loading makes stay in use, and collecting garbage meanwhile takes a fifth of the time.
    gc.disable()
    given = arguments()
    with told_in_one_line("bin/serve"):
        importlib.import_module(os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings"))
    where = {} if given.fd is not None else {"host": given.host, "port": given.port}
    server = DrainingServer(config(**where))
    server.config.load()
    if given.after is not None:
        os.read(given.after, 1)
    give_large_blocks_back()
    start_collecting()
    server.run(sockets=None if given.fd is None else [socket.socket(fileno=given.fd)])


if __name__ == "__main__":
    main()
