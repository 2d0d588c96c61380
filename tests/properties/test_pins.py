"""That the public sees a home some way off its door, and many rooms of one house tell no more than one."""

import copy
import math
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from properties.models import Location, Property
from properties.rules.places import FARTHEST_M, NEAREST_M, ONE_HOUSE_M, Pin, blur, public_pin
from properties.services.search import refresh_search
from tests.factories.properties import make_location, make_property, make_user
from tests.properties.conftest import STEP1, Host

DOOR = (23.7805, 90.4005)
METRES = 111_320.0
KEY = "secret"


def off(place, north=0.0, east=0.0):
    """The place so many metres away."""
    latitude, longitude = place
    return latitude + north / METRES, longitude + east / METRES / math.cos(math.radians(latitude))


def between(one, other):
    east = ((one[1] - other[1] + 180) % 360 - 180) * math.cos(math.radians(one[0]))
    return math.hypot(one[0] - other[0], east) * METRES


def shift(place, public, digits=4):
    return round(public[0] - place[0], digits), round((public[1] - place[1] + 180) % 360 - 180, digits)


def pin_at(place, present=(), **facts):
    return public_pin(*place, present, **({"host_id": 7, "key": KEY} | facts))


@pytest.mark.parametrize("place", [DOOR, (0.0, 0.0), (-17.7, 179.9999), (-17.7, -179.9999), (64.1, -21.9)])
def test_a_first_home_is_shifted_by_what_its_host_and_its_place_make(place):
    public = pin_at(place)
    assert NEAREST_M - 2 < between(place, public) < FARTHEST_M + 2
    assert public == pin_at(place) == blur(*place, host_id=7, key=KEY)
    assert len({public, pin_at(place, host_id=8), pin_at(place, key="other")}) == 3
    assert -180 <= public[1] <= 180


@pytest.mark.parametrize("place", [(90.0, 0.0), (-90.0, 12.0)])
def test_at_the_poles_a_pin_stays_on_earth(place):
    assert abs(pin_at(place)[0]) <= 90
    assert abs(pin_at(place)[1]) <= 180


def test_rooms_of_one_house_are_shifted_alike_on_whichever_side_of_a_grids_line_they_lie():
    present = []
    for north, east in ((0, 0), (-3, 4), (5, -6), (9, 9), (-30, 20)):
        room = off(DOOR, north, east)
        present.append(Pin(*room, *pin_at(room, present)))
    assert len({blur(*pin[:2], host_id=7, key=KEY) for pin in present}) > 1
    assert len({shift(pin[:2], pin[2:]) for pin in present}) == 1


def test_the_nearest_home_lends_its_shift_and_a_far_one_none():
    def home(metres, east):
        latitude, longitude = off(DOOR, metres)
        return Pin(latitude, longitude, 1.0, east)

    near, farther, far = home(20, 2.0), home(60, 3.0), home(ONE_HOUSE_M + 1, 4.0)
    assert shift(DOOR, pin_at(DOOR, [far, farther, near])) == shift(near[:2], near[2:])
    assert pin_at(DOOR, [far]) == pin_at(DOOR)


def test_across_the_date_line_a_house_is_one_house():
    west, east = (-16.8, 179.99995), (-16.8, -179.99995)
    first = Pin(*west, *pin_at(west))
    assert shift(east, pin_at(east, [first])) == shift(west, first[2:])


def test_a_home_that_stays_keeps_its_pin_even_where_the_key_is_another():
    public = pin_at(DOOR)
    assert pin_at(DOOR, [Pin(*DOOR, *public)], key="rotated") == public


@pytest.fixture
def room(host):
    """A draft of the host's so many metres north of the door, and its public pin's shift."""

    def make(north=0.0, who=host):
        latitude, longitude = off(DOOR, north)
        place = STEP1["location"] | {"latitude": f"{latitude:.6f}", "longitude": f"{longitude:.6f}"}
        return stored(who.start(location=place), digits=6)

    return make


def stored(property_id, digits=4):
    pin = Location.objects.get(pk=property_id)
    public = pin.public_latitude, pin.public_longitude
    return property_id, shift((float(pin.latitude), float(pin.longitude)), public, digits)


@pytest.mark.django_db
def test_rooms_that_are_registered_one_after_the_other_share_a_shift(room, stranger, host, settings):
    first, shared = room()
    # Every place is rounded by itself: the shifts may differ by a metre or two.
    alike = pytest.approx(shared, abs=0.00003)
    assert (room(-4)[1], room(6)[1]) == (alike, alike)
    assert (
        room(0, stranger)[1] != shared
    )  # to the last digit: one pair of people in a thousand comes within a metre or two
    settings.SECRET_KEY = "rotated" + "x" * 50
    assert room(8)[1] == alike
    step = copy.deepcopy(STEP1)
    step["location"] |= dict(zip(("latitude", "longitude"), DOOR, strict=True))
    assert host.step(1, first, step).status_code == 200
    assert stored(first, digits=6) == (first, shared)


share_pins = import_module("properties.migrations.0003_rooms_share_a_pin").share_pins


def old_style(host, *places):
    """Homes as they were listed before: each with a shift of its own. Their ids."""
    homes = []
    for n, place in enumerate(places):
        home = make_property(host, title=f"Room {n}")
        home.location.delete()
        pin = make_location(home, *(round(degrees, 6) for degrees in place))
        pin.public_latitude = pin.latitude + Decimal("0.001") + n * Decimal("0.0002")
        pin.save()
        homes.append(home.pk)
    refresh_search(homes)
    return homes


@pytest.mark.django_db
def test_an_upgrade_gives_rooms_of_one_house_one_shift_and_leaves_every_other_pin_alone():
    host, other = make_user(is_host=True), make_user(is_host=True)
    rooms = old_style(host, DOOR, off(DOOR, 3, -4), off(DOOR, -8, 5), off(DOOR, 3000), off(DOOR, 3010))
    alone = old_style(other, off(DOOR, 9000), DOOR)
    before = dict(map(stored, rooms + alone))
    share_pins(apps, connection.schema_editor())
    after = dict(map(stored, rooms + alone))
    assert len({before[room] for room in rooms}) == 5
    assert [after[room] for room in rooms] == [before[rooms[0]]] * 3 + [before[rooms[3]]] * 2
    assert [after[home] for home in alone] == [before[home] for home in alone]
    for home in Property.objects.select_related("location", "search"):
        pin, entry = home.location, home.search
        assert (entry.latitude, entry.longitude) == (pin.public_latitude, pin.public_longitude)


@pytest.mark.django_db
def test_the_upgrade_goes_host_by_host_and_twice_changes_nothing_more(monkeypatch):
    monkeypatch.setitem(share_pins.__globals__, "HOSTS_AT_ONCE", 2)
    hosts = [make_user(is_host=True) for _ in range(5)]
    pairs = [old_style(host, DOOR, off(DOOR, 2)) for host in hosts]
    share_pins(apps, connection.schema_editor())
    once = [stored(home) for pair in pairs for home in pair]
    assert all(one[1] == two[1] for one, two in zip(once[::2], once[1::2], strict=True))
    share_pins(apps, connection.schema_editor())
    assert [stored(home) for pair in pairs for home in pair] == once


@pytest.mark.django_db
def test_after_the_upgrade_a_room_that_is_saved_again_stays_where_it_is():
    host = Host(make_user(is_host=True))
    rooms = old_style(host.user, DOOR, off(DOOR, 5))
    share_pins(apps, connection.schema_editor())
    before = stored(rooms[1])
    latitude, longitude = off(DOOR, 5)
    step = copy.deepcopy(STEP1)
    step["location"] |= {"latitude": round(latitude, 6), "longitude": round(longitude, 6)}
    assert host.step(1, rooms[1], step).status_code == 200
    assert stored(rooms[1]) == before
