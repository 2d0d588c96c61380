"""The demo's rooms: a bedroom or a living room with the landscape in its window."""

from __future__ import annotations

from PIL import Image

from demo.canvas import HEIGHT, SCALE, WIDTH, Canvas, Colour, mix, rgb
from demo.things import DARK, LAMP

WHITE: Colour = (255, 255, 255)
WALLS = ("#efe6d8", "#dfe6e2", "#e9dcd2", "#d9e0e8", "#f0e9dc", "#e3e0d2")
ACCENTS = ("#0f766e", "#b45309", "#7a4a6b", "#3b6ea5", "#8c5a3c", "#4c7a4a")


def paint_room(kind: str, view: Image.Image, seed: int) -> Image.Image:
    """`kind` is bedroom or living; `view` is what its window shows."""
    c = Canvas(seed)
    wall, accent = rgb(WALLS[seed % len(WALLS)]), rgb(ACCENTS[seed % len(ACCENTS)])
    shell(c, wall)
    {"bedroom": bedroom, "living": living}[kind](c, view, wall, accent)
    return c.finished()


def shell(c: Canvas, wall: Colour) -> None:
    """Wall and floor."""
    c.band(0, 560, (mix(wall, WHITE, 0.25), wall, mix(wall, DARK, 0.05)))
    wood = rgb("#b98d62")
    c.band(560, HEIGHT, (mix(wood, DARK, 0.12), wood, mix(wood, WHITE, 0.12)))
    for n in range(-6, 20):
        c.line([(600 + (n * 100 - 600) * 0.72, 560), (n * 100 - 60, HEIGHT)], mix(wood, DARK, 0.3), 1.2, 0.5)
    c.box(0, 548, WIDTH, 14, mix(wall, WHITE, 0.55))


def window(c: Canvas, view: Image.Image, x: int, y: int, width: int, height: int, accent: Colour) -> None:
    """A window with its curtains, and the light that falls in."""
    c.box(x - 12, y - 12, width + 24, height + 24, mix(rgb("#f8f5ef"), DARK, 0.04))
    share = width / height
    middle, half = view.width / 2, view.height / 2 * share
    crop = view.crop((int(middle - half), 0, int(middle + half), view.height)) if share < 1.5 else view
    hang(c, crop, x, y, width, height)
    c.box(x + width / 2 - 4, y, 8, height, rgb("#f8f5ef"))
    c.box(x, y + height * 0.4 - 3, width, 6, rgb("#f8f5ef"))
    c.box(x - 24, y + height + 10, width + 48, 12, rgb("#fdfbf6"))
    cloth = mix(accent, WHITE, 0.62)
    for left in (x - 70, x + width + 6):
        for fold in range(5):
            c.box(left + fold * 13, y - 30, 13, height + 90, mix(cloth, DARK, 0.05 + 0.07 * (fold % 2)))
    c.box(x - 90, y - 38, width + 180, 9, mix(DARK, WHITE, 0.2))
    c.shape([(x + 20, 562), (x + width - 20, 562), (x + width + 150, HEIGHT), (x + 130, HEIGHT)], (255, 248, 225), 0.2)


def lamp(c: Canvas, x: float, y: float, accent: Colour) -> None:
    c.glow(x, y - 120, 190, LAMP, 0.55)
    c.box(x - 3, y - 90, 6, 90, mix(DARK, WHITE, 0.25))
    c.disc(x, y, 20, mix(DARK, WHITE, 0.25), flat=0.3)
    c.shape([(x - 26, y - 142), (x + 26, y - 142), (x + 44, y - 86), (x - 44, y - 86)], mix(LAMP, WHITE, 0.45))


def picture(c: Canvas, view: Image.Image, x: int, y: int, width: int, height: int) -> None:
    c.box(x - 9, y - 9, width + 18, height + 18, rgb("#5d4634"))
    c.box(x - 3, y - 3, width + 6, height + 6, rgb("#faf6ee"))
    hang(c, view, x, y, width, height)


def hang(c: Canvas, view: Image.Image, x: int, y: int, width: int, height: int) -> None:
    """The view, made to fit."""
    sized = view.resize((round(width * SCALE), round(height * SCALE)), Image.Resampling.BICUBIC)
    c.image.paste(sized, (round(x * SCALE), round(y * SCALE)))


def plant(c: Canvas, x: float, y: float) -> None:
    green = rgb("#3d7a4c")
    for n in range(9):
        lean = (n - 4) * 17
        top = (x + lean * 1.6, y - 150 + abs(lean) * 0.9)
        c.shape(
            [(x - 4, y - 50), (x + lean * 0.6 - 12, y - 110), top, (x + lean * 0.6 + 12, y - 96), (x + 4, y - 50)],
            mix(green, WHITE, 0.05 * (n % 4)),
        )
    c.shape([(x - 34, y - 58), (x + 34, y - 58), (x + 25, y), (x - 25, y)], rgb("#c9835a"))
    c.box(x - 38, y - 66, 76, 12, rgb("#d6946c"))


def bedroom(c: Canvas, view: Image.Image, wall: Colour, accent: Colour) -> None:
    window(c, view, 720, 110, 330, 300, accent)
    picture(c, view, 250, 150, 150, 100)
    c.shape([(60, 640), (1120, 640), (1190, 760), (10, 760)], mix(accent, WHITE, 0.55), 0.85)
    head = mix(rgb("#8a5f3d"), DARK, 0.1)
    c.box(130, 330, 440, 250, head)
    for n in range(5):
        c.box(142 + n * 86, 344, 74, 120, mix(head, WHITE, 0.1))
    c.box(120, 480, 460, 170, rgb("#faf7f1"))
    for x in (165, 370):
        c.disc(x + 78, 468, 92, WHITE, flat=0.46)
        c.disc(x + 78, 474, 84, rgb("#f1ece2"), flat=0.4)
    c.shape([(96, 545), (604, 545), (640, 700), (60, 700)], accent)
    c.shape([(96, 545), (604, 545), (612, 582), (88, 582)], mix(accent, WHITE, 0.75))
    c.shape([(60, 700), (640, 700), (632, 736), (70, 736)], mix(accent, DARK, 0.25))
    c.box(606, 520, 100, 110, mix(head, WHITE, 0.08))
    c.box(612, 560, 88, 4, mix(head, DARK, 0.3))
    lamp(c, 656, 520, accent)
    plant(c, 1110, 650)


def living(c: Canvas, view: Image.Image, wall: Colour, accent: Colour) -> None:
    window(c, view, 130, 90, 460, 320, accent)
    picture(c, view, 800, 130, 210, 140)
    c.shape([(90, 640), (1090, 640), (1170, 770), (20, 770)], mix(accent, WHITE, 0.7), 0.9)
    sofa = mix(accent, WHITE, 0.12)
    c.box(640, 400, 470, 130, mix(sofa, DARK, 0.12))
    for n in range(3):
        c.box(652 + n * 151, 412, 144, 112, mix(sofa, WHITE, 0.06))
    c.box(640, 516, 470, 84, sofa)
    c.box(600, 450, 56, 160, mix(sofa, DARK, 0.06))
    c.box(1094, 450, 56, 160, mix(sofa, DARK, 0.18))
    for x, tone in ((680, "#f2d5a0"), (1010, "#e8e0d2")):
        c.shape([(x, 440), (x + 80, 428), (x + 92, 505), (x + 10, 515)], rgb(tone))
    for x in (630, 1110):
        c.box(x, 606, 12, 26, DARK)
    wood = rgb("#8a5f3d")
    c.disc(560, 672, 170, mix(wood, WHITE, 0.12), flat=0.2)
    c.disc(560, 664, 170, mix(wood, WHITE, 0.3), flat=0.2)
    for x in (440, 670):
        c.box(x, 690, 12, 64, mix(wood, DARK, 0.3))
    c.box(520, 630, 60, 26, rgb("#faf6ee"))
    c.disc(550, 630, 30, rgb("#c9835a"), flat=0.3)
    plant(c, 60, 640)
    lamp(c, 1175, 560, accent)
