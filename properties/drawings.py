"""The drawn pictures of homes and dishes without a photo: one for each kind."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from core.web.drawn_pictures import drawn

WIDTH, HEIGHT, SMOOTH = 800, 600, 2
GROUND = 470
Colour = tuple[int, int, int]
Points = tuple[tuple[float, float], ...]
SKY, SUN, HILL, GRASS = (222, 236, 240), (250, 206, 118), (176, 207, 196), (126, 170, 142)
WALL, ROOF, DOOR, PANE, SHADE = (250, 246, 238), (176, 84, 58), (92, 66, 56), (122, 170, 190), (226, 214, 198)


class Pen:
    """Draws in the coordinates of the finished picture, 800 × 600 px."""

    def __init__(self, image: Image.Image) -> None:
        self.draw = ImageDraw.Draw(image)

    def shape(self, points: Points, colour: Colour) -> None:
        self.draw.polygon([(x * SMOOTH, y * SMOOTH) for x, y in points], colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour, corner: float = 0) -> None:
        edges = [left * SMOOTH, top * SMOOTH, right * SMOOTH - 1, bottom * SMOOTH - 1]
        self.draw.rounded_rectangle(edges, corner * SMOOTH, colour)

    def disc(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        edges = [(x - width) * SMOOTH, (y - height) * SMOOTH, (x + width) * SMOOTH, (y + height) * SMOOTH]
        self.draw.ellipse(edges, colour)

    def windows(self, columns: tuple[float, ...], rows: tuple[float, ...], width: float, height: float) -> None:
        for x in columns:
            for y in rows:
                self.box(x, y, x + width, y + height, PANE, 4)


def _house(pen: Pen) -> None:
    pen.box(480, 190, 520, 290, SHADE)
    pen.box(260, 310, 540, GROUND, WALL)
    pen.shape(((225, 320), (400, 180), (575, 320)), ROOF)
    pen.box(370, 375, 430, GROUND, DOOR, 4)
    pen.windows((290, 460), (350,), 52, 56)


def _apartment(pen: Pen) -> None:
    pen.box(290, 120, 510, GROUND, WALL)
    pen.box(290, 120, 510, 140, ROOF)
    pen.windows((318, 378, 438), (165, 240, 315), 44, 50)
    pen.box(374, 400, 426, GROUND, DOOR, 4)


def _cabin(pen: Pen) -> None:
    pen.shape(((230, GROUND), (400, 165), (570, GROUND)), ROOF)
    pen.shape(((285, GROUND), (400, 262), (515, GROUND)), WALL)
    pen.box(372, 385, 428, GROUND, DOOR, 4)
    pen.disc(400, 335, 26, 26, PANE)


def _campground(pen: Pen) -> None:
    for x in (190, 610):
        pen.shape(((x - 60, GROUND), (x, 250), (x + 60, GROUND)), (92, 138, 112))
    pen.shape(((260, GROUND), (400, 245), (540, GROUND)), (222, 138, 74))
    pen.shape(((345, GROUND), (400, 300), (455, GROUND)), DOOR)


def _tower(pen: Pen) -> None:
    pen.shape(((340, GROUND), (365, 190), (435, 190), (460, GROUND)), WALL)
    for top, inset in ((250, 19), (350, 10)):
        pen.shape(((340 + inset, top + 40), (342 + inset, top), (458 - inset, top), (460 - inset, top + 40)), ROOF)
    pen.box(350, 180, 450, 192, DOOR)
    pen.box(372, 132, 428, 180, SUN)
    pen.shape(((360, 134), (400, 92), (440, 134)), ROOF)
    pen.box(382, 415, 418, GROUND, DOOR, 4)


def _castle(pen: Pen) -> None:
    pen.box(250, 290, 550, GROUND, WALL)
    for left in (215, 495):
        pen.box(left, 215, left + 90, GROUND, SHADE)
        for tooth in range(3):
            pen.box(left + tooth * 34, 192, left + tooth * 34 + 22, 217, SHADE)
    for tooth in range(5):
        pen.box(315 + tooth * 38, 268, 335 + tooth * 38, 292, WALL)
    pen.box(365, 370, 435, GROUND, DOOR, 34)
    pen.windows((244, 524), (265, 350), 32, 50)


def _houseboat(pen: Pen) -> None:
    pen.box(0, 415, WIDTH, HEIGHT, (118, 170, 190))
    pen.box(275, 270, 525, 385, WALL)
    pen.box(255, 250, 545, 274, ROOF, 6)
    pen.windows((305, 374, 443), (300,), 50, 48)
    pen.shape(((195, 380), (605, 380), (560, 465), (240, 465)), DOOR)


def _hotel(pen: Pen) -> None:
    pen.box(200, 230, 600, GROUND, WALL)
    pen.box(300, 160, 500, 232, SHADE)
    pen.box(330, 178, 470, 214, ROOF, 6)
    pen.windows((225, 295, 455, 525), (260, 330, 400), 50, 46)
    pen.box(365, 375, 435, GROUND, DOOR, 4)


def _dome(pen: Pen) -> None:
    pen.disc(400, GROUND, 190, 225, WALL)
    for width in (125, 60):
        pen.disc(400, GROUND, width, 225, SHADE)
        pen.disc(400, GROUND, width - 5, 221, WALL)
    pen.disc(400, GROUND, 46, 110, DOOR)
    pen.box(0, GROUND, WIDTH, HEIGHT, GRASS)


HOMES: dict[str, Callable[[Pen], None]] = {
    "house": _house, "apartment": _apartment, "cabin": _cabin, "campground": _campground, "tower": _tower,
    "castle": _castle, "houseboat": _houseboat, "hotel": _hotel, "dome": _dome,
}  # fmt: skip


def drawn_home(kind: str) -> str:
    """The file name of the drawn picture of a home of this `property_type`."""
    return drawn("home", kind.lower() if kind.lower() in HOMES else "house")


def draw_home(name: str) -> Image.Image | None:
    """Draws a home, 800 × 600 px; None for an unknown kind."""
    if name not in HOMES:
        return None
    image = Image.new("RGB", (WIDTH * SMOOTH, HEIGHT * SMOOTH), SKY)
    pen = Pen(image)
    pen.disc(620, 160, 58, 58, SUN)
    pen.disc(180, GROUND + 60, 330, 190, HILL)
    pen.disc(660, GROUND + 80, 380, 180, HILL)
    pen.box(0, GROUND - 4, WIDTH, HEIGHT, GRASS)
    HOMES[name](pen)
    return image.reduce(SMOOTH)


CLOTH, PLATE, RIM = (238, 226, 208), (252, 250, 246), (222, 212, 200)
# What lies on the plate: (x, y, width, height, colour) of discs.
DISHES: dict[str, tuple[tuple[float, float, float, float, Colour], ...]] = {
    "breakfast": ((370, 300, 86, 78, WALL), (385, 300, 34, 32, SUN), (468, 330, 40, 60, (196, 134, 80))),
    "lunch": (
        (360, 300, 92, 84, (244, 236, 214)),
        (452, 282, 58, 50, (186, 98, 52)),
        (448, 350, 50, 34, (110, 152, 92)),
    ),
    "dinner": (
        (400, 300, 110, 96, (158, 82, 54)),
        (372, 280, 30, 24, (216, 150, 80)),
        (438, 322, 34, 26, (110, 152, 92)),
    ),
    "table": (
        (352, 286, 48, 44, (244, 236, 214)),
        (448, 286, 48, 44, (186, 98, 52)),
        (400, 356, 52, 40, (110, 152, 92)),
    ),
}


def drawn_dish(kind: str) -> str:
    """The file name of the drawn picture of a dish: breakfast, lunch, dinner, or `table` for paying guests."""
    return drawn("dish", kind)


def draw_dish(name: str) -> Image.Image | None:
    """Draws a plate with fork and knife, 800 × 600 px; None for an unknown meal."""
    if name not in DISHES:
        return None
    image = Image.new("RGB", (WIDTH * SMOOTH, HEIGHT * SMOOTH), CLOTH)
    pen = Pen(image)
    for width, colour in ((210, RIM), (202, PLATE), (150, RIM), (146, PLATE)):
        pen.disc(400, 300, width, width, colour)
    for disc in DISHES[name]:
        pen.disc(*disc)
    for left, colour in ((120, SHADE), (668, SHADE)):
        pen.box(left, 150, left + 14, 450, colour, 7)
    pen.box(104, 150, 150, 230, SHADE, 10)
    pen.box(662, 150, 690, 300, SHADE, 12)
    return image.reduce(SMOOTH)
