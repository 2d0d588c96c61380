"""Drawn pictures: what stands where a home, an account or a dish has no photo.

They are PNGs under `/media/drawn/<family>/<name>.png`, because clients hand a picture's address to image components that
take neither null nor SVG. They are drawn when they are asked for, so that no file of theirs can be missing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from PIL import Image

FOLDER = "drawn/"
# A drawing may look different after an update, so it is asked for again now and then.
A_DAY = "public, max-age=86400"
KEPT = 512
LONGEST = 500

Draw = Callable[[str], Image.Image | None]
_families: dict[str, Draw] = {}


def add_family(family: str, draw: Draw) -> None:
    """`draw` makes the picture of a name of this family, or None for a name that it has not."""
    _families[family] = draw


def drawn(family: str, name: str) -> str:
    """The file name of a drawn picture, to be used where that of a stored one would stand."""
    return f"{FOLDER}{family}/{name}.png"


def picture_url(name: str, absolute: Callable[[str], str]) -> str:
    """The full address of a stored or drawn picture."""
    return absolute(f"/media/{name}" if name.startswith(FOLDER) else default_storage.url(name))


def is_drawn(address: str) -> bool:
    """Whether a client sends the address of a drawn picture back."""
    return len(address) < LONGEST and f"/media/{FOLDER}" in address


@require_safe
def drawn_picture(request: HttpRequest, family: str, name: str) -> HttpResponse:
    """The PNG; 404 for a name that nothing draws."""
    data = _png(family, name)
    if data is None:
        raise Http404
    return HttpResponse(data, content_type="image/png", headers={"Cache-Control": A_DAY})


@lru_cache(KEPT)
def _png(family: str, name: str) -> bytes | None:
    draw = _families.get(family)
    image = draw(name) if draw else None
    if image is None:
        return None
    out = BytesIO()
    image.quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue()
