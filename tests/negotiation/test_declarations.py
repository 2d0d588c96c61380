"""What a command is stands in one place: the shipped client's types and both doors follow it."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from core.errors import DomainError
from negotiation.declarations import DECLARATIONS, Declaration
from negotiation.live.asyncapi import document
from negotiation.live.commands import COMMANDS, run_move
from negotiation.views.field_names import OPEN_NAMES, offer_names

TYPES = (Path(__file__).resolve().parents[2] / "negotiation/static/negotiation/hub/hub-client.d.ts").read_text()
MOVES = [declaration for declaration in DECLARATIONS.values() if declaration.move]
# command → the client's method for it; `open` takes its fields as one object.
METHODS = {
    "offer.make": "makeOffer", "offer.accept": "accept", "offer.decline": "decline", "offer.withdraw": "withdraw",
    "offer.extend": "extend", "negotiation.close": "closeQuestion", "message.send": "say", "typing.set": "typing",
    "seen.mark": "seen", "notification.read": "read", "negotiation.join": "join", "negotiation.leave": "leave",
    "limit.seal": "seal", "limit.unseal": "unseal",
}  # fmt: skip
EXTRAS = ("extra", "options")


def interface(name: str) -> dict[str, bool]:
    """field → whether it has to be given."""
    found = re.search(rf"interface {name} \{{(.*?)\n\}}", TYPES, re.S)
    assert found, name
    return {field: mark != "?" for field, mark in re.findall(r"^  (\w+)(\??):", found[1], re.M)}


def arguments(method: str) -> dict[str, bool]:
    found = re.search(rf"^  {method}\((.*?)\): ", TYPES, re.M)
    assert found, method
    given = {name: mark != "?" for name, mark in re.findall(r"(?:^|, )(\w+)(\??): ", found[1])}
    own = {name: needed for name, needed in given.items() if name not in EXTRAS}
    return own | (extras(found[1]) if "extra" in given else {})


def extras(given: str) -> dict[str, bool]:
    """The fields of a method's last argument, which are all optional: written there, or an `OfferExtra`."""
    inline = re.search(r"extra\?: \{(.*?)\}", given)
    return dict.fromkeys(re.findall(r"(\w+)\?:", inline[1]), False) if inline else interface("OfferExtra")


def test_the_clients_stay_has_the_fields_of_an_opening() -> None:
    assert interface("Stay") == DECLARATIONS["negotiation.open"].fields.needed()


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_the_client_has_the_fields_of_its_command(name: str) -> None:
    needed = DECLARATIONS[name].fields.needed()
    given = arguments(METHODS[name])
    assert {field for field, is_needed in needed.items() if is_needed} - {"notification"} == {
        field for field, is_needed in given.items() if is_needed
    }
    assert set(given) <= set(needed)


@pytest.mark.parametrize("declaration", MOVES, ids=lambda d: d.name)
def test_a_command_makes_the_move_of_its_name(declaration: Declaration) -> None:
    assert declaration.move is not None
    assert declaration.move.kind == declaration.name
    sources = {field.source or name for name, field in declaration.fields._declared_fields.items()}
    assert sources <= {field.name for field in fields(declaration.move)}


@pytest.mark.parametrize("declaration", DECLARATIONS.values(), ids=lambda d: d.name)
def test_every_field_that_is_needed_is_named_where_it_is_missing(declaration: Declaration) -> None:
    needed = {name for name, is_needed in declaration.fields.needed().items() if is_needed}
    if not needed:
        assert declaration.fields.read({}) == {}
        return
    with pytest.raises(DomainError) as refused:
        declaration.fields.read(dict.fromkeys(needed, ""))
    assert refused.value.fields == {name: ["This field is needed."] for name in needed}


def test_the_socket_runs_every_command_and_its_schema_shows_them() -> None:
    assert set(COMMANDS) == set(DECLARATIONS)
    assert all(declaration.move or COMMANDS[declaration.name].run is not run_move for declaration in _all())
    messages = document()["components"]["messages"]
    for declaration in _all():
        message = messages[f"command.{declaration.name}"]
        assert message["summary"] == declaration.description
        assert set(message["payload"]["properties"]) == {"id", "type", *declaration.fields.needed()}


def _all() -> list[Declaration]:
    return list(DECLARATIONS.values())


def test_rest_names_every_field_of_the_commands_that_it_renames() -> None:
    opening = DECLARATIONS["negotiation.open"].fields.needed()
    assert {*OPEN_NAMES.values(), "meals"} == set(opening)
    assert {*offer_names("guest_price").values(), "negotiation"} == set(DECLARATIONS["offer.make"].fields.needed())
