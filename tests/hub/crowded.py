"""A server process as one with many thousand sockets is: none of its sign-ins has its turn to be looked at in time."""

import socket

from core.server import serve


class Crowded(serve.DrainingServer):
    def run(self, sockets: list[socket.socket] | None = None) -> None:
        from negotiation.live import hub_setup

        hub_setup.IN_TURN = 0
        super().run(sockets)


if __name__ == "__main__":
    serve.DrainingServer = Crowded  # type: ignore[misc]
    serve.main()
