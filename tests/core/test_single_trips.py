"""Transactions of a single trip, which need neither BEGIN nor COMMIT."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError

from core.database.conversation import Talk, Trip, ask
from core.database.errors import OutcomeUnknown, pgcode
from core.database.lane import Lane
from core.database.prepared_statements import Prepared, Query
from tests.core.lane_talk import asked
from tests.core.test_lane import KEEP, count


async def test_what_is_refused_at_the_commit_is_refused(lane: Lane) -> None:
    """Foreign keys are looked at when the transaction commits, and a single trip commits without the word."""
    entry = Prepared(
        "test_entry",
        ("bigint",),
        "INSERT INTO negotiation_entry (negotiation_id, seq, kind, actor, data, at) VALUES ($1, 1, 'a', 'b', '{}', now())",
        answers=False,
    )
    for last in (True, False):
        with pytest.raises(IntegrityError) as told:
            await lane.transact(asked(lambda last=last: ask(KEEP("a"), entry(9), last=last)))
        assert pgcode(told.value) == "23503"
        assert not isinstance(told.value, OutcomeUnknown)
        assert await lane.transact(asked(count)) == 0
    assert len(lane.sessions) == 1, "its connection goes on"


async def test_half_of_a_single_trip_is_never_committed(lane: Lane) -> None:
    def queries() -> Iterator[Query]:
        yield KEEP("a")
        raise TypeError("made while others are under way")

    def talk() -> Talk[None]:
        yield Trip(queries(), last=True)

    with pytest.raises(ValueError, match="NUL"):
        await lane.transact(asked(lambda: ask(KEEP("a"), KEEP("b\0"), last=True)))
    with pytest.raises(TypeError, match="under way"):
        await lane.transact(asked(talk))
    assert await lane.transact(asked(count)) == 0
    assert len(lane.sessions) == 1, "its connection goes on"


async def test_nothing_is_asked_after_the_last_trip(lane: Lane) -> None:
    def talk() -> Talk[None]:
        try:
            yield from ask(KEEP("a"), KEEP("a"), last=True)
        except IntegrityError:
            yield from ask(KEEP("b"), last=True)

    with pytest.raises(RuntimeError, match="after its transaction ended"):
        await lane.transact(asked(talk))
    assert await lane.transact(asked(count)) == 0
