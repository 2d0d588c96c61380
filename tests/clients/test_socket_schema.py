"""What AsyncAPI's own parser and generators need of the socket's schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from negotiation.live.asyncapi import document as socket_document
from negotiation.live.commands import COMMANDS
from tests.clients.npm_packages import FOLDER, run_node


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return socket_document()


def test_the_parser_finds_no_error_and_a_reply_for_each_command(
    node: Path, whole: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "asyncapi.json"
    path.write_text(json.dumps(whole))
    parsed = run_node("node", FOLDER / "check-asyncapi.mjs", path)
    assert parsed.returncode == 0, parsed.stdout
    assert parsed.stdout.strip() == f"{len(COMMANDS) + 1} operations, 0 without a reply"


def test_every_example_is_what_its_payload_says(whole: dict[str, Any]) -> None:
    for name, message in whole["components"]["messages"].items():
        assert message["title"], name
        validator = Draft202012Validator({**message["payload"], "components": whole["components"]})
        assert message["examples"], name
        for example in message["examples"]:
            assert [error.message for error in validator.iter_errors(example["payload"])] == [], name


def test_generators_find_a_name_and_a_type_everywhere(whole: dict[str, Any]) -> None:
    """Else Modelina and its like write AnonymousSchema and any."""
    for place, schema in schemas_in(whole["components"], ""):
        if "properties" in schema:
            assert schema.get("title"), f"{place} has no title"
        if {"const", "enum"} & set(schema):
            assert schema.get("type"), f"{place} has no type"
        assert schema != {"type": "object"}, f"{place} may hold anything"
    titles = [message["payload"].get("title") for message in whole["components"]["messages"].values()]
    named = [title for title in titles if title]
    assert len(set(named)) == len(named)


def schemas_in(part: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(where it stands, schema) of every object of the document but its examples."""
    if isinstance(part, list):
        for number, inner in enumerate(part):
            yield from schemas_in(inner, f"{place}/{number}")
    if isinstance(part, dict):
        if "properties" not in place.rsplit("/", 1)[-1]:
            yield place, part
        for name, inner in part.items():
            if name != "examples":
                yield from schemas_in(inner, f"{place}/{name}")
