"""Writes logs: one line for each event, JSON in production, with the id of the request or command that caused it.

A view or consumer calls `structlog.contextvars.bind_contextvars(command_id=…)`; every line after that has the id.
"""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
import structlog

from core import clock

# A socket's address contains a one-time ticket, which a reader of the logs must not be able to use.
TICKET = re.compile(r"(ticket=)[^&\s\"']+")
SECRET_NAMES = frozenset({"password", "token", "ticket", "authorization", "secret"})


def mask_secrets(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Masks tickets, tokens and similar secrets in a line, also in a request's path, which may be a mailed link."""
    path = getattr(getattr(event.get("_record"), "request", None), "path", "")
    if len(path) > 1 and path in event["event"]:
        event["event"] = event["event"].replace(path, "…")
    for name, value in event.items():
        if name in SECRET_NAMES:
            event[name] = "…"
        elif isinstance(value, str) and "ticket=" in value:
            event[name] = TICKET.sub(r"\1…", value)
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    mask_secrets,
]


class Lines(structlog.BytesLogger):
    """Writes lines to stderr, one at a time, under a logger's name."""

    def __init__(self, name: str) -> None:
        super().__init__(sys.stderr.buffer)
        self.name = name

    def msg(self, message: bytes) -> None:
        """Writes a line. Never raises: where stderr takes nothing (a full disk, a reader that is gone) the line is lost.

        The caller's work may be committed already, and must not count as failed.
        """
        try:
            super().msg(message)
        except (OSError, ValueError):
            return

    debug = info = warning = error = critical = exception = msg


def render_json(logger: Any, method: str, event: MutableMapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # the line holds a lone surrogate or an integer beyond 64 bits from a client
        return json.dumps(event, default=str).encode()


class Line:
    """A line that one thread begins and another one completes. Every move writes one, without structlog's processors.

    That gives the same JSON in half the time, with the context (`request_id` and the like) of where the line was begun.
    """

    __slots__ = ("context", "event", "fields", "name")

    def __init__(self, name: str, event: str, **fields: Any) -> None:
        self.name, self.event, self.fields = name, event, fields
        self.context = structlog.contextvars.get_contextvars()

    def write(self, **more: Any) -> None:
        """Writes the line at level info, with the fields that have become known since. Never raises."""
        line = {"event": self.event, **self.context, **self.fields, **more}
        if not _writes_json:
            structlog.get_logger(self.name).info(**line)
        elif _level <= logging.INFO:
            line = mask_secrets(None, "info", line)
            line |= {"logger": self.name, "level": "info", "timestamp": _timestamp()}
            _lines(self.name, sys.stderr.buffer).msg(render_json(None, "info", line))


def _timestamp() -> str:
    """Returns the machine's time as structlog's TimeStamper writes it; orjson does it in a third of the time."""
    when = datetime.fromtimestamp(clock.machine(), UTC)
    return orjson.dumps(when, option=orjson.OPT_UTC_Z)[1:-1].decode()


@lru_cache(maxsize=64)
def _lines(name: str, stderr: object) -> Lines:
    """The writer of a name's lines, kept for as long as stderr is the same."""
    return Lines(name)


_writes_json, _level = False, logging.INFO


def configure(*, as_json: bool, level: str) -> None:
    """Configures our own loggers.

    In production they bypass the standard library's records and handlers, which cost a tenth of a move in a server process
    (docs/performance.md).
    """
    global _writes_json, _level
    _writes_json, _level = as_json, logging.getLevelNamesMapping().get(level, 0)
    if as_json:
        structlog.configure(
            processors=[*SHARED, structlog.processors.format_exc_info, render_json],
            logger_factory=Lines,
            wrapper_class=structlog.make_filtering_bound_logger(_level),
            cache_logger_on_first_use=True,
        )
        return
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def formatter(as_json: bool) -> dict[str, Any]:
    """Returns an entry for LOGGING["formatters"], which gives the standard library's lines the same shape and masks."""
    renderer: list[Any] = [
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    ]
    if as_json:
        renderer = [structlog.processors.format_exc_info, mask_secrets, structlog.processors.JSONRenderer(default=str)]
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    }


def django_logging(*, as_json: bool, level: str) -> dict[str, Any]:
    """Returns Django's LOGGING: one handler to stderr, without lines that repeat what others say already."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter(as_json=as_json)},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stderr}},
        "root": {"handlers": ["console"], "level": level},
        # A 404 is the client's fault, and the request's own line names it.
        "loggers": {
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.channels.server": {"level": "WARNING"},
            # The SDK writes a line for each start and each unusual request; our own lines name both.
            "mcp": {"level": "ERROR"},
        },
    }
