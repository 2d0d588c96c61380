"""Limits the size of a request body by its route, and reads the body before the request takes a thread."""

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any, BinaryIO

MB = 1024 * 1024
DEFAULT_BYTES = MB
# The first match decides: 12 MB where a picture may come as a data-URL, 32 MB for photos and documents. The form on a page
# has the same limit as the REST call for the same thing.
LIMITS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"(/host|/guest)?/api/property_registration/step2/|/hosting/[0-9]+/step/2/"), 32 * MB),
    (re.compile(r"/auth/documents/|/profile/documents/"), 32 * MB),
    # This fits a calendar of 2 MB and the rest of its form; the view refuses a larger calendar, and names the field.
    (re.compile(r"(/host|/guest)?/api/property/[0-9]+/calendars/$"), 4 * MB),
    (re.compile(r"(/host|/guest)?/api/property_registration/step[156]/|/hosting/(new|[0-9]+/step/[156])/"), 12 * MB),
    (re.compile(r"/auth/(signup|hostsignup|user)/|/profile/\Z"), 12 * MB),
)
LARGEST = max(limit for _, limit in LIMITS)
# Bytes that all request bodies of this process may have together, since they share the disk.
ALL_IN_FLIGHT = 1024 * MB
IN_MEMORY = MB
# Seconds for a body; each 64 KiB that has come adds a second.
READ_S, BYTES_A_SECOND = 30, 64 * 1024

# The rest of a refused body is read and dropped, within these bounds (bytes, seconds, seconds of silence), so that a browser
# shows the answer instead of a broken connection.
DROPPED_BYTES, DROPPED_S, SILENT_S = 64 * MB, 60, 2

in_flight = 0


class TooLarge(Exception):
    """The body is larger than its route allows."""


class TooMuch(Exception):
    """This process is already reading as many bodies as it can hold."""


class Incomplete(Exception):
    """The client went away, or sends too slowly."""


def limit_of(path: str) -> int:
    """Returns the most bytes that a body for this path may have."""
    return next((limit for pattern, limit in LIMITS if pattern.match(path)), DEFAULT_BYTES)


async def read(receive: Callable[[], Awaitable[Any]], limit: int) -> tuple[BinaryIO, int]:
    """Returns the whole body as an open file, which the caller closes, and its length in bytes.

    Raises TooLarge, TooMuch or Incomplete. A request takes a thread only when its body is complete, so that slow clients
    occupy none.
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
    """Writes the body to the file as it comes. Returns its length in bytes. Raises TooLarge, TooMuch or Incomplete."""
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
    """Returns the next message of the body. Raises Incomplete where it comes too late or the client is gone."""
    try:
        async with asyncio.timeout_at(deadline):
            message = await receive()
    except TimeoutError:
        raise Incomplete from None
    if message["type"] == "http.disconnect":
        raise Incomplete
    return message


async def drop(receive: Callable[[], Awaitable[Any]]) -> None:
    """Reads and drops the rest of the body, until it ends, the client is silent, or the client has sent too much."""
    left, deadline = DROPPED_BYTES, asyncio.get_running_loop().time() + DROPPED_S
    while left > 0 and (now := asyncio.get_running_loop().time()) < deadline:
        try:
            message = await next_part(receive, min(deadline, now + SILENT_S))
        except Incomplete:
            return
        left -= len(message.get("body", b""))
        if not message.get("more_body", False):
            return
