"""Windows shared through the broker, the same ones per process, and the REST door's buckets."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from core.api import rate_limits
from core.api.rate_limits import Buckets, SharedCounter, Use, Window, give_back, take
from core.errors import DomainError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TWO_A_MINUTE = Window("two", 2, 60)


@pytest.fixture(params=["shared", "broker down"], autouse=True)
def counter(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedCounter]:
    """Every test runs on the broker and without it: nothing answers at that address."""
    made = SharedCounter()
    if request.param == "broker down":
        made._client = redis.Redis.from_url("redis://127.0.0.1:1", retry=None)
    monkeypatch.setattr(rate_limits, "_counter", made)
    yield made
    if made._client is not None:
        made._client.close()


def refusal(windows: list[Window], now: datetime) -> DomainError:
    with pytest.raises(DomainError) as raised:
        take(windows, now)
    assert raised.value.code == "rate_limited"
    return raised.value


def test_a_full_window_refuses_and_says_until_when() -> None:
    take([TWO_A_MINUTE], NOON)
    take([TWO_A_MINUTE], NOON + timedelta(seconds=10))
    assert refusal([TWO_A_MINUTE], NOON + timedelta(seconds=20)).params == {"retry_after": 40}


def test_a_window_slides() -> None:
    take([TWO_A_MINUTE], NOON)
    take([TWO_A_MINUTE], NOON + timedelta(seconds=10))
    take([TWO_A_MINUTE], NOON + timedelta(seconds=60))
    assert refusal([TWO_A_MINUTE], NOON + timedelta(seconds=60)).params == {"retry_after": 10}


def test_a_use_refused_by_one_window_counts_in_none() -> None:
    other = Window("other", 1, 60)
    for _ in range(2):
        take([TWO_A_MINUTE], NOON)
    refusal([other, TWO_A_MINUTE], NOON)
    take([other], NOON)


def test_a_use_given_back_makes_room() -> None:
    take([TWO_A_MINUTE], NOON)
    give_back(take([TWO_A_MINUTE], NOON))
    take([TWO_A_MINUTE], NOON)
    refusal([TWO_A_MINUTE], NOON)


def test_the_factor_multiplies(settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 1.5
    for _ in range(3):
        take([TWO_A_MINUTE], NOON)
    refusal([TWO_A_MINUTE], NOON)


def test_many_at_once_never_get_more_than_the_window_holds() -> None:
    ten = Window("ten", 10, 60)

    def attempt(_: int) -> bool:
        try:
            take([ten], NOON)
        except DomainError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == 10


def test_a_broker_that_does_not_answer_is_left_alone_for_a_while(counter: SharedCounter) -> None:
    counter._client = redis.Redis.from_url("redis://127.0.0.1:1", retry=None)
    take([TWO_A_MINUTE], NOON)
    assert counter.rests_until > 0
    take([TWO_A_MINUTE], NOON)
    refusal([TWO_A_MINUTE], NOON)


def test_the_local_counter_never_grows_without_end(counter: SharedCounter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_LOCAL", 10)
    for number in range(50):
        counter.local.take(Use(str(number), (Window(f"key-{number}", 1, 60),)), 0)
    assert len(counter.local.uses) <= 11


def test_a_bucket_gives_a_burst_and_then_refills() -> None:
    buckets = Buckets()
    assert [buckets.take("a", 3, 2, now=0.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b", 3, 2, now=0.0) == 0
    assert buckets.take("a", 3, 2, now=0.5) == 0
    assert buckets.take("a", 3, 2, now=0.5) == 0.5


def test_the_sustained_rate_is_never_refused() -> None:
    buckets = Buckets()
    assert all(buckets.take(7, 30, 10, now=second / 10) == 0.0 for second in range(1000))


def test_full_buckets_are_forgotten() -> None:
    buckets = Buckets()
    for number in range(100):
        buckets.take(str(number), 3, 2, now=100.0)
    buckets.take("last", 3, 2, now=200.0)
    assert list(buckets.left) == ["last"]
