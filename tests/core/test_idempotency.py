"""A command is done once, whichever floor runs it."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from core.api import idempotency
from core.api.idempotency import fingerprint, run_once
from core.errors import DomainError
from core.models import StoredOutcome
from tests.factories.bookings import NOW


def once(do, *, key="k", now=NOW, account_id=1, **fields):
    return run_once(account_id=account_id, key=key, kind="test", fields=fields, now=now, do=do)


def refuse(code):
    def do():
        StoredOutcome.objects.create(account_id=9, key="trace", fingerprint=b"", outcome={}, created_at=NOW)
        raise DomainError(code)

    return do


def code_of(*args, **kwargs):
    with pytest.raises(DomainError) as refused:
        once(*args, **kwargs)
    return refused.value.code


@pytest.mark.django_db
def test_the_first_outcome_is_given_again():
    assert once(lambda: {"n": 1}).replayed is False
    again = once(lambda: {"n": 2})
    assert (again.outcome, again.replayed) == ({"n": 1}, True)
    assert once(lambda: {"n": 3}, account_id=2).outcome == {"n": 3}
    assert once(lambda: {"n": 4}, key=None).outcome == {"n": 4}
    assert code_of(lambda: {}, other=1) == "command.id_reused"


@pytest.mark.django_db
def test_a_refusal_is_stored_and_what_was_written_before_it_is_not():
    assert code_of(refuse("dates.taken")) == "dates.taken"
    assert code_of(lambda: {"n": 1}) == "dates.taken"
    assert not StoredOutcome.objects.filter(key="trace").exists()


@pytest.mark.django_db
def test_what_may_end_differently_is_tried_again():
    assert code_of(refuse("unavailable")) == "unavailable"
    assert once(lambda: {"n": 1}).outcome == {"n": 1}


@pytest.mark.django_db
def test_after_a_day_the_key_is_new():
    once(lambda: {"n": 1})
    late = NOW + timedelta(hours=24)
    assert once(lambda: {"n": 2}, now=late - timedelta(seconds=1)).outcome == {"n": 1}
    assert once(lambda: {"n": 2}, now=late).outcome == {"n": 2}


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 65, "a\0b", "ключ"])
def test_a_key_that_is_none(key):
    assert code_of(lambda: {}, key=key) == "invalid"


def test_the_same_content_has_one_fingerprint():
    assert fingerprint("a", {"x": 1, "y": None}) == fingerprint("a", {"x": 1})
    assert fingerprint("a", {"x": 1, "y": 2}) == fingerprint("a", {"y": 2, "x": 1})
    assert fingerprint("a", {"x": 1}) != fingerprint("b", {"x": 1}) != fingerprint("b", {"x": 2})


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_for_the_first_and_then_says_so(monkeypatch):
    monkeypatch.setattr(idempotency, "WAIT_MS", 100)
    begun, go_on = Event(), Event()

    def slow():
        begun.set()
        assert go_on.wait(20)
        return {"n": 1}

    def first():
        once(slow)
        connection.close()

    thread = Thread(target=first)
    thread.start()
    try:
        assert begun.wait(20)
        assert code_of(lambda: {"n": 2}) == "command.in_progress"
    finally:
        go_on.set()
        thread.join(20)
    assert once(lambda: {"n": 3}).outcome == {"n": 1}


@pytest.mark.django_db
def test_the_callers_own_transaction_survives_a_refusal():
    with transaction.atomic():
        assert code_of(refuse("dates.taken")) == "dates.taken"
        assert StoredOutcome.objects.count() == 1
