"""The house agent: its strategies by the rules of the haggle, and two of them at a real table."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.client import KeyEnded, Table
from agent.haggling import Haggle, Plan, amount_of
from agent.strategies import STRATEGIES, View, decide
from bookings.models import Booking
from tests.agents.test_haggling import opening
from tests.factories.agents import make_key
from tests.hub.tabs import Tab
from tests.waiting import until

LIST = Decimal("3000.00")


def view(side="guest", **known):
    ends = {"guest": ("1800", "2700"), "host": ("3000", "2400")}[side]
    return View(
        **{"side": side, "start": Decimal(ends[0]), "limit": Decimal(ends[1]), "list_amount": LIST, "left": 4} | known
    )


def price_after(name, made, left):
    """What a guest's strategy names next, after `made` of its prices."""
    return decide(view(own=tuple(Decimal(1800 + 10 * i) for i in range(made)), left=left), STRATEGIES[name]).amount


def test_the_ways_from_the_first_price_to_the_limit():
    early, even, late = (price_after(name, 2, 3) for name in ("conceder", "linear", "boulware"))
    assert late < even < early
    assert even == Decimal("2250.00")
    for name in ("conceder", "linear", "boulware"):
        assert price_after(name, 0, 5) == Decimal("1800.00")
        assert price_after(name, 4, 1) == Decimal("2700.00")


def test_tit_for_tat_gives_what_it_is_given():
    table = view(own=(Decimal(1800),), other=(Decimal(3000), Decimal(2900)), standing=Decimal(2900))
    assert decide(table, STRATEGIES["tit-for-tat"]).amount == Decimal("1900.00")


def test_splitting_meets_half_way():
    table = view(own=(Decimal(1800),), other=(Decimal(3000),), standing=Decimal(3000))
    assert decide(table, STRATEGIES["split-the-difference"]).amount == Decimal("2400.00")


def test_what_is_good_enough_is_accepted_and_what_is_beyond_the_limit_never():
    linear = STRATEGIES["linear"]
    assert decide(view(standing=Decimal(1700)), linear).kind == "accept"
    assert decide(view(left=0, standing=Decimal(2700)), linear).kind == "accept"
    assert decide(view(left=0, standing=Decimal("2700.01")), linear).kind == "decline"
    assert decide(view(left=0, standing=Decimal(2800)), linear, seal=True).kind == "seal"
    assert decide(view("host", left=0, standing=Decimal(2400)), linear).kind == "accept"
    assert decide(view("host", left=0, standing=Decimal(2399)), linear).kind == "decline"


cents = st.integers(50_000, 300_000).map(lambda n: Decimal(n) / 100)


@given(
    guest=st.sampled_from(sorted(STRATEGIES)), host=st.sampled_from(sorted(STRATEGIES)), most=cents, least=cents,
    left=st.integers(1, 8),
)  # fmt: skip
def test_every_price_is_a_concession_within_the_limit_and_every_haggle_ends(guest, host, most, least, left):
    """Whatever two strategies meet, by the rules of docs/protocol.md: bids rise, asks fall, none reaches the other's."""
    ends = {"guest": (min(most, Decimal(1500)), most), "host": (LIST, least)}
    names, prices, offers = {"guest": guest, "host": host}, {"guest": [], "host": []}, {"guest": left, "host": left}
    side, other, standing = "guest", "host", None
    for _ in range(4 * left + 4):
        table = View(
            side=side, start=ends[side][0], limit=ends[side][1], list_amount=LIST, own=tuple(prices[side]),
            other=tuple(prices[other]), left=offers[side], standing=standing,
        )  # fmt: skip
        action = decide(table, STRATEGIES[names[side]])
        if action.kind == "accept":
            assert table.is_good(standing)
        if action.kind != "offer":
            return
        own, amount = prices[side], action.amount
        assert table.is_good(amount)
        assert amount > 0
        assert not own or (amount > own[-1] if side == "guest" else amount < own[-1])
        assert standing is None or (amount < standing if side == "guest" else amount > standing)
        own.append(amount)
        offers[side] -= 1
        side, other, standing = other, side, amount
    raise AssertionError("it goes on for ever")


def test_amounts_and_shares():
    assert amount_of("80%", LIST) == Decimal("2400.00")
    assert amount_of(" 2800 ", LIST) == Decimal("2800.00")
    with pytest.raises(ArithmeticError):
        amount_of("much", LIST)


def haggle(server, play, room, guest, host):
    """Two house agents in a room; what each came to."""
    keys = make_key(play.guest), make_key(play.host)

    async def side(key, plan):
        async with Table(server.url, key) as table:
            found = await table.ask("get_negotiation", negotiation=room["id"])
            return await Haggle(table, plan, found["negotiation"], lambda text: None).play()

    async def both():
        return await asyncio.wait_for(asyncio.gather(side(keys[0], guest), side(keys[1], host)), 60)

    return asyncio.run(both())


@pytest.mark.parametrize("strategies", [("linear", "conceder"), ("conceder", "tit-for-tat")])
def test_two_of_them_agree_within_both_limits(server, play, machine, strategies):
    room = machine(make_key(play.guest)).ask("open_negotiation", **opening(play, amount="1500"))
    plans = Plan(strategy=strategies[0], limit="2700"), Plan(strategy=strategies[1], limit="80%")
    guest, host = haggle(server, play, room, *plans)
    assert guest.status == host.status == "accepted"
    assert Decimal(2400) <= guest.amount <= Decimal(2700)
    booking = Booking.objects.get()
    assert (guest.booking, host.booking) == (booking.pk, booking.pk)
    assert guest.amount == host.amount == booking.base_price


def test_limits_that_do_not_cross_end_without_a_booking(server, play, machine):
    room = machine(make_key(play.guest)).ask("open_negotiation", **opening(play, amount="1500"))
    plans = Plan(strategy="boulware", limit="2000"), Plan(strategy="tit-for-tat", limit="90%")
    guest, _ = haggle(server, play, room, *plans)
    assert (guest.status, guest.amount) == ("declined", None)
    assert not Booking.objects.exists()


def test_a_person_takes_over_from_their_machine_and_goes_on(server, play, machine):
    """The host's machine asks twice, then its person names a price by hand, which the guest's machine can accept."""
    room = machine(make_key(play.guest)).ask("open_negotiation", **opening(play, amount="1500"))
    key = make_key(play.guest)
    machine(make_key(play.host)).ask("make_offer", negotiation=room["id"], amount="2990")

    async def guest():
        async with Table(server.url, key) as table:
            plan = Plan(strategy="linear", limit="2000")
            found = await table.ask("get_negotiation", negotiation=room["id"])
            return await asyncio.wait_for(Haggle(table, plan, found["negotiation"], lambda text: None).play(), 60)

    def host():
        with Tab(server.ws_url, play.host) as tab:
            tab.welcome()
            tab.call("negotiation.join", negotiation=room["id"], after_seq=0)
            tab.wait("entry", kind="offer.made", actor="guest")
            tab.call("offer.make", negotiation=room["id"], amount="1900.00")

    with ThreadPoolExecutor(1) as pool:
        person = pool.submit(host)
        until(lambda: person.running())
        result = asyncio.run(guest())
        person.result(20)
    assert (result.status, result.amount) == ("accepted", Decimal("1900.00"))


def test_a_key_that_opens_nothing_is_told_as_such(server, transactional_db):
    async def ask():
        async with Table(server.url, "agent_wrong") as table:
            await table.ask("list_negotiations")

    with pytest.raises(KeyEnded):
        asyncio.run(ask())
