"""docs/security.md names tests as proof; every one of them exists."""

import re

import pytest

from tests.servers import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)(?:::(test_\w+))?`", PAGE)))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_the_proof_is_there(file: str, test: str) -> None:
    source = (ROOT / "tests" / file).read_text()
    assert not test or re.search(rf"^\s*(async )?def {test}\(", source, re.M)


def test_the_page_names_proofs_at_all() -> None:
    assert len(NAMED) > 30
