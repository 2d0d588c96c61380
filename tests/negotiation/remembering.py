"""A haggle whose moves a process makes that remembers its last ones, for tests."""

import random
from dataclasses import replace
from typing import Any

import orjson

from core.database import plain
from core.database.conversation import Script, Transaction, Trip
from negotiation.engine.executor import carry_out
from negotiation.engine.load_negotiations import lock_negotiations
from negotiation.engine.memory import Memory
from negotiation.engine.outcomes import Outcome
from negotiation.engine.parsing import read_move
from negotiation.moves import Move
from negotiation.records import NegotiationRecord
from tests.negotiation.play import Play, code


class Remembering(Play):
    """A haggle whose moves are a process's: `memory` holds what its last moves left behind."""

    memory: Memory
    trips = 0

    def send(self, move: Move) -> Outcome:
        """Runs a move with the memory, and counts its trips."""
        self.trips = 0
        return plain.run(self.counted(carry_out([move], now=self.now, memory=lambda: self.memory)))[0]

    def counted(self, script: Script[list[Outcome]]) -> Script[list[Outcome]]:
        """The same script; each of its trips adds one to `trips`."""
        answer: Any = None
        failure: Exception | None = None
        while True:
            try:
                asked = script.throw(failure) if failure else script.send(answer)
            except StopIteration as end:
                return end.value
            answer, failure = None, None
            try:
                answer = yield Transaction(lambda asked=asked: self.talk(asked), asked.wait_s)
            except Exception as error:
                failure = error

    def talk(self, asked: Transaction[Any]) -> Any:
        talk, answer, failure = asked.begin(), None, None
        while True:
            try:
                said = talk.throw(failure) if failure else talk.send(answer)
            except StopIteration as end:
                return end.value
            self.trips += isinstance(said, Trip)
            answer, failure = None, None
            try:
                answer = yield said
            except Exception as error:
                failure = error

    def here(self, side: str, kind: str, **fields: Any) -> Outcome:
        """A move by one side, by this process."""
        actor = self.guest if side == "guest" else self.host
        key = fields.pop("key", None) or f"k{random.random()}"
        self.later(milliseconds=10)
        return self.send(read_move(kind, {"negotiation": self.id} | fields, actor_id=actor.pk, key=key))

    def open_here(self, amount: str | None) -> Outcome:
        """Opens, or asks, by this process."""
        fields = {"property": self.home.pk, "start_date": self.start.isoformat(), "end_date": self.end.isoformat()}
        more = {"guests": 2, "booking_type": "stay", "amount": amount, "message": None if amount else "?"}
        outcome = self.send(
            read_move("negotiation.open", fields | more, actor_id=self.guest.pk, key=f"o{random.random()}")
        )
        self.id = outcome.negotiation_id
        return outcome

    def bid(self, side: str, amount: str | int, **fields: Any) -> Outcome:
        return self.here(side, "offer.make", amount=str(amount), **fields)


def remembered(**fields: Any) -> Remembering:
    """A haggle that this process remembers, after the host's first answer."""
    play = Remembering(**fields)
    play.memory = Memory()
    assert code(play.open_here("2000")) == "ok"
    check_memory(play.memory)
    assert (code(play.bid("host", 2900)), play.trips) == ("ok", 1)
    assert play.id in play.memory.records
    return play


def check_memory(memory: Memory) -> None:
    """Every remembered record is the one that is read now."""
    read = plain.converse(lock_negotiations(sorted(memory.records)))
    for id, record in memory.records.items():
        assert as_told(record) == as_told(read[id])


def as_told(record: NegotiationRecord) -> tuple[str, bytes]:
    """All that moves are judged by and write, whatever the order of keys. How far people have read may grow elsewhere."""
    objects = orjson.dumps([record.quote, record.terms.to_json()], option=orjson.OPT_SORT_KEYS)
    terms: Any = replace(record.terms, list_quote={})
    rest = replace(record, quote=None, terms=terms, guest_seen=0, host_seen=0, rivals_told_at=None)
    return repr(rest), objects
