"""What every session of the database starts with."""

from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

# A transaction that its client forgot would hold its locks for ever.
FORGOTTEN_MS = 60_000


def bound_session(connection: Any, **_: Any) -> None:
    """Set by statements, not by a start-up option, which poolers in session mode drop or refuse."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, false),"
            " set_config('idle_in_transaction_session_timeout', %s, false)",
            [str(settings.STATEMENT_TIMEOUT_MS), str(FORGOTTEN_MS if settings.STATEMENT_TIMEOUT_MS else 0)],
        )


def connect() -> None:
    """Every new connection of this process gets the limits above."""
    connection_created.connect(bound_session, dispatch_uid="core.bound_session")
