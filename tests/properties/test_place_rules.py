"""The blur of a public pin, distances, and text as search compares it."""

import pytest

from properties.rules.places import ONE_HOUSE_M, Pin, blur, metres_between, plain_text, public_pin, swapped

DHAKA = (23.7806, 90.4070)
DEGREE_M = 111_194.93


@pytest.mark.parametrize(
    ("here", "there", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (1, 0), DEGREE_M),
        ((0, 0), (0, 1), DEGREE_M),
        ((60, 10), (60, 11), DEGREE_M / 2),
        ((0, 179.9995), (0, -179.9995), DEGREE_M / 1000),
        ((0, -179.9995), (0, 179.9995), DEGREE_M / 1000),
    ],
)
def test_metres_between_two_points(here, there, metres):
    assert metres_between(here[0], here[1], there[0], there[1]) == pytest.approx(metres, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("place", [DHAKA, (0, 0), (-60, 30), (70, -179.9999), (70, 179.9999)])
@pytest.mark.parametrize("key", ["a", "b", "c", "d", "e"])
def test_a_blur_is_100_to_160_metres_away_and_always_the_same(place, key):
    pin = blur(*place, host_id=1, key=key)
    assert 98 <= metres_between(place[0], place[1], *pin) <= 162
    assert blur(*place, host_id=1, key=key) == pin
    assert pin == (round(pin[0], 5), round(pin[1], 5))


def test_another_key_host_or_place_has_another_blur():
    pins = {blur(*DHAKA, host_id=1, key="a"), blur(*DHAKA, host_id=2, key="a"), blur(*DHAKA, host_id=1, key="b")}
    assert len(pins) == 3
    # Within a thousandth of a degree it is one place: asking a step farther on tells no more.
    moved = blur(DHAKA[0] + 0.0001, DHAKA[1], host_id=1, key="a")
    assert moved[0] - blur(*DHAKA, host_id=1, key="a")[0] == pytest.approx(0.0001, abs=1e-5)


def test_all_directions_and_all_distances_come_up():
    pins = [blur(*DHAKA, host_id=host, key="a") for host in range(200)]
    metres = [metres_between(*DHAKA, *pin) for pin in pins]
    assert min(metres) < 103
    assert max(metres) > 157
    assert {(pin[0] > DHAKA[0], pin[1] > DHAKA[1]) for pin in pins} == {
        (a, b) for a in (True, False) for b in (True, False)
    }


def test_at_the_pole_a_blur_stays_on_earth():
    for host in range(20):
        latitude, longitude = blur(90.0, 0.0, host_id=host, key="a")
        assert latitude <= 90.0
        assert -180.0 <= longitude < 180.0


def test_a_room_of_a_house_is_shifted_as_the_nearest_that_is_there():
    near = Pin(*DHAKA, DHAKA[0] + 0.001, DHAKA[1] - 0.001)
    nearer = Pin(DHAKA[0] + 0.0004, DHAKA[1], DHAKA[0] + 0.0024, DHAKA[1] + 0.001)
    room = (DHAKA[0] + 0.0003, DHAKA[1])
    asked = {"host_id": 1, "key": "a"}
    assert public_pin(*room, [near], **asked) == (round(room[0] + 0.001, 5), round(room[1] - 0.001, 5))
    assert public_pin(*room, [near, nearer], **asked) == (round(room[0] + 0.002, 5), round(room[1] + 0.001, 5))
    assert public_pin(*room, [], **asked) == blur(*room, **asked)


@pytest.mark.parametrize(("metres", "same_house"), [(ONE_HOUSE_M - 0.5, True), (ONE_HOUSE_M + 0.5, False)])
def test_a_house_ends_at_a_hundred_metres(metres, same_house):
    there = Pin(*DHAKA, DHAKA[0] + 0.5, DHAKA[1])
    here = (DHAKA[0] + metres / DEGREE_M, DHAKA[1])
    shifted = public_pin(*here, [there], host_id=1, key="a") == (round(here[0] + 0.5, 5), DHAKA[1])
    assert shifted is same_house


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", ""),
        ("Cox's Bazar", "coxs bazar"),
        ("Cox’s  BAZAR,  Kolatoli-Road", "coxs bazar kolatoli road"),
        ("Château d'Été", "chateau dete"),
        ("STRASSE Straße", "strasse strasse"),
        ("ﬁne ½", "fine 1 2"),
        ("ঢাকা", "ঢাকা"),
        ("কক্সবাজার!", "কক্সবাজার"),
        ("ö", "o"),
        ("a`b´cʼd", "abcd"),
    ],
)
def test_text_is_compared_without_case_accents_and_punctuation(text, plain):
    assert plain_text(text) == plain
    assert plain_text(plain) == plain


@pytest.mark.parametrize(
    ("word", "slips"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("ab", ["ab", "ba"]),
        ("aab", ["aab", "aba"]),
        ("abcd", ["abcd", "bacd", "acbd", "abdc"]),
    ],
)
def test_a_word_and_its_slips_each_once(word, slips):
    assert swapped(word) == slips
