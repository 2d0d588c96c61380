"""The outcome of a move: deciders return it, the database stores it under the command's id, REST and socket render it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from core.errors import Code, DomainError
from core.values import value


@value(kw_only=True)
class Answer:
    """The answer to a move that was done: its negotiation, and the `seq` of its last entry.

    `offer` is the object of the offer that was made or extended. `agreed` says that a stay is agreed on, by this move or
    before it; `booking` is then its id. `decide.settle` fills in `booking`, because the booking is written after the
    decision.
    """

    negotiation: int
    seq: int
    offer: Mapping[str, Any] | None = None
    agreed: bool = False
    booking: int | None = None
    # After a command about sealed limits: a word for each side, which both sides may read; never a figure.
    limits: Mapping[str, str] | None = None
    # The last `seq` before the move; None in the outcome of a repeat, since it is not stored.
    after: int | None = None

    def to_json(self, kind: str) -> dict[str, Any]:
        """Returns the answer as it is stored."""
        body: dict[str, Any] = {"type": kind, "negotiation": self.negotiation, "seq": self.seq}
        if self.offer is not None:
            body["offer"] = self.offer
        if self.agreed:
            body["booking"] = self.booking
        if self.limits is not None:
            body["limits"] = self.limits
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Answer:
        """Reads what `to_json` wrote, now or in an earlier version."""
        return cls(
            negotiation=body["negotiation"],
            seq=body["seq"],
            offer=body.get("offer"),
            agreed="booking" in body,
            booking=body.get("booking"),
            limits=body.get("limits"),
        )


@value(kw_only=True)
class Outcome:
    """An answer to a move of `kind`, or a refusal. `busy`: another transaction runs the same command, so ask again."""

    kind: str = ""
    answer: Answer | None = None
    error: DomainError | None = None
    replayed: bool = False
    busy: bool = False
    # The object that a reply on the socket contains, read after the commit.
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def negotiation_id(self) -> int:
        """The id of the negotiation that the move changed or opened; 0 without one."""
        return self.answer.negotiation if self.answer else 0

    @property
    def seq(self) -> int:
        """The `seq` of the move's last entry; 0 without one."""
        return self.answer.seq if self.answer else 0

    @property
    def stored(self) -> dict[str, Any]:
        """The outcome as JSON, as it is stored for repeats of the command."""
        if self.error is not None:
            return {"error": self.error.as_stored()}
        return self.answer.to_json(self.kind) if self.answer else {}

    @classmethod
    def refused(cls, error: DomainError) -> Outcome:
        """Returns an outcome that is a refusal.

        The error loses its traceback: with it the error and what the move was decided by hold each other in memory, until the
        garbage collector stops the process to find them.
        """
        return cls(error=error.with_traceback(None))

    @classmethod
    def repeated(cls, stored: Mapping[str, Any]) -> Outcome:
        """Returns the outcome of a repeat, from what `stored` gave for the first command."""
        if "error" in stored:
            return cls(error=DomainError.from_dict(stored["error"]), replayed=True)
        return cls(kind=stored["type"], answer=Answer.from_json(stored), replayed=True)


def in_progress() -> DomainError:
    """Returns the refusal of a repeat while the first command of its id still runs."""
    return DomainError(Code.COMMAND_IN_PROGRESS, "The same command still runs; ask again in a moment.")
