"""A search query, and the cursor at which a page of its answer ended."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qs, urlsplit

from core.errors import Code, DomainError, invalid
from core.said import said
from properties.rules.places import METRES_A_DEGREE
from properties.rules.terms import MAX_DAYS_AHEAD, MAX_NIGHTS

SORTS = ("relevance", "price", "rating", "distance")
DESCENDING = frozenset({"relevance", "rating"})
# The range of keys that a page can be sorted by; the database takes no larger Decimal.
KEY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?\Z", re.ASCII)
# Each day more is two starts more that every home is asked for.
MOST_FLEXIBLE_DAYS = 3
DEFAULT_RADIUS_KM, MAX_RADIUS_KM = 25.0, 1000.0
# No place is more than twelve hours behind Greenwich, so no day ends later than this.
LATEST_ZONE = timedelta(hours=12)

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Near:
    """A circle: degrees, kilometres."""

    latitude: float
    longitude: float
    radius_km: float = DEFAULT_RADIUS_KM

    def boxes(self) -> list[Box]:
        """(west, south, east, north) of one or two boxes that hold the circle, and a metre round it."""
        north = (self.radius_km * 1000 + 1) / METRES_A_DEGREE
        south, top = self.latitude - north, self.latitude + north
        if south <= -89 or top >= 89:
            return [(-180.0, max(south, -90.0), 180.0, min(top, 90.0))]
        east = north / math.cos(math.radians(max(abs(south), abs(top))))
        return boxes_between(self.longitude - east, south, self.longitude + east, top)


def boxes_between(west: float, south: float, east: float, north: float) -> list[Box]:
    """One box, or two where it crosses the date line (`west` beyond `east`, or either beyond 180)."""
    if east - west >= 360:
        return [(-180.0, south, 180.0, north)]
    west, east = (west + 180) % 360 - 180, (east + 180) % 360 - 180 if east != 180 else 180.0
    if west <= east:
        return [(west, south, east, north)]
    return [(west, south, 180.0, north), (-180.0, south, east, north)]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: what it was sorted by, and its id."""

    sort: str
    key: Decimal
    property_id: int

    def text(self) -> str:
        body = json.dumps([self.sort, str(self.key), self.property_id]).encode()
        return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def read_cursor(text: str, sort: str) -> Cursor:
    """The cursor in `text`, which may also be the whole address of the next page. Raises `invalid`."""
    wrong = invalid(cursor="Take it from `next` of the page before, with the same sort.")
    try:
        bare = parse_qs(urlsplit(text).query).get("cursor", [text])[0]
        body = base64.urlsafe_b64decode(bare.encode("ascii") + b"=" * (-len(bare) % 4))
        cursor_sort, key, property_id = json.loads(body)
        cursor = Cursor(str(cursor_sort), Decimal(str(key)), int(property_id))
    except (ValueError, TypeError, InvalidOperation, binascii.Error, RecursionError, OverflowError):
        raise wrong from None
    if cursor.sort != sort or not KEY.match(str(key)) or not 0 < cursor.property_id < 2**63:
        raise wrong
    return cursor


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search. Empty means: not asked. Prices are per night in `currency`; `words` and `amenities` are plain text."""

    words: tuple[str, ...] = ()
    check_in: date | None = None
    check_out: date | None = None
    # How many days sooner or later a stay of as many nights may begin.
    flexible_days: int = 0
    guests: int | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    currency: str = "BDT"
    property_types: tuple[str, ...] = ()
    category: str = ""
    amenities: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()
    near: Near | None = None
    negotiable: bool = False
    superhost: bool = False
    sort: str = "relevance"
    limit: int = 50
    cursor: Cursor | None = None
    # Homes and calendar entries of the searching user's own unpaid holds, which do not hide a home from them.
    held_homes: tuple[int, ...] = ()
    held_entries: tuple[int, ...] = ()

    @property
    def nights(self) -> int:
        """The number of nights; 0 without dates."""
        return (self.check_out - self.check_in).days if self.check_in and self.check_out else 0

    @property
    def is_flexible(self) -> bool:
        return self.flexible_days > 0 and self.nights > 0

    @property
    def compares_prices(self) -> bool:
        """Whether the query compares prices; then it finds only homes in one currency."""
        return self.min_price is not None or self.max_price is not None or self.sort == "price"


def check_search_dates(check_in: date | None, check_out: date | None, now: datetime) -> None:
    """Raises `dates.invalid`: one without the other, reversed, past everywhere, too long, too far ahead."""
    if check_in is None and check_out is None:
        return
    if check_in is None:
        raise _bad("check_in", "Give both days, or none.")
    if check_out is None:
        raise _bad("check_out", "Give both days, or none.")
    today = (now - LATEST_ZONE).date()
    if check_in < today:
        raise _bad("check_in", "That day has passed.")
    if check_out <= check_in:
        raise _bad("check_out", "The check-out day must be after the check-in day.")
    if (check_out - check_in).days > MAX_NIGHTS:
        raise _bad("check_out", said("The longest stay is %(most)s nights.", most=MAX_NIGHTS))
    if (check_in - today).days > MAX_DAYS_AHEAD + 1:
        raise _bad("check_in", "Stays can be booked up to two years ahead.")


def _bad(field: str, text: str) -> DomainError:
    return DomainError(Code.DATES_INVALID, text, fields={field: [text]})
