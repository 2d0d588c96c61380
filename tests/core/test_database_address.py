"""What DATABASE_URL says of one server and of several."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.database.address import database


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://u:p@db.example/x", "db.example", ""),
        ("postgresql://u:p%40%2F@db.example:6000/x", "db.example", 6000),
        ("postgresql://u@%2Frun%2Fpg/x", "/run/pg", ""),
        ("postgresql://u:p@one,two:6001/x", "one,two", "5432,6001"),
        ("postgresql://u:p%40@one:5432,[2001:db8::1]:6,two/x?sslmode=require", "one,2001:db8::1,two", "5432,6,5432"),
        ("postgresql://u@%2Ftmp%2Fa,%2Ftmp%2Fb/x", "/tmp/a,/tmp/b", "5432,5432"),
    ],
)
def test_where_the_servers_are(url: str, host: str, port: object) -> None:
    settings = database(url)
    assert (settings["HOST"], settings["PORT"], settings["NAME"], settings["USER"]) == (host, port, "x", "u")
    assert settings["PASSWORD"] in ("", "p", "p@/", "p@")


def test_of_several_the_one_that_takes_writes_is_wanted_and_each_is_tried_two_seconds() -> None:
    options = database("postgresql://u@one,two/x?sslmode=require")["OPTIONS"]
    assert (options["target_session_attrs"], options["connect_timeout"]) == ("read-write", 2)
    assert options["sslmode"] == "require"
    assert "target_session_attrs" not in database("postgresql://u@one/x")["OPTIONS"]
    assert database("postgresql://u@one,two/x?target_session_attrs=any")["OPTIONS"]["target_session_attrs"] == "any"


@pytest.mark.parametrize("url", ["postgresql://u:a@b/c@one:x/y", "postgresql://u@one:many/x"])
def test_an_address_that_makes_no_sense_is_refused_by_name(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL .*percent-encoded"):
        database(url)
