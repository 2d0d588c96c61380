"""What the import linter can't see: foreign keys keep to the floors, and a test that is named is there."""

import re
import subprocess
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


QUERY = re.compile(
    r"\.objects\b|\b_(?:default|base)_manager\b|\bget_(?:object|list)_or_404\b|\bfetch_rows\b|\bconnection\.cursor\b|\.cursor\(\)"
    r"|\.(?:filter|exclude|values_list|select_related|prefetch_related|get_queryset|refresh_from_db)\("
)
WRITE = re.compile(
    r"\.(?:save|create|update|delete|bulk_create|bulk_update|get_or_create|update_or_create|select_for_update)\("
    r"|\b(?:INSERT INTO|DELETE FROM|TRUNCATE)\b|\bUPDATE \w+ SET\b|\bFOR (?:NO KEY )?UPDATE\b"
)
# A document of the schema by this name, no query.
OTHER_OBJECTS = re.compile(r"live\.asyncapi\.objects")


def test_doors_ask_selectors_and_selectors_write_nothing():
    doors = [
        path for room in ("views", "pages", "serializers", "live", "mcp") for path in ROOT.glob(f"*/{room}/**/*.py")
    ]
    doors += [path for name in ("*serializers", "*urls", "authentication") for path in ROOT.glob(f"*/{name}.py")]
    doors = [path for path in doors if path.relative_to(ROOT).parts[0] in FLOORS[1:]]
    selectors = [*ROOT.glob("*/selectors/**/*.py")]
    assert (len(doors) > 100, len(selectors) > 50) == (True, True)
    assert _lines(doors, QUERY) == []
    assert _lines(selectors, WRITE) == []


def _lines(paths, pattern):
    lines = [(path, line) for path in paths for line in path.read_text().splitlines()]
    return [f"{path.relative_to(ROOT)}: {line}" for path, line in lines if pattern.search(OTHER_OBJECTS.sub("", line))]


MOST_LINES = 300


def test_files_are_short():
    paths = [path for path in tracked("*.py", "*.js", "*.mjs", "*.css") if not {"migrations", "vendor"} & {*path.parts}]
    assert len(paths) > 500
    long = {str(path) for path in paths if len((ROOT / path).read_text().splitlines()) > MOST_LINES}
    assert not long, "split them by noun"


def tracked(*patterns):
    """The files of the tree, as git knows them; where it is no checkout, those that lie outside of hidden folders."""
    listed = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).exists()]
    found = [path.relative_to(ROOT) for pattern in patterns for path in ROOT.rglob(pattern)]
    return [
        path for path in found if not [part for part in path.parts if part.startswith(".") or part == "node_modules"]
    ]
