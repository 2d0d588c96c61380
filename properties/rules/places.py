"""Where things are: the blur of a public pin, and text as search compares it."""

from __future__ import annotations

import hashlib
import hmac
import math
import unicodedata

METRES_A_DEGREE = 111_320.0
NEAREST_M, FARTHEST_M = 100.0, 160.0
LATIN_MARKS = range(0x300, 0x370)
APOSTROPHES = "'’ʼ`´"


def blur(latitude: float, longitude: float, *, host_id: int, key: str) -> tuple[float, float]:
    """A point 100–160 m away: always the same for a host and a place, so that asking often tells no more.

    All homes of a host in one building are shifted alike: of many rooms with pins of their own the mean would be the
    door. `key` is the server's secret; without it the shift can't be undone.
    """
    place = b"pin:%d:%.3f:%.3f" % (host_id, latitude, longitude)
    seed = hmac.new(key.encode(), place, hashlib.sha256).digest()
    angle = int.from_bytes(seed[:4], "big") / 2**32 * math.tau
    metres = NEAREST_M + int.from_bytes(seed[4:8], "big") / 2**32 * (FARTHEST_M - NEAREST_M)
    north, east = metres * math.cos(angle), metres * math.sin(angle)
    shrink = max(math.cos(math.radians(latitude)), 0.01)
    moved_latitude = max(-90.0, min(90.0, latitude + north / METRES_A_DEGREE))
    moved_longitude = (longitude + east / (METRES_A_DEGREE * shrink) + 180.0) % 360.0 - 180.0
    return round(moved_latitude, 5), round(moved_longitude, 5)


def plain_text(text: str) -> str:
    """Lower case, Latin letters without accents, apostrophes gone, other punctuation to blanks: what search compares."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in decomposed if ord(c) not in LATIN_MARKS and c not in APOSTROPHES)
    words = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFKC", kept))
    return " ".join(words.split())


def swapped(word: str) -> list[str]:
    """The word, and the word with each two neighbours swapped: the slip that trigrams hardly forgive."""
    variants = [word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)]
    return list(dict.fromkeys([word, *variants]))
