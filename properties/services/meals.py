"""Steps 5 and 6: the menu, and the table that paying guests share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.images import Allowance, Picture, Refusals, decode_picture, is_data_url
from core.money import ZERO
from properties.models import Meal, Property
from properties.services.files import File, Saved, address_path, delete_after_commit, path_of

SIDE = 1200
FOLDER = "meals"


def read_menu(menu: dict[str, Any]) -> dict[str, Any]:
    """The menu with each photo that was sent decoded to a Picture. Raises `invalid` naming each that is refused."""
    refusals, allowance, read = Refusals(), Allowance(), dict(menu)
    for kind in Meal.Kind.values:
        read[kind] = []
        for number, dish in enumerate(menu[kind]):
            with refusals.each(dish["name"]):
                read[kind].append(dish | {"photo": _decoded(dish["photo"], f"{kind}.{number}.photo", allowance)})
    refusals.check()
    return read


def read_table(data: dict[str, Any]) -> dict[str, Any]:
    """The same of the table that paying guests share."""
    return data | {"photo": _decoded(data["photo"], "photo", Allowance())}


def _decoded(sent: str | None, field: str, allowance: Allowance) -> Picture | str | None:
    if not sent or not is_data_url(sent):
        return sent
    return decode_picture(sent, field=field, sides=(SIDE,), allowance=allowance)[0]


def dishes_to_put(data: dict[str, Any]) -> list[File]:
    """What is to be put before the property is locked, of a step that was read."""
    dishes = [dish for kind in Meal.Kind.values for dish in data.get(kind) or ()]
    photos = [data.get("photo"), *(dish.get("photo") for dish in dishes)]
    return [(FOLDER, photo.data) for photo in photos if isinstance(photo, Picture)]


def replace_menu(row: Property, menu: dict[str, list[dict[str, Any]]], saved: Saved, now: datetime) -> None:
    """Makes these the dishes of a locked property. A dish left out stays for those who ordered it."""
    present = list(Meal.objects.filter(property=row))
    used: set[int] = set()
    for kind in Meal.Kind.values:
        for dish in menu[kind]:
            meal = _find(present, used, kind, dish) or Meal(property=row)
            meal.kind, meal.name, meal.price, meal.removed_at = kind, dish["name"], dish["price"], None
            meal.description = dish["description"]
            meal.photo = _photo(dish["photo"], meal.photo.name or "", saved)
            meal.save()
            used.add(meal.pk)
    Meal.objects.filter(property=row, removed_at=None).exclude(pk__in=used).update(removed_at=now)


def _find(present: Sequence[Meal], used: set[int], kind: str, dish: dict[str, Any]) -> Meal | None:
    """By id, else by name; of several dishes of that name the one on the menu."""
    free = [meal for meal in present if meal.pk not in used]
    by_id = next((meal for meal in free if meal.pk == dish.get("id")), None)
    same_name = [meal for meal in free if (meal.kind, meal.name.casefold()) == (kind, dish["name"].casefold())]
    return by_id or min(same_name, key=lambda meal: meal.removed_at is not None, default=None)


def save_table(row: Property, data: dict[str, Any], saved: Saved) -> None:
    """What paying guests are offered at a locked property."""
    row.allow_paying_guests = data["allow_paying_guests"]
    row.paying_guest_description = data["description"]
    row.meal_price = data["meal_price"] or ZERO
    row.paying_guest_photo = _photo(data["photo"], row.paying_guest_photo.name or "", saved)


def _photo(sent: Picture | str | None, present: str, saved: Saved) -> str:
    """The stored name for what was sent: the photo that is there under its own address, a new one, or none."""
    if present and isinstance(sent, str) and address_path(sent) == path_of(present):
        return present
    delete_after_commit([present])
    return saved.add(FOLDER, sent.data) if isinstance(sent, Picture) else ""
