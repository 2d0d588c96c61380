"""A haggle from the first look to the booking, by machines alone, as each era of the protocol speaks."""

import pytest

from negotiation.models import Negotiation
from tests.agents.machine import ERAS
from tests.factories.agents import make_key
from tests.negotiation.play import Play


def opening(play: Play, **fields):
    stay = {"start_date": str(play.start), "end_date": str(play.end), "guests": 2}
    return {"property": play.home.pk, **stay, "booking_type": "stay", "amount": "2000", **fields}


@pytest.mark.parametrize("era", ERAS)
def test_two_machines_agree_on_a_stay(machine, play, era):
    guest, host = machine(make_key(play.guest), era), machine(make_key(play.host), era)
    priced = guest.ask("get_quote", **{k: v for k, v in opening(play).items() if k != "amount"})
    assert (priced["stay"], priced["available"]) == ("3000.00", True)
    assert guest.ask("get_home", property=play.home.pk)["negotiation_availability"] is True
    room = guest.ask("open_negotiation", **opening(play, message="Hello"), command_id="open-1")
    assert (room["side"], room["turn"], room["standing_offer"]["amount"]) == ("guest", "host", "2000.00")
    asked = host.ask("make_offer", negotiation=room["id"], amount=2800.5, command_id="ask-1")
    assert asked["offer"]["amount"] == "2800.50"
    news = guest.ask("wait_for_change", negotiation=room["id"], after_seq=room["last_seq"])
    assert [(e["kind"], e["actor"], e["via"]) for e in news["entries"]] == [("offer.made", "host", "agent")]
    assert not news["timed_out"]
    agreed = guest.ask("accept_offer", negotiation=room["id"], offer=asked["offer"]["id"], command_id="yes-1")
    assert (agreed["booking"]["status"], agreed["booking"]["total"]) == ("confirmed", asked["offer"]["quote"]["total"])
    assert agreed["continue_url"].endswith(f"/bookings/{agreed['booking']['id']}/")
    told = host.ask("get_negotiation", negotiation=room["id"])
    assert (told["negotiation"]["status"], told["negotiation"]["booking"]) == ("accepted", agreed["booking"]["id"])
    assert [e["seq"] for e in told["entries"]] == list(range(1, told["negotiation"]["last_seq"] + 1))
    assert Negotiation.objects.get().status == "accepted"


@pytest.mark.parametrize("era", ERAS)
def test_the_other_moves(machine, play, era):
    guest, host = machine(make_key(play.guest), era), machine(make_key(play.host), era)
    question = guest.ask("open_negotiation", **opening(play, amount=None, message="Is there a desk?"))
    assert question["standing_offer"] is None
    said = host.ask("send_message", negotiation=question["id"], text="There is.", command_id="m-1")
    offered = host.ask("make_offer", negotiation=question["id"], amount="2700.00")
    sealed = guest.ask("seal_limit", negotiation=question["id"], amount="2500.00", command_id="s-1")
    assert sealed["limits"] == {"guest": "sealed", "host": "none"}
    assert "limit_mine" not in host.ask("get_negotiation", negotiation=question["id"])["negotiation"]
    mine = guest.ask("get_negotiation", negotiation=question["id"])["negotiation"]["limit_mine"]
    assert mine["amount"] == "2500.00"
    assert host.ask("withdraw_offer", negotiation=question["id"], offer=offered["offer"]["id"])["seq"] > said["seq"]
    room = guest.ask("open_negotiation", **opening(play))
    host.ask("decline_offer", negotiation=room["id"], offer=room["standing_offer"]["id"], reason="Too little")
    ended = guest.ask("get_negotiation", negotiation=room["id"], after_seq=room["last_seq"])
    assert ended["entries"][0]["data"]["reason"] == "Too little"


def test_limits_that_meet_are_a_booking(machine, play):
    guest, host = machine(make_key(play.guest)), machine(make_key(play.host))
    room = guest.ask("open_negotiation", **opening(play, amount=None, limit="2800.00"))
    met = host.ask("seal_limit", negotiation=room["id"], amount="2600.00")
    assert (met["booking"]["base_price"], met["limits"]) == ("2700.00", {"guest": "spent", "host": "spent"})
    assert met["continue_url"]
    kinds = [e["kind"] for e in guest.ask("get_negotiation", negotiation=room["id"])["entries"]]
    assert kinds[-3:] == ["limit.sealed", "limit.met", "offer.accepted"]


def test_the_same_command_twice_is_done_once(machine, play):
    guest = machine(make_key(play.guest))
    first, again = (guest.ask("open_negotiation", **opening(play), command_id="same") for _ in range(2))
    assert first["id"] == again["id"]
    assert Negotiation.objects.count() == 1
    other = guest.refused("open_negotiation", **opening(play, amount="2100"), command_id="same")
    assert other.code == "command.id_reused"


def test_lists_its_own_side_page_by_page(machine, play):
    guest = machine(make_key(play.guest))
    rooms = [play.open(start_date=str(play.start), end_date=str(play.end)).negotiation_id]
    play.answer("host", "decline")
    rooms.append(play.open().negotiation_id)
    page = guest.ask("list_negotiations", limit=1)
    assert ([n["id"] for n in page["negotiations"]], page["next"]) == (rooms[1:], rooms[1])
    rest = guest.ask("list_negotiations", limit=1, before=page["next"])
    assert ([n["id"] for n in rest["negotiations"]], rest["next"]) == (rooms[:1], None)
    assert [n["id"] for n in guest.ask("list_negotiations", status="declined")["negotiations"]] == rooms[:1]
    assert guest.refused("list_negotiations", status="lost").body["fields"]["status"]
    assert machine(make_key(play.host)).ask("list_negotiations", limit="1")["negotiations"][0]["side"] == "host"


def test_words_and_prices_are_read_by_the_rules_of_the_house(machine, play):
    """What a validator of the SDK would have eaten or bent arrives as it was sent."""
    guest = machine(make_key(play.guest))
    room = guest.ask("open_negotiation", **opening(play, message="null"))
    texts = [e["data"].get("text") for e in guest.ask("get_negotiation", negotiation=room["id"])["entries"]]
    assert texts[-1] == "null"
    guest.ask("send_message", negotiation=str(room["id"]), text="[5]")
    for amount in (True, "1e3", "12.345", "-1", 0, "off"):
        assert guest.refused("make_offer", negotiation=room["id"], amount=amount).body["fields"]["amount"]
    assert guest.refused("send_message", negotiation=True, text="x").body["fields"]["negotiation"]
    assert guest.refused("make_offer", negotiation=room["id"], amount="9", command_id="é").body["fields"]["command_id"]


def test_a_tool_that_is_not_there(machine, play):
    assert machine(make_key(play.guest)).refused("pay_booking").code == "command.unknown"
