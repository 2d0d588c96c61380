"""A connection of the event loop's own: libpq in its pipeline mode, so that the statements of a trip travel together."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, InternalError, OperationalError, ProgrammingError

from core.database import wire
from core.database.pq import ConnStatus, Diagnostic, Opened, PGresult, PqError, Status, TransactionStatus
from core.database.prepared_statements import Plans, Prepared, Query
from core.database.rows import Row

log = logging.getLogger(__name__)

BEGIN = Prepared("hub_begin", (), "BEGIN", answers=False)
COMMIT = Prepared("hub_commit", (), "COMMIT", answers=False)
ROLLBACK = Prepared("hub_rollback", (), "ROLLBACK", answers=False)
DISCARD_PLANS = Prepared("hub_discard_plans", (), "DISCARD PLANS", answers=False)
LOCK_TIMEOUT = Prepared("hub_lock_timeout", ("text",), "SELECT set_config('lock_timeout', $1, true)", answers=False)

# Class of PostgreSQL's code (appendix A of its manual) → Django's error, as psycopg2 sorts them.
ERRORS: dict[str, type[DatabaseError]] = {
    "22": DataError,
    "23": IntegrityError,
    "25": InternalError,
    "42": ProgrammingError,
    "XX": InternalError,
    "21": ProgrammingError,
    "2D": InternalError,
    "08": OperationalError,
    "40": OperationalError,
    "53": OperationalError,
    "55": OperationalError,
    "57": OperationalError,
    "58": OperationalError,
}

# The severity of what the server says as it ends the connection.
ENDINGS = ("FATAL", "PANIC")


class Refusal(Exception):
    """What the server said; the cause of Django's error, with psycopg2's names."""

    def __init__(self, result: PGresult) -> None:
        super().__init__(_said(result, Diagnostic.MESSAGE_PRIMARY))
        self.pgcode = _said(result, Diagnostic.SQLSTATE)
        self.constraint_name = _said(result, Diagnostic.CONSTRAINT_NAME)

    @property
    def diag(self) -> Refusal:
        """Where `constraint_name` is looked for."""
        return self


def _said(result: PGresult, field: Diagnostic) -> str:
    return (result.error_field(field) or b"").decode(errors="replace")


def error_of(result: PGresult) -> DatabaseError:
    """Django's error for a result that is a refusal."""
    refusal = Refusal(result)
    error = ERRORS.get(refusal.pgcode[:2], DatabaseError)(str(refusal))
    error.__cause__ = refusal
    return error


class Known:
    """A statement that the connection has prepared: how its parameters are written and, once seen, its rows read."""

    __slots__ = ("columns", "encoders", "name", "statement")

    def __init__(self, statement: Prepared) -> None:
        self.statement, self.name = statement, statement.name.encode()
        self.encoders = wire.encoders(statement.types)
        self.columns: list[tuple[str, wire.Decode]] | None = None

    def write(self, params: Sequence[Any]) -> list[bytes | None] | None:
        if not params:
            return None
        return [None if v is None else e(v) for e, v in zip(self.encoders, params, strict=True)]

    def read(self, result: PGresult) -> list[Row]:
        if self.columns is None:
            fields = range(result.nfields)
            self.columns = [((result.fname(n) or b"").decode(), wire.decoder(result.ftype(n))) for n in fields]
        value, rows = result.get_value, []
        for number in range(result.ntuples):
            row: Row = {}
            for place, (name, decode) in enumerate(self.columns):
                raw = value(number, place)
                row[name] = None if raw is None else decode(raw)
            rows.append(row)
        return rows


class Session:
    """One connection. Everything here runs on its event loop; one trip at a time."""

    def __init__(self, opened: Opened) -> None:
        self.opened, self.pg, self.loop = opened, opened.pgconn, asyncio.get_running_loop()
        self.known: dict[str, Known] = {}
        self.plans = Plans()
        # Of the trip under way: what each result is of, and whether of its preparation; and who waits for them.
        self.due: deque[tuple[Known, bool]] = deque()
        self.rows: list[list[Row]] = []
        self.error: DatabaseError | None = None
        self.waiter: asyncio.Future[list[list[Row]]] | None = None
        # Warnings of the server since the transaction began.
        self.notices: list[str] = []
        self.is_lost = self.is_cut = False
        # Whether a transaction has ended on it.
        self.has_served = False
        self.pg.nonblocking = 1
        self.pg.notice_handler = self.note
        self.pg.enter_pipeline_mode()
        self.socket = self.pg.socket
        self.loop.add_reader(self.socket, self.receive)

    @property
    def is_idle(self) -> bool:
        """Alive, and in no transaction."""
        return not self.is_lost and self.pg.transaction_status == TransactionStatus.IDLE

    @property
    def died_at_rest(self) -> bool:
        """Whether the connection is gone, and may have been so before anything was asked."""
        return self.is_lost and self.has_served and not self.is_cut

    def note(self, result: PGresult) -> None:
        self.notices.append(_said(result, Diagnostic.MESSAGE_PRIMARY))

    # -- out -----------------------------------------------------------------------------------------------------------

    def travel(self, queries: Sequence[Query]) -> asyncio.Future[list[list[Row]]]:
        """The rows of each query that answers. Raises Django's errors; after one that was refused no other is run."""
        ready = [self.prepare(query) for query in queries]
        self.rows, self.error = [], None
        self.waiter = self.loop.create_future()
        try:
            for known, params in ready:
                self.send(known, params)
            self.pg.pipeline_sync()
            self.flush()
        except PqError as error:
            self.lose(str(error))
        return self.waiter

    def prepare(self, query: Query) -> tuple[Known, list[bytes | None] | None]:
        """The statement as this connection has it, and its parameters as they are sent. Raises ValueError, KeyError."""
        statement = query.statement
        known = self.known.get(statement.name) or Known(statement)
        return known, known.write(query.params)

    def send(self, known: Known, params: list[bytes | None] | None) -> None:
        statement = known.statement
        if statement.name not in self.known:
            self.known[statement.name] = known
            self.pg.send_prepare(known.name, statement.sql.encode(), wire.type_numbers(statement.types))
            self.due.append((known, True))
        self.pg.send_query_prepared(known.name, params)
        self.due.append((known, False))

    def fresh_plans(self) -> list[Query]:
        """What makes the connection plan its statements anew, where it is time to."""
        return [DISCARD_PLANS()] if self.plans.are_old() else []

    def flush(self) -> None:
        """Sends what the socket takes now, and the rest as it takes more."""
        if self.pg.flush():
            self.loop.add_writer(self.socket, self.send_more)

    def send_more(self) -> None:
        try:
            if not self.pg.flush():
                self.loop.remove_writer(self.socket)
        except PqError as error:
            self.lose(str(error))

    # -- in ------------------------------------------------------------------------------------------------------------

    def receive(self) -> None:
        """The server has said something, or has ended the connection."""
        try:
            self.pg.consume_input()
            while self.waiter is not None and not self.pg.is_busy():
                if (result := self.pg.get_result()) is not None:
                    self.take(result)
            if self.pg.status != ConnStatus.OK:  # libpq has closed the socket: no event of it comes any more
                self.lose(self.pg.get_error_message())
        except PqError as error:
            self.lose(str(error))
        except Exception as error:
            log.exception("an answer of the database could not be read")
            self.lose(repr(error))

    def take(self, result: PGresult) -> None:
        status = result.status
        if status == Status.PIPELINE_SYNC:
            self.arrive()
            return
        known, prepares = self.due.popleft()
        if status in (Status.FATAL_ERROR, Status.PIPELINE_ABORTED):
            if prepares:
                self.known.pop(known.statement.name, None)
            if status == Status.FATAL_ERROR:
                self.error = self.error or error_of(result)
                if _said(result, Diagnostic.SEVERITY_NONLOCALIZED) in ENDINGS:
                    self.lose(str(self.error))
        elif known.statement.answers and not prepares:
            self.rows.append(known.read(result))

    def arrive(self) -> None:
        waiter, self.waiter = self.waiter, None
        if waiter is None or waiter.done():
            return
        if self.error is None:
            waiter.set_result(self.rows)
        else:
            waiter.set_exception(self.error)

    # -- its end -------------------------------------------------------------------------------------------------------

    def lose(self, why: str) -> None:
        """The connection is gone; who waits is told the server's last word, where there is one."""
        self.close()
        waiter, self.waiter = self.waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(self.error or OperationalError(why.strip()))

    def cut(self) -> None:
        """The server has said nothing for longer than any statement may take."""
        log.warning("a database that does not answer: its connection is cut")
        self.is_cut = True
        self.lose("the database does not answer")

    def close(self) -> None:
        """Ends it, if it has not ended."""
        if self.is_lost:
            return
        self.is_lost = True
        self.loop.remove_reader(self.socket)
        self.loop.remove_writer(self.socket)
        self.opened.close()
