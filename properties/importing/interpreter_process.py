"""The process that parses files of other sites: python -m properties.importing.interpreter_process

It reads one job after the other from standard input: a line of JSON (`length`, `timezone`, `check_in`, `check_out`, `today`)
and `length` bytes. It answers a line of JSON on standard output (`count` and `events`, or `problem` and `detail`). A file may
keep a parser busy for ever or fill the memory: then this process ends, and no other. It has no database and no secrets.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, time
from typing import Any

from properties.rules.ical.nights import Place
from properties.rules.ical.occurrences import read_feed
from properties.rules.ical.problems import CalendarProblem

MEMORY = 1024 * 2**20


def answer(body: bytes, place: Place) -> dict[str, Any]:
    """The nights that a file takes at `place`, as JSON."""
    try:
        reading = read_feed(body, place)
    except CalendarProblem as problem:
        return {"problem": problem.code, "detail": problem.detail}
    except Exception as error:
        # A library may raise anything for a file that it can't read: the host is told, and the next file is read.
        print(f"a calendar could not be understood: {type(error).__name__}", file=sys.stderr)
        return {"problem": "unreadable", "detail": ""}
    events = [[event.uid, event.start.isoformat(), event.end.isoformat()] for event in reading.events]
    return {"count": reading.count, "events": events}


def read_job() -> tuple[bytes, Place] | None:
    """The next job; None when the other side has closed."""
    head = sys.stdin.buffer.readline()
    if not head:
        return None
    asked = json.loads(head)
    place = Place(
        asked["timezone"],
        time.fromisoformat(asked["check_in"]),
        time.fromisoformat(asked["check_out"]),
        date.fromisoformat(asked["today"]),
    )
    return sys.stdin.buffer.read(asked["length"]), place


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # What a library prints must not be read as an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    while job := read_job():
        answers.write(json.dumps(answer(*job)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
