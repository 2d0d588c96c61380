"""A property's photos: decoded before its row is locked, since that takes long; matched and written under the lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from accounts.models import User
from core.api.quotas import spend
from core.errors import invalid, not_found
from core.images import MAX_BYTES, Allowance, Picture, Refusals, decode_data_url, decode_picture, is_data_url, wrong
from core.said import said
from properties.models import Photo, Property
from properties.selectors.ownership import get_own_property
from properties.services.files import (
    File,
    Saved,
    address_path,
    delete_after_commit,
    digest_of,
    path_of,
    transaction_with_files,
)
from properties.services.ownership import lock_own_property, mark_step

SIDES = (1600, 480)
MAX_PHOTOS = 20


class SentPhoto(NamedTuple):
    """A photo of a request: a data-URL, the address of one that is there, or bytes; `name` is that of its file."""

    source: str | bytes
    description: str = ""
    name: str = ""


@dataclass(slots=True)
class Incoming:
    """A photo as it was read: the address of one that is there, or bytes; `pictures` once they are decoded."""

    field: str
    description: str = ""
    address: str = ""
    data: bytes = b""
    digest: bytes = b""
    pictures: list[Picture] | None = None

    def decoded(self, allowance: Allowance | None = None) -> list[Picture]:
        if self.pictures is None:
            self.pictures = decode_picture(self.data, field=self.field, sides=SIDES, allowance=allowance)
            # Each photo's bytes are freed once it is stored: twenty of them may take 400 MB.
            self.data = b""
        return self.pictures


def read_photos(property_id: int, rows: Sequence[SentPhoto]) -> list[Incoming]:
    """The photos of one request, decoded unless the property has them already.

    Raises `invalid` naming each photo that is refused.
    """
    known = set(map(bytes, Photo.objects.filter(property_id=property_id).values_list("digest", flat=True)))
    incoming, refusals, allowance = [], Refusals(), Allowance()
    for number, row in enumerate(rows):
        with refusals.each(row.name):
            photo = _read(row, f"photos.{number}.image_data")
            if photo.digest and photo.digest not in known:
                photo.decoded(allowance)
            incoming.append(photo)
    refusals.check()
    return incoming


def _read(row: SentPhoto, field: str) -> Incoming:
    if isinstance(row.source, str) and not is_data_url(row.source):
        return Incoming(field, row.description, address=address_path(row.source))
    data = decode_data_url(row.source, field=field, max_bytes=MAX_BYTES) if isinstance(row.source, str) else row.source
    return Incoming(field, row.description, data=data, digest=digest_of(data))


def replace_photos(row: Property, incoming: Sequence[Incoming], saved: Saved) -> None:
    """Makes these the photos of a locked property, in this order. A photo that is there already keeps its row."""
    present = list(row.photos.all())
    kept: list[int] = []
    for position, photo in enumerate(incoming):
        stored = _match(photo, present, kept) or _store(row, photo, saved)
        stored.description, stored.position = photo.description, position
        stored.save()
        kept.append(stored.pk)
    _drop([photo for photo in present if photo.pk not in kept])


def _match(photo: Incoming, present: Sequence[Photo], used: Sequence[int]) -> Photo | None:
    return next((stored for stored in present if stored.pk not in used and _is_same(photo, stored)), None)


def _is_same(photo: Incoming, stored: Photo) -> bool:
    if photo.address:
        return photo.address in (path_of(stored.image.name), path_of(stored.thumbnail.name))
    return bool(photo.digest) and bytes(stored.digest) == photo.digest


def photos_to_put(property_id: int, incoming: Sequence[Incoming]) -> list[File]:
    """What is to be put before the property is locked: of each photo that was decoded, since it is not there yet."""
    return [(folder_of(property_id), picture.data) for photo in incoming for picture in photo.pictures or ()]


def folder_of(property_id: int) -> str:
    return f"photos/{property_id}"


def _store(row: Property, photo: Incoming, saved: Saved) -> Photo:
    if not photo.data and photo.pictures is None:
        raise invalid(**{photo.field: wrong()})
    large, small = photo.decoded()
    folder = folder_of(row.pk)
    return Photo(
        property=row, image=saved.add(folder, large.data), thumbnail=saved.add(folder, small.data),
        width=large.width, height=large.height, digest=photo.digest,
    )  # fmt: skip


def _drop(photos: Sequence[Photo]) -> None:
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).delete()
    delete_after_commit(name for photo in photos for name in (photo.image.name, photo.thumbnail.name))


def add_photos(*, property_id: int, actor: User, photos: Sequence[SentPhoto], now: datetime) -> list[Photo]:
    """Appends uploaded pictures. Raises `invalid` (no picture, too many), `not_found`."""
    get_own_property(property_id, actor)  # before the work of decoding
    spend("photos", actor.pk, now, times=len(photos))
    incoming = read_photos(property_id, photos)
    with transaction_with_files(photos_to_put(property_id, incoming)) as saved:
        row = lock_own_property(property_id, actor)
        present = list(row.photos.all())
        if len(present) + len(incoming) > MAX_PHOTOS:
            raise invalid(
                photos=said("At most %(most)s photos; there are %(present)s.", most=MAX_PHOTOS, present=len(present))
            )
        start = max((photo.position for photo in present), default=-1) + 1
        added = [_append(row, photo, position, saved) for position, photo in enumerate(incoming, start)]
        mark_step(row, 2, now)
        return added


def _append(row: Property, photo: Incoming, position: int, saved: Saved) -> Photo:
    stored = _store(row, photo, saved)
    stored.description, stored.position = photo.description, position
    stored.save()
    return stored


def order_photos(*, property_id: int, actor: User, order: Sequence[int], now: datetime) -> None:
    """Puts the photos in this order; those not named follow in theirs.

    Raises `invalid` for an id that is not there, or named twice.
    """
    with transaction_with_files():
        row = lock_own_property(property_id, actor)
        present = {photo.pk: photo for photo in row.photos.all()}
        if set(order) - set(present) or len(set(order)) < len(order):
            raise invalid(order="Name each photo of this property once.")
        rest = [pk for pk in present if pk not in order]
        for position, pk in enumerate([*order, *rest]):
            present[pk].position = position
        Photo.objects.bulk_update(present.values(), ["position"])
        mark_step(row, 2, now)


def delete_photo(*, property_id: int, photo_id: int, actor: User, now: datetime) -> None:
    """Removes it. Raises `not_found`."""
    with transaction_with_files():
        row = lock_own_property(property_id, actor)
        photo = row.photos.filter(pk=photo_id).first()
        if photo is None:
            raise not_found()
        _drop([photo])
        mark_step(row, 2, now)
