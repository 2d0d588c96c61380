"""The table of places, and what a text says of where a home is."""

from collections import Counter

import pytest

from properties.rules.gazetteer import is_in_the_country, place_words, places, suggest, words_of_postcode


def test_the_table_is_whole_and_everything_lies_in_something() -> None:
    kinds = Counter(place.kind for place in places())
    assert (kinds["division"], kinds["district"], kinds["upazila"]) == (8, 64, 494)
    assert kinds["postcode"] > 1000
    names = {(place.kind, place.name) for place in places()}
    for place in places():
        above = {"district": "division", "upazila": "district", "postcode": "district"}.get(place.kind)
        assert above is None or (above, place.within[-1]) in names, place
        assert place.kind == "postcode" or place.bangla


@pytest.mark.parametrize(
    ("text", "there", "not_there"),
    [
        ("Kolatoli, Cox's Bazar", {"coxsbazar", "chattogram", "chittagong", "কক্সবাজার", "bangladesh"}, {"dhaka"}),
        ("বরিশাল", {"barishal", "barisal", "বাংলাদেশ"}, set()),
        ("Comilla", {"cumilla", "কুমিল্লা", "chattogram"}, set()),
        ("Jessore", {"jashore", "khulna"}, set()),
        ("Bogra", {"bogura", "rajshahi"}, set()),
        # The division's name, which is also a district's, with an upazila of another district of it.
        ("Sreemangal, Sylhet", {"srimangal", "moulvibazar", "sylhet"}, set()),
        # Four upazilas are called so.
        ("Kaliganj", {"bangladesh"}, {"gazipur", "satkhira"}),
        ("Kaliganj, Gazipur", {"gazipur", "কালীগঞ্জ", "dhaka"}, {"satkhira"}),
        # A river; the upazila of that name is in another district.
        ("Meghna view, Narayanganj", {"narayanganj", "dhaka"}, {"cumilla"}),
        ("House 4, Road 5, 4700", {"coxs", "chattogram"}, {"sadar"}),
        ("Somewhere", {"bangladesh", "বাংলাদেশ"}, {"dhaka"}),
        ("", {"bangladesh"}, set()),
    ],
)
def test_a_home_is_found_by_every_name_of_where_it_lies(text: str, there: set[str], not_there: set[str]) -> None:
    words = place_words(text)
    assert there <= words
    assert not not_there & words


def test_india_between_the_borders_is_not_bangladesh() -> None:
    assert is_in_the_country(23.78, 90.4, "Asia/Dhaka")
    assert not is_in_the_country(22.57, 88.36, "Asia/Kolkata")
    assert not is_in_the_country(48.85, 2.35, "Asia/Dhaka")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("cox", "Cox's Bazar"),
        ("chitt", "Chattogram"),
        ("চট্ট", "Chattogram"),
        ("Com", "Cumilla"),
        ("sri", "Sreemangal"),
        ("470", "4700"),
        ("৪৭০০", "4700"),
    ],
)
def test_suggestions_begin_as_it_was_typed_in_any_spelling(typed: str, first: str) -> None:
    assert suggest(typed, 5)[0].name == first
    assert len(suggest(typed, 5)) <= 5


def test_suggestions_for_nothing_and_for_what_is_nowhere() -> None:
    assert suggest("", 5) == suggest("zzzz", 5) == []


def test_postcodes() -> None:
    assert words_of_postcode("4700") == ("coxs",)
    assert words_of_postcode("1212") == ("dhaka",)
    assert words_of_postcode("0000") == words_of_postcode("dhaka") == ()
