"""Queries of the ORM that are compiled once in each process, and run often with other values.

Building and compiling a query costs Django several times as much as sending it: 0.5 to 1 ms of CPU for each query. The
source still has the ORM's expression; a `Slot` marks the place of each value, in the form that psycopg2 takes. Each
connection to the primary plans the query once, and again after a while (`core.database.prepared_statements`).

    BY_OWNER = CompiledQuery(lambda: Home.objects.filter(owner_id=Slot("owner")).order_by("pk"))
    BY_OWNER(owner=7)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

from django.db import DEFAULT_DB_ALIAS, NotSupportedError, OperationalError
from django.db.models import BooleanField, Expression, Func, Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators

from core.database.errors import pgcode
from core.database.prepared_statements import STALE, Prepared
from core.database.replica import reading

# The value for a slot "ids below", which then means all ids.
ABOVE_ALL_IDS = 2**63 - 1


class Slot(Expression):
    """The place of a value that each call of the query gives."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Returns a parameter that is the slot itself."""
        return "%s", [self]


class OneOf(Func):
    """A condition, `OneOf("pk", Slot("ids"))`: the field is in a list. Its SQL is the same for lists of any length."""

    output_field = BooleanField()

    def __init__(self, field: str, values: Slot) -> None:
        super().__init__(field, values)

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Returns `field = ANY(list)`, for which PostgreSQL uses an index as for an IN."""
        field, values = self.get_source_expressions()
        left, params = compiler.compile(field)
        return f"{left} = ANY(%s)", [*params, values]


class CompiledQuery:
    """A query that is called with the values of its slots, by name.

    Its rows are models, or tuples where the query set has `values_list` without `flat`.
    """

    def __init__(self, make: Callable[[], QuerySet[Any, Any]]) -> None:
        self.make = make
        self.plans: dict[str, Plan] = {}

    def __call__(self, **values: Any) -> list[Any]:
        """Returns the rows, from the database where the request reads."""
        return self.ask(reading(), values)

    def ask(self, connection: Any, values: dict[str, Any]) -> list[Any]:
        """Returns the rows, from this connection."""
        plan = self.plans.get(connection.alias)
        if plan is None:
            plan = self.plans[connection.alias] = Plan(self.make(), connection)
        params = [values[name] for name in plan.names]
        if connection.alias != DEFAULT_DB_ALIAS:
            return plan.read(_fetch(connection, plan.sql, params))
        try:
            return plan.read(_fetch(connection, plan.prepared.on_this_connection(), params))
        except (NotSupportedError, OperationalError) as error:
            # In a transaction PostgreSQL has given that up.
            if connection.in_atomic_block or pgcode(error) not in STALE:
                raise
        return plan.read(_fetch(connection, plan.sql, params))


def _fetch(connection: Any, sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def at_least(limit: int) -> int:
    """The next power of two: a limit that a client chooses would make as many statements as there are numbers."""
    return 1 << max(limit - 1, 0).bit_length()


class Inferred(Prepared):
    """A prepared statement for whose parameters PostgreSQL infers the types. `sql` has a %s for each parameter."""

    def __init__(self, name: str, sql: str, parameters: int) -> None:
        super().__init__(name, (), sql)
        numbered = sql % tuple(f"${number}" for number in range(1, parameters + 1))
        self.definition = f"PREPARE {name} AS {numbered}"
        self.call = f"EXECUTE {name} ({', '.join(['%s'] * parameters)})" if parameters else f"EXECUTE {name}"


def literal(cursor: Any, value: Any) -> str:
    """Returns the value as SQL, for a text in which the parameters are filled in later."""
    return str(cursor.mogrify("%s", [value]).decode().replace("%", "%%"))


class Plan:
    """A compiled query for one database, with everything needed to read its rows.

    `ModelIterable` works that out again for each query. Raises TypeError for a query of models with annotations.
    """

    def __init__(self, asked: QuerySet[Any, Any], connection: Any) -> None:
        self.alias = connection.alias
        compiler = asked.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        # Values that are the same in each call become part of the SQL.
        with connection.cursor() as cursor:
            self.sql = sql % tuple("%s" if isinstance(p, Slot) else literal(cursor, p) for p in params)
        self.names = [p.name for p in params if isinstance(p, Slot)]
        # The name is a digest of the SQL, so a second object with the same query adds no prepared statement to a connection.
        digest = blake2b(self.sql.encode(), digest_size=6).hexdigest()
        self.prepared = Inferred(f"read_{digest}_{asked.model._meta.db_table}"[:63], self.sql, len(self.names))
        columns: Sequence[Any] = [column for column, *_ in compiler.select]
        self.converters = compiler.get_converters(columns)
        self.compiler = compiler
        self.model: type[Model] | None = None
        if issubclass(asked._iterable_class, ModelIterable):
            self.read_models_as(compiler)

    def read_models_as(self, compiler: Any) -> None:
        self.annotations = list(compiler.annotation_col_map.items())
        info = compiler.klass_info
        fields = info["select_fields"]
        self.model, self.first, self.end = info["model"], fields[0], fields[-1] + 1
        self.fields = [column.target.attname for column, *_ in compiler.select[self.first : self.end]]
        self.related = get_related_populators(info, compiler.select, self.alias)  # type: ignore[call-arg]

    def read(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        """Returns the rows as models or tuples."""
        if self.converters:
            rows = [tuple(row) for row in self.compiler.apply_converters(rows, self.converters)]
        return rows if self.model is None else [self.read_model(self.model, row) for row in rows]

    def read_model(self, model: type[Model], row: tuple[Any, ...]) -> Model:
        found = model.from_db(self.alias, self.fields, row[self.first : self.end])
        for populator in self.related:
            populator.populate(row, found)
        for name, place in self.annotations:
            setattr(found, name, row[place])
        return found
