from zoneinfo import available_timezones

import pytest

from core.zone_names import one_spelling


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
        ("Asia/Rangoon", "Asia/Yangon"),
        ("Asia/Dacca", "Asia/Dhaka"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Asia/Dhaka", "Asia/Dhaka"),
        # In use, though its rules are those of Brussels since 2022's release.
        ("Europe/Amsterdam", "Europe/Amsterdam"),
        ("UTC", "UTC"),
        ("", ""),
        ("Nowhere/None", "Nowhere/None"),
    ],
)
def test_a_zone_has_one_spelling(written: str, meant: str) -> None:
    assert one_spelling(written) == meant


def test_every_spelling_is_a_zone_and_its_own_spelling() -> None:
    names = available_timezones()
    assert {one_spelling(name) for name in names} <= names
    assert all(one_spelling(one_spelling(name)) == one_spelling(name) for name in names)
