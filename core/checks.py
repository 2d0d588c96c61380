"""System checks: they report a wrong deployment before the first request, not after the first lost lock."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core import clock, timezones
from core.storage.checks import buckets_serve

EXTENSIONS = ("btree_gist", "pg_trgm")
# CI runs the tests on this version, with Redis 7.
LEAST_POSTGRES = 15


def register_all() -> None:
    """Has Django run the checks below: always, with `--deploy`, or where a database is asked."""
    register(services_are_known, Tags.urls)
    register(money_is_real, Tags.security, deploy=True)
    register(links_are_public, Tags.security, deploy=True)
    register(database_fits, Tags.database)
    register(buckets_serve, Tags.files, deploy=True)


def services_are_known(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """An error where SERVICES names something that is no service."""
    unknown = sorted(settings.SERVICES - {"auth", "host", "guest", "negotiation", "web"})
    hint = "SERVICES takes auth, host, guest, negotiation and web, separated by commas."
    return [Error(f"SERVICES names {name!r}, which is no service.", hint=hint, id="core.E001") for name in unknown]


def money_is_real(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Errors where test tokens count as money, or a gateway lacks its keys."""
    if settings.PAYMENT_GATEWAY == "sandbox":
        hint = "Set PAYMENT_GATEWAY to stripe, or to none."
        return [Error("The sandbox gateway takes test tokens for money.", hint=hint, id="core.E002")]
    keys = ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET")
    missing = [key for key in keys if not getattr(settings, key)]
    if settings.PAYMENT_GATEWAY == "stripe" and missing:
        return [Error(f"Stripe is chosen, but not set: {', '.join(missing)}.", id="core.E003")]
    return []


def links_are_public(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Errors where links in mails would not lead here, or no mail is sent at all."""
    found: list[CheckMessage] = []
    if settings.HTTPS and not settings.PUBLIC_URL.startswith("https://"):
        found.append(Warning("Links in mails would not lead here: PUBLIC_URL is no https address.", id="core.W001"))
    if not settings.EMAIL_HOST:
        found.append(Warning("EMAIL_HOST is not set: mails go to the log.", id="core.W002"))
    return found


def database_fits(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Run by `migrate` and by `check --database default`."""
    return [message for alias in databases or [] for message in examine(connections[alias])]


def examine(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """What is wrong with a database for this product; nothing more is asked of a pooler that loses sessions."""
    if pools_transactions(connection):
        return [
            Error(
                "DATABASE_URL leads to a pooler in transaction mode: locks and settings of a session would be lost.",
                hint="Use a direct connection or the pooler's session mode (Supabase: port 5432, not 6543).",
                id="core.E010",
            )
        ]
    there = [*old_version(connection), *missing_extensions(connection)]
    return [*there, *blind_to_bangla(connection), *other_time_zones()]


def pools_transactions(connection: BaseDatabaseWrapper) -> bool:
    """Whether a pooler is in between: only then do two open sessions share one backend process."""
    if str(connection.settings_dict.get("PORT")) == "6543":
        return True
    other = connection.copy()
    try:
        return any(backend(connection) == backend(other) for _ in range(3))
    finally:
        other.close()


def backend(connection: BaseDatabaseWrapper) -> int:
    """The number of the connection's process at the server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def old_version(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """An error for a PostgreSQL older than LEAST_POSTGRES."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, name = cursor.fetchone()
    if number >= LEAST_POSTGRES * 10_000:
        return []
    return [Error(f"PostgreSQL {name} is too old; {LEAST_POSTGRES} is the least.", id="core.E011")]


def other_time_zones() -> list[CheckMessage]:
    """A warning for zones in which PostgreSQL's table has other hours than the table that counts (core/timezones.py)."""
    different = timezones.differing_zones(clock.now())
    if not different:
        return []
    timezones.note_postgresql()
    shown = ", ".join(different[:12]) + (f" and {len(different) - 12} more" if len(different) > 12 else "")
    told = ", ".join(f"{name} {version}" for name, version in timezones.versions().items())
    hint = "Update PostgreSQL, or the system's time zones where it was built to use those; dates here are right all the same."
    return [Warning(f"Time zones differ ({told}): {shown}.", hint=hint, id="core.W013")]


def missing_extensions(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """An error for extensions that the server does not bring."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", [list(EXTENSIONS)])
        there = {name for (name,) in cursor.fetchall()}
    hint = "They come with PostgreSQL's contrib package (Debian: postgresql-contrib)."
    missing = [name for name in EXTENSIONS if name not in there]
    return (
        [Error(f"PostgreSQL lacks the extensions {', '.join(missing)}.", hint=hint, id="core.E012")] if missing else []
    )


def blind_to_bangla(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """A warning where pg_trgm sees no letters in Bangla: with LC_CTYPE C only ASCII letters are letters."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")
        if not cursor.fetchone()[0]:
            return []
        cursor.execute("SELECT similarity('ঢাকা', 'ঢাকা') = 1")
        if cursor.fetchone()[0]:
            return []
    return [
        Warning(
            "Search can't compare words in Bangla: the database's LC_CTYPE knows no letters but ASCII's.",
            hint="Create the database again with LC_CTYPE 'C.UTF-8' (CREATE DATABASE … TEMPLATE template0 LC_CTYPE 'C.UTF-8').",
            id="core.W015",
        )
    ]
