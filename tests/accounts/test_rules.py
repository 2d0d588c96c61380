from datetime import UTC, datetime, timedelta

import pytest

from accounts.rules import use_is_noted_before

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("lifetime_s", "before_s"), [(30 * 86400, 60), (600, 60), (599, 59.9), (10, 1), (1, 0.1)])
def test_a_use_is_noted_once_a_minute_or_ten_times_in_a_short_life(lifetime_s, before_s):
    assert use_is_noted_before(NOW, timedelta(seconds=lifetime_s)) == NOW - timedelta(seconds=before_s)
