"""Places the marks of charts: pure geometry, in the units of the drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from negotiation.selectors.discounts import Agreed

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 34, 6, 12, 24
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
BASE = TOP + PLOT_HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """`name` is shown under it, "" for none; `words` say what it is; `ahead`: the month is still to come."""

    x: float
    y: float
    width: float
    height: float
    name: str
    words: str
    ahead: bool = False

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid, with its value."""

    y: float
    name: str


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel; `of_before` is its share of the step before it, "" for the first and after nothing."""

    name: str
    count: int
    width: float
    of_before: str


def y_of(value: float, most: float) -> float:
    """The height at which `value` stands on a scale from nothing to `most`."""
    return round(BASE - PLOT_HEIGHT * min(value, most) / most, 1) if most else float(BASE)


def percent_lines(most: int = 100, steps: int = 4) -> list[Line]:
    return [Line(y_of(value, most), f"{value:g} %") for value in (most * n / steps for n in range(steps + 1))]


def percent_scale(values: Iterable[float]) -> int:
    """The top of a scale that holds them all: 20, 40 or 100 per cent."""
    most = max(values, default=0)
    return next((top for top in (20, 40) if most <= top), 100)


def month_bars(months: Sequence[tuple[date, float, str]], today: date, most: int = 100) -> list[Bar]:
    """A bar for each (month, per cent, words) on a scale up to `most`; every third month is named."""
    slot = PLOT_WIDTH / max(len(months), 1)
    return [
        Bar(
            round(LEFT + slot * (number + 0.14), 1), y_of(percent, most), round(slot * 0.72, 1),
            round(BASE - y_of(percent, most), 1), f"{month:%b}" if number % 3 == 0 else "", words, month > today,
        )
        for number, (month, percent, words) in enumerate(months)
    ]  # fmt: skip


def discount_dots(found: Sequence[Agreed], first: date, last: date) -> list[Dot]:
    """A dot for each agreed price, from `first` on the left to `last` on the right."""
    span, most = max((last - first).days, 1), percent_scale(one.percent for one in found)
    return [
        Dot(
            round(LEFT + PLOT_WIDTH * min(max((one.day - first).days / span, 0), 1), 1),
            y_of(max(one.percent, 0), most),
            f"{one.home}, {one.day:%-d %b %Y}: {one.percent:g} %",
        )
        for one in found
    ]


def funnel_steps(counts: Sequence[tuple[str, int]]) -> list[Step]:
    """The steps, each as wide (per cent) as its share of the largest; one home in a thousand still shows."""
    most = max((count for _, count in counts), default=0)
    steps: list[Step] = []
    for number, (name, count) in enumerate(counts):
        width = max(100 * count / most, 1.0 if count else 0.0) if most else 0.0
        steps.append(Step(name, count, round(width, 1), share_words(count, counts[number - 1][1] if number else 0)))
    return steps


def share_words(part: int, whole: int) -> str:
    """`83 %`; a share that would be rounded to 0 is shown as less than 1 %."""
    if not whole:
        return ""
    share = 100 * part / whole
    return "< 1 %" if 0 < share < 1 else f"{share:.0f} %"
