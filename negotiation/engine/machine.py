"""The machine that makes the present move, where one does: for which side, under which mandate, and what it binds.

Empty while people move themselves, and for the clock.
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
    """`mandates` are those of all machines among the movers, each row held; the rest is of the present move."""

    mandates: dict[int, HeldMandate] = field(default_factory=dict)
    # Properties at which only people haggle.
    people_only: frozenset[int] = frozenset()
    # (negotiation, side, which of its seals) that machines made.
    seals: set[tuple[int, str, int]] = field(default_factory=set)
    held: HeldMandate | None = None
    # What the move needs of the mandate.
    needed: Sequence[str] = ()
    # The side that the machine moves for, once that was found.
    side: Side | None = None

    def take_up(self, held: HeldMandate | None, needed: Sequence[str]) -> None:
        """The next move begins."""
        self.held, self.needed, self.side = held, needed, None

    def let_in(self, property_id: int, side: Side) -> None:
        """Raises not_found for the side that is not the mandate's, not_allowed for what it, or the host, does not allow."""
        if self.held is None:
            return
        if self.held.terms.side != side:
            raise not_found()
        check_may(self.held.terms.may, self.needed)
        check_people_only(property_id in self.people_only)
        self.side = side

    def via(self, side: str) -> str | None:
        """`agent` where a machine makes the present move for `side`."""
        return AGENT if self.side is not None and self.side == side else None

    def stake(self, draft: Draft, negotiation_id: int, **done: Any) -> None:
        """Notes what the machine did in a negotiation: the columns of `NewStake`."""
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
        """So that the moves after this one see what stands there, all in."""
        if self.held is not None:
            self.held.stakes.setdefault(negotiation_id, {})[kind] = total

    def release(self, negotiation_id: int, kind: StakeKind | None = None) -> None:
        """So that the moves after this one see that it stands no more; without `kind` all of it: it has ended."""
        if self.held is None:
            return
        if kind is not None:
            self.held.stakes.get(negotiation_id, {}).pop(kind, None)
            return
        self.held.stakes.pop(negotiation_id, None)
        self.held.opened.discard(negotiation_id)
