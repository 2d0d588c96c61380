"""Sets the limits with which every database session starts."""

from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

# Milliseconds after which the server ends an idle transaction; a forgotten one would else hold its locks for ever.
FORGOTTEN_MS = 60_000
# Milliseconds that a query may take at the replica; after that the same request asks the primary.
REPLICA, REPLICA_MS = "replica", 2000


def bound_session(connection: Any, **_: Any) -> None:
    """Sets the limits by statements, because poolers in session mode drop or refuse start-up options."""
    if connection.vendor != "postgresql":
        return
    limit_ms = settings.STATEMENT_TIMEOUT_MS
    if connection.alias == REPLICA:
        limit_ms = min(limit_ms or REPLICA_MS, REPLICA_MS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, false),"
            " set_config('idle_in_transaction_session_timeout', %s, false)",
            [str(limit_ms), str(FORGOTTEN_MS if settings.STATEMENT_TIMEOUT_MS else 0)],
        )


def connect() -> None:
    """Gives every new connection of this process the limits above."""
    connection_created.connect(bound_session, dispatch_uid="core.bound_session")
