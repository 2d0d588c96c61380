"""Gateways in front of servers: running ones, deaf ones, ports where none listens."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.deploy.conftest import a_directory
from tests.deploy.nginx import ROLES, Gateway
from tests.servers import ServerProcess


@contextmanager
def running(gateway: Gateway) -> Iterator[Gateway]:
    try:
        yield gateway
    finally:
        gateway.stop()


@contextmanager
def in_front_of(hub: ServerProcess, balancer: str = "") -> Iterator[Gateway]:
    with running(Gateway(a_directory(), {role: [hub.port] for role in ROLES}, balancer=balancer)) as gateway:
        yield gateway


@contextmanager
def in_front_of_ports(ports: list[int], waits_s: int = 12) -> Iterator[Gateway]:
    with running(Gateway(a_directory(), dict.fromkeys(ROLES, ports), waits_s=waits_s)) as gateway:
        yield gateway


@contextmanager
def deaf_server(*, keeps: bool) -> Iterator[tuple[int, list[bytes]]]:
    """Takes each request, and ends the connection without an answer or keeps it open; its port, and the heads it saw."""
    heads: list[bytes] = []
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    kept.append(listener.accept()[0])
                    heads.append(kept[-1].recv(65_536))
                except OSError:
                    return
                if not keeps:
                    kept.pop().close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heads
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for one in kept:
            one.close()


dying_server, silent_server = partial(deaf_server, keeps=False), partial(deaf_server, keeps=True)
