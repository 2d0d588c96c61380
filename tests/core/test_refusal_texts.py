"""Refusals come in the reader's language: every text is in the catalogue, whatever door shows it, also to a repeat."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation
from rest_framework import serializers

from core.api.exceptions import from_validation
from core.api.serializers import TolerantSerializer
from core.errors import MESSAGES, Code, DomainError, invalid
from core.said import Said, named, said, together, translated
from tools.messages import APPS, ROOT
from tools.refusal_texts import CALLS, SAID, arguments, name_of

BANGLA = range(0x0980, 0x0A00)


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())) if path != ROOT / "core/said.py" else ():
                if isinstance(node, ast.Call) and name_of(node) in CALLS:
                    yield path, node


def test_no_refusal_has_a_text_that_the_catalogue_can_not_have() -> None:
    """An f-string is another text for each value; `said` takes a constant, or one of several."""
    wrong = []
    for path, call in calls():
        for part in arguments(call):
            bare = any(isinstance(inner, ast.JoinedStr) for inner in ast.walk(part))
            variable = name_of(call) == "said" and not isinstance(part, ast.Constant | ast.IfExp)
            if bare or (variable and path.name != "said.py"):
                wrong.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert wrong == []
    assert sum(name_of(call) in SAID for _, call in calls()) > 100


@pytest.mark.parametrize("code", list(MESSAGES))
def test_every_code_s_own_text_is_said_in_bangla(code: Code) -> None:
    with translation.override("bn"):
        assert any(ord(letter) in BANGLA for letter in DomainError(code).translated().message)


def test_values_are_written_as_the_language_writes_them() -> None:
    many = said("You keep %(most)s homes already; take some out first.", most=500)
    assert many == "You keep 500 homes already; take some out first."
    payable = said(
        "%(total)s can't be paid at once; %(least)s to %(most)s can.", total=("1200000.00", "BDT"), least=1, most=2
    )
    assert payable == "1200000.00 BDT can't be paid at once; 1 to 2 can."
    with translation.override("bn"):
        assert "৫০০" in translated(many)
        assert "500" not in translated(many)
        assert "৳১২,০০,০০০" in translated(payable)


def test_a_refusal_is_english_where_it_is_kept_and_as_it_was_after_it() -> None:
    text = said("The property takes at most %(most)s guests.", most=4)
    refusal = invalid(guests=text, photo=[named("cat.png", together([text, said("Make it smaller.")]))])
    with translation.override("bn"):
        stored = json.loads(json.dumps(refusal.as_stored()))
        again = DomainError.from_dict(stored)
        assert again.translated().as_dict() == refusal.translated().as_dict()
        assert again.translated().fields["guests"] == ["এই বাসায় সর্বোচ্চ ৪ জন অতিথি থাকতে পারেন।"]
        assert again.translated().message == "guests: এই বাসায় সর্বোচ্চ ৪ জন অতিথি থাকতে পারেন।"
    assert stored["fields"]["guests"] == ["The property takes at most 4 guests."]
    assert again.as_dict() == refusal.as_dict() == refusal.translated().as_dict()


def test_what_people_wrote_is_no_template_and_never_translated() -> None:
    with translation.override("bn"):
        assert translated("100 % of %(this)s") == "100 % of %(this)s"
        assert translated("") == ""
        shown = translated(said("There is no kind %(unknown)s.", unknown="Sign in first."))
        assert "Sign in first." in shown


class Sample(TolerantSerializer):
    title = serializers.CharField(max_length=3)
    share = serializers.DecimalField(max_digits=4, decimal_places=2, max_value=Decimal(9))
    kind = serializers.IntegerField(min_value=5)


def test_the_framework_s_own_texts_are_found_again_behind_their_values() -> None:
    sample = Sample(data={"title": "four", "share": "12345", "kind": 1})
    assert not sample.is_valid()
    refusal = from_validation(sample.errors)
    assert refusal.fields["title"] == ["At most 3 characters."]
    with translation.override("bn"):
        told = refusal.translated().fields
    assert told["title"] == ["সর্বোচ্চ ৩ অক্ষর।"]
    assert told["kind"] == ["অন্তত ৫, এমন একটি পূর্ণ সংখ্যা দিন।"]
    assert told["share"] == ["সর্বোচ্চ ৪ অঙ্কের একটি সংখ্যা দিন।"]


def test_a_text_of_ours_comes_through_the_framework_whole() -> None:
    error = serializers.ValidationError({"near": said("Give %(count)s numbers with commas between.", count=4)})
    [text] = from_validation(error.detail).fields["near"]
    assert isinstance(text, Said)
    assert text.values == {"count": 4}
