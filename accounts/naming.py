"""What may be a person's name and what a user name.

Strangers see both: in mails, in a negotiation, beside an offer. So a name is one line without links, and a user name can
neither look like another one nor hide characters. Pure. Sources: Unicode Technical Standard 39, sections 4 (confusable
detection) and 5 (mixed scripts); Unicode Standard Annex 31, section 2.3 (joiners in Indic scripts).
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from confusable_homoglyphs import categories, confusables
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

JOINERS = "\u200c\u200d"
# Signs that a name may hold besides letters, marks, digits and spaces.
NAME_SIGNS = frozenset(" .,'’ʼ·()-‐‑")
USER_SIGNS = frozenset(".+-_")
VIRAMA_CLASS = 9
ANY_SCRIPT = frozenset({"COMMON", "INHERITED", "UNKNOWN"})
# Scripts that one written language uses together (UTS 39, section 5.1).
TOGETHER = (frozenset({"HAN", "HIRAGANA", "KATAKANA"}), frozenset({"HAN", "BOPOMOFO"}), frozenset({"HAN", "HANGUL"}))
# `evil.example`, of which mail programs make a link; `Md.Rahim`, `A.Khan` and `J.R.R.` are names.
_TITLES = frozenset({"md", "mst", "mr", "mrs", "ms", "dr", "st", "sk", "sh", "mohd", "prof", "engr", "adv", "al"})

ONE_LINE = _("Give a name of one line, without hidden characters.")
NO_LINK = _("Give a name of letters; addresses and links are not names.")
LETTERS = _("Letters, digits and . + - _ only, so no @.")
ONE_SCRIPT = _("Take all letters of a user name from one alphabet.")


def check_person_name(text: str) -> None:
    """Refuses what is no name of one line: control and format characters, and text that becomes a link. Raises ValidationError."""
    for place, character in enumerate(text):
        kind = unicodedata.category(character)
        if character in JOINERS:
            if not _joins(text, place):
                raise ValidationError(ONE_LINE)
        elif kind[0] == "C" or kind in ("Zl", "Zp"):
            raise ValidationError(ONE_LINE)
        elif kind[0] not in "LM" and kind != "Nd" and character not in NAME_SIGNS and kind != "Zs":
            raise ValidationError(NO_LINK)
    if any(_is_domain(word) for word in text.split()):
        raise ValidationError(NO_LINK)


def _is_domain(word: str) -> bool:
    """Whether a word has a dot before two letters, where no initial and no title stands before it."""
    parts = word.strip("".join(NAME_SIGNS)).split(".")
    return any(
        len(after) > 1 and not ((len(before) == 1 or before.lower() in _TITLES) and after[0] == after[0].upper())
        for before, after in pairwise(parts)
    )


def _joins(text: str, place: int) -> bool:
    """Whether a joiner stands beside a virama, where Bangla and its relatives need one."""
    beside = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
    return any(unicodedata.combining(character) == VIRAMA_CLASS for character in beside)


def normal_person_name(text: str) -> str:
    """The same name in the composed form, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()


def normal_user_name(text: str) -> str:
    """The form in which a user name is kept: full-width and other variants of a letter are that letter."""
    return unicodedata.normalize("NFKC", text)


def check_user_name(text: str) -> None:
    """Refuses what is no user name: other signs, hidden characters, letters of several alphabets. Raises ValidationError."""
    if not text or not all(_is_of_user_name(character) for character in text):
        raise ValidationError(LETTERS)
    if unicodedata.category(text[0])[0] == "M":
        raise ValidationError(LETTERS)
    if not is_one_script(text):
        raise ValidationError(ONE_SCRIPT)


def _is_of_user_name(character: str) -> bool:
    kind = unicodedata.category(character)
    return character in USER_SIGNS or kind[0] in "LM" or kind == "Nd"


def scripts_of(text: str) -> frozenset[str]:
    """The alphabets that a text is written in; signs that belong to all are left out."""
    return frozenset(categories.alias(character) for character in text) - ANY_SCRIPT


def is_one_script(text: str) -> bool:
    """Whether one alphabet, or those of one written language, would do for the text."""
    found = scripts_of(text)
    return len(found) <= 1 or any(found <= together for together in TOGETHER)


def lookalike_key(name: str) -> str:
    """What two user names that look alike have in common: letters of other alphabets as the ASCII that they look like.

    ASCII letters and digits stay themselves: `rahim1` and `rahiml` are two names, as they have always been.
    """
    return "".join(_ascii_twin(character) for character in name).casefold()


def _ascii_twin(character: str) -> str:
    if character.isascii():
        return character
    twins = (twin["c"].strip("\u200e") for twin in confusables.confusables_data.get(character, ()))
    plain = [twin for twin in twins if twin.isascii() and twin.isalnum()]
    # A stroke is an l rather than an I or a 1, a circle an o rather than a 0.
    return min(plain, key=lambda twin: (twin not in "lo", twin.isdigit(), len(twin), twin), default=character)
