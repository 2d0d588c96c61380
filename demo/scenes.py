"""The demo's landscapes, one for each kind of place. `hour` is day, gold (the low sun) or night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from demo import things
from demo.canvas import HEIGHT, WIDTH, Canvas, Colour, mix, rgb


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of an hour."""

    sky: tuple[Colour, ...]
    sun: Colour
    far: Colour
    near: Colour
    water: tuple[Colour, ...]
    ink: Colour
    night: bool = False

    def dim(self, colour: Colour) -> Colour:
        """A thing's own colour in this light."""
        return mix(colour, self.near, 0.62) if self.night else mix(colour, self.sun, 0.12)


HOURS = {
    "day": Light(
        (rgb("#3f8fc7"), rgb("#8cc4e4"), rgb("#e4f1f3")), rgb("#fff6d8"), rgb("#a9c8cf"), rgb("#2f6b4f"),
        (rgb("#7fc0d4"), rgb("#2f7d9c"), rgb("#1d5878")), rgb("#37505c"),
    ),
    "gold": Light(
        (rgb("#3b4f86"), rgb("#c9748a"), rgb("#f9b26a"), rgb("#ffe0a3")), rgb("#ffd98a"), rgb("#c98a86"), rgb("#3c3a4c"),
        (rgb("#f6b678"), rgb("#a5647c"), rgb("#3d3d66")), rgb("#3a2c44"),
    ),
    "night": Light(
        (rgb("#0b1230"), rgb("#1c2c5a"), rgb("#4a5c8c")), rgb("#f4f0dc"), rgb("#34466f"), rgb("#10182c"),
        (rgb("#3c5080"), rgb("#182448"), rgb("#0b1228")), rgb("#0c1222"), night=True,
    ),
}  # fmt: skip


def sky(c: Canvas, light: Light, horizon: float, sun: tuple[float, float]) -> None:
    c.band(0, horizon + 4, light.sky)
    c.band(horizon, HEIGHT, (light.near, light.near))
    if light.night:
        c.stars(260, horizon * 0.85)
    c.glow(*sun, 330, light.sun, 0.75)
    c.disc(*sun, 34 if light.night else 44, mix(light.sun, (255, 255, 255), 0.5))
    if not light.night:
        for _ in range(4):
            x, y = c.dice.uniform(80, WIDTH - 80), c.dice.uniform(60, horizon * 0.5)
            c.cloud(x, y, c.dice.uniform(160, 330), mix(light.sky[-1], (255, 255, 255), 0.6), 0.5)
        c.birds(c.dice.uniform(300, 900), horizon * 0.38, 5, light.ink)


def hills(c: Canvas, light: Light, levels: tuple[float, ...], height: float, bottom: float) -> None:
    """Ranges one before the other, the far ones pale."""
    for n, level in enumerate(levels):
        share = (n + 1) / (len(levels) + 0.4)
        colour = mix(light.far, light.near, share)
        c.ridge(level, height * (1.1 - 0.25 * n), (colour, mix(colour, light.sky[-1], 0.38)), bottom=bottom)


def lake(c: Canvas, light: Light) -> None:
    sky(c, light, 470, (820, 215))
    hills(c, light, (330, 385, 430), 62, 505)
    things.grove(c, 500, 46, mix(light.near, (20, 40, 30), 0.25), 34)
    things.house(c, 430, 512, 230, light.dim(rgb("#f3ead8")), light.dim(rgb("#a5482f")), night=light.night)
    things.tree(c, 250, 512, 130, light.dim(rgb("#3e7a4b")))
    things.tree(c, 610, 512, 105, light.dim(rgb("#4c8a52")))
    c.water(508, light.water, mirror=0.55)
    wood = light.dim(rgb("#a67c52"))
    c.shape([(404, 512), (432, 512), (462, 668), (392, 668)], wood)
    for n in range(11):
        y = 518 + n * n * 1.24
        c.line([(403 - n * 0.9, y), (433 + n * 2.4, y)], mix(wood, things.DARK, 0.35), 1.5)
    things.boat(c, 860, 640, 190, mix(light.ink, (110, 60, 40), 0.4))


def beach(c: Canvas, light: Light) -> None:
    sky(c, light, 430, (700, 300))
    c.water(428, light.water, bottom=640, mirror=0.35)
    for n, y in enumerate((560, 592, 622)):
        c.ridge(
            y,
            5 + n * 2,
            (mix(light.water[0], (255, 255, 255), 0.55), mix(light.water[0], (255, 255, 255), 0.2)),
            bottom=y + 22,
            rough=3,
        )
    sand = light.dim(rgb("#ecd3a2"))
    c.band(640, HEIGHT, (mix(sand, light.ink, 0.12), sand))
    c.ridge(650, 8, (mix(sand, light.ink, 0.12), sand, mix(sand, light.ink, 0.22)))
    things.house(c, 330, 700, 250, light.dim(rgb("#d9b98a")), light.dim(rgb("#7d4b32")), night=light.night, stilts=36)
    for x, y, h, lean in ((80, 745, 330, 0.22), (560, 720, 270, -0.2), (1040, 770, 420, -0.28), (1130, 775, 330, 0.12)):
        things.palm(c, x, y, h, light.dim(rgb("#2f7148")), lean)
    things.boat(c, 880, 500, 120, light.ink)


def tea(c: Canvas, light: Light) -> None:
    sky(c, light, 380, (280, 190))
    hills(c, light, (300, 345), 48, 430)
    for n in range(7):
        green = mix(light.dim(rgb("#7fb356")), light.dim(rgb("#2f6d3c")), n / 6)
        crest = c.ridge(
            405 + n * 55, 20 + n * 3, (mix(green, (255, 255, 180), 0.14), green, mix(green, light.ink, 0.35))
        )
        for row in range(3):
            c.line([(x, y + 13 + row * 12) for x, y in crest], mix(green, light.ink, 0.3), 2.2 + n * 0.35, 0.5)
        if n == 2:
            things.house(c, 800, 540, 210, light.dim(rgb("#f7f0df")), light.dim(rgb("#8c3b2e")), night=light.night)
        for x in (c.dice.uniform(20, 560), c.dice.uniform(980, 1180)):
            things.tree(c, x, 440 + n * 52, 50 + n * 12, light.dim(rgb("#2c6a41")))


def city(c: Canvas, light: Light) -> None:
    sky(c, light, 520, (900, 170))
    for layer, (foot, tone) in enumerate(((520, 0.25), (545, 0.55))):
        x = -20.0
        while x < WIDTH:
            width = c.dice.uniform(70, 130)
            wall = mix(mix(light.far, light.near, tone), light.dim(rgb("#c9b8a8")), 0.22 if layer else 0)
            things.tower_block(
                c, x, foot, width, c.dice.randint(5, 11) + 2 * (1 - layer), wall, 0.5 if light.night else 0.12
            )
            x += width + c.dice.uniform(-8, 26)
    things.tower_block(c, 470, 560, 210, 15, light.dim(rgb("#e9dccb")), 0.6 if light.night else 0.25)
    things.grove(c, 566, 50, light.dim(rgb("#2c6145")), 36)
    c.water(562, light.water, mirror=0.5)
    things.boat(c, 300, 690, 130, light.ink)


def mangrove(c: Canvas, light: Light) -> None:
    sky(c, light, 440, (620, 250))
    for n, (level, size) in enumerate(((425, 60), (450, 86))):
        things.grove(c, level, size, mix(mix(light.far, light.near, 0.5 + n * 0.4), (20, 60, 40), 0.25), 30)
    for _ in range(46):
        x = c.dice.uniform(0, WIDTH)
        c.line([(x, 440), (x + c.dice.uniform(-14, 14), 474)], light.ink, 2.4, 0.6)
    c.water(462, light.water, mirror=0.6)
    things.boat(c, 640, 620, 430, light.dim(rgb("#5d3a28")), light.dim(rgb("#8f3f2a")))
    if light.night:
        c.glow(640, 560, 260, things.LAMP, 0.4)
    things.palm(c, 60, 800, 330, light.dim(rgb("#1f4f38")), 0.2)


def cloud_valley(c: Canvas, light: Light) -> None:
    sky(c, light, 420, (850, 190))
    mist = mix(light.sky[-1], (255, 255, 255), 0.35)
    for n, level in enumerate((330, 400, 480, 560)):
        colour = mix(light.far, light.near, (n + 0.6) / 4)
        c.ridge(level, 70 - n * 8, (colour, mix(colour, mist, 0.75)), bottom=level + 190)
        c.soft(
            [
                (c.dice.uniform(0, WIDTH), level + 95 + c.dice.uniform(-14, 14), c.dice.uniform(60, 150))
                for _ in range(16)
            ],
            mist,
            0.62,
            flat=0.24,
            blur=13,
        )
    ground = light.dim(rgb("#3e6b45"))
    c.ridge(700, 26, (mix(ground, (255, 255, 200), 0.15), mix(ground, light.ink, 0.4)))
    things.house(c, 380, 680, 260, light.dim(rgb("#c98f5a")), light.dim(rgb("#5e3a2c")), night=light.night, stilts=48)
    for x in (90, 170, 640, 1010, 1100):
        things.pine(c, x, 760, c.dice.uniform(150, 250), light.dim(rgb("#24543d")))


def palace(c: Canvas, light: Light) -> None:
    sky(c, light, 560, (240, 180))
    things.grove(c, 580, 90, mix(light.far, light.near, 0.6), 24)
    lawn = light.dim(rgb("#6ea258"))
    c.band(566, HEIGHT, (mix(lawn, (255, 255, 200), 0.15), lawn, mix(lawn, light.ink, 0.4)))
    wall, trim = light.dim(rgb("#e58f86")), light.dim(rgb("#fbeee2"))
    c.box(250, 380, 700, 190, wall)
    c.box(250, 372, 700, 12, trim)
    for x in (250, 860):
        c.box(x, 340, 90, 230, mix(wall, things.DARK, 0.06))
        c.box(x - 5, 332, 100, 12, trim)
    c.disc(600, 276, 74, light.dim(rgb("#c9655f")), flat=0.98)
    c.box(522, 276, 156, 46, mix(wall, (255, 255, 255), 0.08))
    c.box(490, 320, 220, 250, mix(wall, (255, 255, 255), 0.08))
    c.box(480, 312, 240, 14, trim)
    c.line([(600, 200), (600, 168)], trim, 5)
    pane = things.LAMP if light.night else mix(light.ink, (120, 150, 170), 0.5)
    for x in (270, 305, 365, 405, 445, 515, 560, 620, 665, 735, 775, 815, 880, 915):
        for y in (405, 490):
            c.box(x, y, 20, 46, pane)
            c.disc(x + 10, y, 10, pane)
    for n in range(9):
        c.box(470 - n * 9, 570 + n * 6, 260 + n * 18, 6, mix(trim, light.ink, 0.07 * n))
    for x, h in ((110, 330), (1090, 350), (190, 240), (1010, 250)):
        things.palm(c, x, 620, h, light.dim(rgb("#2d6a48")), 0.05 if x < 600 else -0.05)


def camp(c: Canvas, light: Light) -> None:
    sky(c, light, 460, (930, 150))
    hills(c, light, (330, 390, 450), 80, 640)
    ground = light.dim(rgb("#4d7a4a"))
    c.ridge(600, 18, (mix(ground, (255, 255, 200), 0.1), mix(ground, light.ink, 0.5)))
    for x in (60, 150, 980, 1080, 1160):
        things.pine(c, x, 660, c.dice.uniform(190, 320), light.dim(rgb("#1f4a38")))
    things.dome(c, 560, 660, 150, light.dim(rgb("#f4efe4")))
    things.dome(c, 850, 640, 80, light.dim(rgb("#f4efe4")))
    c.glow(330, 690, 120, rgb("#ff9d4a"), 0.7)
    for n in range(5):
        c.shape(
            [(322 + n * 4, 700), (328 + n * 3, 662 - (n % 2) * 14), (336 + n * 2, 700)],
            mix(rgb("#ff8a2a"), rgb("#ffe28a"), n / 5),
        )


def lighthouse(c: Canvas, light: Light) -> None:
    sky(c, light, 500, (420, 300))
    c.water(498, light.water, mirror=0.35)
    rock = light.dim(rgb("#7b6a5c"))
    c.ridge(690, 30, (mix(rock, (255, 255, 255), 0.12), mix(rock, light.ink, 0.5)))
    foot, top = 690, 190
    c.shape([(735, foot), (765, top), (835, top), (865, foot)], light.dim(rgb("#f5f1e8")))
    for n in (0, 2, 4):
        a, b = n / 5, (n + 1) / 5

        def left(t: float) -> float:
            return 735 + 30 * (1 - t)

        c.shape(
            [
                (left(a), top + (foot - top) * a),
                (1600 - left(a), top + (foot - top) * a),
                (1600 - left(b), top + (foot - top) * b),
                (left(b), top + (foot - top) * b),
            ],
            light.dim(rgb("#c5443a")),
        )
    c.shape([(800, top), (865, foot), (835, foot), (815, top)], light.ink, 0.12)
    c.box(752, 178, 96, 12, light.ink)
    c.box(770, 132, 60, 46, things.LAMP)
    c.shape([(760, 132), (800, 96), (840, 132)], light.dim(rgb("#8c2f2a")))
    c.glow(800, 155, 260, things.LAMP, 0.6)
    things.house(c, 500, 690, 210, light.dim(rgb("#f3ead8")), light.dim(rgb("#a5482f")), night=light.night)
    things.palm(c, 1010, 720, 260, light.dim(rgb("#2d6a48")), 0.2)
    things.boat(c, 210, 580, 130, light.ink)


SCENES: dict[str, Callable[[Canvas, Light], None]] = {
    "lake": lake, "beach": beach, "tea": tea, "city": city, "mangrove": mangrove, "cloud_valley": cloud_valley,
    "palace": palace, "camp": camp, "lighthouse": lighthouse,
}  # fmt: skip


def paint(scene: str, hour: str, seed: int) -> Image.Image:
    """A landscape of 1200 × 800."""
    canvas = Canvas(seed)
    SCENES[scene](canvas, HOURS[hour])
    return canvas.finished()
