"""docs/staynest.md leads to files that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_that_the_map_names_exists() -> None:
    text = (ROOT / "docs/staynest.md").read_text()
    named = set(re.findall(r"`((?:core|accounts|properties|bookings|negotiation|tests)/[\w/.]*)`", text))
    assert len(named) > 50
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
