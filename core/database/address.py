"""What a DATABASE_URL says: one server, or several of which one takes writes at a time (a primary and its standbys).

`postgresql://user:password@one:5432,two:5432/name?target_session_attrs=read-write` is libpq's own form; several are tried
in their order at each new connection. Needs no Django, so that settings can ask.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

ENGINE = "core.database.postgresql"
# Seconds until a server that says nothing is given up: for each of several, so that the next one is reached in time.
CONNECT_S, CONNECT_EACH_S = 5, 2
# A connection whose packets stay unacknowledged for so long is dead: its machine has lost power or network.
DEAD_MS = 6_000


def database(url: str, *, name: str = "DATABASE_URL", writes: bool = True) -> dict[str, Any]:
    """Django's settings for the database at `url`. Raises ImproperlyConfigured, naming `name`.

    `writes` is False for a replica, for which a connection waits only a moment.
    """
    try:
        start, at, hosts = urlsplit(url).netloc.rpartition("@")
        if "@" in urlsplit(url).path:
            raise ValueError("what stands before the last @ has a / in it")
        several = hosts.split(",")
        single = url.replace(f"{start}{at}{hosts}", f"{start}{at}{several[0]}", 1)
        settings: Any = dj_database_url.parse(single, engine=ENGINE, conn_max_age=None, conn_health_checks=True)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} can't be read. It is postgresql://user:password@host:5432/name, where a password with @, : or / in it "
            "has these percent-encoded; or leave the password out and set PGPASSWORD."
        ) from None
    if len(several) > 1:
        settings["HOST"] = ",".join(unquote(host_of(one)) for one in several)
        settings["PORT"] = ",".join(port_of(one) for one in several)
    return settings | {"OPTIONS": options(len(several), writes) | settings.get("OPTIONS", {})}


def options(servers: int, writes: bool) -> dict[str, Any]:
    """libpq's options for one of so many servers; options in the address win."""
    found = {
        "connect_timeout": CONNECT_S if servers == 1 and writes else CONNECT_EACH_S,
        "tcp_user_timeout": DEAD_MS,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "application_name": "staynest",
    }
    return found if servers == 1 else found | {"target_session_attrs": "read-write" if writes else "prefer-standby"}


def host_of(server: str) -> str:
    """Without its port; an IPv6 address without its brackets."""
    return server[1:].partition("]")[0] if server.startswith("[") else server.partition(":")[0]


def port_of(server: str) -> str:
    """As text, as libpq takes a list of them."""
    _, colon, port = server.rpartition("]")[2].rpartition(":")
    return port if colon and port else "5432"
