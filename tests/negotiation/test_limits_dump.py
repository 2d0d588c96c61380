"""After a miss nothing that a back-up, the broker or a log holds shows a figure (rule 10, d): a real pg_dump is searched."""

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import redis
from django.conf import settings

from accounts.models import User
from core.local.embedded import postgres_bin
from tests.factories.accounts import make_token
from tests.negotiation.play import Play, opened
from tests.servers import UNLIMITED, ServerProcess, database_url

pytestmark = pytest.mark.django_db(transaction=True)
GUESTS, HOSTS = "2345.67", "2876.54"
RARE = (GUESTS, HOSTS, "234567", "287654", "2345,67", "2876,54")


def dump() -> dict[str, str]:
    """table → its rows, as the back-up of docs/deploy.md writes them."""
    written = subprocess.run(
        [postgres_bin() / "pg_dump", "--data-only", database_url()], check=True, capture_output=True, text=True
    ).stdout
    tables: dict[str, str] = {}
    for part in written.split("\nCOPY ")[1:]:
        head, _, rows = part.partition("\n")
        tables[head.split(" ")[0].removeprefix("public.")] = rows.partition("\n\\.\n")[0]
    return tables


def broker() -> Iterator[str]:
    """Every key and value of the broker, as text."""
    store = redis.Redis.from_url(settings.REDIS_URL)
    for key in store.scan_iter(count=1000):
        yield f"{key!r} {store.dump(key)!r}"


def found(tables: dict[str, str]) -> dict[str, set[str]]:
    return {figure: there for figure in RARE if (there := {name for name, rows in tables.items() if figure in rows})}


def outside(hub: ServerProcess, user: User) -> httpx.Client:
    return httpx.Client(base_url=hub.url, headers={"Authorization": f"Token {make_token(user)[1]}"}, timeout=30)


@pytest.mark.parametrize("end", ["missed", "unsealed", "declined", "expired"])
def test_no_figure_is_left_in_a_dump(end: str, serve: Callable[..., ServerProcess]) -> None:
    hub, play = serve(**UNLIMITED), opened("2000")
    # The server is shared: what tests before this one made it say has figures of their own.
    written = hub.log.stat().st_size
    with outside(hub, play.guest) as guest, outside(hub, play.host) as host:
        sides = {"guest": guest, "host": host}
        assert guest.post(f"/api/nego/{play.id}/limit/", json={"amount": GUESTS}).status_code == 200
        assert found(dump()) == {GUESTS: {"negotiation_negotiation"}}, "the search sees what is there"
        _end(play, sides, end)
        assert guest.get("/auth/export/").status_code in (200, 202)
    tables = dump()
    assert len(tables) > 60
    assert found(tables) == {}
    assert not [line for line in broker() if any(figure in line for figure in RARE)]
    said = hub.log.read_bytes()[written:].decode()
    assert "limit.seal" in said
    assert not [figure for figure in RARE if figure in said]


def _end(play: Play, sides: dict[str, Any], how: str) -> None:
    limit, status = f"/api/nego/{play.id}/limit/", f"/api/nego/update_status/{play.id}/"
    if how == "missed":
        assert sides["host"].post(limit, json={"amount": HOSTS}).status_code == 200
        assert play.kinds()[-1] == "limit.missed"
    elif how == "unsealed":
        assert sides["guest"].delete(limit).status_code == 200
    elif how == "declined":
        assert sides["host"].put(status, json={"negotiation_status": "declined"}).status_code == 200
    else:
        play.later(days=2)
        assert play.seen_now()["status"] == "expired"
