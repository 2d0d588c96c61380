"""docs/protocol.md, /ws/schema/ and the code's tables say the same."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from accounts.events import NOTIFICATION_KINDS
from core.api.rate_limits import BURST, PER_SECOND
from core.errors import STATUS
from core.live.frames import MAX_FRAME
from core.live.socket import CLOSE_REASONS, MAX_REFUSALS
from negotiation.events import ENTRY_KINDS
from negotiation.live.asyncapi import document
from negotiation.live.asyncapi.objects import ENTRY_DATA, REPLY_DATA
from negotiation.live.commands import COMMANDS, MAX_ROOMS
from negotiation.live.sign_in import MAX_SOCKETS
from tests.hub.test_live_rooms import opened

PROTOCOL = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text()


def section(title: str) -> str:
    """From this heading to the next of its depth."""
    found = re.search(rf"^## {re.escape(title)}.*?(?=^## |\Z)", PROTOCOL, re.M | re.S)
    assert found, title
    return found[0]


def rows(text: str) -> list[list[str]]:
    """The cells of a section's table rows, without headings; a wide table is a list, its first cell in bold."""
    tables = re.findall(r"^\|.*\n\|-.*\n((?:\|.*\n?)*)", text, re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return found + [
        item(*parts) for parts in re.findall(r"^- \*\*(.+?)\*\*(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    ]


def item(name: str, rest: str) -> list[str]:
    """The cells of one item: `: cell`, ` — cell — cell`, or a line `  - heading: cell` for each."""
    cells = re.findall(r"^  - [^:]+: (.*?)(?=^  - |\Z)", rest, re.MULTILINE | re.DOTALL)
    cells = cells or (rest.split(" — ")[1:] if rest.startswith(" — ") else [rest.removeprefix(":")])
    return [" ".join(cell.split()) for cell in (name, *cells)]


def test_the_commands_are_those_of_the_code():
    told = {row[0].strip("`"): row[1] for row in rows(section("Commands"))}
    assert set(told) == set(COMMANDS) == set(REPLY_DATA)
    for name, command in COMMANDS.items():
        outside = re.sub(r"\(`?\{.*?\}`?\)", "", told[name])
        fields = {field: not rest.startswith("?") for field, rest in re.findall(r"`(\w+)`(\??)", outside)}
        assert fields == command.fields, name


def test_the_entries_are_those_of_the_code():
    told = {row[0].strip("`"): tuple(row[1].split(", ")) for row in rows(section("What the hub sends"))}
    assert told == ENTRY_KINDS
    assert set(ENTRY_DATA) == set(ENTRY_KINDS)


def test_the_error_codes_and_statuses_are_those_of_the_code():
    told = {}
    for statuses, codes in [row[:2] for row in rows(section("Error codes"))]:
        parts = codes.split(" · ")
        numbers = [int(number) for number in statuses.split(" · ")]
        for position, part in enumerate(parts):
            code = re.match(r"`([\w.]+)`", part)
            assert code, part
            told[code[1]] = numbers[position] if len(numbers) > 1 else numbers[0]
    assert told == STATUS


def test_the_close_codes_are_those_of_the_code():
    told = {int(row[0]) for row in rows(section("Connecting")) if row[0].isdigit()}
    assert told == set(CLOSE_REASONS)


def test_every_notification_is_told():
    pushed = re.search(r"\*\*Notifications\*\*.*?(?=^## )", PROTOCOL, re.M | re.S)
    assert pushed
    missing = [kind for kind in NOTIFICATION_KINDS if kind not in ENTRY_KINDS and f"`{kind}`" not in pushed[0]]
    assert not missing


@pytest.mark.parametrize(
    "words",
    [
        f"over {MAX_FRAME:,} bytes",
        f"{BURST} commands at once and {PER_SECOND} a second",
        f"after {MAX_REFUSALS} refusals in a row",
        f"{MAX_SOCKETS} sockets a user",
        f"{MAX_ROOMS} joined rooms a socket",
        "more than 1 MiB waits",
        "at most 300 entries a reply",
    ],
)
def test_the_limits_are_those_of_the_code(words):
    assert words in " ".join(PROTOCOL.split())


def refs(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in refs(value)]
    return [found for value in node for found in refs(value)] if isinstance(node, list) else []


def test_every_reference_of_the_schema_leads_somewhere():
    whole = document()
    assert whole["asyncapi"] == "3.0.0"
    for pointer in refs(whole):
        node: Any = whole
        for part in pointer.removeprefix("#/").split("/"):
            node = node[part]


def test_the_schema_is_public(client):
    answer = client.get("/ws/schema/")
    assert answer.status_code == 200
    assert answer.json() == document("testserver")
    assert client.get("/ws/schema/", secure=True).json()["servers"]["hub"]["protocol"] == "wss"


def test_its_names_are_such_as_asyncapi_allows():
    """AsyncAPI 3.0, Components Object; generators make file and class names of them."""
    for names in document()["components"].values():
        assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)


def test_what_the_hub_sends_is_what_the_schema_says(tab, play):
    guest, host = tab(play.guest), tab(play.host)
    id = opened(guest, play, message="Hello")
    host.call("negotiation.join", negotiation=id)
    host.call("typing.set", negotiation=id, typing=True)
    host.call("seen.mark", negotiation=id, seq=1)
    reply = host.call("offer.make", negotiation=id, amount="2900")
    check("reply.offer.make", {"type": "reply", "id": "a", "ok": True, "data": reply})
    guest.raw("{")
    booked = guest.call("offer.accept", negotiation=id, offer=reply["offer"]["id"])
    check("reply.offer.accept", {"type": "reply", "id": "a", "ok": True, "data": booked})
    page = guest.call("negotiation.join", negotiation=id)
    check("reply.negotiation.join", {"type": "reply", "id": "a", "ok": True, "data": page})
    host.call("notification.read", notification="all")
    host.wait("unread")
    seen = {frame["type"] for one in (guest, host) for frame in one.frames}
    assert {"entry", "welcome", "notification", "typing", "seen"} <= seen
    for frame in [*guest.frames, *host.frames]:
        check(frame["type"] if frame["type"] != "reply" else "refusal", frame)


def check(message: str, frame: dict[str, Any]) -> None:
    whole = document()
    schema = {**whole["components"]["messages"][message]["payload"], "components": whole["components"]}
    Draft202012Validator(schema).validate(frame)
