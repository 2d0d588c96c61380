"""Search of people who are not signed in, from a replica; and from the primary while that is away."""

from collections.abc import Callable

import httpx
import pytest
from django.db import connection

from tests.factories.accounts import make_token
from tests.factories.stays import make_user
from tests.servers import ServerProcess, database_url

pytestmark = pytest.mark.django_db(transaction=True)
SEARCH = "/api/properties/search/"


def connections_of(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [name])
        return int(cursor.fetchone()[0])


def test_strangers_search_at_the_replica_and_who_signs_in_at_the_primary(serve: Callable[..., ServerProcess]) -> None:
    server = serve(DATABASE_REPLICA_URL=f"{database_url()}?application_name=the-replica")
    headers = {"Authorization": f"Token {make_token(make_user())[1]}"}
    assert httpx.get(f"{server.url}{SEARCH}", headers=headers, timeout=20).status_code == 200
    assert connections_of("the-replica") == 0
    assert httpx.get(f"{server.url}{SEARCH}", timeout=20).status_code == 200
    assert connections_of("the-replica") > 0


def test_while_the_replica_is_away_the_primary_answers(serve: Callable[..., ServerProcess]) -> None:
    server = serve(DATABASE_REPLICA_URL="postgresql://nobody@127.0.0.1:1/none")
    assert httpx.get(f"{server.url}{SEARCH}", timeout=20).status_code == 200
