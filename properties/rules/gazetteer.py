"""The places of Bangladesh as people and map services write them: by present and former names, in two scripts.

They come from the table `properties/places/bangladesh.tsv`. In other countries a home is found by what its host wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from properties.rules.places import plain_text

TABLE = Path(__file__).resolve().parent.parent / "places" / "bangladesh.tsv"
COUNTRY = ("bangladesh", "বাংলাদেশ")
# Words that say of which kind a place is, not which one; a search that has other words ignores them.
KIND_WORDS = frozenset(plain_text("division district upazila thana zila sadar বিভাগ জেলা উপজেলা থানা সদর").split())
GENERAL = KIND_WORDS | set(COUNTRY)
# The country lies within: west, south, east, north.
WEST, SOUTH, EAST, NORTH = 88.0, 20.5, 92.7, 26.7
ZONE = "Asia/Dhaka"
KINDS = ("division", "district", "upazila")
SUGGESTED = (*KINDS, "postcode")


@dataclass(frozen=True, slots=True)
class Place:
    """A division, a district, an upazila or a postcode; `within` are the names of what it lies in, the smallest first."""

    kind: str
    name: str
    bangla: str
    within: tuple[str, ...]
    spellings: tuple[str, ...]

    @property
    def phrases(self) -> tuple[str, ...]:
        """All its names as search compares them."""
        return tuple(dict.fromkeys(filter(None, map(plain_text, (self.name, self.bangla, *self.spellings)))))


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    """Every row of the table."""
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(_place(*row, *[""] * (5 - len(row))) for row in rows)


def _place(kind: str, name: str, bangla: str, within: str, spellings: str) -> Place:
    return Place(kind, name, bangla, tuple(filter(None, within.split(", "))), tuple(filter(None, spellings.split(";"))))


@lru_cache(maxsize=1)
def _by_phrase() -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places():
        for phrase in place.phrases:
            found.setdefault(phrase, []).append(place)
    return found


@lru_cache(maxsize=1)
def _by_name() -> dict[tuple[str, str], list[Place]]:
    found: dict[tuple[str, str], list[Place]] = {}
    for place in places():
        found.setdefault((place.kind, place.name), []).append(place)
    return found


def is_in_the_country(latitude: float, longitude: float, timezone: str) -> bool:
    """Whether a point in degrees may lie in Bangladesh; parts of India lie between its borders, in a zone of their own."""
    return timezone == ZONE and WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH


def place_words(text: str) -> frozenset[str]:
    """Words by which a home in Bangladesh is found besides those of its host: every name of the places it lies in."""
    named = list(_named(plain_text(text).split()))
    larger = {place.name for place in named if place.kind in ("division", "district")}
    lies_in = [place for place in named if place.kind in ("division", "district")]
    # Many upazilas share the name of a river or a saint: one in another district than the text names does not count.
    lies_in += [place for place in named if place not in lies_in and (not larger or larger & set(_above(place)))]
    words = {word for place in _with_parents(lies_in) for phrase in place.phrases for word in phrase.split()}
    return frozenset(words - KIND_WORDS | set(COUNTRY))


def _above(place: Place) -> Iterator[str]:
    """The names of all that a place lies in."""
    return (one.name for one in _with_parents([place]) if one is not place)


def _named(words: list[str]) -> Iterator[Place]:
    """The places that a text names. Of overlapping names the longest counts; a name of several places counts for none."""
    table, at = _by_phrase(), 0
    while at < len(words):
        length = next((n for n in (4, 3, 2, 1) if " ".join(words[at : at + n]) in table and at + n <= len(words)), 0)
        found = table[" ".join(words[at : at + length])] if length else []
        upazilas = [place for place in found if place.kind == "upazila"]
        yield from (place for place in found if place.kind != "upazila" or len(upazilas) == 1 or _is_told(place, words))
        at += max(1, length)


def _is_told(place: Place, words: list[str]) -> bool:
    """Whether the text also names this upazila's district, which tells it from others of its name."""
    text = f" {' '.join(words)} "
    return any(f" {phrase} " in text for one in _by_name()["district", _district(place)] for phrase in one.phrases)


def _district(place: Place) -> str:
    return place.within[-1] if place.within else place.name


def _with_parents(found: Iterable[Place]) -> Iterator[Place]:
    for place in found:
        if place.kind != "postcode":
            yield place
        for name in place.within:
            above = [one for kind in KINDS for one in _by_name().get((kind, name), []) if _rank(one) < _rank(place)]
            # Where a division and a district share a name, the district: it lies in the division.
            yield from _with_parents(sorted(above, key=_rank)[-1:])


def _rank(place: Place) -> int:
    return KINDS.index(place.kind) if place.kind in KINDS else len(KINDS)


def words_of_postcode(word: str) -> tuple[str, ...]:
    """The distinctive words of a postcode's places, the smallest first; none for what is no postcode."""
    found = [place for place in _by_phrase().get(word, []) if place.kind == "postcode"]
    return tuple(dict.fromkeys(plain_text(name).split()[0] for place in found[:1] for name in place.within))


def suggest(text: str, most: int) -> list[Place]:
    """Divisions, districts, upazilas and postcodes with a name, or a word of one, that begins like `text`; larger ones first."""
    start = plain_text(text)
    if not start:
        return []
    found = [place for place in places() if place.kind in SUGGESTED and _begins(place, start)]
    ranked = sorted(
        found, key=lambda place: (not any(p.startswith(start) for p in place.phrases), _rank(place), place.name)
    )
    names: dict[str, Place] = {}
    for place in ranked:
        # Where both share a name most people mean the district, not the division.
        if place.name not in names or names[place.name].kind == "division":
            names[place.name] = place
    return list(names.values())[:most]


def _begins(place: Place, start: str) -> bool:
    return any(f" {phrase}".find(f" {start}") >= 0 for phrase in place.phrases)
