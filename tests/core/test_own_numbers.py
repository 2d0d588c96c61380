"""Counts on a page have the digits of its language, and choose their plural as any number does."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils import translation

TEXT = "{% load i18n page %}{% blocktranslate count n=number|own %}{{ n }} guest{% plural %}{{ n }} guests{% endblocktranslate %}"


@pytest.mark.parametrize(
    ("language", "number", "wanted"),
    [("en", 1, "1 guest"), ("en", 12, "12 guests"), ("bn", 1, "১ জন অতিথি"), ("bn", 1203, "১২০৩ জন অতিথি")],
)
def test_a_count_in_a_sentence(language: str, number: int, wanted: str) -> None:
    with translation.override(language):
        assert Template(TEXT).render(Context({"number": number})) == wanted


@pytest.mark.parametrize(("value", "wanted"), [(7, "৭"), (None, "None"), ("7", "7"), ("", "")])
def test_a_count_alone(value: object, wanted: str) -> None:
    with translation.override("bn"):
        assert Template("{% load page %}{{ value|own }}").render(Context({"value": value})) == wanted
