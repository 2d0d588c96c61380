"""Mail servers on loopback that misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def mail_server(*, drops_after_data: bool = False, hangs: bool = False) -> Iterator[tuple[int, list[bytes]]]:
    """A port, and the mails that came; `hangs`: takes connections and says nothing."""
    mails: list[bytes] = []
    open_ones: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                open_ones.append(connection)
                if not hangs:
                    threading.Thread(target=talk, args=[connection, mails, drops_after_data], daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], mails
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for one in open_ones:
            one.close()


def talk(connection: socket.socket, mails: list[bytes], drops_after_data: bool) -> None:
    """As much of RFC 5321 as a client of smtplib needs."""
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 here\r\n")
        for line in lines:
            word = line[:4].upper()
            if word == b"QUIT":
                connection.sendall(b"221 bye\r\n")
                return
            connection.sendall(b"354 go on\r\n" if word == b"DATA" else b"250 good\r\n")
            if word == b"DATA":
                mails.append(b"".join(iter(lines.readline, b".\r\n")))
                if drops_after_data:
                    return
                connection.sendall(b"250 taken\r\n")
