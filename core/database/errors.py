"""Tells what is known of a transaction when the database goes away."""

from __future__ import annotations

from typing import Any

from django.db import Error, InterfaceError, OperationalError, connections

from core.errors import Code, DomainError

ABSENT = (OperationalError, InterfaceError)


class OutcomeUnknown(OperationalError):
    """The connection was lost while a COMMIT was under way: it may have been done or not."""


def absence(error: Exception, *, changes_nothing: bool = False) -> DomainError:
    """The refusal for a database that went away: `unavailable` only where it is known that nothing was done.

    `changes_nothing` is True for a call that only reads.
    """
    unknown = isinstance(error, OutcomeUnknown) or any(
        getattr(one, "may_have_written", False) for one in connections.all()
    )
    refusal = DomainError(Code.COMMAND_OUTCOME_UNKNOWN if unknown and not changes_nothing else Code.UNAVAILABLE)
    refusal.__cause__ = error
    return refusal


def begin_call() -> list[Any]:
    """Begins a request or job in this thread: earlier work no longer counts. Returns the thread's connections."""
    wrappers: list[Any] = list(connections.all())
    for one in wrappers:
        one.may_have_written = False
    return wrappers


def pgcode(error: BaseException) -> str | None:
    """PostgreSQL's code of the error, where it sent one."""
    return getattr(error.__cause__, "pgcode", None) or getattr(error, "pgcode", None)


def is_told(error: Error) -> bool:
    """Whether the server itself said that it refused, in contrast to a connection that ended or is being ended.

    57P: the server shuts down; 08: the connection. Appendix A of PostgreSQL's manual.
    """
    code = pgcode(error)
    return code is not None and not code.startswith(("57P", "08"))
