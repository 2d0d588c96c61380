from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from accounts.rules import CLOSED_DOOR, OWN_BLOCK, check_no_block, is_noted_at_once, mandates, use_is_noted_before
from accounts.rules.answer_speed import speed_of
from core.errors import DomainError

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MANDATE = mandates.MandateTerms(
    mandate_id=1, version=1, user_id=9, side="guest", may=frozenset({"read", "offer"}), currency="BDT",
    expires_at=NOW + timedelta(days=9),
)  # fmt: skip


@pytest.mark.parametrize(("lifetime_s", "before_s"), [(30 * 86400, 60), (600, 60), (599, 59.9), (10, 1), (1, 0.1)])
def test_a_use_is_noted_once_a_minute_or_ten_times_in_a_short_life(lifetime_s, before_s):
    assert use_is_noted_before(NOW, timedelta(seconds=lifetime_s)) == NOW - timedelta(seconds=before_s)


@pytest.mark.parametrize(
    ("lifetime_s", "left_s", "at_once"),
    [
        (30 * 86400, 86400, False),
        (30 * 86400, 86399, True),
        (30 * 86400, None, False),
        (600, 300, False),
        (600, 299, True),
    ],
)
def test_a_use_in_the_last_day_of_a_token_or_half_of_a_short_life_is_noted_at_once(lifetime_s, left_s, at_once):
    expiry = None if left_s is None else NOW + timedelta(seconds=left_s)
    assert is_noted_at_once(expiry, NOW, timedelta(seconds=lifetime_s)) is at_once


def refusal(call: Callable[[], Any]) -> DomainError | None:
    try:
        call()
    except DomainError as error:
        return error
    return None


def fields_of(call: Callable[[], Any]) -> list[str]:
    """The fields that a refusal of `call` names, each with its remedy; none where it refuses nothing."""
    refused = refusal(call)
    assert refused is None or refused.code == "invalid"
    assert refused is None or all(texts and all(texts) for texts in refused.fields.values())
    return [] if refused is None else list(refused.fields)


@pytest.mark.parametrize(
    ("blockers", "text"), [([], None), ([1], OWN_BLOCK), ([2], CLOSED_DOOR), ([1, 2], CLOSED_DOOR), ([1, 1], OWN_BLOCK)]
)
def test_a_block_says_only_to_its_maker_that_it_is_one(blockers, text):
    refused = refusal(lambda: check_no_block(blockers, 1))
    assert (refused and (refused.code, refused.message)) == (text and ("not_allowed", text))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, None), (0, "within an hour"), (3600, "within an hour"), (3601, "within a few hours"),
        (21600, "within a few hours"), (21601, "within a day"), (86400, "within a day"),
        (86401, "a few days or more"),
    ],
)  # fmt: skip
def test_how_quickly_a_host_answers(seconds, words):
    assert speed_of(seconds) == words


@pytest.mark.parametrize(
    ("revoked", "now", "status"),
    [
        (None, MANDATE.expires_at - SECOND, "live"), (None, MANDATE.expires_at, "expired"),
        (NOW, NOW, "revoked"), (NOW, MANDATE.expires_at, "revoked"),
    ],
)  # fmt: skip
def test_a_mandate_lives_until_its_end_or_its_revocation(revoked, now, status):
    mandate = replace(MANDATE, revoked_at=revoked)
    assert (mandates.status_of(mandate, now), mandate.is_live(now)) == (status, status == "live")


@pytest.mark.parametrize(
    ("needed", "missing"), [([], []), (["read", "offer"], []), (["seal", "read", "accept"], ["seal", "accept"])]
)
def test_what_a_mandate_lacks_is_named(needed, missing):
    refused = refusal(lambda: mandates.check_may(MANDATE.may, needed))
    assert (refused and (refused.code, refused.params)) == (("not_allowed", {"may": missing}) if missing else None)
    assert refused is None or ", ".join(missing) in refused.message


@pytest.mark.parametrize(
    ("end", "refused"),
    [(NOW, True), (NOW + SECOND, False), (NOW + timedelta(days=90), False), (NOW + timedelta(days=90) + SECOND, True)],
)
def test_a_mandate_ends_within_ninety_days(end, refused):
    assert fields_of(lambda: mandates.check_term(end, NOW)) == (["expires_at"] if refused else [])


def test_the_refusal_of_a_late_end_says_how_late_it_may_be():
    refused = refusal(lambda: mandates.check_term(NOW + timedelta(days=91), NOW))
    assert " 90 " in refused.fields["expires_at"][0]


FIRST = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"side": "guest", "max_total": D(900)}, []), ({"side": "host", "max_total": D(900)}, ["max_total"]),
        ({"side": "host", "min_percent": D(80)}, []), ({"side": "guest", "min_percent": D(80)}, ["min_percent"]),
        ({"side": "guest", "max_total": None, "min_percent": None}, []),
        ({"side": "host", "max_total": None, "min_percent": None}, []),
        ({"side": "guest", "check_in_from": FIRST}, []), ({"side": "guest", "check_out_by": FIRST}, []),
        ({"side": "guest", "check_in_from": FIRST, "check_out_by": FIRST}, ["check_out_by"]),
        ({"side": "guest", "check_in_from": FIRST, "check_out_by": FIRST + timedelta(days=1)}, []),
    ],
)  # fmt: skip
def test_a_limit_means_something_on_its_side(values, named):
    assert fields_of(lambda: mandates.check_sides(values)) == named


@pytest.mark.parametrize(
    ("name", "old", "narrower", "wider"),
    [
        ("max_total", D(900), D(899), D(901)), ("min_percent", D(80), D(81), D(79)), ("max_open", 3, 2, 4),
        ("property_ids", frozenset({1, 2}), {1}, {1, 3}), ("check_in_from", FIRST, FIRST + timedelta(days=1), date(2027, 2, 28)),
        ("check_out_by", FIRST, date(2027, 2, 28), FIRST + timedelta(days=1)),
        ("expires_at", MANDATE.expires_at, MANDATE.expires_at - SECOND, MANDATE.expires_at + SECOND),
        ("may", MANDATE.may, ["read"], ["read", "seal"]),
    ],
)  # fmt: skip
def test_a_mandate_is_only_ever_lowered(name, old, narrower, wider):
    before = replace(MANDATE, **{name: old})
    for new in (narrower, old):
        assert fields_of(lambda: mandates.check_lowered(before, {name: new})) == []  # noqa: B023
    for new in (wider, None):
        # What is no limit may change in the same request, and is not named.
        assert fields_of(lambda: mandates.check_lowered(before, {"name": "x", name: new})) == [name]  # noqa: B023


def test_every_limit_that_would_be_widened_is_named_and_one_that_is_none_may_be_set():
    before = replace(MANDATE, max_open=3)
    changes = {"max_total": D(900), "max_open": 4, "may": ["read", "offer", "seal"]}
    assert fields_of(lambda: mandates.check_lowered(before, changes)) == ["max_open", "may"]
