"""One server process as in production: uvicorn with the settings the hub is made for, and a drain.

    python -m core.server.serve --port 8000 [--host 127.0.0.1] [--fd N]

A SIGTERM or SIGINT closes the listening socket, runs the drain steps (core.server.lifespan.on_drain: sockets are told to come
back elsewhere, spread over some seconds), then ends what is left. A second SIGINT ends at once.
"""

import argparse
import asyncio
import ctypes
import gc
import importlib
import logging
import os
import signal
import socket
from types import FrameType
from typing import Any

import uvicorn

from core.environment import told_in_one_line
from core.server.uvicorn_version import protocols

# Time beyond the setting DRAIN_S for the last commands, and after that for the last HTTP answers.
LAST_S, END_S = 1, 2
BACKLOG = 4096
# The garbage collector runs after so many new objects; a connection makes some forty.
GC_THRESHOLD = 3000
# From malloc.h, and bytes.
M_MMAP_THRESHOLD, LARGE_BLOCK = -3, 1024 * 1024

log = logging.getLogger(__name__)


class DrainingServer(uvicorn.Server):
    """Lets the application close its websockets over some time; uvicorn itself closes all of them at once when it ends."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As uvicorn's, but a requested stop ends with exit code 0."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

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
    """What every server process has in common; `where` is host and port."""
    return uvicorn.Config(
        "asgi:application",
        loop="uvloop",
        **protocols(),
        ws_max_size=1024 * 1024,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        lifespan="on",
        # TRUSTED_PROXIES decides on addresses behind a proxy (core.api.client_address), not the server.
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


def let_the_loaded_rest() -> None:
    """Freezes what is loaded by now, so that the garbage collector does not walk over it with every few connections."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 10, 10)
    gc.enable()


def give_large_blocks_back() -> None:
    """Has the C library map each large block by itself, so that a picture's memory is free for others once it is read.

    By default glibc raises that size to 32 MB as it goes, and Pillow's blocks of 16 MB then stay in the heap of each thread.
    """
    # Other C libraries, for instance musl, always do so, and have no such function.
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def main() -> None:
    # Nearly all objects made while loading stay; collecting garbage meanwhile takes a fifth of the time.
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
    let_the_loaded_rest()
    server.run(sockets=None if given.fd is None else [socket.socket(fileno=given.fd)])


if __name__ == "__main__":
    main()
