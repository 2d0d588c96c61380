"""What is made of settings is made once, until one changes."""

from typing import Any

from core.kept_settings import kept


def test_a_change_is_seen_and_a_look_is_not_repeated(settings: Any) -> None:
    looks = []

    @kept
    def price(of: str) -> str:
        looks.append(of)
        return f"{of} {settings.TAX_PERCENT}"

    settings.TAX_PERCENT = 7
    assert [price("a"), price("b"), price("a")] == ["a 7", "b 7", "a 7"]
    settings.TAX_PERCENT = 8
    assert price("a") == "a 8"
    assert looks == ["a", "b", "a"]
