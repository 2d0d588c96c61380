"""Suggests places while a user types."""

from __future__ import annotations

from core.database.replica import reading
from properties.rules.gazetteer import suggest
from properties.rules.places import plain_text

MOST, SHORTEST = 8, 2
# It looks at the best homes with words that begin so: what their hosts call a place is what other users would type.
WRITTEN = """
SELECT l.selected_location FROM properties_searchentry s JOIN properties_location l ON l.property_id = s.property_id
 WHERE s.words && ARRAY(SELECT w.word FROM properties_searchword w WHERE w.word LIKE %(like)s ORDER BY w.word LIMIT 20)
 ORDER BY s.score DESC LIMIT 60
"""


def suggest_places(text: str) -> list[dict[str, str]]:
    """`{name, kind, within}` of at most MOST places: official ones, then those that hosts wrote; none for one letter."""
    start = plain_text(text)
    if len(start) < SHORTEST:
        return []
    official = [
        {"name": place.name, "kind": place.kind, "within": ", ".join(place.within), "bangla": place.bangla}
        for place in suggest(text, MOST)
    ]
    known = {plain_text(place["name"]) for place in official}
    written = {plain_text(name): name for name in _written(start)}
    homes = [
        {"name": name, "kind": "home", "within": "", "bangla": ""}
        for plain, name in written.items()
        if plain not in known
    ]
    return (official[: MOST - min(len(homes), 3)] + homes)[:MOST]


def _written(start: str) -> list[str]:
    """Places as hosts wrote them: one word begins like the first typed word, and all typed words occur."""
    like = start.split()[0].replace("\\", "").replace("%", "").replace("_", "") + "%"
    with reading().cursor() as cursor:
        cursor.execute(WRITTEN, {"like": like})
        return [name for (name,) in cursor.fetchall() if f" {start}" in f" {plain_text(name)}"]
