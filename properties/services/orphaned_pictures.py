"""Deletes picture files that no row names: a crash between writing a file and committing its row leaves them.

The daily command looks at a bounded part of the storage, another one each day, through the storage's own interface.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.core.files.storage import default_storage

from properties.models import Meal, Photo, Property
from properties.services.files import delete_files

# Far longer than any upload runs: a file this old that has no row never gets one, since names are never used twice.
GRACE = timedelta(days=2)
FOLDERS_AT_ONCE, FILES_AT_ONCE = 500, 5000
PHOTOS, MEALS = "photos", "meals"


def delete_orphaned_pictures(now: datetime) -> int:
    """Deletes pictures that nothing names and that were written two days ago or earlier. Returns how many."""
    doomed = [name for name in (*_photo_orphans(now), *_meal_orphans(now)) if _is_old(name, now)]
    delete_files(doomed)
    return len(doomed)


def _photo_orphans(now: datetime) -> Iterator[str]:
    """A property's photos lie in a folder that has its number."""
    folders = todays_part(sorted(_entries(PHOTOS)[0]), FOLDERS_AT_ONCE, now)
    numbers = [int(folder) for folder in folders if folder.isascii() and folder.isdigit()]
    rows = Photo.objects.filter(property_id__in=numbers).values_list("image", "thumbnail")
    named = {name for pair in rows for name in pair}
    files = (f"{PHOTOS}/{number}/{name}" for number in numbers for name in _entries(f"{PHOTOS}/{number}")[1])
    return (name for name in files if name not in named)


def _meal_orphans(now: datetime) -> Iterator[str]:
    """Pictures of dishes and of the table for paying guests, all in one folder."""
    files = [f"{MEALS}/{name}" for name in todays_part(sorted(_entries(MEALS)[1]), FILES_AT_ONCE, now)]
    named = set(Meal.objects.filter(photo__in=files).values_list("photo", flat=True))
    tables = Property.objects.filter(paying_guest_photo__in=files)
    named.update(tables.values_list("paying_guest_photo", flat=True))
    return (name for name in files if name not in named)


def _entries(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored there
        return [], []


def todays_part(rows: Sequence[str], most: int, now: datetime) -> Sequence[str]:
    """At most so many of `rows`; day after day the next ones, and from the first again after the last."""
    parts = -(-len(rows) // most) or 1
    start = now.toordinal() % parts * most
    return rows[start : start + most]


def _is_old(name: str, now: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < now - GRACE
    except FileNotFoundError:  # deleted meanwhile
        return False
