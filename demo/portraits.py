"""The demo people's pictures, drawn: a face, hair and clothes in a few colours each."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

SIDE, SMOOTH = 512, 2
Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Face:
    """`hair` is short, long or a scarf; colours are RGB."""

    ground: Colour
    skin: Colour
    hair_colour: Colour
    clothes: Colour
    hair: str = "short"
    beard: bool = False
    glasses: bool = False


FACES: dict[str, Face] = {
    "rahim": Face((196, 220, 206), (166, 116, 82), (42, 34, 32), (52, 96, 120), beard=True),
    "nasrin": Face((240, 214, 196), (186, 134, 98), (128, 44, 72), (176, 92, 110), hair="scarf"),
    "tanvir": Face((204, 214, 234), (152, 104, 74), (30, 26, 26), (208, 152, 72), glasses=True),
    "maya": Face((246, 226, 180), (174, 122, 88), (46, 30, 28), (58, 122, 104), hair="long"),
    "arif": Face((216, 206, 232), (190, 140, 104), (54, 40, 34), (120, 60, 68)),
    "lena": Face((200, 228, 236), (240, 204, 178), (198, 146, 82), (84, 92, 152), hair="long", glasses=True),
}
INK, WHITE = (44, 36, 36), (250, 248, 244)


def portrait(name: str) -> Image.Image:
    """512 × 512 px."""
    face = FACES[name]
    image = Image.new("RGB", (SIDE * SMOOTH, SIDE * SMOOTH), face.ground)
    pen = ImageDraw.Draw(image)
    if face.hair == "long":
        _oval(pen, (146, 92, 366, 420), face.hair_colour)
    if face.hair == "scarf":
        _oval(pen, (132, 70, 380, 440), face.hair_colour)
    _oval(pen, (76, 372, 436, 760), face.clothes)
    pen.rounded_rectangle(_scaled((222, 310, 290, 410)), 34 * SMOOTH, _darker(face.skin))
    _oval(pen, (170, 122, 342, 354), face.skin)
    _hair(pen, face)
    _features(pen, face)
    return image.reduce(SMOOTH)


def _hair(pen: ImageDraw.ImageDraw, face: Face) -> None:
    if face.beard:
        pen.pieslice(_scaled((170, 150, 342, 372)), 12, 168, face.hair_colour)
        _oval(pen, (196, 190, 316, 330), face.skin)
    pen.chord(_scaled((165, 104, 347, 300)), 196, 344, face.hair_colour)
    if face.hair == "scarf":
        pen.arc(_scaled((158, 108, 354, 372)), 150, 390, face.hair_colour, 26 * SMOOTH)


def _features(pen: ImageDraw.ImageDraw, face: Face) -> None:
    for x in (220, 292):
        _oval(pen, (x - 9, 230, x + 9, 248), INK)
        pen.arc(
            _scaled((x - 24, 200, x + 24, 240)), 205, 335, face.hair_colour if face.hair != "scarf" else INK, 6 * SMOOTH
        )
        if face.glasses:
            pen.ellipse(_scaled((x - 32, 207, x + 32, 271)), outline=INK, width=5 * SMOOTH)
    if face.glasses:
        pen.line(_scaled((252, 236, 260, 236)), INK, 5 * SMOOTH)
    pen.arc(_scaled((242, 232, 270, 282)), 20, 160, _darker(face.skin), 5 * SMOOTH)
    pen.chord(_scaled((222, 270, 290, 322)), 20, 160, WHITE)


def _scaled(box: Box) -> list[float]:
    return [edge * SMOOTH for edge in box]


def _oval(pen: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    pen.ellipse(_scaled(box), colour)


def _darker(colour: Colour) -> Colour:
    red, green, blue = (round(part * 0.85) for part in colour)
    return red, green, blue
