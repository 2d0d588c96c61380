"""Changes indexes while other transactions write, for migrations with `atomic = False`."""

from collections.abc import Callable
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def definition(schema_editor: BaseDatabaseSchemaEditor, name: str) -> str | None:
    """Returns the CREATE INDEX statement of an index as PostgreSQL writes it; None where there is no such index."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef(to_regclass(%s))", [name])
        (found,) = cursor.fetchone()
    return found


def rebuild(name: str, on: str, *, part: str, present: bool) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    """Returns a function for RunPython that rebuilds the index `name` as `CREATE INDEX name ON on`.

    `part` is a text by which the old and the new definition differ; `present` says whether the new one contains it. A
    database that has the new definition already is left as it is. The next run completes one that was interrupted.
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
