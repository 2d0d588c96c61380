"""What a page's map needs to know."""

from __future__ import annotations

from typing import Any

from django.conf import settings

OSM = '&copy; <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a>'
MAPTILER = f'<a href="https://www.maptiler.com/copyright/">&copy; MapTiler</a> {OSM}'
# Dhaka, in the middle of a view of all Bangladesh.
LATITUDE, LONGITUDE, ZOOM = 23.7, 90.4, 7


def map_settings() -> dict[str, Any]:
    """Where tiles come from ("" for none: a plain ground), and which place a map shows first."""
    tiles, attribution = "", ""
    if settings.MAP_TILE_URL:
        tiles, attribution = settings.MAP_TILE_URL, OSM
    elif settings.MAPTILER_KEY:
        tiles = f"https://api.maptiler.com/maps/streets-v2/256/{{z}}/{{x}}/{{y}}.png?key={settings.MAPTILER_KEY}"
        attribution = MAPTILER
    return {"tiles": tiles, "attribution": attribution, "latitude": LATITUDE, "longitude": LONGITUDE, "zoom": ZOOM}
