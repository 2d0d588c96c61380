"""Changes indexes while other transactions write; for migrations with `atomic = False`."""

from collections.abc import Callable
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def definition(schema_editor: BaseDatabaseSchemaEditor, name: str) -> str | None:
    """The CREATE INDEX statement of an index as PostgreSQL tells it; None where there is no such index."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef(to_regclass(%s))", [name])
        (found,) = cursor.fetchone()
    return found


def rebuild(name: str, on: str, *, part: str, present: bool) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    """For RunPython: makes the index `name` anew as `CREATE INDEX name ON on` where its definition is an older one.

    `part`: text by which the definitions differ; `present`: whether today's holds it. A database that has today's
    definition is left as it is. A run that was cut off is finished by the next.
    """

    def run(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
        found = definition(schema_editor, name)
        if found is not None and (part in found) == present:
            return
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}_new")
        schema_editor.execute(f"CREATE INDEX CONCURRENTLY {name}_new ON {on}")
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        schema_editor.execute(f"ALTER INDEX {name}_new RENAME TO {name}")

    return run
