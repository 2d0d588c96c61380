"""A painter's tools: flat shapes with soft light, on a canvas twice as large as the picture so that edges are smooth."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1200, 800
# Pixels of the canvas for one of those; the picture has half of them, 900 × 600.
SCALE, SMOOTH = 1.5, 2
Colour = tuple[int, int, int]
Point = tuple[float, float]


def rgb(text: str) -> Colour:
    """`#rrggbb`."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


class Canvas:
    """Coordinates are 1200 × 800, from the top left."""

    def __init__(self, seed: int) -> None:
        self.size = (round(WIDTH * SCALE), round(HEIGHT * SCALE))
        self.image = Image.new("RGB", self.size)
        self.dice = random.Random(seed)  # noqa: S311 - a picture, not a secret

    def shade(self, top: float, bottom: float, stops: Sequence[Colour]) -> Image.Image:
        """A vertical run of colours from `top` to `bottom`, as wide as the canvas."""
        height = max(2, round((bottom - top) * SCALE))
        column = Image.new("RGB", (1, 64))
        for y in range(64):
            place = y / 63 * (len(stops) - 1)
            number = min(int(place), len(stops) - 2)
            column.putpixel((0, y), mix(stops[number], stops[number + 1], place - number))
        tall = column.resize((1, height), Image.Resampling.BICUBIC)
        return tall.resize((self.size[0], height), Image.Resampling.NEAREST)

    def band(self, top: float, bottom: float, stops: Sequence[Colour]) -> None:
        self.image.paste(self.shade(top, bottom, stops), (0, round(top * SCALE)))

    def shape(self, points: Iterable[Point], colour: Colour, alpha: float = 1.0) -> None:
        """A filled polygon."""
        corners = [(x * SCALE, y * SCALE) for x, y in points]
        if alpha >= 1:
            ImageDraw.Draw(self.image).polygon(corners, fill=colour)
        else:
            ImageDraw.Draw(self.image, "RGBA").polygon(corners, fill=(*colour, round(alpha * 255)))

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, alpha: float = 1.0) -> None:
        self.shape([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour, alpha)

    def disc(self, x: float, y: float, radius: float, colour: Colour, alpha: float = 1.0, flat: float = 1.0) -> None:
        """A filled circle; `flat` below 1 squeezes it."""
        corners = [
            ((x - radius) * SCALE, (y - radius * flat) * SCALE),
            ((x + radius) * SCALE, (y + radius * flat) * SCALE),
        ]
        mode = "RGBA" if alpha < 1 else None
        ImageDraw.Draw(self.image, mode).ellipse(corners, fill=(*colour, round(alpha * 255)) if mode else colour)

    def line(self, points: Iterable[Point], colour: Colour, width: float, alpha: float = 1.0) -> None:
        corners = [(x * SCALE, y * SCALE) for x, y in points]
        ImageDraw.Draw(self.image, "RGBA").line(
            corners, fill=(*colour, round(alpha * 255)), width=max(1, round(width * SCALE)), joint="curve"
        )

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Light that fades outwards."""
        side = round(radius * 2 * SCALE)
        # Pillow's gradient is 181 at the middle of its edges.
        fade = Image.radial_gradient("L").point(lambda v: round(max(0, 1 - v / 181) ** 1.7 * 255 * strength))
        fade = fade.resize((side, side), Image.Resampling.BILINEAR)
        corner = (round((x - radius) * SCALE), round((y - radius) * SCALE))
        self.image.paste(Image.new("RGB", (side, side), colour), corner, fade)

    def ridge(
        self, level: float, height: float, colours: Sequence[Colour], *, bottom: float = HEIGHT, rough: float = 1.0
    ) -> list[Point]:
        """Hills whose feet are at `bottom`, their crests about `level`; the crest's points."""
        waves = [
            (self.dice.uniform(0.6, 1.4) * n * rough, self.dice.uniform(0, math.tau), 1 / n**1.25)
            for n in (1, 2, 3, 5, 8, 13)
        ]
        crest = []
        for x in range(-10, WIDTH + 20, 6):
            rise = sum(math.sin(x / WIDTH * math.tau * speed + phase) * share for speed, phase, share in waves)
            crest.append((float(x), level - height * rise / 1.8))
        top = min(y for _, y in crest)
        fill = self.shade(top, bottom, colours)
        corners = [(x * SCALE, (y - top) * SCALE) for x, y in [*crest, (WIDTH + 10, bottom), (-10, bottom)]]
        mask = Image.new("L", fill.size)
        ImageDraw.Draw(mask).polygon(corners, fill=255)
        self.image.paste(fill, (0, round(top * SCALE)), mask)
        return crest

    def cloud(self, x: float, y: float, width: float, colour: Colour, alpha: float = 0.8) -> None:
        puffs = [
            (x + width * self.dice.uniform(-0.5, 0.5), y - width * self.dice.uniform(0, 0.13), width * self.dice.uniform(0.08, 0.2))
            for _ in range(9)
        ]  # fmt: skip
        self.soft([*puffs, (x, y, width * 0.2)], colour, alpha, flat=0.5, blur=width * 0.03)

    def soft(
        self, discs: Sequence[tuple[float, float, float]], colour: Colour, alpha: float, *, flat: float, blur: float
    ) -> None:
        """Circles melted into each other."""
        edge = blur * 3
        left, right = min(x - r for x, _, r in discs) - edge, max(x + r for x, _, r in discs) + edge
        top, bottom = min(y - r * flat for _, y, r in discs) - edge, max(y + r * flat for _, y, r in discs) + edge
        # Drawn at the picture's own size: what is blurred needs no finer grid.
        mask = Image.new("L", (round(right - left), round(bottom - top)))
        pen = ImageDraw.Draw(mask)
        for x, y, r in discs:
            pen.ellipse([x - left - r, y - top - r * flat, x - left + r, y - top + r * flat], fill=round(255 * alpha))
        mask = mask.filter(ImageFilter.GaussianBlur(blur))
        mask = mask.resize((round(mask.width * SCALE), round(mask.height * SCALE)), Image.Resampling.BILINEAR)
        self.image.paste(Image.new("RGB", mask.size, colour), (round(left * SCALE), round(top * SCALE)), mask)

    def water(self, top: float, stops: Sequence[Colour], *, bottom: float = HEIGHT, mirror: float = 0.5) -> None:
        """Water from `top` down that mirrors what stands above it."""
        height = round((bottom - top) * SCALE)
        above = self.image.crop((0, max(0, round(top * SCALE) - height), self.size[0], round(top * SCALE)))
        whole, small = above.size, (above.width // 4, above.height // 4)
        above = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(small, Image.Resampling.BOX)
        above = above.filter(ImageFilter.GaussianBlur(1.2)).resize(whole, Image.Resampling.BILINEAR)
        sheet = self.shade(top, bottom, stops)
        blended = Image.blend(sheet.resize(above.size), above, mirror)
        rippled = blended.copy()
        for y in range(0, blended.height, 3):
            shift = round(math.sin(y * 0.11) * (2 + y * 0.012) + math.sin(y * 0.037) * 3)
            rippled.paste(blended.crop((0, y, blended.width, min(y + 3, blended.height))), (shift, y))
        self.image.paste(rippled, (0, round(top * SCALE)))
        for _ in range(70):
            depth = self.dice.random() ** 1.4
            y = top + 4 + depth * (bottom - top - 8)
            length = 20 + depth * 130
            x = self.dice.uniform(-40, WIDTH)
            self.line([(x, y), (x + length, y)], mix(stops[0], (255, 255, 255), 0.55), 0.8 + depth * 1.6, 0.16)

    def stars(self, count: int, bottom: float) -> None:
        for _ in range(count):
            x, y = self.dice.uniform(0, WIDTH), self.dice.uniform(0, bottom)
            self.disc(x, y, self.dice.uniform(0.5, 1.5), (255, 250, 235), self.dice.uniform(0.3, 0.95))

    def birds(self, x: float, y: float, count: int, colour: Colour) -> None:
        for _ in range(count):
            bx, by, s = x + self.dice.uniform(-80, 80), y + self.dice.uniform(-35, 35), self.dice.uniform(6, 11)
            wings = [
                (bx - s, by - s * 0.45),
                (bx - s * 0.4, by - s * 0.5),
                (bx, by),
                (bx + s * 0.4, by - s * 0.5),
                (bx + s, by - s * 0.45),
            ]
            self.line(wings, colour, 1.5, 0.75)

    def finished(self) -> Image.Image:
        """The picture at its own size, its corners a little darker."""
        small = self.image.reduce(SMOOTH)
        small.paste(Image.new("RGB", small.size, (12, 16, 28)), (0, 0), _corners(small.size))
        return small


@cache
def _corners(size: tuple[int, int]) -> Image.Image:
    return Image.radial_gradient("L").point(lambda v: round(max(0, v - 140) * 0.42)).resize(size)


def as_jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()
