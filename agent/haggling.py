"""Plays one negotiation by a strategy, from the first price to the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agent.client import Refused, Table
from agent.strategies import STRATEGIES, Action, Side, View, decide

# Codes of refusals that mean that the state has changed: the agent reads it and decides again.
STALE = ("offer.stale", "offer.not_your_turn", "offer.not_a_concession", "offer.expired", "negotiation.closed")
MOST_LOOKS = 500
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The person's instructions: the first price and the limit, each an amount, or with % a share of the list amount."""

    strategy: str
    limit: str
    start: str = ""
    seal: bool = False


@dataclass(slots=True)
class Result:
    """The end of a negotiation: its status, the agreed amount, the booking, and how many prices this side named."""

    status: str
    amount: Decimal | None = None
    booking: int | None = None
    moves: int = 0


def amount_of(text: str, list_amount: Decimal) -> Decimal:
    """Returns the amount of `2800`, or of `80%` of the list amount, to two places. Raises ArithmeticError."""
    share = text.strip()
    amount = list_amount * Decimal(share[:-1]) / 100 if share.endswith("%") else Decimal(share)
    return amount.quantize(Decimal("0.01"))


class Haggle:
    """What the agent knows about one negotiation: the log so far, and the state that follows from it."""

    def __init__(self, table: Table, plan: Plan, negotiation: Mapping[str, Any], say: Say) -> None:
        self.table, self.plan, self.say = table, plan, say
        self.now = negotiation
        self.side: Side = negotiation["side"]
        self.seq = 0
        self.prices: dict[str, list[Decimal]] = {"guest": [], "host": []}
        # The price of an agreement: the last one that was named, or the one at which two limits met.
        self.last: Decimal | None = None

    async def play(self) -> Result:
        """Plays until the negotiation has ended, or this side can do nothing more in it."""
        acts = False
        for _ in range(MOST_LOOKS):
            await self.look(wait=not acts)
            if self.now["status"] != "open":
                break
            action = self.next_action() if self.is_mine else None
            acts = False
            if action is None:
                continue
            try:
                await self.act(action)
            except Refused as refused:
                self.say(f"   refused: {refused}")
                if refused.code not in STALE:
                    break
            acts = True
        return self.result()

    def next_action(self) -> Action | None:
        """Returns the next action; None while a sealed limit may still meet the other's and no standing offer is good."""
        own_limit = self.now["limits"][self.side]
        seal = self.plan.seal and own_limit == "none"
        action = decide(self.view(), STRATEGIES[self.plan.strategy], seal=seal)
        return action if own_limit != "sealed" or action.kind == "accept" else None

    @property
    def is_mine(self) -> bool:
        """Whether it is this side's turn, or either side may begin and this one is the host."""
        return self.now["turn"] == self.side or (self.now["turn"] is None and self.side == "host")

    async def look(self, *, wait: bool) -> None:
        """Reads new entries; with `wait` it waits for them, because it is the other side's turn."""
        tool = "wait_for_change" if wait else "get_negotiation"
        found = await self.table.ask(tool, negotiation=self.now["id"], after_seq=self.seq)
        self.now = found["negotiation"]
        for entry in found["entries"]:
            self.seq = entry["seq"]
            self.note(entry)

    def note(self, entry: Mapping[str, Any]) -> None:
        offer = entry["data"].get("offer")
        if isinstance(offer, Mapping):
            self.last = Decimal(offer["amount"])
            if entry["kind"] == "offer.made":
                self.prices[entry["actor"]].append(self.last)
        arrow = "→" if entry["actor"] == self.side else "←"
        told = offer["amount"] if isinstance(offer, Mapping) else entry["data"].get("text") or ""
        by = " (a machine)" if entry.get("via") else ""
        self.say(f" {arrow} {entry['kind']} {told}".rstrip() + by)

    def view(self) -> View:
        other: Side = "host" if self.side == "guest" else "guest"
        list_amount = Decimal(self.now["list_amount"])
        standing = self.now["standing_offer"]
        return View(
            side=self.side,
            start=amount_of(self.plan.start or ("60%" if self.side == "guest" else "100%"), list_amount),
            limit=amount_of(self.plan.limit, list_amount),
            list_amount=list_amount,
            own=tuple(self.prices[self.side]),
            other=tuple(self.prices[other]),
            left=self.now["offers_left"][self.side],
            standing=Decimal(standing["amount"]) if standing and standing["by"] == other else None,
        )

    async def act(self, action: Action) -> None:
        room, standing = self.now["id"], self.now["standing_offer"]
        if action.kind == "accept":
            done = await self.table.move("accept_offer", negotiation=room, offer=standing["id"])
            self.say(
                f"   booked at {done['booking']['total']} {done['booking']['currency']}; pay: {done['continue_url']}"
            )
        elif action.kind == "offer":
            await self.table.move("make_offer", negotiation=room, amount=str(action.amount))
        elif action.kind == "seal":
            await self.table.move("seal_limit", negotiation=room, amount=str(action.amount))
        elif standing is not None:
            await self.table.move("decline_offer", negotiation=room, offer=standing["id"])

    def result(self) -> Result:
        agreed = self.now["status"] == "accepted"
        return Result(
            status=self.now["status"],
            amount=self.last if agreed else None,
            booking=self.now["booking"],
            moves=len(self.prices[self.side]),
        )
