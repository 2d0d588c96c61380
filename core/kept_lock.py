"""Two calls of the operating system that return at once, made without giving Python's lock away.

`os.write` and `select.poll` give it away, as a call may take long. These don't: and where other threads are at work, getting the
lock back takes longer than they do.
"""

from __future__ import annotations

import ctypes
import errno
import select
from typing import ClassVar

library = ctypes.PyDLL(None, use_errno=True)
_write, _poll = library.write, library.poll
_write.argtypes, _write.restype = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t), ctypes.c_ssize_t
NOT_NOW = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR)


class Polled(ctypes.Structure):
    """What `poll` is asked about a descriptor (`struct pollfd`)."""

    _fields_: ClassVar = [("fd", ctypes.c_int), ("events", ctypes.c_short), ("revents", ctypes.c_short)]


_poll.argtypes = (ctypes.POINTER(Polled), ctypes.c_ulong, ctypes.c_int)


def write(descriptor: int, data: bytes) -> int:
    """Writes what a socket that never blocks takes at once. Returns the number of bytes. Raises OSError where its peer has gone."""
    written = int(_write(descriptor, data, len(data)))
    if written >= 0:
        return written
    number = ctypes.get_errno()
    if number in NOT_NOW:
        return 0
    raise OSError(number, errno.errorcode.get(number, "unknown"))


def has_something(descriptor: int) -> bool:
    """Whether there is something to read from a descriptor, its end included, or it is none."""
    asked = Polled(descriptor, select.POLLIN, 0)
    found = int(_poll(ctypes.byref(asked), 1, 0))
    return found > 0 or (found < 0 and ctypes.get_errno() not in NOT_NOW)
