"""psycopg 3's thin layer over libpq, which the event loop's lane uses; of the rest of psycopg 3 it only opens connections.

Django uses psycopg 3 instead of psycopg2 as soon as it can import it, and then a string of several statements returns the
first result and not the last. Therefore `core` hides psycopg 3 before it imports anything of Django, and this file shows it
again once Django has decided (docs/decisions/0040).
"""

from __future__ import annotations

import sys

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base, psycopg_any

if sys.modules.get("psycopg", sys) is None:
    del sys.modules["psycopg"]

from psycopg import Connection as Opened
from psycopg import Error as PsycopgError
from psycopg import OperationalError as PqError  # libpq's error for a connection that is gone
from psycopg.conninfo import make_conninfo
from psycopg.pq import ConnStatus, TransactionStatus
from psycopg.pq import DiagnosticField as Diagnostic
from psycopg.pq import ExecStatus as Status
from psycopg.pq.abc import PGresult

if psycopg_any.is_psycopg3 or base.DatabaseWrapper.Database.__name__ != "psycopg2":
    raise ImproperlyConfigured("psycopg was imported before core: Django has taken it in place of psycopg2.")

__all__ = [
    "ConnStatus",
    "Diagnostic",
    "Opened",
    "PGresult",
    "PqError",
    "PsycopgError",
    "Status",
    "TransactionStatus",
    "make_conninfo",
]
