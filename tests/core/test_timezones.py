"""One table of zones turns wall time into instants, whatever the machine and PostgreSQL carry."""

import zoneinfo
from datetime import UTC, date, datetime, time

import pytest
import tzdata  # type: ignore[import-untyped]  # data, with one constant

from core import checks, timezones
from core.clock import at_wall_time, local_date
from tests.servers import ROOT

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def test_the_package_alone_is_read():
    assert zoneinfo.TZPATH == ()
    assert timezones.versions()["tzdata"] == tzdata.IANA_VERSION


@pytest.mark.parametrize(
    ("day", "zone", "hour"),
    [
        (date(2026, 12, 15), "Asia/Dhaka", 6),
        (date(2026, 7, 1), "Europe/Berlin", 10),
        (date(2026, 12, 15), "Europe/Berlin", 11),
        # It gave up its clock changes in 2026, and stays at seven hours behind.
        (date(2026, 12, 15), "America/Vancouver", 19),
        (date(2026, 7, 1), "America/Vancouver", 19),
    ],
)
def test_noon(day, zone, hour):
    assert at_wall_time(day, time(12), zone) == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    assert local_date(at_wall_time(day, time(12), zone), zone) == day


@pytest.mark.parametrize("hour", [0, 9, 11, 12, 13, 23])
def test_where_it_is_tomorrow_or_yesterday_by_the_one_table(hour):
    now = NOW.replace(hour=hour, minute=30)
    ahead, behind = timezones.zones_off_greenwich(now)
    for name in zoneinfo.available_timezones():
        off = (local_date(now, name) - now.date()).days
        assert off == (name in ahead) - (name in behind), name


def test_no_query_goes_by_postgresqls_own_table():
    asked = [
        path for app in ("accounts", "bookings", "negotiation", "properties") for path in (ROOT / app).rglob("*.py")
    ]
    assert [str(path) for path in asked if "AT TIME ZONE" in path.read_text()] == []


@pytest.mark.django_db
def test_a_check_names_zones_in_which_postgresql_has_other_hours(monkeypatch):
    found = timezones.differing_zones(NOW)
    assert set(found) < zoneinfo.available_timezones()
    messages = checks.other_time_zones()
    assert [message.id for message in messages] == (["core.W013"] if found else [])
    monkeypatch.setattr(timezones, "differing_zones", lambda now: ["America/Vancouver"])
    [message] = checks.other_time_zones()
    assert "America/Vancouver" in message.msg
    assert all(timezones.versions()[name] for name in ("tzdata", "system", "postgresql"))


@pytest.mark.django_db
def test_readiness_tells_the_versions(api):
    told = api.get("/readyz/").json()["time_zones"]
    assert list(told) == ["tzdata", "system", "postgresql"]
