"""The lowest app: it knows nothing of homes, stays or haggling."""

import sys

# Django uses psycopg 3 where it finds it. Only the event loop's lane should, after Django has decided: core/database/pq.py.
sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]
