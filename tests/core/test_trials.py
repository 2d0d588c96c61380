"""Arms of a trial: which thing is in which, and settings that can't be read."""

import pytest

from core.trials import USUAL, Trial, read_trial

OPTIONS = {"offers": "[1-9]|1[0-9]|20", "seal": "first"}
NUMBERS = range(1, 5001)


def shares(text: str) -> dict[str, float]:
    trial = read_trial(text, OPTIONS)
    names = [arm.name for n in NUMBERS if (arm := trial.arm_of(n))]
    return {name: 100 * names.count(name) / len(names) for name in set(names)}


def test_without_a_trial_nothing_is_in_an_arm() -> None:
    assert Trial().arm_of(7) is None
    assert read_trial("", OPTIONS).arm_of(7) is None


def test_the_shares_are_as_asked_for_and_the_rest_is_usual() -> None:
    found = shares("five:30:offers=5, sealing:20:seal=first")
    assert set(found) == {"five", "sealing", USUAL}
    assert abs(found["five"] - 30) < 3
    assert abs(found["sealing"] - 20) < 3
    assert set(shares("all:100")) == {"all"}


def test_a_thing_stays_in_its_arm_while_the_share_grows() -> None:
    small, large = (read_trial(f"five:{percent}:offers=5", OPTIONS) for percent in (10, 40))
    inside = {n for n in NUMBERS if small.arm_of(n).name == "five"}
    assert inside
    assert all(large.arm_of(n).name == "five" for n in inside)
    assert large.arm_of(min(inside)).options == {"offers": "5"}


def test_another_trial_takes_others() -> None:
    one, two = (read_trial(f"{name}:50", OPTIONS) for name in ("a", "b"))
    both = sum(one.arm_of(n).name == "a" and two.arm_of(n).name == "b" for n in NUMBERS)
    assert abs(both / len(NUMBERS) - 0.25) < 0.03


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("five", "share of 'five'"),
        ("five:0", "1 to 100"),
        ("five:101", "1 to 100"),
        ("five:x", "1 to 100"),
        ("five:²", "1 to 100"),
        ("Five:50", "not 'Five'"),
        ("x" * 17 + ":5", "1 to 16"),
        ("usual:50", "'usual'"),
        ("a:5,a:6", "a name of its own"),
        ("a:60,b:41", "more than 100 %"),
        ("a:5:offers=0", "not offers=0"),
        ("a:5:offers=21", "not offers=21"),
        ("a:5:seal=last", "not seal=last"),
        ("a:5:price=1", "not price=1"),
        ("a:5:", "not ="),
    ],
)
def test_what_can_t_be_read_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        read_trial(text, OPTIONS)
