"""What the import linter can't see: foreign keys keep to the floors, and a test that is named is there."""

import re
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("core", "accounts", "properties", "bookings", "negotiation")


def test_no_foreign_key_points_to_a_floor_above():
    for number, floor in enumerate(FLOORS):
        for model in apps.get_app_config(floor).get_models():
            keys = [field for field in model._meta.get_fields() if field.concrete and field.is_relation]
            above = {key.related_model._meta.app_label for key in keys} & {*FLOORS[number + 1 :]}
            assert not above, model


def test_a_test_that_is_named_exists():
    texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    texts += [path for floor in FLOORS for path in ROOT.glob(f"{floor}/**/*.py")]
    named = {name for text in texts for name in re.findall(r"`(tests/[\w/]+\.py)`", text.read_text())}
    assert len(named) > 1
    assert not {name for name in named if not (ROOT / name).exists()}


def test_services_and_selectors_know_no_request():
    inner = [path for room in ("services", "selectors", "engine") for path in ROOT.glob(f"*/{room}/**/*.py")]
    assert len(inner) > 50
    assert not [path.name for path in inner if re.search(r"^\s*(from|import) django\.http", path.read_text(), re.M)]
