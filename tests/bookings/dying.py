"""Runs a move of a booking in processes that are killed, each at another statement.

python -m tests.bookings.dying reads lines of MOVE NOW BOOKING…: the n-th booking's process is killed before its n-th
statement; with MOVE:K before its K·n-th.
For each line it prints one: `killed` for each booking, and `done` for the first that got to its end, which is the last. Every
call of the gateway and every commit lies between two statements.
"""

import os
import signal
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import django
from django.db import connection

django.setup()

from bookings.models import Booking, StayChange  # noqa: E402 - after django.setup()
from bookings.services.changing import answer_change  # noqa: E402 - after django.setup()
from bookings.services.paying import start_payment  # noqa: E402 - after django.setup()
from bookings.services.status_changes import change_status  # noqa: E402 - after django.setup()


class DyingAt:
    """Lets so many statements pass, and kills its process before the next."""

    def __init__(self, passing: int) -> None:
        self.left = passing

    def __call__(self, execute: Any, *args: Any) -> Any:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        return execute(*args)


def move(name: str, booking_id: int, now: datetime) -> None:
    booking = Booking.objects.select_related("guest", "host").get(pk=booking_id)
    if name == "pay":
        start_payment(actor=booking.guest, booking_id=booking_id, method="", token="tok_ok", key=None, now=now)
    elif name == "change":
        change = StayChange.objects.get(booking_id=booking_id)
        answer_change(actor=booking.host, booking_id=booking_id, change_id=change.pk, status="accepted", now=now)
    else:
        change_status(actor=booking.guest, booking_id=booking_id, status="cancelled", now=now)


def one(name: str, booking_id: int, now: datetime, passing: int) -> str:
    child = os.fork()
    if child == 0:
        with connection.execute_wrapper(DyingAt(passing)):
            move(name, booking_id, now)
        connection.close()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "killed"
    return "done" if status == 0 else f"failed {status}"


def fates(name: str, moment: str, *ids: str) -> Iterator[str]:
    name, _, stride = name.partition(":")
    for n, booking_id in enumerate(ids):
        fate = one(name, int(booking_id), datetime.fromisoformat(moment), n * int(stride or 1))
        yield fate
        if fate == "done":
            return


if __name__ == "__main__":
    for line in sys.stdin:
        print(*fates(*line.split()), flush=True)
