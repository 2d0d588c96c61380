"""Reads a DATABASE_URL. It names one server, or several of which one takes writes at a time (a primary and its standbys).

`postgresql://user:password@one:5432,two:5432/name?target_session_attrs=read-write` is libpq's own form; each new
connection tries the servers in their order. This file needs no Django, so that the settings can import it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

ENGINE = "core.database.postgresql"
# Seconds after which a connection attempt to a silent server ends. It is shorter for each of several servers, so that the
# next one is reached in time.
CONNECT_S, CONNECT_EACH_S = 5, 2
# Milliseconds. A connection whose packets stay unacknowledged for longer is dead: the other machine has lost power or network.
DEAD_MS = 6_000


def database(url: str, *, name: str = "DATABASE_URL", writes: bool = True) -> dict[str, Any]:
    """Returns Django's settings for the database at `url`. Raises ImproperlyConfigured, which names the variable `name`.

    `writes` is False for a replica; connecting to one may take only a moment.
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
    """Returns libpq's options for a connection to one of `servers` servers; options in the address override them."""
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
    """Returns the host without its port, and an IPv6 address without its brackets."""
    return server[1:].partition("]")[0] if server.startswith("[") else server.partition(":")[0]


def port_of(server: str) -> str:
    """Returns the port as text, because libpq takes a list of ports as text."""
    _, colon, port = server.rpartition("]")[2].rpartition(":")
    return port if colon and port else "5432"
