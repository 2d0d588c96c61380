"""The machine that makes the present move: for which side, under which mandate, and what its moves commit to.

It is empty where a person or the clock makes the move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.rules.mandates import check_may
from core.errors import not_found
from negotiation.engine.draft import Draft, NewStake
from negotiation.engine.loaded import HeldMandate, StakeKind
from negotiation.events import AGENT
from negotiation.rules.mandates import check_people_only
from negotiation.rules.negotiation_state import Side


@dataclass(slots=True, kw_only=True)
class Machine:
    """The state of machines in a unit of work.

    `mandates`, `people_only` and `seals` are of all moves together; each mandate's row is locked. `held`, `needed` and
    `side` are of the present move.
    """

    mandates: dict[int, HeldMandate] = field(default_factory=dict)
    # Ids of properties on which only people may negotiate.
    people_only: frozenset[int] = frozenset()
    # (negotiation, side, number of that side's seal) of seals that machines made.
    seals: set[tuple[int, str, int]] = field(default_factory=set)
    held: HeldMandate | None = None
    # The permissions that the move needs from the mandate.
    needed: Sequence[str] = ()
    # The side that the machine moves for; None until `let_in` has found it.
    side: Side | None = None

    def take_up(self, held: HeldMandate | None, needed: Sequence[str]) -> None:
        """Starts the next move, under the mandate `held`; None for a move of a person or the clock."""
        self.held, self.needed, self.side = held, needed, None

    def let_in(self, property_id: int, side: Side) -> None:
        """Lets the machine move for `side` on the property.

        Raises not_found for a side that the mandate is not for, and not_allowed for what the mandate or the host does
        not allow.
        """
        if self.held is None:
            return
        if self.held.terms.side != side:
            raise not_found()
        check_may(self.held.terms.may, self.needed)
        check_people_only(property_id in self.people_only)
        self.side = side

    def via(self, side: str) -> str | None:
        """Returns "agent" where a machine makes the present move for `side`, else None."""
        return AGENT if self.side is not None and self.side == side else None

    def stake(self, draft: Draft, negotiation_id: int, **done: Any) -> None:
        """Adds to the draft what the machine did in a negotiation. `done` are columns of `NewStake`."""
        if self.held is None:
            return
        mandate_id = self.held.terms.mandate_id
        new = NewStake(mandate_id=mandate_id, negotiation_id=negotiation_id)
        row = draft.stakes.setdefault((mandate_id, negotiation_id), new)
        for name, value in done.items():
            setattr(row, name, value)
        if done.get("opened"):
            self.held.opened.add(negotiation_id)

    def bind(self, negotiation_id: int, kind: StakeKind, total: Decimal) -> None:
        """Records the total of a stake, with fee and tax, so that the moves after this one see it."""
        if self.held is not None:
            self.held.stakes.setdefault(negotiation_id, {})[kind] = total

    def release(self, negotiation_id: int, kind: StakeKind | None = None) -> None:
        """Removes a stake, so that the moves after this one no longer see it.

        Without `kind` it removes all stakes there, because the negotiation has ended.
        """
        if self.held is None:
            return
        if kind is not None:
            self.held.stakes.get(negotiation_id, {}).pop(kind, None)
            return
        self.held.stakes.pop(negotiation_id, None)
        self.held.opened.discard(negotiation_id)
