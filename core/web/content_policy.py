"""The Content Security Policy of all pages. Needs no Django app, so that settings can import it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

MAPTILER = "https://api.maptiler.com"


def content_policy(*, tiles: bool, tile_url: str, pictures: str) -> dict[str, Any]:
    """What django-csp takes: pages load from their own origin, and from the hosts of map tiles and pictures.

    `tiles`: whether MapTiler draws the map. `tile_url`: a template of addresses of tiles elsewhere, `pictures`: where a bucket
    serves pictures; empty for none.
    """
    # A template of hosts, `{s}.tiles.example`, is any of them to the browser.
    grounds = [MAPTILER] * tiles + [_origin(tile_url).replace("{s}", "*")] * bool(tile_url)
    return {
        "DIRECTIVES": {
            "default-src": ["'none'"],
            "script-src": ["'self'"],
            "style-src": ["'self'"],
            "img-src": ["'self'", "data:", "blob:", *grounds, *[_origin(pictures)] * bool(pictures)],
            "font-src": ["'self'"],
            "connect-src": ["'self'", *grounds],
            "worker-src": ["'self'", "blob:"],
            "manifest-src": ["'self'"],
            "form-action": ["'self'"],
            "base-uri": ["'none'"],
            "frame-ancestors": ["'none'"],
        }
    }


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
