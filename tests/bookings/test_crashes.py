"""What if we die here: a real process is killed before each statement of a payment and of a refund, one after the
other, and `reconcile` heals every one of them. Never charged twice, never charged and forgotten."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from bookings.models import Booking, Payment, Refund, SandboxCharge, StayChange
from bookings.selectors.changes import Wish
from bookings.selectors.refunds import get_balance
from bookings.services.changing import answer_change, propose_change
from bookings.services.paying import start_payment
from bookings.services.reconciling import reconcile_all
from core.local.embedded import die_with_parent
from tests.factories.bookings import NOW, day, make_booking, make_hold
from tests.factories.properties import make_property, make_user
from tests.servers import ROOT, database_url

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=5)
# More than the statements of a payment or of a cancellation.
POINTS = 90


@pytest.fixture(scope="module")
def kill_each(django_db_setup):
    """`kill_each(move, bookings)`: what became of each process; the last is the first that was not killed and got to its end."""
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.bookings.dying"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, text=True, preexec_fn=die_with_parent(signal.SIGKILL), **pipes
    ) as process:

        def kill(move, bookings):
            print(move, NOW.isoformat(), *[booking.pk for booking in bookings], file=process.stdin, flush=True)
            fates = process.stdout.readline().split()
            assert set(fates[:-1]) == {"killed"}, fates
            assert fates[-1] == "done", fates
            return fates

        yield kill
        process.stdin.close()
    assert process.returncode == 0


def money_of(booking):
    """(what the gateway holds of a booking's payments, how many of them it took money for)."""
    keys = Payment.objects.filter(booking=booking).values_list("key", flat=True)
    taken = SandboxCharge.objects.filter(key__in=keys, status="succeeded")
    return sum(charge.amount - charge.refunded for charge in taken), taken.count()


def check_whole(booking):
    held, taken = money_of(booking)
    assert held == get_balance(booking.pk).kept
    assert taken <= 1
    assert not Payment.objects.filter(booking=booking, status__in=Payment.RUNNING).exists()
    assert not Refund.objects.filter(booking=booking, status="pending").exists()
    return held


def test_a_payment_killed_at_every_point_is_healed(rounds, kill_each):
    stride = rounds(4, 1)
    home, guest = make_property(), make_user()
    until = NOW + timedelta(minutes=15)
    bookings = [make_hold(home, guest, until, first=3 * n, instant=True) for n in range(POINTS // stride)]
    fates = kill_each(f"pay:{stride}", bookings)
    assert len(fates) * stride > 20
    reconcile_all(LATER)
    outcomes = set()
    for booking in bookings[: len(fates)]:
        booking = Booking.objects.get(pk=booking.pk)
        held = check_whole(booking)
        state = (booking.status, booking.payment_status)
        assert state == (("confirmed", "paid") if held else ("pending", "due"))
        outcomes.add(booking.payment_status)
        if not held:
            again = start_payment(actor=guest, booking_id=booking.pk, method="", token="tok_ok", key=None, now=LATER)
            assert again.status == "succeeded"
            assert check_whole(booking) == booking.total
    assert outcomes == {"paid", "due"}


def test_a_cancellation_killed_at_every_point_is_healed(rounds, kill_each):
    stride = rounds(4, 1)
    home, guest = make_property(), make_user()
    bookings = [make_booking(home, guest, first=3 * n) for n in range(POINTS // stride)]
    for booking in bookings:
        start_payment(actor=guest, booking_id=booking.pk, method="", token="tok_ok", key=None, now=NOW)
    fates = kill_each(f"cancel:{stride}", bookings)
    assert len(fates) * stride > 15
    reconcile_all(LATER)
    outcomes = set()
    for booking in bookings[: len(fates)]:
        booking = Booking.objects.get(pk=booking.pk)
        held = check_whole(booking)
        outcomes.add((booking.status, booking.payment_status, held == 0, bool(booking.calendar_entry_id)))
    assert outcomes == {("confirmed", "paid", False, True), ("cancelled", "refunded", True, False)}


# More than the statements of a change.
LONGEST = 130


def changing_stays(nights, accepted, stride):
    """Paid stays whose change to so many nights is proposed, or `accepted` too; one for each point of a process's death."""
    home, guest = make_property(), make_user()
    bookings = [make_booking(home, guest, first=6 * n) for n in range(LONGEST // stride + 1)]
    for n, booking in enumerate(bookings):
        start_payment(actor=guest, booking_id=booking.pk, method="", token="tok_ok", key=None, now=NOW)
        wish = Wish(end_date=day(6 * n + nights))
        change = propose_change(actor=guest, booking_id=booking.pk, wish=wish, now=NOW)
        if accepted:
            answer_change(actor=home.host, booking_id=booking.pk, change_id=change, status="accepted", now=NOW)
    return bookings


def check_changed(booking, nights):
    """Whether the change was made; in either case all of it was or none, the calendar's nights and the money too."""
    row = Booking.objects.get(pk=booking.pk)
    done = StayChange.objects.get(booking=row).status == "done"
    assert (row.end_date - row.start_date).days == (nights if done else 3)
    entry = row.calendar_entry
    assert (entry.nights.lower, entry.nights.upper) == (row.start_date, row.end_date)
    assert money_of(row)[0] == get_balance(row.pk).kept == row.total
    return done


def test_an_accepted_change_killed_at_any_point_is_whole(rounds, kill_each):
    stride = rounds(29, 1)
    bookings = changing_stays(2, accepted=False, stride=stride)
    fates = kill_each(f"change:{stride}", bookings)
    reconcile_all(LATER)
    done = [check_changed(booking, 2) for booking in bookings[: len(fates)]]
    assert done[-1]
    assert not done[0]
    assert not Refund.objects.filter(status="pending").exists()


def test_the_payment_of_a_difference_killed_at_any_point_is_healed(rounds, kill_each):
    stride = rounds(29, 1)
    bookings = changing_stays(4, accepted=True, stride=stride)
    fates = kill_each(f"pay:{stride}", bookings)
    reconcile_all(LATER)
    done = [check_changed(booking, 4) for booking in bookings[: len(fates)]]
    assert done[-1]
    assert not Payment.objects.filter(status__in=Payment.RUNNING).exists()
