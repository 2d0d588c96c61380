"""What a deployment gets wrong about its database, told before the first request."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from django.contrib.postgres.operations import CreateExtension
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.utils import OperationalError

from core import checks


@contextmanager
def another_session() -> Iterator[Any]:
    other = connection.copy()
    try:
        yield other
    finally:
        other.close()


@pytest.mark.django_db
def test_the_real_database_passes() -> None:
    found = checks.database_fits(None, databases=["default"])
    # The embedded PostgreSQL's table of time zones is of another release than the package's, today.
    assert [message.id for message in found if message.id != "core.W013"] == []


@pytest.mark.django_db
def test_one_backend_under_two_sessions_is_a_transaction_pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "backend", lambda connection: 4711)
    assert [message.id for message in checks.examine(connection)] == ["core.E010"]


@pytest.mark.django_db
def test_supabases_transaction_port_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "PORT", 6543)
    assert checks.pools_transactions(connection)


@pytest.mark.django_db
def test_missing_extensions_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "EXTENSIONS", ("btree_gist", "no_such_extension"))
    (message,) = checks.missing_extensions(connection)
    assert "no_such_extension" in message.msg
    assert "btree_gist" not in message.msg


def test_every_extension_of_a_migration_is_checked_for() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    operations = [operation for migration in loader.disk_migrations.values() for operation in migration.operations]
    needed = {operation.name for operation in operations if isinstance(operation, CreateExtension)}
    assert needed == set(checks.EXTENSIONS)


@pytest.mark.django_db
def test_a_statement_that_takes_too_long_is_cut_off(settings) -> None:
    settings.STATEMENT_TIMEOUT_MS = 50
    with (
        another_session() as session,
        session.cursor() as cursor,
        pytest.raises(OperationalError, match="statement timeout"),
    ):
        cursor.execute("SELECT pg_sleep(5)")


def test_the_settings_name_existing_middleware(settings) -> None:
    for path in settings.MIDDLEWARE:
        module, _, name = path.rpartition(".")
        assert hasattr(import_module(module), name)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"SERVICES": frozenset({"auth", "guests"})}, "core.E001"),
        ({"PAYMENT_GATEWAY": "sandbox"}, "core.E002"),
        ({"PAYMENT_GATEWAY": "stripe", "STRIPE_SECRET_KEY": ""}, "core.E003"),
        ({"HTTPS": True, "PUBLIC_URL": "http://stay.example"}, "core.W001"),
        ({"EMAIL_HOST": ""}, "core.W002"),
    ],
)
def test_settings_that_do_not_fit_are_told(settings, changed: dict[str, Any], expected: str) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    found = [*checks.services_are_known(None), *checks.money_is_real(None), *checks.links_are_public(None)]
    assert expected in [message.id for message in found]
