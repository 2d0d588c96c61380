"""What stands in the demo's landscapes: trees, houses, boats."""

from __future__ import annotations

import math
from itertools import pairwise

from demo.canvas import Canvas, Colour, Point, mix

DARK: Colour = (24, 30, 38)
LAMP: Colour = (255, 214, 130)


def palm(c: Canvas, x: float, y: float, height: float, colour: Colour, lean: float = 0.25) -> None:
    """A palm with its foot at x, y."""
    trunk = [(x + lean * height * (t**2), y - height * t) for t in (n / 12 for n in range(13))]
    for (ax, ay), (bx, by) in pairwise(trunk):
        c.line([(ax, ay), (bx, by)], mix(colour, (90, 62, 40), 0.45), max(2.5, height * 0.028))
    hx, hy = trunk[-1]
    for turn in range(11):
        angle = math.radians(-200 + turn * 22 + c.dice.uniform(-6, 6))
        reach = height * c.dice.uniform(0.34, 0.46)
        frond(c, hx, hy, angle, reach, mix(colour, (255, 255, 255), 0.05 * (turn % 3)))


def frond(c: Canvas, x: float, y: float, angle: float, reach: float, colour: Colour) -> None:
    upper: list[Point] = []
    lower: list[Point] = []
    for n in range(9):
        t = n / 8
        px = x + math.cos(angle) * reach * t
        py = y + math.sin(angle) * reach * t + reach * 0.55 * t * t
        width = reach * 0.085 * math.sin(math.pi * min(1, t + 0.12))
        upper.append((px, py - width))
        lower.append((px, py + width * 0.7))
    c.shape([*upper, *reversed(lower)], colour)


def tree(c: Canvas, x: float, y: float, height: float, colour: Colour) -> None:
    """A round tree."""
    c.box(x - height * 0.035, y - height * 0.45, height * 0.07, height * 0.45, mix(colour, (60, 40, 30), 0.7))
    for dx, dy, r, light in (
        (-0.18, -0.5, 0.2, 0),
        (0.18, -0.52, 0.2, 0),
        (0, -0.68, 0.25, 0),
        (-0.07, -0.72, 0.15, 0.1),
    ):
        c.disc(x + dx * height, y + dy * height, r * height, mix(colour, (255, 250, 200), light))


def pine(c: Canvas, x: float, y: float, height: float, colour: Colour) -> None:
    for n in range(4):
        top = y - height + n * height * 0.19
        half = height * (0.1 + 0.065 * n)
        c.shape(
            [(x, top), (x + half, top + height * 0.34), (x - half, top + height * 0.34)], mix(colour, DARK, 0.06 * n)
        )


def grove(
    c: Canvas, level: float, height: float, colour: Colour, count: int, start: float = 0, end: float = 1200
) -> None:
    """A wood's edge: many round trees."""
    for n in range(count):
        x = start + (end - start) * (n + c.dice.uniform(0, 1)) / count
        size = height * c.dice.uniform(0.7, 1.2)
        c.disc(x, level - size * 0.35, size * 0.5, mix(colour, (255, 255, 210), c.dice.uniform(0, 0.12)))
    c.box(start, level - height * 0.35, end - start, height * 0.4, colour)


def windows(c: Canvas, x: float, y: float, columns: int, rows: int, size: float, gap: float, lit: float) -> None:
    """A grid of panes; `lit` of them with lamps on."""
    for row in range(rows):
        for column in range(columns):
            on = c.dice.random() < lit
            colour = LAMP if on else (92, 118, 140)
            px, py = x + column * (size + gap), y + row * (size * 1.35 + gap)
            c.box(px, py, size, size * 1.35, colour)
            c.line([(px + size / 2, py), (px + size / 2, py + size * 1.35)], mix(colour, DARK, 0.45), 1)


def house(
    c: Canvas, x: float, y: float, width: float, wall: Colour, roof: Colour, *, night: bool = False, stilts: float = 0
) -> None:
    """A gabled house with a veranda; its foot's middle at x, y."""
    height, left = width * 0.42, x - width / 2
    base = y - stilts
    for n in range(6 if stilts else 0):
        c.box(left + n * width / 5 - 3, base, 6, stilts, mix(wall, DARK, 0.65))
    c.box(left, base - height, width, height, wall)
    c.box(left, base - height, width * 0.36, height, mix(wall, DARK, 0.12))
    peak = base - height - width * 0.3
    c.shape(
        [
            (left - width * 0.07, base - height),
            (left + width * 0.2, peak),
            (x + width * 0.33, peak),
            (x + width * 0.58, base - height),
        ],
        roof,
    )
    c.shape(
        [(left - width * 0.07, base - height), (left + width * 0.2, peak), (left + width * 0.43, base - height)],
        mix(roof, DARK, 0.2),
    )
    pane = LAMP if night else (182, 210, 222)
    for px in (0.07, 0.2):
        c.box(left + width * px, base - height * 0.66, width * 0.09, height * 0.34, pane)
    c.box(left + width * 0.47, base - height * 0.7, width * 0.12, height * 0.7, mix(roof, DARK, 0.35))
    for px in (0.66, 0.81):
        c.box(left + width * px, base - height * 0.68, width * 0.11, height * 0.4, pane)
        c.line(
            [(left + width * (px + 0.055), base - height * 0.68), (left + width * (px + 0.055), base - height * 0.28)],
            mix(pane, DARK, 0.4),
            1.5,
        )
    c.box(left - width * 0.05, base - 4, width * 1.1, 7, mix(wall, DARK, 0.5))
    if night:
        c.glow(x + width * 0.2, base - height * 0.4, width * 0.75, LAMP, 0.35)


def boat(c: Canvas, x: float, y: float, length: float, hull: Colour, roof: Colour | None = None) -> None:
    """A country boat; with a roof, a houseboat. Its waterline's middle at x, y."""
    half = length / 2
    if roof:
        c.box(x - half * 0.62, y - length * 0.25, length * 0.62, length * 0.2, mix(roof, (255, 255, 255), 0.72))
        for n in range(5):
            c.box(x - half * 0.52 + n * length * 0.115, y - length * 0.2, length * 0.07, length * 0.09, LAMP)
        c.shape(
            [
                (x - half * 0.74, y - length * 0.24),
                (x - half * 0.5, y - length * 0.33),
                (x + half * 0.5, y - length * 0.33),
                (x + half * 0.74, y - length * 0.24),
            ],
            roof,
        )
    c.shape(
        [
            (x - half * 1.12, y - length * 0.13),
            (x - half * 0.7, y - length * 0.055),
            (x + half * 0.7, y - length * 0.055),
            (x + half * 1.12, y - length * 0.13),
            (x + half * 0.72, y + length * 0.02),
            (x - half * 0.72, y + length * 0.02),
        ],
        hull,
    )
    c.line(
        [
            (x - half * 1.1, y - length * 0.125),
            (x - half * 0.7, y - length * 0.05),
            (x + half * 0.7, y - length * 0.05),
            (x + half * 1.1, y - length * 0.125),
        ],
        mix(hull, (255, 255, 255), 0.35),
        2,
    )


def tower_block(c: Canvas, x: float, y: float, width: float, floors: int, wall: Colour, lit: float) -> None:
    """A block of flats, its foot's left corner at x, y."""
    floor = 24
    height = floors * floor + 14
    c.box(x, y - height, width, height, wall)
    c.box(x + width * 0.78, y - height, width * 0.22, height, mix(wall, DARK, 0.18))
    pane, columns = 10, int((width * 0.74 - 6) // 20)
    windows(c, x + 9, y - height + 12, columns, floors, pane, 10, lit)


def dome(c: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    """A glamping dome, lit from within; its foot's middle at x, y."""
    c.glow(x, y - radius * 0.4, radius * 2.1, LAMP, 0.5)
    points = [
        (x + math.cos(math.radians(a)) * radius, y - math.sin(math.radians(a)) * radius * 0.92)
        for a in range(0, 181, 6)
    ]
    c.shape(points, colour)
    for share in (0.33, 0.66):
        c.line(
            [
                (x - radius * math.cos(math.asin(share * 0.9)), y - radius * 0.92 * share),
                (x + radius * math.cos(math.asin(share * 0.9)), y - radius * 0.92 * share),
            ],
            mix(colour, DARK, 0.22),
            2,
        )
    for a in (35, 65, 90, 115, 145):
        c.line(
            [
                (x + math.cos(math.radians(a)) * radius * 1.1, y),
                (x + math.cos(math.radians(a)) * radius * 0.35, y - radius * 0.88),
            ],
            mix(colour, DARK, 0.22),
            2,
        )
    c.shape(
        [
            (x - radius * 0.26, y),
            (x - radius * 0.26, y - radius * 0.42),
            (x, y - radius * 0.6),
            (x + radius * 0.26, y - radius * 0.42),
            (x + radius * 0.26, y),
        ],
        LAMP,
    )
    c.box(x - radius * 1.25, y - 2, radius * 2.5, 9, mix((120, 84, 56), DARK, 0.3))
