"""What one transaction of moves says to the database: it loads, decides and writes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, OperationalError

from core.database.conversation import Talk
from core.database.errors import pgcode
from core.errors import DomainError
from core.kept_settings import kept
from core.live import presence
from core.live.publishing import Publication
from core.trials import Trial
from core.values import value
from negotiation.engine.book_agreements import book_agreements, raise_refused, refused_before
from negotiation.engine.decide import Verdict, decide, settle
from negotiation.engine.draft import Draft
from negotiation.engine.load_mandates import load_mandates
from negotiation.engine.load_negotiations import load_moves
from negotiation.engine.load_under_property_lock import load_with_properties
from negotiation.engine.loaded import Facts, Lookup, NeedsProperty
from negotiation.engine.memory import Memory, Remembered
from negotiation.engine.outcomes import Outcome
from negotiation.engine.unit_of_work import UnitOfWork
from negotiation.engine.write import write_after, write_remembered
from negotiation.moves import MakeOffer, MakeOfferDeep, Move, Open
from negotiation.records import NegotiationRecord

_random = random.SystemRandom()


@kept
def _limit_factor() -> float:
    factor: float = settings.RATE_LIMIT_FACTOR
    return factor


@kept
def _rates() -> tuple[Decimal, Decimal]:
    """Returns the platform's fee and the tax, in per cent."""
    return settings.PLATFORM_FEE_PERCENT, settings.TAX_PERCENT


@kept
def _trial() -> Trial:
    trial: Trial = settings.RULES_TRIAL
    return trial


@value()
class Done:
    """The result of a transaction: what it wrote, an outcome for each move, and what to publish after the commit."""

    draft: Draft
    outcomes: list[Outcome | MakeOfferDeep]
    publications: list[Publication]
    # The memory to keep the records in.
    memory: Memory | None = None


def is_subscribed(user_id: int, topic: str) -> bool:
    """Whether a socket of the user is subscribed to the topic, on any process."""
    return presence.is_subscribed(user_id, topic)


def move_together(
    moves: Sequence[Move], *, now: datetime, refusal: DomainError | None, memory: Remembered | None = None
) -> Talk[Done]:
    """Loads, decides and writes: everything that the transaction says to the database."""
    return (yield from _move(moves, now=now, refusal=refusal, memory=None if memory is None else memory()))


def _move(moves: Sequence[Move], *, now: datetime, refusal: DomainError | None, memory: Memory | None) -> Talk[Done]:
    if memory is not None and refusal is None:
        done = yield from _from_memory(memory, moves, now=now)
        if done is not None:
            return done
    work, lookups = yield from _load(moves, now=now, auto=refusal is None)
    verdicts = [_judge(work, move, lookup, refusal) for move, lookup in zip(moves, lookups, strict=True)]
    booked = yield from book_agreements(work)
    outcomes = [verdict if isinstance(verdict, MakeOfferDeep) else settle(work, verdict) for verdict in verdicts]
    publications: list[Publication] = []
    if work.draft:
        since = min(move.came_at for move in moves)
        draws = () if memory is None else memory.draws()
        try:
            answers, publications = yield from write_after([*booked, *draws], work.draft, since=since, last=True)
        except IntegrityError as error:
            raise_refused(work, error)
            raise
        if memory is not None and draws:
            memory.note_drawn(answers[-1])
    return Done(work.draft, outcomes, publications, memory)


def _from_memory(memory: Memory, moves: Sequence[Move], *, now: datetime) -> Talk[Done | None]:
    """Decides a single move on its remembered negotiation, and writes; returns None, before anything is asked, where that
    does not do.

    Raises OperationalError, as where a transaction can't be serialized, if the negotiation has changed: the caller tries again.
    """
    recalled = memory.recall(moves, now=now, factor=_limit_factor())
    if recalled is None or (record := recalled.lookup.record) is None:
        return None
    work = new_unit_of_work({record.id: record}, now=now)
    verdict = _judge(work, moves[0], recalled.lookup, None)
    if isinstance(verdict, MakeOfferDeep):
        return Done(Draft(), [verdict], [])
    if verdict.outcome.error is not None:  # by what is written now the rules may allow it
        return None
    outcome = settle(work, verdict)
    try:
        answers, publications = yield from write_remembered(recalled, work.draft, since=moves[0].came_at)
    except OperationalError as error:
        memory.note_refusal(record.id, pgcode(error))
        raise
    memory.note_drawn([row for rows in answers for row in rows])
    return Done(work.draft, [outcome], publications, memory)


def _load(moves: Sequence[Move], *, now: datetime, auto: bool) -> Talk[tuple[UnitOfWork, list[Lookup]]]:
    deep, factor = moves[0].deep, _limit_factor()
    if deep:
        lookups, records, facts = yield from load_with_properties(moves, now=now, factor=factor)
    else:
        lookups, records, _ = yield from load_moves(moves, now=now, factor=factor)
        facts = Facts()
    work = new_unit_of_work(records, now=now, deep=deep, auto=auto)
    work.facts = facts
    work.machine = yield from load_mandates(moves, records, now=now)
    for move, lookup in zip(moves, lookups, strict=True):
        if lookup.stored_is_old and move.key is not None:
            work.draft.forgotten.append((move.actor_id, move.key))
    return work, lookups


def new_unit_of_work(
    records: dict[int, NegotiationRecord], *, now: datetime, deep: bool = False, auto: bool = True
) -> UnitOfWork:
    """Returns a unit of work on these locked negotiations, with this process's settings and random numbers."""
    return UnitOfWork(
        now=now,
        factor=_limit_factor(),
        chance=_random.random,
        is_subscribed=is_subscribed,
        rates=_rates(),
        records=records,
        trial=_trial(),
        deep=deep,
        auto=auto,
    )


def _judge(work: UnitOfWork, move: Move, lookup: Lookup, refusal: DomainError | None) -> Verdict | MakeOfferDeep:
    if refusal is not None and not isinstance(move, Open | MakeOffer):
        return decide(work, refused_before(move, refusal), lookup)
    try:
        return decide(work, move, lookup)
    except NeedsProperty:
        return _deepened(move, lookup)


def _deepened(move: Move, lookup: Lookup) -> MakeOfferDeep:
    if not isinstance(move, MakeOffer) or isinstance(move, MakeOfferDeep):
        raise TypeError(f"{move.kind} takes its property as it is")
    names = [name for cls in MakeOffer.__mro__[:-1] for name in getattr(cls, "__slots__", ())]
    fields = {name: getattr(move, name) for name in names}
    return MakeOfferDeep(**fields, new_offer_id=lookup.new_offer_id)
