"""Strategies decide how far to go with the next price. They are pure: no clock, no network.

The first three strategies say what share of the distance from the first price to the limit is given up after a number of
offers (time-dependent tactics in Faratin, Sierra and Jennings, "Negotiation decision functions for autonomous agents",
1998). The others depend on what the other side does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Side = Literal["guest", "host"]
CENT = Decimal("0.01")
# The smallest concession, as a share of the list amount.
LEAST_STEP = Decimal("0.005")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The negotiation as one side sees it.

    `own` and `other` are the prices that the two sides have named, the oldest first. `left` is this side's number of offers.
    """

    side: Side
    start: Decimal
    limit: Decimal
    list_amount: Decimal
    own: tuple[Decimal, ...] = ()
    other: tuple[Decimal, ...] = ()
    left: int
    # The other side's standing price; None without one.
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
        """Returns the price at this share of the distance from the first price to the limit."""
        return self.start + (self.limit - self.start) * min(Decimal(1), max(Decimal(0), share))


def power(exponent: float) -> Callable[[View], Decimal]:
    """Returns a strategy that has gone (t / n) ** exponent of the distance after t of n further offers.

    An exponent below 1 concedes early, one above 1 late.
    """

    def price(view: View) -> Decimal:
        steps = view.made + view.left - 1
        share = Decimal(view.made) / steps if steps > 0 else Decimal(1)
        return view.between(Decimal(float(share) ** exponent))

    return price


def tit_for_tat(view: View) -> Decimal:
    """Returns a price that concedes as much as the other side's last price did; at first it concedes nothing."""
    if not view.own:
        return view.start
    given = abs(view.other[-1] - view.other[-2]) if len(view.other) > 1 else Decimal(0)
    return view.own[-1] + given if view.side == "guest" else view.own[-1] - given


def split_the_difference(view: View) -> Decimal:
    """Returns the price half-way between the two sides' last prices."""
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
    """An action: `accept`, `offer` with an amount, `seal` with the limit, or `decline`."""

    kind: Literal["accept", "offer", "seal", "decline"]
    amount: Decimal = field(default=Decimal(0))


def decide(view: View, strategy: Callable[[View], Decimal], *, seal: bool = False) -> Action:
    """Returns the action for this side's turn.

    It accepts a standing price that is within the limit and no worse than its own next price. After its last offer it
    accepts every price within the limit.
    """
    amount = next_amount(view, strategy) if view.left > 0 else None
    standing = view.standing if view.standing is not None and view.is_good(view.standing) else None
    if standing is not None and (amount is None or view.is_no_worse(standing, amount)):
        return Action("accept")
    if amount is not None:
        return Action("offer", amount)
    return Action("seal", view.limit) if seal else Action("decline")


def next_amount(view: View, strategy: Callable[[View], Decimal]) -> Decimal | None:
    """Returns the strategy's price, moved so that it is a concession within the limit; None where that is impossible."""
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
    """Whether the rules let this side offer the amount, given the standing offer."""
    if view.side == "guest":
        return amount < (view.list_amount if view.standing is None else view.standing)
    return amount <= view.list_amount if view.standing is None else amount > view.standing


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
