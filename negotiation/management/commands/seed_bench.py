"""Makes rows for load generators: in bulk, and the same every time."""

from __future__ import annotations

import json
import random
from argparse import ArgumentParser
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from knox.crypto import hash_token
from knox.settings import CONSTANTS

from accounts.models import AuthToken, Mandate, User
from accounts.rules.mandates import LONGEST, MAY
from accounts.selectors.mandates import AGENT_PREFIX, hash_key
from core import clock
from properties.models import Amenity, Location, Property, SomeBasics
from properties.services.search import refresh_search

NIGHTLY = Decimal("5000.00")
HOMES_A_HOST = 50
CHUNK = 2000
# A home's stays lie in slots of so many days, from tomorrow on, at most one in each, so that none overlap.
SLOT_DAYS = 20
TYPES = ("House", "Apartment", "Cabin", "Campground", "Tower", "Castle", "Houseboat", "Hotel", "Dome")
PLACES = ("Gulshan, Dhaka", "Patenga, Chattogram", "Kolatoli, Cox's Bazar", "Zindabazar, Sylhet", "Sajek, Rangamati")
AMENITIES = ("Wifi", "Kitchen", "Parking", "Air conditioning", "Pool", "Washer")

STAYS = """
INSERT INTO properties_calendarentry (property_id, kind, nights, held_until, created_at)
SELECT p.id, 'stay', daterange(first, first + 1 + (p.id + n)::int %% 7), NULL, %(now)s
FROM (SELECT id FROM properties_property WHERE id = ANY(%(ids)s)) p
CROSS JOIN generate_series(0, %(each)s - 1) n
CROSS JOIN LATERAL (SELECT %(today)s::date + 1 + (n * %(slot)s + (p.id * 7 + n * 3) %% 12)::int AS first) f
ORDER BY p.id, n LIMIT %(stays)s
"""


class Command(BaseCommand):
    help = (
        "Makes users and listed properties for load generators: --properties homes with --stays taken stays among them,"
        " and --pairs of a guest and a host with a home of their own, written to --json with their tokens and machines' keys."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--properties", type=int, default=0)
        parser.add_argument("--stays", type=int, default=0)
        parser.add_argument("--pairs", type=int, default=0)
        parser.add_argument("--json", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["pairs"] and not options["json"]:
            raise CommandError("--pairs needs --json FILE to write the tokens to")
        now = clock.now()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0")
            pairs = make_pairs(options["pairs"], now)
            ids = make_homes(options["properties"], now)
            make_stays(ids, options["stays"], now)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        if options["json"]:
            Path(options["json"]).write_text(json.dumps({"pairs": pairs}))
        self.stdout.write(f"{len(pairs)} pairs, {len(ids)} properties, {options['stays']} stays")


def make_pairs(count: int, now: datetime) -> list[dict[str, Any]]:
    """`count` guests and hosts, each host with one home; their tokens in plain."""
    taken = User.objects.filter(username__startswith="bench-guest-").count()
    numbers = range(taken, taken + count)
    guests = _users([f"bench-guest-{i}" for i in numbers], is_host=False)
    hosts = _users([f"bench-host-{i}" for i in numbers], is_host=True)
    homes = _homes([home(host, f"Bench house {i}", now) for i, host in zip(numbers, hosts, strict=True)])
    refresh_search([row.pk for row in homes])
    columns = {
        "guest_token": _tokens(guests, now),
        "host_token": _tokens(hosts, now),
        "guest_key": _keys(guests, "guest", now),
        "host_key": _keys(hosts, "host", now),
        "property": [row.pk for row in homes],
    }
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) | {"nightly": str(NIGHTLY)} for row in rows]


def make_homes(count: int, now: datetime) -> list[int]:
    """`count` listed homes all over the country, of every type and price; their ids."""
    dice = random.Random(7)  # noqa: S311 - the same homes every time, nothing secret
    offset = User.objects.filter(username__startswith="bench-owner-").count()
    ids: list[int] = []
    while len(ids) < count:
        hosts = _users([f"bench-owner-{offset + len(ids) // HOMES_A_HOST}"], is_host=True)
        size = min(HOMES_A_HOST, count - len(ids))
        rows = [home(hosts[0], f"Home {len(ids) + i}", now, dice) for i in range(size)]
        ids += [row.pk for row in _homes(rows, dice)]
    refresh_search(ids)
    return ids


def make_stays(ids: list[int], stays: int, now: datetime) -> None:
    """`stays` taken stays, spread evenly over the homes."""
    if not stays:
        return
    if not ids:
        raise CommandError("--stays needs --properties to lie in")
    each = -(-stays // len(ids))
    with connection.cursor() as cursor:
        params: dict[str, Any] = {
            "ids": ids,
            "each": each,
            "slot": SLOT_DAYS,
            "stays": stays,
            "today": now.date(),
            "now": now,
        }
        cursor.execute(STAYS, params)


def home(host: User, title: str, now: datetime, dice: random.Random | None = None) -> Property:
    """A listed home that takes offers, without automatic rules. Not saved."""
    return Property(
        host=host,
        status="listed",
        steps_done=[1, 2, 3, 4, 5, 6, 7],
        property_type=dice.choice(TYPES) if dice else "House",
        property_sub_type="Entire place",
        stay=True,
        stay_with_meal=bool(dice and dice.random() < 0.3),
        title=title,
        description="A home for load generators.",
        price=Decimal(dice.randrange(1000, 20_000)) if dice else NIGHTLY,
        negotiable=True,
        offers_per_side=5,
        rating_sum=(rating := dice.randrange(0, 51) if dice else 0),
        rating_count=-(-rating // 5),
        listed_at=now,
        created_at=now,
        updated_at=now,
    )


def _users(names: list[str], *, is_host: bool) -> list[User]:
    rows = [
        User(username=name, email=f"{name}@example.com", first_name=name, password="!", is_host=is_host)  # noqa: S106 - no password at all
        for name in names
    ]
    return User.objects.bulk_create(rows, batch_size=CHUNK)


def _homes(rows: list[Property], dice: random.Random | None = None) -> list[Property]:
    Property.objects.bulk_create(rows, batch_size=CHUNK)
    SomeBasics.objects.bulk_create([_basics(row, dice) for row in rows], batch_size=CHUNK)
    Location.objects.bulk_create([_location(row, dice) for row in rows], batch_size=CHUNK)
    wanted = [(row, name) for row in rows for name in AMENITIES if dice is None or dice.random() < 0.4]
    amenities = [Amenity(property=row, kind="regular", name=name) for row, name in wanted]
    Amenity.objects.bulk_create(amenities, batch_size=CHUNK)
    return rows


def _basics(row: Property, dice: random.Random | None) -> SomeBasics:
    guests = dice.randrange(1, 9) if dice else 4
    return SomeBasics(
        property=row, number_of_guests=guests, number_of_bedrooms=2, number_of_beds=3, number_of_bathrooms=1
    )


def _location(row: Property, dice: random.Random | None) -> Location:
    latitude = dice.uniform(21.5, 26.0) if dice else 23.78
    longitude = dice.uniform(88.3, 92.3) if dice else 90.41
    return Location(
        property=row,
        latitude=Decimal(f"{latitude:.6f}"),
        longitude=Decimal(f"{longitude:.6f}"),
        public_latitude=latitude,
        public_longitude=longitude,
        selected_location=dice.choice(PLACES) if dice else PLACES[0],
    )


def _keys(users: list[User], side: str, now: datetime) -> list[str]:
    """The key of a mandate for each user that allows everything, made as a token is."""
    secrets = [sha256(f"{settings.SECRET_KEY} {side} {user.username}".encode()).hexdigest() for user in users]
    keys = [AGENT_PREFIX + secret for secret in secrets]
    terms = {"name": "Bench", "side": side, "may": list(MAY), "currency": "BDT", "created_at": now}
    rows = [
        Mandate(user=user, digest=hash_key(key), expires_at=now + LONGEST, **terms)
        for user, key in zip(users, keys, strict=True)
    ]
    Mandate.objects.bulk_create(rows, batch_size=CHUNK)
    return keys


def _tokens(users: list[User], now: datetime) -> list[str]:
    """A live token for each user, made of the name and this installation's secret."""
    keys = [sha256(f"{settings.SECRET_KEY} {user.username}".encode()).hexdigest() for user in users]
    rows = [
        AuthToken(
            user=user,
            digest=hash_token(key),
            token_key=key[: CONSTANTS.TOKEN_KEY_LENGTH],
            created=now,
            last_used_at=now,
            expiry=now + timedelta(seconds=settings.TOKEN_TTL_S),
        )
        for user, key in zip(users, keys, strict=True)
    ]
    AuthToken.objects.bulk_create(rows, batch_size=CHUNK)
    return keys
