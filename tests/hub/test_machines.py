"""A machine's socket: what it may send, what it is told, and that it ends with its mandate."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Mandate, Notification
from accounts.services.mandates import lower_mandate, revoke_mandate
from bookings.models import Booking
from core import clock
from tests.factories.accounts import make_mandate
from tests.factories.stays import day
from tests.hub.tabs import Refused, Tab
from tests.negotiation.mandates import total
from tests.negotiation.play import Play, code, opened
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db(transaction=True)
Tabs = Callable[..., Tab]
UNAUTHORISED = 4401


def keyed(tab: Tabs, key: str, hub: int = 0) -> Tab:
    """A tab that signs in by a mandate's key."""
    return tab(None, hub, headers={"Authorization": f"Token {key}"})


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.code


def test_a_machine_haggles_and_the_other_side_sees_that_it_is_one(tab: Tabs, play: Play) -> None:
    mandate, key = make_mandate(play.guest)
    machine, host = keyed(tab, key), tab(play.host)
    welcome = machine.welcome()
    assert (welcome["user"]["id"], welcome["unread"]) == (play.guest.pk, 0)
    snapshot = machine.call(
        "negotiation.open", property=play.home.pk, start_date=play.start.isoformat(), end_date=play.end.isoformat(),
        guests=2, booking_type="stay", amount="2000",
    )  # fmt: skip
    play.id = snapshot["id"]
    told = host.wait("notification", negotiation=play.id)
    assert told["title"].startswith("Rahim's assistant ")
    joined = host.call("negotiation.join", negotiation=play.id)
    assert [entry["via"] for entry in joined["entries"]] == ["agent", "agent"]
    host.call("offer.make", negotiation=play.id, amount="2800")
    assert "via" not in machine.wait("entry", kind="offer.made", actor="host")
    offer = machine.call("negotiation.join", negotiation=play.id)["negotiation"]["standing_offer"]["id"]
    agreed = machine.call("offer.accept", negotiation=play.id, offer=offer)
    assert agreed["booking"]["payment_status"] == "due"
    assert host.wait("entry", kind="offer.accepted")["via"] == "agent"
    assert Mandate.objects.get(pk=mandate.pk).last_used_at is not None


def test_what_is_its_persons_it_neither_sends_nor_hears(tab: Tabs) -> None:
    play = opened("2000")
    _, key = make_mandate(play.guest, may=["read", "offer"])
    machine, person, host = keyed(tab, key), tab(play.guest), tab(play.host)
    machine.welcome()
    machine.call("negotiation.join", negotiation=play.id)
    assert refused(lambda: machine.call("notification.read", notification="all")) == "not_allowed"
    assert refused(lambda: machine.call("typing.set", negotiation=play.id, typing=True)) == "not_allowed"
    assert refused(lambda: machine.call("message.send", negotiation=play.id, text="Hi.")) == "not_allowed"
    assert refused(lambda: machine.call("pay.everything")) == "command.unknown"
    host.call("message.send", negotiation=play.id, text="Well?")
    person.wait("notification", kind="message.sent")
    machine.wait("entry", kind="message.sent")
    assert machine.silent("notification")
    assert Notification.objects.filter(user=play.guest, kind="message.sent").count() == 1


def test_a_room_of_its_persons_other_side_is_not_there(tab: Tabs) -> None:
    play = opened("2000")
    _, key = make_mandate(play.host, side="guest")
    machine = keyed(tab, key)
    machine.welcome()
    for call in (
        lambda: machine.call("negotiation.join", negotiation=play.id),
        lambda: machine.call("negotiation.leave", negotiation=play.id),
        lambda: machine.call("seen.mark", negotiation=play.id, seq=1),
        lambda: machine.call("typing.set", negotiation=play.id, typing=True),
        lambda: machine.call("message.send", negotiation=play.id, text="Hi."),
    ):
        assert refused(call) == "not_found"


def test_a_key_that_is_none_or_comes_as_a_ticket_opens_nothing(tab: Tabs) -> None:
    _, key = make_mandate(opened("2000").guest)
    assert keyed(tab, "agent_" + "x" * 43).closed() == UNAUTHORISED
    assert tab(None, query=f"?ticket={key}").closed() == UNAUTHORISED


@pytest.mark.parametrize("how", ["revoked", "lowered", "everywhere"])
def test_its_sockets_end_with_the_mandate_in_every_process(tab: Tabs, how: str) -> None:
    """Within two seconds; its person's own socket stays, unless they signed out everywhere."""
    play = opened("2000")
    mandate, key = make_mandate(play.guest, max_total=Decimal(9000))
    sockets = [keyed(tab, key, hub) for hub in (0, 1)]
    person = tab(play.guest)
    for socket in sockets:
        socket.welcome()
    change = {"mandate_id": mandate.pk, "user_id": play.guest.pk, "now": clock.now()}
    if how == "revoked":
        revoke_mandate(**change)
    elif how == "lowered":
        lower_mandate(changes={"max_total": Decimal(1)}, **change)
    else:
        Mandate.objects.filter(pk=mandate.pk).update(revoked_at=clock.now())
    began = time.monotonic()
    assert [socket.closed() for socket in sockets] == [UNAUTHORISED, UNAUTHORISED]
    assert time.monotonic() - began < 5
    person.call("ping")
    if how == "lowered":
        again = keyed(tab, key)
        again.welcome()
        assert refused(lambda: again.call("limit.seal", negotiation=play.id, amount="2500")) == "mandate.exceeded"
    else:
        assert keyed(tab, key).closed() == UNAUTHORISED


def test_accepts_at_once_through_two_processes_stay_within_the_sum(tab: Tabs) -> None:
    guest = opened("500").guest
    rooms = [Play(guest=guest, start=day(4 * n), end=day(4 * n + 3)) for n in range(1, 7)]
    for room in rooms:
        assert code(room.open("1000")) == "ok"
        assert code(room.offer("host", "2000")) == "ok"
    _, key = make_mandate(guest, max_total=2 * total("2000"))
    sockets = [keyed(tab, key, hub) for hub in (0, 1)]
    for socket in sockets:
        socket.welcome()

    def accept_three(number: int) -> list[str]:
        socket, told = sockets[number], []
        sent = [socket.send("offer.accept", negotiation=r.id, offer=r.standing()) for r in rooms[number::2]]
        for one in sent:
            try:
                socket.reply(one)
                told.append("ok")
            except Refused as refusal:
                told.append(refusal.code)
        return told

    with ThreadPoolExecutor(2) as pool:
        told = [word for words in pool.map(accept_three, (0, 1)) for word in words]
    assert sorted(told) == ["mandate.exceeded"] * 4 + ["ok"] * 2
    assert Booking.objects.filter(guest=guest).count() == 2
    check_world([room.id for room in rooms])


def test_it_has_half_of_its_persons_commands(tab: Tabs, serve: Any) -> None:
    play = opened("2000")
    _, key = make_mandate(play.guest)
    machine, person = keyed(tab, key), tab(play.guest)
    machine.welcome()
    told = [machine.raw(f'{{"id":"p-{n}","type":"ping"}}')["ok"] for n in range(20)]
    assert told[:15] == [True] * 15
    assert not all(told)
    person.call("ping")
