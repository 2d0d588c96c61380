"""Rules that more than one door asks: each stands once, and here is its table."""

import pytest

from core.command_id import is_command_id
from core.limits import scaled


@pytest.mark.parametrize(
    ("count", "factor", "allowed"),
    [
        (3, 1, 3),
        (3, 0.5, 1),
        (3, 0.34, 1),
        (3, 0, 1),
        (3, 2, 6),
        (20, 0.5, 10),
        (20, 0.33, 6),
        (30, 0.5, 15),
        (1, 10, 10),
    ],
)
def test_a_limit_and_its_factor(count: float, factor: float, allowed: int) -> None:
    assert scaled(count, factor) == allowed


IDS = ("a", "a" * 64, "a\tb", "\x01\x7f", " ")
NO_IDS = ("", "a" * 65, "é", "a\0")


@pytest.mark.parametrize(("text", "is_one"), [*((t, True) for t in IDS), *((t, False) for t in NO_IDS)])
def test_what_may_name_a_command(text: str, is_one: bool) -> None:
    assert is_command_id(text) is is_one
