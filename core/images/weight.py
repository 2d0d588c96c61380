"""Limits on pictures: the pixels of a request, and the memory that all decoders of a process hold together."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from core.errors import Code, DomainError, invalid
from core.images.refusals import too_many_together
from core.lanes import RETRY_AFTER_S
from core.said import said

MB = 1024 * 1024
MAX_REQUEST_PIXELS = 150_000_000
# The memory of all decoders together; one alone may take what a WebP of 40 megapixels needs.
TOGETHER, ALONE = 320 * MB, 640 * MB
# Bytes a pixel while it is decoded, measured: the decoder's own planes, its output, and the image made of that.
PNG, WEBP, AVIF, HEIF = 8, 16, 10, 9
# A JPEG takes memory for the fraction that is read, twice while it is scaled, and for its coefficients.
JPEG = 8
# The lane in front of it admits so few that none waits long.
WAIT_S = 5


class Allowance:
    """The pixels that the pictures of one request may still have."""

    def __init__(self, pixels: int = MAX_REQUEST_PIXELS) -> None:
        self.most = self.left = pixels

    def take(self, pixels: int, *, field: str) -> None:
        """Raises `invalid` with `field` where the request has no room for so many more."""
        if pixels > self.left:
            raise invalid(**{field: too_many_together(self.most)})
        self.left -= pixels


class MemoryBudget:
    """The bytes that work in this process may hold together. Work that needs more than all of them runs alone."""

    def __init__(self, most: int) -> None:
        self.most = self.left = most
        self._freed = threading.Condition()
        self._first = threading.Lock()

    @contextlib.contextmanager
    def hold(self, wanted: int) -> Iterator[None]:
        """Waits for its turn, first come first served. Raises `unavailable` where it does not come in time."""
        share = min(wanted, self.most)
        self._wait(share)
        try:
            yield
        finally:
            with self._freed:
                self.left += share
                self._freed.notify_all()

    def _wait(self, share: int) -> None:
        # The longest waiter is in front, so that small pictures do not pass a large one for ever.
        if not self._first.acquire(timeout=WAIT_S):
            raise _busy()
        try:
            with self._freed:
                if not self._freed.wait_for(lambda: self.left >= share, timeout=WAIT_S):
                    raise _busy()
                self.left -= share
        finally:
            self._first.release()


def _busy() -> DomainError:
    words = said("Too many pictures come at once; nothing was done. Try again in a minute.")
    return DomainError(Code.UNAVAILABLE, words, params={"retry_after": RETRY_AFTER_S})


decoders = MemoryBudget(TOGETHER)
