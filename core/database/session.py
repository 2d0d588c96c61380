"""A connection of the event loop. It uses libpq's pipeline mode, so that the statements of a trip travel together."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, InternalError, OperationalError, ProgrammingError

from core.database import wire
from core.database.pq import ConnStatus, Diagnostic, Opened, PGresult, PqError, Status, TransactionStatus
from core.database.prepared_statements import STALE, Plans, Prepared, Query
from core.database.rows import Row

log = logging.getLogger(__name__)

BEGIN = Prepared("hub_begin", (), "BEGIN", answers=False)
COMMIT = Prepared("hub_commit", (), "COMMIT", answers=False)
ROLLBACK = Prepared("hub_rollback", (), "ROLLBACK", answers=False)
DISCARD_PLANS = Prepared("hub_discard_plans", (), "DISCARD PLANS", answers=False)
LOCK_TIMEOUT = Prepared("hub_lock_timeout", ("text",), "SELECT set_config('lock_timeout', $1, true)", answers=False)

# Class of PostgreSQL's code (appendix A of its manual) → Django's error, in the way psycopg2 maps them.
ERRORS: dict[str, type[DatabaseError]] = {
    "0A": OperationalError,
    "26": OperationalError,
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

# The kinds of results that `Session.take` tells apart, as plain numbers.
SYNC, REFUSED = int(Status.PIPELINE_SYNC), frozenset(map(int, (Status.FATAL_ERROR, Status.PIPELINE_ABORTED)))
# Severities of messages with which the server ends the connection.
ENDINGS = ("FATAL", "PANIC")


class Refusal(Exception):
    """The server's error message. It is the cause of Django's error, and has the attributes of psycopg2's errors."""

    def __init__(self, result: PGresult) -> None:
        super().__init__(_said(result, Diagnostic.MESSAGE_PRIMARY))
        self.pgcode = _said(result, Diagnostic.SQLSTATE)
        self.constraint_name = _said(result, Diagnostic.CONSTRAINT_NAME)

    @property
    def diag(self) -> Refusal:
        """The object on which callers look for `constraint_name`, as on psycopg2's errors."""
        return self


def _said(result: PGresult, field: Diagnostic) -> str:
    return (result.error_field(field) or b"").decode(errors="replace")


def error_of(result: PGresult) -> DatabaseError:
    """Returns Django's error for a result by which the server refused a statement."""
    refusal = Refusal(result)
    error = ERRORS.get(refusal.pgcode[:2], DatabaseError)(str(refusal))
    error.__cause__ = refusal
    return error


# Of a statement for many rows: from how many on it counts as large.
MANY_ROWS = 16


class Known:
    """A statement that the connection has prepared. It writes the parameters, and reads rows once it has seen their types."""

    __slots__ = ("answers", "columns", "encoders", "is_for_many", "name", "statement")

    def __init__(self, statement: Prepared) -> None:
        self.statement, self.name, self.answers = statement, statement.name.encode(), statement.answers
        self.encoders = wire.encoders(statement.types)
        # Whether each parameter is an array with a value for each row.
        self.is_for_many = bool(statement.types) and statement.types[0].endswith("[]")
        # For each column: its place, its name, and how its values are read.
        self.columns: list[tuple[int, str, wire.Decode]] | None = None

    def write(self, params: Sequence[Any]) -> list[bytes | None] | None:
        if len(params) != len(self.encoders):
            raise ValueError(f"{self.statement.name} takes {len(self.encoders)} parameters, not {len(params)}.")
        return [None if v is None else e(v) for e, v in zip(self.encoders, params)] or None  # noqa: B905 - looked at above

    def read(self, result: PGresult) -> list[Row]:
        if self.columns is None:
            fields = range(result.nfields)
            self.columns = [(n, (result.fname(n) or b"").decode(), wire.decoder(result.ftype(n))) for n in fields]
        value, columns = result.get_value, self.columns
        return [
            {name: None if (raw := value(row, place)) is None else decode(raw) for place, name, decode in columns}
            for row in range(result.ntuples)
        ]


class Session:
    """One connection, which makes one trip at a time. All its code runs on its event loop."""

    def __init__(self, opened: Opened) -> None:
        self.opened, self.pg, self.loop = opened, opened.pgconn, asyncio.get_running_loop()
        self.known: dict[str, Known] = {}
        self.plans = Plans()
        # For the current trip: the statement of each result that is due; None for the result of preparing the next statement.
        self.due: deque[Known | None] = deque()
        self.rows: list[list[Row]] = []
        self.error: Exception | None = None
        self.waiter: asyncio.Future[list[list[Row]]] | None = None
        # The server's warnings since the transaction began.
        self.notices: list[str] = []
        self.is_lost = self.is_cut = False
        # Whether a transaction has already ended well on this connection.
        self.has_served = False
        self.pg.nonblocking = 1
        self.pg.notice_handler = self.note
        self.pg.enter_pipeline_mode()
        self.socket = self.pg.socket
        self.loop.add_reader(self.socket, self.receive)

    @property
    def is_idle(self) -> bool:
        """Whether the connection is alive and in no transaction."""
        return not self.is_lost and self.pg.transaction_status == TransactionStatus.IDLE

    @property
    def died_at_rest(self) -> bool:
        """Whether the connection is gone, and may have been gone before the current trip."""
        return self.is_lost and self.has_served and not self.is_cut

    def note(self, result: PGresult) -> None:
        self.notices.append(_said(result, Diagnostic.MESSAGE_PRIMARY))

    # -- out -----------------------------------------------------------------------------------------------------------

    def travel(self, queries: Iterable[Query]) -> asyncio.Future[list[list[Row]]]:
        """Sends the queries; the future gets the rows of each that has an answer, or Django's error.

        PostgreSQL skips the queries after one that it refuses, and runs the first ones while a large one is still written here.
        The future also gets what is raised while a query is made or encoded; none after it is sent.
        """
        self.rows, self.error = [], None
        self.waiter = self.loop.create_future()
        try:
            for statement, params in queries:
                known = self.known.get(statement.name) or Known(statement)
                if known.is_for_many and len(params[0] or ()) >= MANY_ROWS and self.due:
                    self.flush()
                self.send(known, known.write(params))
        except PqError as error:
            self.lose(str(error))
            return self.waiter
        except Exception as error:
            self.error = error
        try:
            if self.error is not None and self.due:  # without it the server would commit what it has of a single trip
                self.send(self.known.get(ROLLBACK.name) or Known(ROLLBACK), None)
            self.pg.pipeline_sync()
            self.flush()
        except PqError as error:
            self.lose(str(error))
        return self.waiter

    def send(self, known: Known, params: list[bytes | None] | None) -> None:
        """Sends a statement; prepares it before where this connection has not done so."""
        statement = known.statement
        if statement.name not in self.known:
            self.known[statement.name] = known
            self.pg.send_prepare(known.name, statement.sql.encode(), wire.type_numbers(statement.types))
            self.due.append(None)
        self.pg.send_query_prepared(known.name, params)
        self.due.append(known)

    def fresh_plans(self) -> list[Query]:
        """Returns the queries that make the connection plan its statements again, where it is time for that."""
        return [DISCARD_PLANS()] if self.plans.are_old() else []

    def flush(self) -> None:
        """Sends as much as the socket takes now, and the rest when it takes more."""
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
        """Reads from the server, after it has sent something or ended the connection."""
        try:
            self.pg.consume_input()
            while self.waiter is not None and not self.pg.is_busy():
                if (result := self.pg.get_result()) is not None:
                    self.take(result)
            if self.pg.status != ConnStatus.OK:  # libpq has closed the socket, so the loop gets no more events from it
                self.lose(self.pg.get_error_message())
        except PqError as error:
            self.lose(str(error))
        except Exception as error:
            log.exception("an answer of the database could not be read")
            self.lose(repr(error))

    def take(self, result: PGresult) -> None:
        status = result.status
        if status == SYNC:
            self.arrive()
            return
        # Nothing is due where the commit itself is refused.
        known = self.due.popleft() if self.due else None
        if status in REFUSED:
            self.take_refusal(result, known)
            return
        if known is not None and known.answers:
            self.rows.append(known.read(result))
        self.pg.get_result()  # the end of the statement's results, which has come with them

    def take_refusal(self, result: PGresult, known: Known | None) -> None:
        """Takes the result of a statement that the server refused, or skipped after a refusal."""
        if known is None and self.due and (prepared := self.due[0]) is not None:
            self.known.pop(prepared.statement.name, None)
        if result.status == Status.FATAL_ERROR:
            self.error = self.error or error_of(result)
            # A connection with stale statements ends too: its transaction, which did nothing, tries another one.
            ends = _said(result, Diagnostic.SEVERITY_NONLOCALIZED) in ENDINGS
            if ends or _said(result, Diagnostic.SQLSTATE) in STALE:
                self.lose(str(self.error))

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
        """Ends a connection that is lost. The waiting caller gets the server's last message, or `why` without one."""
        self.close()
        waiter, self.waiter = self.waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(self.error or OperationalError(why.strip()))

    def give_up(self) -> None:
        """Ends the connection, because the server was silent for longer than any statement may take."""
        log.warning("a database that does not answer: its connection is cut")
        self.is_cut = True
        self.lose("the database does not answer")

    def close(self) -> None:
        """Closes the connection, unless it is closed already."""
        if self.is_lost:
            return
        self.is_lost = True
        self.loop.remove_reader(self.socket)
        self.loop.remove_writer(self.socket)
        self.opened.close()
