"""How large a request body may be, route by route, and how it is read before the request takes a thread."""

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any, BinaryIO

MB = 1024 * 1024
DEFAULT_BYTES = MB
# The first match decides: 12 MB where a picture may come as a data-URL, 32 MB for photos and documents. A page's form has the
# limit of the REST call for the same thing.
LIMITS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"(/host|/guest)?/api/property_registration/step2/|/hosting/[0-9]+/step/2/"), 32 * MB),
    (re.compile(r"/auth/documents/|/profile/documents/"), 32 * MB),
    # A calendar of 2 MB and the rest of its form; a larger calendar gets a refusal that names it.
    (re.compile(r"(/host|/guest)?/api/property/[0-9]+/calendars/$"), 4 * MB),
    (re.compile(r"(/host|/guest)?/api/property_registration/step[156]/|/hosting/(new|[0-9]+/step/[156])/"), 12 * MB),
    (re.compile(r"/auth/(signup|hostsignup|user)/|/profile/\Z"), 12 * MB),
)
LARGEST = max(limit for _, limit in LIMITS)
# The bytes that all requests of this process may have in flight, since they share the disk.
ALL_IN_FLIGHT = 1024 * MB
IN_MEMORY = MB
# The time for a body; each 64 KiB that has come adds a second.
READ_S, BYTES_A_SECOND = 30, 64 * 1024

# The rest of a refused body is read and dropped, so that a browser shows the answer instead of a broken connection.
DROPPED_BYTES, DROPPED_S, SILENT_S = 64 * MB, 60, 2

in_flight = 0


class TooLarge(Exception):
    """The body is over its route's limit."""


class TooMuch(Exception):
    """This process already reads as many bodies as it can hold."""


class Incomplete(Exception):
    """The client went away, or sent too slowly."""


def limit_of(path: str) -> int:
    """The most bytes that a body for this path may have."""
    return next((limit for pattern, limit in LIMITS if pattern.match(path)), DEFAULT_BYTES)


async def read(receive: Callable[[], Awaitable[Any]], limit: int) -> tuple[BinaryIO, int]:
    """The whole body as an open file (the caller closes it) and its length in bytes.

    Raises TooLarge, TooMuch or Incomplete; a thread is taken only once a body is whole, so that slow clients cost none.
    """
    body: Any = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        length = await pour(receive, limit, body)
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body, length


async def pour(receive: Callable[[], Awaitable[Any]], limit: int, body: BinaryIO) -> int:
    """Writes the body as it comes. Returns its length in bytes. Raises TooLarge, TooMuch or Incomplete."""
    global in_flight
    length, more, deadline = 0, True, asyncio.get_running_loop().time() + READ_S
    try:
        while more:
            message = await next_part(receive, deadline + length / BYTES_A_SECOND)
            part, more = message.get("body", b""), message.get("more_body", False)
            length, in_flight = length + len(part), in_flight + len(part)
            if length > limit:
                raise TooLarge
            if in_flight > ALL_IN_FLIGHT:
                raise TooMuch
            body.write(part)
        return length
    finally:
        in_flight -= length


async def next_part(receive: Callable[[], Awaitable[Any]], deadline: float) -> Any:
    """The next message of the body. Raises Incomplete where it is late or the client is gone."""
    try:
        async with asyncio.timeout_at(deadline):
            message = await receive()
    except TimeoutError:
        raise Incomplete from None
    if message["type"] == "http.disconnect":
        raise Incomplete
    return message


async def drop(receive: Callable[[], Awaitable[Any]]) -> None:
    """Reads and drops the rest of the body, until it ends, the client falls silent, or has sent too much."""
    left, deadline = DROPPED_BYTES, asyncio.get_running_loop().time() + DROPPED_S
    while left > 0 and (now := asyncio.get_running_loop().time()) < deadline:
        try:
            message = await next_part(receive, min(deadline, now + SILENT_S))
        except Incomplete:
            return
        left -= len(message.get("body", b""))
        if not message.get("more_body", False):
            return
