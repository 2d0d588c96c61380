import json
import logging
import multiprocessing
import os
import sys

import pytest
import structlog
from django.conf import settings

from core.server import logs


def line(name: str, message: str, **extra: object) -> str:
    record = logging.LogRecord(name, logging.INFO, __file__, 1, message, (), None)
    made = structlog.stdlib.ProcessorFormatter(**{k: v for k, v in logs.formatter(as_json=True).items() if k != "()"})
    return made.format(record)


def test_a_ticket_never_reaches_a_log() -> None:
    written = line("uvicorn.error", '127.0.0.1 - "WebSocket /ws/?ticket=abc123&x=1" [accepted]')
    assert "abc123" not in written
    assert json.loads(written)["event"].endswith('/ws/?ticket=…&x=1" [accepted]')


def test_secrets_by_name_are_masked() -> None:
    assert logs.mask_secrets(None, "info", {"token": "abc", "user": 7}) == {"token": "…", "user": 7}


def test_a_line_carries_the_id_of_its_cause() -> None:
    with structlog.contextvars.bound_contextvars(command_id="c-81"):
        assert json.loads(line("negotiation", "accepted"))["command_id"] == "c-81"


def test_the_settings_use_it() -> None:
    assert settings.LOGGING["formatters"]["line"]["()"] is structlog.stdlib.ProcessorFormatter


def write_lines() -> None:
    """What a process of its own does: a configuration holds for a whole process."""
    logs.configure(as_json=True, level="INFO")
    log = structlog.get_logger("negotiation.test")
    with structlog.contextvars.bound_contextvars(command_id="c-81"):
        log.info("opened by %s", "/ws/?ticket=abc123", token="abc123")
        logs.Line("negotiation.test", "moves.committed", moves=["a offer.make 1#2"]).write(pushed=["negotiation:1#2"])
    log.debug("unheard")
    log.info("said \ud800", size=2**70)
    try:
        raise ValueError("abc")
    except ValueError:
        log.exception("failed")


def test_our_own_loggers_write_the_same_lines_past_the_standard_library(capfdbinary) -> None:
    process = multiprocessing.get_context("fork").Process(target=write_lines)
    process.start()
    process.join(10)
    opened, committed, said, failed = [json.loads(text) for text in capfdbinary.readouterr().err.splitlines()]
    assert opened.pop("timestamp").endswith("Z")
    assert opened == {
        "event": "opened by /ws/?ticket=…",
        "token": "…",
        "command_id": "c-81",
        "level": "info",
        "logger": "negotiation.test",
    }
    assert committed.pop("timestamp").endswith("Z")
    assert committed == {
        "event": "moves.committed",
        "moves": ["a offer.make 1#2"],
        "pushed": ["negotiation:1#2"],
        "command_id": "c-81",
        "level": "info",
        "logger": "negotiation.test",
    }
    assert (said["event"], said["size"]) == ("said \ud800", 2**70)
    assert "ValueError: abc" in failed["exception"]


@pytest.mark.parametrize("level", ["info", "warning", "error", "critical", "exception"])
def test_a_stderr_that_takes_nothing_fails_nobody(monkeypatch, level) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as broken:
        monkeypatch.setattr(sys, "stderr", broken)
        log = structlog.wrap_logger(logs.Lines("negotiation.test"), processors=[logs.render_json])
        getattr(log, level)("moves.committed")
        broken.buffer.raw.close()
