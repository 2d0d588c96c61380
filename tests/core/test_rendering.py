"""REST's answers are the text that the framework's own renderer would write."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import gettext_lazy
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.serializer_helpers import ReturnDict

from core.api.rendering import FastJSONRenderer

VALUES: list[Any] = [
    None, {}, [], "", "বাংলা \u2028 \u2029 \x7f \" \\ / \n", "\ud800", 2**63, -(2**70), 1.5, 0.1, 1e22, 100000.0, True,
    {"a": Decimal("1.50"), "b": date(2026, 1, 2), "c": time(3, 4), "d": timedelta(1.5)},
    datetime(2026, 1, 2, 3, 4, 5, 678901, UTC), datetime(2026, 1, 2, 3, 4, 5),
    uuid.UUID(int=7), (1, (2, {3: "x"})), {"n": gettext_lazy("Search")}, ReturnDict({"x": [1]}, serializer=None),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("accept", [None, "application/json", "application/json; indent=2"])
def test_the_same_text(value, accept):
    def text_of(renderer: Any) -> Any:
        try:
            return renderer().render(value, accept, {})
        except Exception as error:
            return type(error)

    assert text_of(FastJSONRenderer) == text_of(JSONRenderer)
