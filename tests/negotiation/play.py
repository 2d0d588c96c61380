"""A haggle in a few words, for tests: two people, a home, and moves by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Mandate, Notification, User
from core import clock
from negotiation.engine.executor import execute_one
from negotiation.engine.outcomes import Outcome
from negotiation.engine.parsing import read_move
from negotiation.models import Entry, Negotiation
from negotiation.selectors.entries import list_entries
from negotiation.selectors.snapshots import snapshot
from negotiation.services.access import access_negotiation
from properties.models import Property
from tests.factories.stays import day, make_host, make_property, make_user


def move(
    kind: str,
    actor: User,
    *,
    at: datetime | None = None,
    key: str | None = None,
    mandate: Mandate | None = None,
    **fields: Any,
) -> Outcome:
    """One move through the services, at `at` (default: now); under a mandate, a machine's."""
    asked = read_move(kind, fields, actor_id=actor.pk, key=key, mandate_id=mandate.pk if mandate else None)
    return execute_one(asked, now=at or clock.now())


@dataclass
class Play:
    """A guest and a host about one home. `nights` are the first and the last day of the stay."""

    home: Property = field(default_factory=lambda: make_property(make_host(first_name="Hasan")))
    guest: User = field(default_factory=lambda: make_user(first_name="Rahim"))
    start: date = field(default_factory=lambda: day(0))
    end: date = field(default_factory=lambda: day(3))
    now: datetime = field(default_factory=clock.now)
    id: int = 0

    @property
    def host(self) -> User:
        return self.home.host

    @property
    def negotiation(self) -> Negotiation:
        return Negotiation.objects.get(pk=self.id)

    def open(self, amount: str | None = "2000.00", **fields: Any) -> Outcome:
        """The guest opens; 3,000.00 is the list amount of the default stay."""
        outcome = move(
            "negotiation.open", self.guest, at=self.now,
            **{
                "property": self.home.pk, "start_date": self.start.isoformat(), "end_date": self.end.isoformat(),
                "guests": 2, "booking_type": "stay", "amount": amount,
            } | fields,
        )  # fmt: skip
        self.id = outcome.negotiation_id
        return outcome

    def do(self, side: str, kind: str, **fields: Any) -> Outcome:
        """A move by one side in this negotiation."""
        actor = self.guest if side == "guest" else self.host
        return move(kind, actor, at=self.now, negotiation=self.id, **fields)

    def offer(self, side: str, amount: str | int, **fields: Any) -> Outcome:
        return self.do(side, "offer.make", amount=str(amount), **fields)

    def standing(self) -> int:
        """The id of the standing offer."""
        return self.negotiation.offers.get(status="standing").pk

    def answer(self, side: str, verb: str, **fields: Any) -> Outcome:
        """accept, decline or withdraw what stands."""
        return self.do(side, f"offer.{verb}", **{"offer": self.standing()} | fields)

    def seen_now(self) -> dict[str, Any]:
        """The snapshot, as somebody who reads at this moment gets it."""
        view, side = access_negotiation(self.id, user_id=self.guest.pk, now=self.now)
        return snapshot(view, side=side, absolute=str)

    def log(self) -> list[dict[str, Any]]:
        """The entries, as they travel."""
        return list_entries(self.id, limit=10_000)[0]

    def kinds(self) -> list[str]:
        """The log, as kinds."""
        return list(Entry.objects.filter(negotiation_id=self.id).order_by("seq").values_list("kind", flat=True))

    def told(self, side: str) -> list[str]:
        """The kinds of the notifications that a side got about this negotiation, in order."""
        user = self.guest if side == "guest" else self.host
        rows = Notification.objects.filter(user=user, negotiation_id=self.id)
        return list(rows.order_by("id").values_list("kind", flat=True))

    def later(self, **kwargs: float) -> None:
        """Moves the clock."""
        self.now += timedelta(**kwargs)


def opened(amount: str | None = "2000", **fields: Any) -> Play:
    """A haggle that has begun with a bid for the whole stay, or a question."""
    play = Play(**fields)
    assert code(play.open(amount, message=None if amount else "Hello?")) == "ok"
    return play


def code(outcome: Outcome) -> str:
    """The refusal's code, or ok."""
    return outcome.error.code if outcome.error else "ok"


def money(text: str) -> Decimal:
    return Decimal(text)
