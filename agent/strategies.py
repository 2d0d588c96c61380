"""How far to go with the next price. Pure: no clock, no network.

Each strategy says what share of the way from its first price to its limit it has gone after so many of its offers. The
first three depend on how many offers are left (time-dependent tactics in Faratin, Sierra and Jennings, "Negotiation decision
functions for autonomous agents", 1998), the others on what the other side does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Side = Literal["guest", "host"]
CENT = Decimal("0.01")
# How much of the way a side goes at least where it goes on at all, as a share of the list amount.
LEAST_STEP = Decimal("0.005")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The table as one side sees it. `own` and `other` are the prices named so far, the oldest first; `left` its offers."""

    side: Side
    start: Decimal
    limit: Decimal
    list_amount: Decimal
    own: tuple[Decimal, ...] = ()
    other: tuple[Decimal, ...] = ()
    left: int
    # The other side's price that stands now, if one does.
    standing: Decimal | None = None

    @property
    def made(self) -> int:
        return len(self.own)

    def is_good(self, amount: Decimal) -> bool:
        """Whether the amount is within this side's limit."""
        return amount <= self.limit if self.side == "guest" else amount >= self.limit

    def is_no_worse(self, amount: Decimal, than: Decimal) -> bool:
        return amount <= than if self.side == "guest" else amount >= than

    def between(self, share: Decimal) -> Decimal:
        """The price that lies so much of the way from the first price to the limit."""
        return self.start + (self.limit - self.start) * min(Decimal(1), max(Decimal(0), share))


def power(exponent: float) -> Callable[[View], Decimal]:
    """After t of n further offers (t / n) ** exponent of the way is gone: below 1 early, above 1 late."""

    def price(view: View) -> Decimal:
        steps = view.made + view.left - 1
        share = Decimal(view.made) / steps if steps > 0 else Decimal(1)
        return view.between(Decimal(float(share) ** exponent))

    return price


def tit_for_tat(view: View) -> Decimal:
    """Goes as far as the other side went with its last price; at first nowhere."""
    if not view.own:
        return view.start
    given = abs(view.other[-1] - view.other[-2]) if len(view.other) > 1 else Decimal(0)
    return view.own[-1] + given if view.side == "guest" else view.own[-1] - given


def split_the_difference(view: View) -> Decimal:
    """Half-way between the two sides' last prices."""
    if not view.own or not view.other:
        return view.start
    return (view.own[-1] + view.other[-1]) / 2


STRATEGIES: dict[str, Callable[[View], Decimal]] = {
    "conceder": power(0.4),
    "linear": power(1.0),
    "boulware": power(3.0),
    "tit-for-tat": tit_for_tat,
    "split-the-difference": split_the_difference,
}


# -- what to do --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Action:
    """`accept`, `offer` with its amount, `seal` with the limit, or `decline`."""

    kind: Literal["accept", "offer", "seal", "decline"]
    amount: Decimal = field(default=Decimal(0))


def decide(view: View, strategy: Callable[[View], Decimal], *, seal: bool = False) -> Action:
    """The next action when it is this side's turn.

    What stands is accepted where it is within the limit and no worse than what would be named next; after the last offer
    where it is within the limit at all.
    """
    amount = next_amount(view, strategy) if view.left > 0 else None
    standing = view.standing if view.standing is not None and view.is_good(view.standing) else None
    if standing is not None and (amount is None or view.is_no_worse(standing, amount)):
        return Action("accept")
    if amount is not None:
        return Action("offer", amount)
    return Action("seal", view.limit) if seal else Action("decline")


def next_amount(view: View, strategy: Callable[[View], Decimal]) -> Decimal | None:
    """The strategy's price, made a concession within the limit; None where there is no room for one."""
    wanted = rounded(strategy(view))
    if view.own:
        step = rounded(max(CENT, view.list_amount * LEAST_STEP))
        least = view.own[-1] + step if view.side == "guest" else view.own[-1] - step
        wanted = max(wanted, least) if view.side == "guest" else min(wanted, least)
    wanted = min(wanted, view.limit) if view.side == "guest" else max(wanted, view.limit)
    if view.own and (wanted <= view.own[-1] if view.side == "guest" else wanted >= view.own[-1]):
        return None
    return wanted if is_concession(view, wanted) else None


def is_concession(view: View, amount: Decimal) -> bool:
    """Whether the rules of the haggle let this side name the amount beside what stands."""
    if view.side == "guest":
        return amount < (view.list_amount if view.standing is None else view.standing)
    return amount <= view.list_amount if view.standing is None else amount > view.standing


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
