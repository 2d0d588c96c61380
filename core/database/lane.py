"""The event loop's driver runs conversations on a few connections of its own, without a thread in between.

A transaction makes as many trips as its conversation asks for: BEGIN travels with the first, COMMIT with the last. A single trip
needs neither, since PostgreSQL runs the statements of a pipeline in one transaction. A conversation that needs Django's connection
starts again in a database thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from django.db import OperationalError, connection
from prometheus_client import Gauge

from core.database import plain
from core.database.conversation import DjangoCall, Script, Talk, Transaction, Trip
from core.database.cutting import patience_s
from core.database.deadlines import Deadlines
from core.database.errors import OutcomeUnknown, is_told
from core.database.opening import LOCK_WAIT_S, close_late, open_connection
from core.database.places import Places
from core.database.postgresql.base import ONLY_HERE
from core.database.prepared_statements import Query
from core.database.rows import Row
from core.database.session import BEGIN, COMMIT, LOCK_TIMEOUT, ROLLBACK, Session
from core.database.threads import WAIT_S, run_in_db
from core.environment import whole
from core.errors import Code, DomainError

log = logging.getLogger(__name__)
T = TypeVar("T")

# Moves hold four at most, where all of their batches wait for locks; sign-ins then have the fifth.
LANE_CONNECTIONS = whole("LANE_CONNECTIONS", 5, least=1)
CONNECTIONS = Gauge("hub_lane_connections", "Connections of this process's event loop to the database")


class NeedsDjango(Exception):
    """The conversation asks for something that only Django's connection can do."""


class Lane:
    """Up to `size` connections. Each is opened when it is needed, and then kept. A lane belongs to one event loop."""

    def __init__(self, size: int = LANE_CONNECTIONS) -> None:
        self.loop = asyncio.get_running_loop()
        self.places = Places(self.loop, size)
        # Connections at rest; the one that was used last is taken first.
        self.idle: list[Session] = []
        self.sessions: set[Session] = set()
        self.opened = 0  # connections so far; the server behind each may be another one
        self.deadlines = Deadlines(self.loop, patience_s(WAIT_S))

    async def run(self, script: Script[T]) -> T:
        """Runs the transactions of `script` one after the other; returns what the script returns."""
        try:
            asked = next(script)
            while True:
                try:
                    result = await self.transact(asked)
                except Exception as error:
                    asked = script.throw(error)
                else:
                    asked = script.send(result)
        except StopIteration as end:
            returned: T = end.value
            return returned

    async def transact(self, asked: Transaction[T]) -> T:
        """Runs the conversation in a transaction of its own. Raises Django's errors, and `OutcomeUnknown`."""
        is_unknown = False
        while True:
            if not self.places.take():
                await self.places.wait()
            try:
                try:
                    session = self.rested() or await self.connect()
                    try:
                        return await self.hold(session, asked)
                    except OperationalError as error:
                        # A connection that had died at rest did most likely nothing, so the transaction tries another one.
                        if not session.died_at_rest or not _may_run_again(asked, error):
                            raise
                        is_unknown = is_unknown or isinstance(error, OutcomeUnknown)
                    finally:
                        self.put_back(session)
                finally:
                    self.places.give_back()
            except NeedsDjango:
                return await _in_thread(asked)
            except OperationalError as error:
                if is_unknown and not isinstance(error, OutcomeUnknown):
                    raise OutcomeUnknown(str(error)) from error  # what the first run did is still not known
                raise

    async def hold(self, session: Session, asked: Transaction[T]) -> T:
        """Runs the conversation on this connection. Afterwards the connection is in no transaction."""
        self.deadlines.add(session)
        try:
            return await _converse(session, asked)
        except Exception:
            await _roll_back(session)
            raise
        except BaseException:
            session.close()
            raise
        finally:
            self.deadlines.remove(session)

    # -- connections ---------------------------------------------------------------------------------------------------

    def rested(self) -> Session | None:
        """Takes a connection at rest that is still alive; None without one."""
        while self.idle:
            session = self.idle.pop()
            if session.is_idle:
                return session
            self.drop(session)
        return None

    def put_back(self, session: Session) -> None:
        if session.is_idle:
            session.has_served = True
            self.idle.append(session)
        else:
            self.drop(session)

    def drop(self, session: Session) -> None:
        session.close()
        self.sessions.discard(session)
        CONNECTIONS.set(len(self.sessions))

    async def connect(self) -> Session:
        """Opens a new connection. Raises OperationalError."""
        opening = asyncio.ensure_future(asyncio.to_thread(open_connection))
        try:
            session = Session(await asyncio.shield(opening))
        except asyncio.CancelledError:
            opening.add_done_callback(close_late)
            raise
        self.sessions.add(session)
        self.opened += 1
        CONNECTIONS.set(len(self.sessions))
        return session

    def close(self) -> None:
        """Closes all connections."""
        for session in tuple(self.sessions):
            self.drop(session)
        self.idle.clear()


def _may_run_again(asked: Transaction[Any], error: OperationalError) -> bool:
    """Whether a transaction whose connection is gone did nothing, or recognises what it did."""
    return not isinstance(error, OutcomeUnknown) or (asked.again and error.in_first_trip)


_BEGIN, _COMMIT, _ROLLBACK = BEGIN(), COMMIT(), ROLLBACK()


async def _converse(session: Session, asked: Transaction[T]) -> T:
    talk: Talk[T] = asked.begin()
    opening = session.fresh_plans()
    if asked.wait_s != LOCK_WAIT_S:
        opening.append(LOCK_TIMEOUT(plain.lock_timeout(asked.wait_s)))
    is_first = True
    try:
        said = next(talk)
        while True:
            if not is_first and session.is_idle:
                raise RuntimeError("The conversation asks for more after its transaction ended.")
            try:
                answer = await _go(session, said, opening if is_first else None)
            except Exception as error:
                if is_first and isinstance(error, OutcomeUnknown):
                    error.in_first_trip = True
                said = talk.throw(error)
            else:
                said = talk.send(answer)
            is_first = False
    except StopIteration as end:
        if not session.is_idle:
            await _commit(session, (_COMMIT,))
        returned: T = end.value
        return returned


def _go(session: Session, said: Trip | DjangoCall, opening: list[Query] | None) -> Awaitable[list[list[Row]]]:
    """Makes a trip; `opening` is what the first one of a transaction says before, and None makes another one."""
    if isinstance(said, DjangoCall):
        raise NeedsDjango
    queries = said.queries
    if said.last:
        queries = chain(queries, (_COMMIT,)) if opening is None else chain(opening, queries)
        return _commit(session, queries, said.meanwhile)
    return _travel(session, queries if opening is None else chain((*opening, _BEGIN), queries), said.meanwhile)


def _travel(
    session: Session, queries: Iterable[Query], meanwhile: Callable[[], None] | None
) -> asyncio.Future[list[list[Row]]]:
    rows = session.travel(queries)
    try:
        if meanwhile is not None:
            meanwhile()
    except Exception:  # the rows come all the same; the conversation does that work again where it needs it
        log.exception("work beside a trip failed")
    return rows


async def _commit(
    session: Session, queries: Iterable[Query], meanwhile: Callable[[], None] | None = None
) -> list[list[Row]]:
    """Makes a trip that ends with COMMIT. Raises OutcomeUnknown where the connection ended before the answer came."""
    session.notices.clear()
    try:
        rows = await _travel(session, queries, meanwhile)
    except OperationalError as error:
        if is_told(error):
            raise
        raise OutcomeUnknown(str(error)) from error.__cause__
    if any(ONLY_HERE in notice for notice in session.notices):
        raise OutcomeUnknown("committed here, and not known to have reached the standby")
    return rows


async def _roll_back(session: Session) -> None:
    if session.is_idle or session.is_lost:
        return
    try:
        await session.travel((_ROLLBACK,))
    except Exception as error:
        log.warning("a connection is given up: %s", str(error).strip())
        session.close()


async def _in_thread(asked: Transaction[T]) -> T:
    """Runs the conversation on Django's connection, in a thread. Raises the database's errors as they are."""
    try:
        result, error = await run_in_db(partial(_attempt, asked))
    except DomainError as refusal:
        kind = OutcomeUnknown if refusal.code == Code.COMMAND_OUTCOME_UNKNOWN else OperationalError
        raise kind(str(refusal)) from refusal
    if error is not None:
        raise error
    return result


def _attempt(asked: Transaction[T]) -> tuple[Any, Exception | None]:
    try:
        return plain.transact(asked), None
    except Exception as error:
        if isinstance(error, OperationalError):
            connection.close()
        return None, error


_lanes: dict[asyncio.AbstractEventLoop, Lane] = {}


def lane() -> Lane:
    """Returns the lane of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _lanes.get(loop)
    if found is None:
        forget_lanes(one for one in tuple(_lanes) if one.is_closed())
        found = _lanes[loop] = Lane()
    return found


def forget_lanes(loops: Iterable[asyncio.AbstractEventLoop] | None = None) -> None:
    """Closes the connections of these loops, or of all loops, which have ended: tests run one loop after the other."""
    for loop in tuple(_lanes if loops is None else loops):
        for session in _lanes.pop(loop).sessions:
            session.opened.close()


async def close_lane() -> None:
    """Closes the lane of the running loop, when the process ends."""
    lane().close()
