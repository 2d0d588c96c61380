"""Says what is known about a transaction when the database goes away."""

from __future__ import annotations

from typing import Any

from django.db import Error, InterfaceError, OperationalError, connections

from core.errors import Code, DomainError

ABSENT = (OperationalError, InterfaceError)


class OutcomeUnknown(OperationalError):
    """The connection was lost after COMMIT was sent: the database may have committed or not.

    `in_first_trip`: the COMMIT was in the transaction's first trip, so the connection may have been dead before it.
    """

    in_first_trip = False


def absence(error: Exception, *, changes_nothing: bool = False) -> DomainError:
    """Returns the refusal for a database that went away: `unavailable` only where certainly nothing was done.

    `changes_nothing` is True for a call that only reads.
    """
    unknown = isinstance(error, OutcomeUnknown) or any(
        getattr(one, "may_have_written", False) for one in connections.all()
    )
    refusal = DomainError(Code.COMMAND_OUTCOME_UNKNOWN if unknown and not changes_nothing else Code.UNAVAILABLE)
    refusal.__cause__ = error
    return refusal


def begin_call() -> list[Any]:
    """Begins a request or job in this thread: forgets what earlier work wrote. Returns the thread's connections."""
    wrappers: list[Any] = list(connections.all())
    for one in wrappers:
        one.may_have_written = False
    return wrappers


def pgcode(error: BaseException) -> str | None:
    """Returns PostgreSQL's five-character code of the error; None where PostgreSQL sent none."""
    return getattr(error.__cause__, "pgcode", None) or getattr(error, "pgcode", None)


def is_told(error: Error) -> bool:
    """Whether the server itself refused the statement; False where the connection ended or the server shuts down.

    Codes that begin with 57P say that the server shuts down, those with 08 that the connection failed. Source: appendix A
    of PostgreSQL's manual.
    """
    code = pgcode(error)
    return code is not None and not code.startswith(("57P", "08"))
