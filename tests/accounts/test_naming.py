"""What may be a name: by table."""

import pytest
from django.core.exceptions import ValidationError

from accounts.naming import check_person_name, check_user_name, lookalike_key, normal_user_name

ZWJ, ZWSP, RLO, LRM, NBSP = "\u200d", "\u200b", "\u202e", "\u200e", "\u00a0"


@pytest.mark.parametrize(
    "name",
    [
        "Rahim", "Md. Rahim Uddin", "Md.Rahim", "A.K.M. Karim", "O'Brien", "Jean-Luc", "Rahim Jr.", "José", "রহিম",
        f"র{ZWJ}\u09cdযাব", "नरेन्द्र", "Ra\u0301him", "李明", "Rahim (Dhaka)", f"Anna{NBSP}Maria",
    ],
)  # fmt: skip
def test_names_of_people_everywhere_are_taken(name: str) -> None:
    check_person_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Rahim\n\nWarning: your account is closed", "Rahim\r", "Rahim\t", "Rahim\u2028x", f"Ra{ZWSP}him", f"Ra{ZWJ}him",
        f"{RLO}mihaR", f"Rahim{LRM}", "http://evil.example", "evil.example", "www.evil.example/login", "Win at bit.ly",
        "t.me", "rahim@example.com", "a/b", "<b>Rahim</b>", "Rahim\x00", "evil。com/x", "\u0997\u09cb.\u0995\u09ae", "A&B", "50%",
    ],
)  # fmt: skip
def test_what_would_be_a_letter_of_ours_is_not_a_name(name: str) -> None:
    with pytest.raises(ValidationError):
        check_person_name(name)


@pytest.mark.parametrize(
    "name", ["rahim", "rahim.uddin+1", "রহিম", "рахим", "Bjørn_1", "漢あカ", "ｒａｈｉｍ", "নীলা-১"]
)
def test_a_user_name_of_one_alphabet_is_taken(name: str) -> None:
    check_user_name(normal_user_name(name))


@pytest.mark.parametrize(
    "name",
    ["rаhim", "rahіm", "rahim১", "রahim", "αlpha", f"ra{ZWSP}him", f"rahim{RLO}", f"rah{LRM}im", "ra him", "a@b", "", "\u0301a",
        "a/b", "a:b"],
)  # fmt: skip
def test_mixed_alphabets_and_hidden_marks_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        check_user_name(normal_user_name(name))


@pytest.mark.parametrize(
    ("one", "other"), [("раура", "paypa"), ("Рaул".replace("a", "а"), "Рaул".replace("a", "а")), ("ОО", "oo"), ("Rahim", "rahim")]
)  # fmt: skip
def test_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert lookalike_key(one) == lookalike_key(other)


def test_digits_and_letters_of_ascii_stay_two_names() -> None:
    assert len({lookalike_key(name) for name in ("rahim1", "rahiml", "rahimI0", "rahimIo")}) == 4
