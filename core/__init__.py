"""The ground floor: it knows no business."""

import sys

# Django would take psycopg 3 where it finds it. The event loop's lane alone does, when Django has decided:
# core/database/pq.py.
sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]
