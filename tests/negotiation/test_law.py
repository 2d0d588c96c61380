"""Random games of many people over the same homes, and after every step what must always be true."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import Notification, User
from bookings.models import Booking
from bookings.services.jobs import cancel_unpaid, expire_holds
from bookings.services.reserving import StayOrder, reserve_stay
from bookings.services.status_changes import change_status
from core.clock import stamp
from core.database import plain
from core.errors import DomainError
from negotiation.engine import executor
from negotiation.engine import transaction as engine_transaction
from negotiation.engine.memory import Memory
from negotiation.engine.outcomes import Outcome
from negotiation.engine.parsing import read_move
from negotiation.events import ENTRY_KINDS
from negotiation.models import Entry, Negotiation, Offer
from negotiation.moves import Move
from negotiation.selectors.entries import list_entries
from negotiation.selectors.snapshots import get_negotiation, snapshot
from negotiation.services import jobs
from negotiation.services.superseding import end_of_account
from properties.models import Property
from properties.services.blocks import block_nights, free_interval
from properties.services.listings import relist_property, unlist_property
from tests.factories.stays import day, make_meal, make_property, make_user
from tests.negotiation import law
from tests.negotiation.world import check_negotiation, check_nights, check_world, made

pytestmark = pytest.mark.django_db

STAYS = [(0, 3), (2, 5), (3, 6), (6, 8)]
NUMBERS = st.integers(0, 10**6)
SIDES = st.sampled_from(["guest", "host"])
PATIENCE = st.sampled_from([None, 300, 7200, 604_800])


class Haggling(RuleBasedStateMachine):
    """Three guests, two hosts, two homes, a clock; every move through the services, at `self.now`."""

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        engine_transaction._random = random.Random(5)  # the same game each time it is played
        self.now = datetime.combine(day(-9), time(9), UTC)
        self.homes = [make_property(auto_accept_percent=Decimal(90), auto_decline_percent=Decimal(30)), make_property()]
        self.meal = make_meal(self.homes[0])
        self.guests = [make_user() for _ in range(3)]
        self.memory = Memory()
        self.old: dict[int, dict[str, Any]] = {}
        self.sent: list[tuple[Move, Outcome, datetime]] = []
        self.checked: dict[int, str] = {}

    def teardown(self) -> None:
        try:
            check_world()
        finally:
            transaction.set_rollback(True)
            self.world.__exit__(None, None, None)

    # -- who and what ------------------------------------------------------------------------------------------------

    def pick(self, number: int) -> Negotiation:
        ids = list(Negotiation.objects.order_by("id").values_list("pk", flat=True))
        return Negotiation.objects.get(pk=ids[number % len(ids)])

    def actor(self, n: Negotiation, side: str) -> User:
        return n.guest if side == "guest" else n.host

    def do(self, kind: str, actor: User, **fields: Any) -> Outcome:
        """A move; a refused one changes nothing but what time had brought about."""
        self.now += timedelta(milliseconds=250)
        move = read_move(kind, fields, actor_id=actor.pk, key=f"k{self.now.timestamp()}")
        before = made(self.now)
        # Two thirds of the moves come to a process that remembers, the others to one that does not.
        memory = (lambda: self.memory) if self.now.microsecond % 750_000 else None
        outcome = plain.run(executor.carry_out([move], now=self.now, memory=memory))[0]
        if outcome.error is not None:
            assert outcome.error.code != "unavailable"
            assert before == made(self.now)
        self.sent.append((move, outcome, self.now))
        return outcome

    def call(self, service: Callable[..., Any], **fields: Any) -> None:
        self.now += timedelta(milliseconds=250)
        try:
            with transaction.atomic():
                service(**fields, now=self.now)
        except DomainError:
            return

    # -- moves -------------------------------------------------------------------------------------------------------

    @rule(home=NUMBERS, guest=NUMBERS, stay=st.sampled_from(STAYS), amount=st.integers(800, 3200), message=st.booleans(),
          question=st.booleans(), expires_in=PATIENCE, meals=st.booleans())  # fmt: skip
    def open(
        self, home: int, guest: int, stay: tuple[int, int], amount: int, message: bool, question: bool,
        expires_in: int | None, meals: bool,
    ) -> None:  # fmt: skip
        at = self.homes[home % 2]
        food = {"breakfast": [{"id": self.meal.pk, "quantity": 2, "date": None}]} if meals else None
        self.do(
            "negotiation.open", self.guests[guest % 3], property=at.pk, start_date=day(stay[0]).isoformat(),
            end_date=day(stay[1]).isoformat(), guests=1 + guest % 4, booking_type="stay_with_meal" if meals else "stay",
            amount=None if question else str(amount), message="Hello" if message or question else None,
            expires_in=expires_in, meals=food, limit=str(amount + 300) if guest % 4 == 0 else None,
        )  # fmt: skip

    @precondition(lambda self: Negotiation.objects.filter(status="open").exists())
    @rule(which=NUMBERS, side=SIDES, share=st.floats(0.0, 1.0), expires_in=PATIENCE, take_back=st.integers(0, 3))
    def seal(self, which: int, side: str, share: float, expires_in: int | None, take_back: int) -> None:
        """A limit between what is on offer, by either side; now and then one is taken back."""
        candidates = list(Negotiation.objects.filter(status="open").order_by("id"))
        n = candidates[which % len(candidates)]
        if take_back == 0:
            self.do("limit.unseal", self.actor(n, side), negotiation=n.pk)
            return
        low, high = n.last_bid or Decimal(1), n.last_ask or n.list_amount
        amount = (low + (high - low) * Decimal(str(share))).quantize(Decimal("0.01"))
        self.do("limit.seal", self.actor(n, side), negotiation=n.pk, amount=str(amount), expires_in=expires_in)

    @precondition(lambda self: Negotiation.objects.exists())
    @rule(which=NUMBERS, side=SIDES, amount=st.integers(800, 3200), message=st.booleans(), expires_in=PATIENCE)
    def offer(self, which: int, side: str, amount: int, message: bool, expires_in: int | None) -> None:
        n = self.pick(which)
        text = "And?" if message else None
        self.do(
            "offer.make", self.actor(n, side), negotiation=n.pk, amount=str(amount), expires_in=expires_in, message=text
        )

    @precondition(lambda self: Negotiation.objects.filter(status="open", has_offers=True).exists())
    @rule(which=NUMBERS, share=st.floats(0.1, 0.9))
    def counter(self, which: int, share: float) -> None:
        """An offer by whose turn it is, between the two that stand."""
        candidates = list(Negotiation.objects.filter(status="open", has_offers=True).order_by("id"))
        n = candidates[which % len(candidates)]
        low, high = n.last_bid or Decimal(0), n.last_ask or n.list_amount
        amount = (low + (high - low) * Decimal(str(share))).quantize(Decimal("0.01"))
        self.do("offer.make", self.actor(n, n.turn or "guest"), negotiation=n.pk, amount=str(amount))

    @precondition(lambda self: Offer.objects.exists())
    @rule(which=NUMBERS, side=SIDES, verb=st.sampled_from(["accept", "accept", "decline", "withdraw", "extend"]),
          older=st.booleans(), expires_in=PATIENCE)  # fmt: skip
    def answer(self, which: int, side: str, verb: str, older: bool, expires_in: int | None) -> None:
        n = self.pick(which)
        offers = list(n.offers.order_by("-id"))
        offer = offers[-1 if older else 0].pk if offers else 1
        self.do(
            f"offer.{verb}", self.actor(n, side), negotiation=n.pk, offer=offer, expires_in=expires_in or 400_000,
            reason="No." if verb == "decline" else None,
        )  # fmt: skip

    @precondition(lambda self: Negotiation.objects.exists())
    @rule(which=NUMBERS, side=SIDES, close=st.booleans())
    def talk(self, which: int, side: str, close: bool) -> None:
        n = self.pick(which)
        if close:
            self.do("negotiation.close", self.actor(n, side), negotiation=n.pk)
        else:
            self.do("message.send", self.actor(n, side), negotiation=n.pk, text="কেমন?")

    @precondition(lambda self: self.sent and self.now < self.sent[-1][2] + timedelta(hours=24))
    @rule(which=st.integers(0, 30))
    def repeat(self, which: int) -> None:
        """A command of the last 24 hours again: the same answer, and nothing more."""
        recent = [(move, outcome) for move, outcome, at in self.sent if self.now < at + timedelta(hours=24)]
        move, first = recent[-1 - which % len(recent)]
        before = Entry.objects.count()
        again = executor.execute_one(move, now=self.now)
        assert (again.replayed, again.stored) == (True, first.stored)
        assert Entry.objects.count() == before

    # -- the clock and the floors below ------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([20, 61, 301, 3600, 86_400, 3 * 86_400]), tick=st.booleans())
    def time_passes(self, seconds: int, tick: bool) -> None:
        self.now += timedelta(seconds=seconds)
        if tick:
            self.tick()

    @rule()
    def tick(self) -> None:
        for job in (jobs.decline_automatically, jobs.expire_offers, jobs.notify_expiring, expire_holds, cancel_unpaid):
            job(self.now)
            assert job(self.now) == 0

    @rule(home=NUMBERS, price=st.sampled_from([900, 1000, 1200]), percent=st.sampled_from([None, 60, 90]),
          a_side=st.sampled_from([1, 3, 5]), negotiable=st.booleans())  # fmt: skip
    def edit(self, home: int, price: int, percent: int | None, a_side: int, negotiable: bool) -> None:
        Property.objects.filter(pk=self.homes[home % 2].pk).update(
            price=price, auto_accept_percent=percent, offers_per_side=a_side, negotiable=negotiable or home % 3 > 0
        )

    @rule(home=NUMBERS)
    def off_the_market_or_back(self, home: int) -> None:
        row = Property.objects.get(pk=self.homes[home % 2].pk)
        change = unlist_property if row.status == "listed" else relist_property
        self.call(change, property_id=row.pk, actor=row.host)

    @rule(home=NUMBERS, stay=st.sampled_from(STAYS), free=st.booleans())
    def block(self, home: int, stay: tuple[int, int], free: bool) -> None:
        row = self.homes[home % 2]
        change = free_interval if free else block_nights
        self.call(change, property_id=row.pk, start_date=day(stay[0]), end_date=day(stay[1]), actor=row.host)

    @rule(home=NUMBERS, guest=NUMBERS, stay=st.sampled_from(STAYS))
    def reserve(self, home: int, guest: int, stay: tuple[int, int]) -> None:
        order = StayOrder(self.homes[home % 2].pk, "stay", day(stay[0]), day(stay[1]), 1)
        self.call(reserve_stay, actor=self.guests[guest % 3], order=order)

    @precondition(lambda self: Booking.objects.filter(status__in=["pending", "confirmed"]).exists())
    @rule(which=NUMBERS, word=st.sampled_from(["confirmed", "rejected", "cancelled"]))
    def change_a_booking(self, which: int, word: str) -> None:
        bookings = list(Booking.objects.filter(status__in=["pending", "confirmed"]).order_by("id"))
        booking = bookings[which % len(bookings)]
        self.call(change_status, actor=booking.host, booking_id=booking.pk, status=word)

    @rule(guest=NUMBERS)
    def an_account_is_closed(self, guest: int) -> None:
        if guest % 7 == 0:
            self.call(end_of_account, user_id=self.guests[2].pk)

    # -- what is always true -----------------------------------------------------------------------------------------

    @invariant()
    def what_was_moved_in_is_in_order(self) -> None:
        """The step's own negotiations; all of them once more in the end."""
        for n in self.touched():
            check_negotiation(n)
            self.check_law(n)
            check_told(n)
        check_nights()

    def touched(self) -> list[Negotiation]:
        """Negotiations whose row was written since the last look; each write gives it another `xmin` or place."""
        rows = Negotiation.objects.extra(select={"version": "xmin::text || ctid::text"})
        found = [n for n in rows if self.checked.get(n.pk) != n.version]
        self.checked |= {n.pk: n.version for n in found}
        return found

    def check_law(self, n: Negotiation) -> None:
        """The old snapshot and the entries after it are the fresh one, and so is the log from its first entry on."""
        view = get_negotiation(n.pk)
        assert view is not None
        fresh = snapshot(view, side="guest", absolute=str)
        old = self.old.setdefault(n.pk, fresh)
        entries, more = list_entries(n.pk, after_seq=old["last_seq"])
        assert not more
        assert law.durable(law.after(old, entries)) == law.durable(fresh)
        if n.pk % 3 == fresh["last_seq"] % 3:
            self.old[n.pk] = fresh
        alone = law.after(law.NOTHING, list_entries(n.pk)[0])
        assert {name: alone[name] for name in law.FROM_ENTRIES} == {name: fresh[name] for name in law.FROM_ENTRIES}

    @invariant()
    def what_is_read_is_never_past_its_time(self) -> None:
        for n in Negotiation.objects.filter(status="open"):
            view = get_negotiation(n.pk)
            assert view is not None
            shown = snapshot(view.as_of(self.now), side="guest", absolute=str)
            offer = shown["standing_offer"]
            assert offer is None or offer["expires_at"] > stamp(self.now)


def check_told(n: Negotiation) -> None:
    """Everybody was told exactly what was promised."""
    promised = law.promised(list_entries(n.pk)[0], by_rule=n.ended_by == "rule")
    for side, user_id in (("guest", n.guest_id), ("host", n.host_id)):
        told = Notification.objects.filter(user_id=user_id, negotiation_id=n.pk, kind__in=ENTRY_KINDS)
        assert Counter(told.values_list("kind", flat=True)) == promised[side], side


def test_random_games(rounds: Callable[[int, int], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_transaction, "_random", engine_transaction._random)
    run_state_machine_as_test(
        Haggling,
        settings=settings(
            max_examples=rounds(8, 400), stateful_step_count=rounds(30, 60), deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
