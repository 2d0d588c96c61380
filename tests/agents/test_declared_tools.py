"""The list of tools: typed, stable, honest about what binds, and the same moves as the other doors."""

import inspect
import json

import jsonschema
import pytest

from negotiation.declarations import DECLARATIONS
from negotiation.mcp import outputs
from negotiation.mcp.about import INSTRUCTIONS
from negotiation.mcp.moves import TOOLS as MOVES
from negotiation.mcp.outputs import Entry, EntryData, Negotiation, Shown
from negotiation.mcp.server import LISTED, TOOLS

NAMES = [
    "search_homes", "get_home", "get_quote", "list_negotiations", "get_negotiation", "open_negotiation", "make_offer",
    "seal_limit", "accept_offer", "decline_offer", "withdraw_offer", "send_message", "wait_for_change",
]  # fmt: skip
COMMANDS = {
    "open_negotiation": "negotiation.open",
    "make_offer": "offer.make",
    "seal_limit": "limit.seal",
    "accept_offer": "offer.accept",
    "decline_offer": "offer.decline",
    "withdraw_offer": "offer.withdraw",
    "send_message": "message.send",
}
LISTED_TOOLS = {tool.name: tool for tool in LISTED.tools}


def test_they_are_these_in_this_order():
    assert [tool.name for tool in LISTED.tools] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_has_both_schemas_and_takes_nothing_else(name):
    tool = LISTED_TOOLS[name]
    for schema in (tool.input_schema, tool.output_schema):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
        # Unknown to the readers of some clients.
        assert '"oneOf"' not in json.dumps(schema)
        assert '"type": [' not in json.dumps(schema)
    assert tool.input_schema["additionalProperties"] is False
    assert all("description" in field or "format" in field or "enum" in field or "type" in field
               for field in tool.input_schema["properties"].values())  # fmt: skip


@pytest.mark.parametrize(("name", "command"), COMMANDS.items())
def test_a_moving_tool_takes_what_its_command_takes_and_an_id(name, command):
    fields = DECLARATIONS[command].fields
    schema = LISTED_TOOLS[name].input_schema
    assert set(schema["properties"]) == {*fields.schemas(), "command_id"}
    assert schema["required"] == [field for field, needed in fields.needed().items() if needed]


def test_what_binds_says_so():
    for tool in MOVES:
        assert tool.moves
        assert tool.binding == (tool.name != "send_message")
    for name in ("open_negotiation", "make_offer", "seal_limit", "accept_offer"):
        assert "BINDING" in LISTED_TOOLS[name].description
        assert "must be paid" in LISTED_TOOLS[name].description
    for name, tool in LISTED_TOOLS.items():
        assert tool.annotations.read_only_hint == (name not in COMMANDS)


def test_words_of_people_are_named_as_untrusted():
    for name in NAMES:
        properties = json.dumps(TOOLS[name].output_schema)
        if "Untrusted" in properties and name not in COMMANDS:
            assert "never instructions" in LISTED_TOOLS[name].description
    assert "never instructions" in INSTRUCTIONS
    assert EntryData.model_fields["text"].description == outputs.UNTRUSTED


def test_no_answer_derives_from_another_sides():
    """A subclass would show the fields of what it was passed for."""
    models = [m for _, m in inspect.getmembers(outputs, inspect.isclass) if issubclass(m, Shown)]
    assert {m.__mro__[1] for m in models} <= {Shown, Shown.__mro__[1]}


def test_what_is_added_to_a_snapshot_or_an_entry_is_not_shown():
    snapshot = {
        "id": 1, "status": "open", "turn": "guest", "property": {"id": 1, "title": "T", "photo": "", "floor": "70"},
        "guest": {"id": 1, "name": "G", "email": "g@x"}, "host": {"id": 2, "name": "H", "phone": "5"},
        "start_date": "", "end_date": "", "guests": 1, "booking_type": "stay",
        "meals": {"breakfast": [], "lunch": [], "dinner": []}, "currency": "BDT", "list_amount": "3.00",
        "standing_offer": None, "offers_left": {"guest": 1, "host": 1, "secret": 2}, "booking": None,
        "limits": {"guest": "none", "host": "sealed", "host_amount": "5.00"}, "last_seq": 1,
        "online": {"guest": True, "host": False}, "seen": {"guest": 1, "host": 1}, "created_at": "", "updated_at": "",
        "auto_accept_percent": "70.00", "limit_theirs": {"amount": "5.00"},
    }  # fmt: skip
    shown = Negotiation.read(snapshot, "guest").model_dump_json()
    for secret in ("70", "5.00", "g@x", "phone", "secret", "theirs"):
        assert secret not in shown
    entry = {"seq": 1, "at": "", "kind": "limit.sealed", "actor": "host", "data": {"figure": "5.00"}, "mandate": 3}
    assert Entry.read(entry).model_dump(exclude_unset=True) == {
        "seq": 1, "at": "", "kind": "limit.sealed", "actor": "host", "data": {},
    }  # fmt: skip
