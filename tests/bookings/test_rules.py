"""Deadlines, pauses, tries, reviews and a host's share, by tables at the moment itself and a step beside it; no database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from bookings.rules.deadlines import hold_ends, pay_by
from bookings.rules.earnings import host_receives, host_share
from bookings.rules.ledger import Balance, Money
from bookings.rules.pauses import held_pause_ends, pause_ends
from bookings.rules.retries import pause_after
from bookings.rules.reviewing import ends_at, may_change

NOW = datetime(2027, 2, 1, 8, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("noon", "within", "left"),
    [
        (9 * DAY, DAY, DAY),
        (5 * HOUR, DAY, 5 * HOUR),
        (31 * MINUTE, DAY, 31 * MINUTE),
        (29 * MINUTE, DAY, 30 * MINUTE),
        (-DAY, DAY, 30 * MINUTE),
        (-DAY, 10 * MINUTE, 10 * MINUTE),
    ],
)
def test_an_agreed_stay_is_paid_by_noon_or_within_half_an_hour(noon, within, left):
    assert pay_by(NOW, NOW + noon, int(within.total_seconds())) == NOW + left


@pytest.mark.parametrize(("since", "left"), [(None, 0), (-40, 0), (-30, 0), (-29, 1), (0, 30)])
def test_a_running_payment_carries_a_hold_half_an_hour_from_its_start(since, left):
    assert hold_ends(NOW, None if since is None else NOW + since * MINUTE) == NOW + left * MINUTE


@pytest.mark.parametrize(
    ("tries", "pause"), [(1, MINUTE), (2, 10 * MINUTE), (3, HOUR), (4, 6 * HOUR), (5, DAY), (6, DAY), (99, DAY)]
)
def test_the_pauses_between_tries_grow_to_a_day(tries, pause):
    assert pause_after(tries) == pause


@pytest.mark.parametrize(
    ("shows", "age", "may"),
    [
        (None, 0 * HOUR, False),
        (DAY, HOUR - SECOND, True),
        (DAY, HOUR, False),
        (SECOND, 0 * HOUR, True),
        (0 * HOUR, 0 * HOUR, False),
        (-SECOND, 0 * HOUR, False),
    ],
)
def test_a_review_is_changed_for_an_hour_and_never_once_it_can_be_read(shows, age, may):
    shows_at = None if shows is None else NOW + shows
    assert may_change(created_at=NOW - age, shows_at=shows_at, now=NOW) is may


def test_reviews_are_written_for_sixty_days():
    assert ends_at(NOW) == NOW + 60 * DAY


@pytest.mark.parametrize(
    ("kept", "total", "gets"),
    [
        ("6325", "6325", "5500"),
        ("3162.50", "6325", "2750"),
        ("0", "6325", "0"),
        ("0.01", "6325", "0.01"),
        ("0", "0", "0"),
    ],
)
def test_a_host_gets_what_was_kept_without_fee_and_tax(kept, total, gets):
    fees = {"platform_fee": D(275), "tax": D(550)} if D(total) else {"platform_fee": D(0), "tax": D(0)}
    assert host_share(D(kept), total=D(total), **fees) == D(gets)
    if D(total):
        assert host_receives(total=D(total), **fees) == D(5500)


@pytest.mark.parametrize(
    ("paid", "returned", "total", "status"),
    [
        ("0", "0", "100", "due"),
        ("0", "0", "0", "paid"),
        ("100", "0", "100", "paid"),
        ("120", "20", "100", "paid"),
        ("100", "0.01", "100", "partly_refunded"),
        ("100", "99.99", "100", "partly_refunded"),
        ("100", "100", "100", "refunded"),
        ("100", "120", "100", "refunded"),
        ("100", "100", "0", "paid"),
    ],
)
def test_the_payment_status_of_a_balance(paid, returned, total, status):
    assert Balance(D(paid), D(returned)).status_of(D(total)) == status


@pytest.mark.parametrize(
    ("status", "expected"),
    [("pending", "due"), ("confirmed", "due"), ("completed", "due"), ("cancelled", "partly_refunded")],
)
def test_surplus_pays_for_no_stay_and_counts_where_a_booking_is_over(status, expected):
    money = Money(surplus=Balance(D(100), D(40)))
    assert money.all == Balance(D(100), D(40))
    assert money.payment_status(status, D(100)) == expected
    both = Money(meant=Balance(D(100), D(10)), surplus=Balance(D(50), D(50)))
    assert (both.all, both.all.kept) == (Balance(D(150), D(60)), D(90))


@pytest.mark.parametrize(
    ("hours", "until"),
    [
        ([], None),
        ([0, 1], None),
        ([0, 1, 2], 2 + 24),
        ([2, 0, 1], 2 + 24),
        # The third within 24 hours of the first, the moment itself excluded.
        ([0, 1, 24], None),
        ([0, 1, 23.99], 23.99 + 24),
        ([0, 12, 23.9], 23.9 + 24),
        ([0, 12, 24], None),
        ([0, 20, 40, 50], None),
        ([0, 5, 25, 26], 26 + 24),
        # A further one, up to a week after the pause, doubles it, to a week at the most.
        ([0, 1, 2, 26 + 7 * 24], 26 + 7 * 24 + 48),
        ([0, 1, 2, 27], 27 + 48),
        ([0, 1, 2, 27, 80], 80 + 96),
        ([0, 1, 2, 27, 80, 180], 180 + 7 * 24),
        ([0, 1, 2, 27, 80, 180, 350], 350 + 7 * 24),
        # A pause is forgiven a week after its end.
        ([0, 1, 2, 27 + 7 * 24], 26),
        ([0, 1, 2, 300, 301, 302], 302 + 24),
        ([0, 1, 2, 3], 3 + 48),
        ([0, 1, 2, 3, 4], 4 + 96),
        ([0, 1, 2, 3, 4, 5], 5 + 7 * 24),
        ([0, 1, 2, 3, 4, 5, 6], 6 + 7 * 24),
        # By then the earlier holds are forgiven, and the count starts again.
        ([0, 1, 2, 3, 400, 401, 402], 402 + 24),
        ([0, 1, 2, 3, 400, 401, 402, 403], 403 + 48),
    ],
)
def test_holds_that_ended_unpaid_pause_a_guest(hours, until):
    found = held_pause_ends(NOW + hour * HOUR for hour in hours)
    assert found == (None if until is None else NOW + until * HOUR)


@pytest.mark.parametrize(
    ("unpaid", "held", "until"),
    [
        ([], [], None),
        ([0], [], 168),
        ([0, 5], [], 173),
        ([], [0], None),
        ([], [0, 1, 2], 26),
        ([0], [0, 0, 0], 168),
        ([0], [0, 1, 2], 168),
        ([-160], [0, 1, 2], 26),
    ],
)
def test_the_later_pause_holds(unpaid, held, until):
    found = pause_ends(unpaid=[NOW + hour * HOUR for hour in unpaid], held=[NOW + hour * HOUR for hour in held])
    assert found == (None if until is None else NOW + until * HOUR)
