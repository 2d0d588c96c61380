"""Two parties, rivals, the clock and edits of the homes in any order: after every step every invariant holds.

A model of its own follows each log from entry to entry: what it comes to is the fresh snapshot (the law of the log).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core import clock
from core.errors import STATUS, DomainError
from negotiation.models import Negotiation
from negotiation.selectors.entries import list_entries
from negotiation.selectors.snapshots import get_view, snapshot
from negotiation.services.clock import decline_automatically, expire_offers, tell_expiring
from properties.services.blocks import block_nights, free_interval
from properties.services.listings import relist_property, unlist_property
from tests.factories.stays import day, make_host, make_property, make_user
from tests.negotiation.play import move
from tests.negotiation.world import check_world

# Stays that touch and overlap, and prices around the list amount of three nights at 1,000.00.
STAYS = [(0, 3), (2, 5), (3, 6), (0, 6)]
AMOUNTS = [900, 1500, 2000, 2400, 2700, 2950, 3000, 5000]
OUTCOMES = ("accept", "decline", "withdraw")


class Haggle(RuleBasedStateMachine):
    """What people, hosts and the clock may do; refusals are fine, broken promises are not."""

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now = clock.now()
        self.guests = [make_user(first_name="Rahim"), make_user(first_name="Karim")]
        hosts = [make_host(first_name="Hasan"), make_host(first_name="Salma")]
        self.homes = [
            make_property(hosts[0], offers_per_side=3),
            make_property(hosts[1], auto_accept_percent=90, auto_decline_percent=60),
        ]
        self.folded: dict[int, Folded] = {}
        self.keys = 0
        self.sent: list[tuple[str, Any, dict[str, Any], str, Any]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # -- people ------------------------------------------------------------------------------------------------------

    def do(self, kind: str, actor: Any, **fields: Any) -> None:
        self.keys += 1
        key = f"model-{id(self)}-{self.keys}"
        outcome = move(kind, actor, at=self.now, key=key, **fields)
        assert outcome.error is None or outcome.error.code in STATUS
        assert outcome.error is None or outcome.error.code != "unavailable"
        self.sent.append((kind, actor, fields, key, outcome.stored))

    @rule(
        guest=st.integers(0, 1),
        home=st.integers(0, 1),
        stay=st.sampled_from(STAYS),
        amount=st.sampled_from([None, *AMOUNTS]),
        message=st.sampled_from([None, "Hello"]),
    )
    def open(self, guest: int, home: int, stay: tuple[int, int], amount: int | None, message: str | None) -> None:
        self.do(
            "negotiation.open", self.guests[guest], property=self.homes[home].pk, amount=amount, message=message,
            start_date=day(stay[0]).isoformat(), end_date=day(stay[1]).isoformat(), guests=2, booking_type="stay",
        )  # fmt: skip

    def pick(self, which: int) -> Negotiation:
        rows = list(Negotiation.objects.filter(property__in=self.homes).order_by("id"))
        return rows[which % len(rows)]

    @property
    def opened(self) -> bool:
        return Negotiation.objects.filter(property__in=self.homes).exists()

    @precondition(lambda self: self.opened)
    @rule(which=st.integers(0, 9), guest=st.booleans(), amount=st.sampled_from(AMOUNTS), expires=st.just(300))
    def offer(self, which: int, guest: bool, amount: int, expires: int) -> None:
        n = self.pick(which)
        self.do("offer.make", n.guest if guest else n.host, negotiation=n.pk, amount=amount, expires_in=expires + which)

    @precondition(lambda self: self.opened)
    @rule(which=st.integers(0, 9), guest=st.booleans(), verb=st.sampled_from(OUTCOMES), stale=st.booleans())
    def answer(self, which: int, guest: bool, verb: str, stale: bool) -> None:
        n = self.pick(which)
        offers = n.offers.order_by("id")
        named = offers.first() if stale else offers.last()
        self.do(f"offer.{verb}", n.guest if guest else n.host, negotiation=n.pk, offer=named.pk if named else 1)

    @precondition(lambda self: self.opened)
    @rule(which=st.integers(0, 9), guest=st.booleans(), seconds=st.sampled_from([300, 600, 86_400]))
    def extend(self, which: int, guest: bool, seconds: int) -> None:
        n = self.pick(which)
        named = n.offers.order_by("id").last()
        self.do(
            "offer.extend", n.guest if guest else n.host, negotiation=n.pk, offer=named.pk if named else 1,
            expires_in=seconds,
        )  # fmt: skip

    @precondition(lambda self: self.opened)
    @rule(which=st.integers(0, 9), guest=st.booleans(), kind=st.sampled_from(["message.send", "negotiation.close"]))
    def speak(self, which: int, guest: bool, kind: str) -> None:
        n = self.pick(which)
        self.do(kind, n.guest if guest else n.host, negotiation=n.pk, text="Well?")

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 99))
    def repeat(self, which: int) -> None:
        kind, actor, fields, key, stored = self.sent[which % len(self.sent)]
        again = move(kind, actor, at=self.now, key=key, **fields)
        assert again.stored == stored

    # -- the clock and the homes -------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, 30, 61, 301, 3600, 90_000]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(job=st.sampled_from([expire_offers, decline_automatically, tell_expiring]))
    def tick(self, job: Callable[..., int]) -> None:
        job(self.now)

    @rule(home=st.integers(0, 1), stay=st.sampled_from(STAYS), verb=st.sampled_from([block_nights, free_interval]))
    def change_nights(self, home: int, stay: tuple[int, int], verb: Callable[..., None]) -> None:
        row = self.homes[home]
        self.edit(verb, property_id=row.pk, start_date=day(stay[0]), end_date=day(stay[1]), actor=row.host)

    @rule(home=st.integers(0, 1), verb=st.sampled_from([unlist_property, relist_property]))
    def change_listing(self, home: int, verb: Callable[..., Any]) -> None:
        self.edit(verb, property_id=self.homes[home].pk, actor=self.homes[home].host)

    def edit(self, verb: Callable[..., Any], **what: Any) -> None:
        with contextlib.suppress(DomainError), transaction.atomic():
            verb(**what, now=self.now)

    # -- what holds --------------------------------------------------------------------------------------------------

    @invariant()
    def the_world_is_in_order(self) -> None:
        check_world()

    @invariant()
    def the_log_comes_to_the_snapshot(self) -> None:
        for n in Negotiation.objects.filter(property__in=self.homes):
            folded = self.folded.setdefault(n.pk, Folded())
            entries, _ = list_entries(n.pk, after_seq=folded.last_seq, limit=10_000)
            for entry in entries:
                folded.apply(entry)
            view = get_view(n.pk)
            assert view is not None
            assert folded.seen() == {name: snapshot(view)[name] for name in folded.seen()}


class Folded:
    """What a client that only follows entries knows."""

    def __init__(self) -> None:
        self.status, self.turn, self.booking, self.last_seq = "open", None, None, 0
        self.standing: dict[str, Any] | None = None

    def seen(self) -> dict[str, Any]:
        return {
            "status": self.status, "turn": self.turn, "booking": self.booking, "last_seq": self.last_seq,
            "standing_offer": self.standing,
        }  # fmt: skip

    def apply(self, entry: dict[str, Any]) -> None:
        assert entry["seq"] == self.last_seq + 1
        self.last_seq = entry["seq"]
        kind, data = entry["kind"], entry["data"]
        if kind in ("offer.made", "offer.extended"):
            self.standing = data["offer"]
            self.turn = {"guest": "host", "host": "guest"}[entry["actor"]]
        elif kind not in ("negotiation.opened", "message.sent"):
            self.status = kind.split(".")[1]
            self.turn = self.standing = None
            self.booking = data.get("booking", self.booking)


@pytest.mark.django_db
def test_whatever_happens_the_promises_hold(rounds):
    """A run here is always the same; under --long each is another."""
    run_state_machine_as_test(
        Haggle,
        settings=settings(
            max_examples=rounds(6, 300),
            stateful_step_count=25,
            deadline=None,
            derandomize=rounds(1, 2) == 1,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
