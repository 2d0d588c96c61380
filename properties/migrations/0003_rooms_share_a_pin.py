"""Rooms that one host listed in one house were shifted each its own way, and the mean of their pins was the door.

Each takes the shift of the host's nearest older home in the same house; a home that has none near keeps its own. The
server's key is not needed. A batch of hosts is a transaction: what was interrupted goes on where it stopped, and twice
changes nothing more.
"""

import math
from itertools import product

from django.db import migrations, transaction
from django.db.models import Count

HOSTS_AT_ONCE, ROWS_AT_ONCE = 500, 1000
METRES_A_DEGREE = 111_320.0
ONE_HOUSE_M = 100.0
CELL = ONE_HOUSE_M / METRES_A_DEGREE


def share_pins(apps, schema_editor):
    location = apps.get_model("properties", "Location")
    hosts = location.objects.values("property__host_id").annotate(homes=Count("pk")).filter(homes__gt=1)
    last = 0
    while batch := list(
        hosts.filter(property__host_id__gt=last)
        .order_by("property__host_id")[:HOSTS_AT_ONCE]
        .values_list("property__host_id", flat=True)
    ):
        with transaction.atomic():
            move(apps, [home for host_id in batch for home in moved(location, host_id)])
        last = batch[-1]


def moved(location, host_id):
    """The host's homes that take another's shift."""
    cells, changed = {}, []
    columns = ("pk", "latitude", "longitude", "public_latitude", "public_longitude")
    for home in location.objects.filter(property__host_id=host_id).order_by("pk").only(*columns):
        where = float(home.latitude), float(home.longitude)
        if older := nearest(cells, where):
            public = shifted(where, older)
            if public != (home.public_latitude, home.public_longitude):
                home.public_latitude, home.public_longitude = public
                changed.append(home)
        cells.setdefault(cell_of(where), []).append((where, (home.public_latitude, home.public_longitude)))
    return changed


def cell_of(where):
    """Squares a house wide, so that only neighbours are compared: a host may have thousands of homes."""
    row = math.floor(where[0] / CELL)
    return row, column(row, where[1])


def column(row, longitude):
    return math.floor(longitude * math.cos(math.radians(row * CELL)) / CELL)


def nearest(cells, where):
    row = cell_of(where)[0]
    around = [(y, column(y, where[1]) + right) for y, right in product((row - 1, row, row + 1), (-1, 0, 1))]
    rooms = [(metres(where, pin[0]), pin) for cell in around for pin in cells.get(cell, ())]
    return min((room for room in rooms if room[0] <= ONE_HOUSE_M), default=(0, None), key=lambda room: room[0])[1]


def metres(one, other):
    east = (one[1] - other[1]) * math.cos(math.radians(one[0]))
    return math.hypot(one[0] - other[0], east) * METRES_A_DEGREE


def shifted(where, older):
    (latitude, longitude), (public_latitude, public_longitude) = older
    north, east = where[0] + public_latitude - latitude, where[1] + public_longitude - longitude
    return round(max(-90.0, min(90.0, north)), 5), round((east + 180.0) % 360.0 - 180.0, 5)


def move(apps, homes):
    """The rows, and what search has of those that are listed."""
    entry = apps.get_model("properties", "SearchEntry")
    columns = ["public_latitude", "public_longitude"]
    apps.get_model("properties", "Location").objects.bulk_update(homes, columns, batch_size=ROWS_AT_ONCE)
    entries = entry.objects.in_bulk([home.pk for home in homes])
    for home in homes:
        if home.pk in entries:
            entries[home.pk].latitude, entries[home.pk].longitude = home.public_latitude, home.public_longitude
    entry.objects.bulk_update(entries.values(), ["latitude", "longitude"], batch_size=ROWS_AT_ONCE)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("properties", "0002_search_words_and_price_bounds")]
    operations = [migrations.RunPython(share_pins, migrations.RunPython.noop, elidable=True)]
