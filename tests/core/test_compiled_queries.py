"""Queries of the ORM that are compiled once answer like those that are compiled each time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Length
from django.test.utils import CaptureQueriesContext

from accounts.models import AuthToken, User
from accounts.selectors.notifications import list_notifications
from core import clock
from core.database import compiled_queries
from core.database.compiled_queries import CompiledQuery, OneOf, Slot
from core.database.postgresql.base import only_read

pytestmark = pytest.mark.django_db


class Scratch(models.Model):
    word = models.CharField(max_length=9, primary_key=True)

    class Meta:
        app_label = "scratch"
        db_table = "scratch"
        managed = False


def made(name: str, **fields: Any) -> User:
    return User.objects.create(username=name, email=f"{name}@example.org", **fields)


def test_models_with_their_neighbours_come_as_the_orm_reads_them():
    now = clock.now()
    for number, expiry in enumerate((None, now + timedelta(1), now - timedelta(1))):
        user = made(f"u{number}", first_name="10 % 'off'")
        AuthToken.objects.create(
            user=user, digest=f"d{number}", token_key="k", created=now, last_used_at=now, expiry=expiry
        )
    live = CompiledQuery(
        lambda: (
            AuthToken.objects.select_related("user")
            .filter(Q(expiry=None) | Q(expiry__gt=Slot("now")), user__first_name="10 % 'off'")
            .order_by("pk")
        )
    )
    found = live(now=now)
    assert [token.digest for token in found] == ["d0", "d1"]
    with CaptureQueriesContext(connection) as asked:
        assert [(token.user.username, token.expiry) for token in found] == [("u0", None), ("u1", now + timedelta(1))]
    assert not asked.captured_queries
    assert found[0] == AuthToken.objects.get(digest="d0")
    assert found[0]._state.db == "default"
    assert not found[0]._state.adding


def test_a_list_may_have_any_length():
    ids = [made(f"u{n}").pk for n in range(4)]
    named = CompiledQuery(
        lambda: User.objects.filter(OneOf("pk", Slot("ids"))).order_by("pk").values_list("pk", "username")
    )
    others = CompiledQuery(lambda: User.objects.filter(~Q(OneOf("pk", Slot("ids")))).order_by("pk").values_list("pk"))
    for wanted in ([], ids[:1], ids[1:]):
        assert named(ids=wanted) == [(pk, f"u{ids.index(pk)}") for pk in wanted]
        assert [pk for (pk,) in others(ids=wanted)] == [pk for pk in ids if pk not in wanted]


def test_it_is_compiled_and_planned_once():
    made("u")
    query = CompiledQuery(lambda: User.objects.filter(username=Slot("name")).values_list("username"))
    query(name="u")
    query.make = lambda: pytest.fail("compiled again")
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        assert query(name="u") == [("u",)]
        assert query(name="nobody") == []
    assert [q["sql"][:13] for q in asked.captured_queries if "SAVEPOINT" not in q["sql"]] == ["EXECUTE read_"] * 2


def test_what_is_annotated_is_read_too():
    made("u")
    query = CompiledQuery(
        lambda: User.objects.annotate(name_too=F("username"), other=Length("username")).order_by("pk")
    )
    assert [(user.username, user.name_too, user.other) for user in query()] == [("u", "u", 1)]


def test_no_limit_of_a_client_adds_a_statement_to_the_connection_for_ever():
    user = made("u")
    for _ in range(2):
        for limit in range(1, 70):
            assert list_notifications(user.pk, limit) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%accounts_notification%LIMIT%'"
        )
        assert cursor.fetchone()[0] <= 8


@pytest.mark.parametrize("happens", ["ALTER TABLE scratch ALTER word TYPE varchar(99)", "DEALLOCATE ALL"])
def test_a_statement_that_holds_no_longer_is_prepared_again(happens, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE scratch (word varchar(9)) ON COMMIT DROP")
        cursor.execute("INSERT INTO scratch VALUES ('a')")
        query = CompiledQuery(lambda: Scratch.objects.filter(word=Slot("word")).values_list("word"))
        assert query(word="a") == [("a",)]
        cursor.execute(happens)
    with pytest.raises(DatabaseError), transaction.atomic():
        query(word="a")
    assert query(word="a") == [("a",)]
    with connection.cursor() as cursor:
        cursor.execute(happens.replace("99", "77"))
    # As outside a transaction, where PostgreSQL has nothing to give up.
    with monkeypatch.context() as outside:
        outside.setattr(compiled_queries, "_fetch", with_savepoint(compiled_queries._fetch))
        outside.setattr(connections["default"], "in_atomic_block", False)
        assert query(word="a") == [("a",)]


def with_savepoint(fetch):
    def fetched(connection, sql, params):
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT here")
            try:
                return fetch(connection, sql, params)
            except DatabaseError:
                cursor.execute("ROLLBACK TO here")
                raise

    return fetched


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("SELECT 1", True), ("EXECUTE read_accounts_user_1 (1)", True), ("PREPARE read_x_1 AS SELECT 1", True),
        ("DISCARD PLANS", True), ("EXECUTE offer_insert (1)", False), ("UPDATE x SET y = 1", False), ("", False),
        ("DEALLOCATE ALL", True),
    ],
)  # fmt: skip
def test_what_a_lost_connection_leaves_in_doubt(statement, reads):
    class Error:
        class cursor:
            query = statement.encode()

    assert only_read(Error) is reads
