"""Every language says everything that the code says, with the same placeholders and tags."""

from __future__ import annotations

import pytest

from tools.messages import LOCALES, check, said

LANGUAGES = sorted(path.name for path in LOCALES.iterdir() if path.is_dir())


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_nothing_is_missing_out_of_date_or_unbalanced(domain: str) -> None:
    needed = said(domain)
    assert len(list(needed)) > 100
    assert LANGUAGES == ["bn"]
    for language in LANGUAGES:
        assert check(LOCALES / language / "LC_MESSAGES" / f"{domain}.po", needed) == []
