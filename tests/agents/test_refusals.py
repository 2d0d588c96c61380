"""What is refused reaches the machine as code, message and params, through every client, and changes nothing."""

import pytest

from negotiation.mcp.server import TOOLS
from tests.agents.machine import ERAS
from tests.factories.accounts import make_mandate
from tests.factories.agents import make_key
from tests.negotiation.play import Play


@pytest.mark.parametrize("era", ERAS)
def test_it_is_one_text_block_of_json_and_the_same_beside_it(machine, play, era):
    play.open()
    result = machine(make_key(play.guest), era).call("make_offer", {"negotiation": play.id, "amount": "2500"})
    assert result["isError"] is True
    assert "structuredContent" not in result
    body = result["_meta"]["staynest/refusal"]
    assert set(body) == {"code", "message", "params"}
    assert body["code"] == "offer.not_your_turn"


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_no_tool_takes_a_name_that_it_does_not_have(machine, play, name):
    one = machine(make_key(play.guest))
    refusal = one.refused(name, amuont="5", nagotiation=1)
    assert refusal.code == "invalid"
    assert set(refusal.body["fields"]) == {"amuont", "nagotiation"}
    assert "This tool takes" in refusal.body["fields"]["amuont"][0]


def test_each_wrong_argument_is_named_with_its_remedy(machine, play):
    refusal = machine(make_key(play.guest)).refused(
        "open_negotiation", property="x", start_date="tomorrow", amount="1e3"
    )
    assert set(refusal.body["fields"]) == {"property", "start_date", "end_date", "guests", "booking_type", "amount"}
    assert "pydantic" not in str(refusal.body)


def test_what_the_mandate_does_not_allow(machine, play):
    _, key = make_mandate(play.guest, may=["read"])
    play.open()
    reader = machine(key)
    assert reader.ask("get_negotiation", negotiation=play.id)
    assert reader.refused("send_message", negotiation=play.id, text="x").code == "not_allowed"
    _, key = make_mandate(play.guest, may=["offer"])
    assert machine(key).refused("get_negotiation", negotiation=play.id).code == "not_allowed"
    assert machine(key).refused("list_negotiations").code == "not_allowed"
    assert machine(key).refused("wait_for_change", negotiation=play.id).code == "not_allowed"
    assert machine(key).ask(
        "get_quote", property=play.home.pk, start_date=str(play.start), end_date=str(play.end), guests=1
    )


def test_a_stale_offer_names_the_one_that_stands(machine, play: Play):
    first = play.open() and play.standing()
    play.offer("host", "2900.00")
    play.offer("guest", "2200.00")
    refusal = machine(make_key(play.host)).refused("accept_offer", negotiation=play.id, offer=first)
    assert (refusal.code, refusal.params["offer"]["amount"]) == ("offer.stale", "2200.00")


def test_what_is_not_there(machine, play):
    one = machine(make_key(play.guest))
    for tool, arguments in {
        "get_home": {"property": 999_999},
        "get_quote": {"property": 999_999, "start_date": "2027-01-01", "end_date": "2027-01-02", "guests": 1},
        "make_offer": {"negotiation": 999_999, "amount": "5"},
    }.items():
        assert one.refused(tool, **arguments).code == "not_found"


def test_what_is_beyond_the_mandate_names_its_limit(machine, play):
    _, key = make_mandate(play.guest, max_total="2400.00")
    stay = {"start_date": str(play.start), "end_date": str(play.end), "guests": 2, "booking_type": "stay"}
    one = machine(key)
    refusal = one.refused("open_negotiation", property=play.home.pk, **stay, amount="2200.00")
    assert (refusal.code, refusal.params["limit"]) == ("mandate.exceeded", "max_total")
    room = one.ask("open_negotiation", property=play.home.pk, **stay, amount="2000.00")
    assert one.refused("seal_limit", negotiation=room["id"], amount="2500.00").params["limit"] == "max_total"
