"""The blur of a public pin, and text in the form that search compares."""

from __future__ import annotations

import hashlib
import hmac
import math
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

# The radius of the sphere on which search measures.
EARTH_M = 6_371_000.0
METRES_A_DEGREE = EARTH_M * math.pi / 180
NEAREST_M, FARTHEST_M = 100.0, 160.0
# Homes of one host that lie no farther apart share the shift of their pins, as parts of one house.
ONE_HOUSE_M = 100.0
ONE_HOUSE_DEGREES = ONE_HOUSE_M / METRES_A_DEGREE
LATIN_MARKS = range(0x300, 0x370)
APOSTROPHES = "'’ʼ`´"


class Pin(NamedTuple):
    """Where a home is, and where the public sees it, in degrees."""

    latitude: float
    longitude: float
    public_latitude: float
    public_longitude: float


def public_pin(
    latitude: float, longitude: float, present: Iterable[Pin], *, host_id: int, key: str
) -> tuple[float, float]:
    """Where the public sees a home: shifted as the nearest of the host's homes in the same house, else by a new blur.

    If each part of a house had a shift of its own, their mean would be the front door. `present` holds the host's homes, this
    one as it was among them: a home that stays, or moves by a few steps, keeps its shift, even after `key` has changed.
    """
    near = ((metres_between(latitude, longitude, pin.latitude, pin.longitude), pin) for pin in present)
    rooms = [(metres, pin) for metres, pin in near if metres <= ONE_HOUSE_M]
    if not rooms:
        return blur(latitude, longitude, host_id=host_id, key=key)
    _, pin = min(rooms, key=lambda room: room[0])
    return _on_earth(latitude + pin.public_latitude - pin.latitude, longitude + pin.public_longitude - pin.longitude)


def metres_between(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """The distance of two points in metres, exact enough for points as near as the walls of a house."""
    east = (longitude - other_longitude + 180.0) % 360.0 - 180.0
    shrink = math.cos(math.radians(latitude))
    return math.hypot(latitude - other_latitude, east * shrink) * METRES_A_DEGREE


def blur(latitude: float, longitude: float, *, host_id: int, key: str) -> tuple[float, float]:
    """A point 100–160 m away: always the same for a host and a place, so that asking often tells no more.

    `key` is the server's secret; without it the shift can't be undone.
    """
    place = b"pin:%d:%.3f:%.3f" % (host_id, latitude, longitude)
    seed = hmac.new(key.encode(), place, hashlib.sha256).digest()
    angle = int.from_bytes(seed[:4], "big") / 2**32 * math.tau
    metres = NEAREST_M + int.from_bytes(seed[4:8], "big") / 2**32 * (FARTHEST_M - NEAREST_M)
    north, east = metres * math.cos(angle), metres * math.sin(angle)
    shrink = max(math.cos(math.radians(latitude)), 0.01)
    return _on_earth(latitude + north / METRES_A_DEGREE, longitude + east / (METRES_A_DEGREE * shrink))


def _on_earth(latitude: float, longitude: float) -> tuple[float, float]:
    return round(max(-90.0, min(90.0, latitude)), 5), round((longitude + 180.0) % 360.0 - 180.0, 5)


def plain_text(text: str) -> str:
    """What search compares: lower case, Latin letters without accents, apostrophes and joiners gone, digits of any script
    as 0 to 9, other punctuation as blanks."""
    # Apostrophes go first: decomposed, ´ is a blank with a mark.
    whole = "".join(c for c in text.casefold() if c not in APOSTROPHES)
    kept = "".join(c for c in unicodedata.normalize("NFKD", whole) if ord(c) not in LATIN_MARKS)
    words = "".join(_compared(c) for c in unicodedata.normalize("NFKC", kept))
    return " ".join(words.split())


def _compared(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    # A joiner only says how letters of Bangla are drawn.
    return char if category[0] in "LMN" else "" if category == "Cf" else " "


def swapped(word: str) -> list[str]:
    """The word, and the word with each pair of neighbouring letters swapped, a slip that trigrams hardly forgive."""
    variants = [word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)]
    return list(dict.fromkeys([word, *variants]))
