"""What a move came to, as deciders answer it, as it is stored under its id, and as the doors render it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import Code, DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A move that was done: in which negotiation, and the `seq` of its last entry.

    `offer` is the object of the offer that was made or extended. `agreed`: a stay was agreed on, or had been before, and
    `booking` names it; the booking is written after the decision, so `booking` is filled in by `decide.settle`.
    """

    negotiation: int
    seq: int
    offer: Mapping[str, Any] | None = None
    agreed: bool = False
    booking: int | None = None
    # What both sides are told of the sealed limits, after a command about them; never a figure.
    limits: Mapping[str, str] | None = None
    # The log's end before the move; a repeat does not know it.
    after: int | None = None

    def to_json(self, kind: str) -> dict[str, Any]:
        """As it is stored."""
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
        """What `to_json` once wrote."""
        return cls(
            negotiation=body["negotiation"],
            seq=body["seq"],
            offer=body.get("offer"),
            agreed="booking" in body,
            booking=body.get("booking"),
            limits=body.get("limits"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An answer to a move of `kind`, or a refusal; `busy`: the same command runs elsewhere just now, ask again."""

    kind: str = ""
    answer: Answer | None = None
    error: DomainError | None = None
    replayed: bool = False
    busy: bool = False
    # The object that a socket's reply shows, read after the commit.
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def negotiation_id(self) -> int:
        """The negotiation that was moved in or opened; 0 where there is none."""
        return self.answer.negotiation if self.answer else 0

    @property
    def seq(self) -> int:
        """The `seq` of the move's last entry; 0 where there is none."""
        return self.answer.seq if self.answer else 0

    @property
    def stored(self) -> dict[str, Any]:
        """What a repeat of the command gets again."""
        if self.error is not None:
            return {"error": self.error.as_stored()}
        return self.answer.to_json(self.kind) if self.answer else {}

    @classmethod
    def refused(cls, error: DomainError) -> Outcome:
        """An outcome that is a refusal."""
        return cls(error=error)

    @classmethod
    def repeated(cls, stored: Mapping[str, Any]) -> Outcome:
        """What `stored` once was."""
        if "error" in stored:
            return cls(error=DomainError.from_dict(stored["error"]), replayed=True)
        return cls(kind=stored["type"], answer=Answer.from_json(stored), replayed=True)


def in_progress() -> DomainError:
    """The first command of this id still runs."""
    return DomainError(Code.COMMAND_IN_PROGRESS, "The same command still runs; ask again in a moment.")
