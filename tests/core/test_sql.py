"""What hand-written SQL owes to the models and the floors: no column is forgotten, no table of a floor above is named."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import AutoField, Model
from django.db.models.fields import NOT_PROVIDED

from negotiation import columns, records, row_reading
from tests.statements import prepared_of

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("core", "accounts", "properties", "bookings", "negotiation")
MODELS: dict[str, type[Model]] = {
    model._meta.db_table: model for floor in FLOORS for model in apps.get_app_config(floor).get_models()
}
INSERT = re.compile(r"INSERT INTO\s+(\w+)\s*\(([^)]*)\)")
WRITE = re.compile(r"(?:INSERT INTO|DELETE FROM|UPDATE)\s+(\w+)")
# file → the tables of floors below that its SQL may write; a short list, because their own services do not see it.
WRITES_BELOW = {
    "bookings/services/confirm_stays.py": {"properties_calendarentry"},
    "negotiation/columns.py": {"core_storedoutcome", "accounts_notification"},
    "negotiation/engine/write_sql.py": {"core_storedoutcome"},
    "negotiation/services/superhosts.py": {"accounts_userprofile", "accounts_user", "properties_searchentry"},
    "negotiation/management/commands/seed_bench.py": {"properties_calendarentry"},
}


def statements() -> Iterator[tuple[str, str]]:
    """(module, text) of every string and prepared statement that a module of the apps holds."""
    for floor in FLOORS:
        package = importlib.import_module(floor)
        for found in pkgutil.walk_packages(package.__path__, f"{floor}."):
            if ".migrations" in found.name or ".local" in found.name:
                continue
            module = importlib.import_module(found.name)
            texts = [value for value in vars(module).values() if isinstance(value, str)]
            yield from ((found.name, text) for text in [*texts, *(one.definition for one in prepared_of(module))])


def needed(table: str) -> set[str]:
    """The columns that the database does not fill by itself."""
    fields = MODELS[table]._meta.concrete_fields
    return {f.column for f in fields if f.db_default is NOT_PROVIDED and not isinstance(f, AutoField)}


def test_each_insert_names_every_column_of_its_model() -> None:
    found = {
        (name, table, named) for name, text in statements() for table, named in INSERT.findall(text) if table in MODELS
    }
    assert {table for _, table, _ in found} >= {"negotiation_negotiation", "bookings_booking", "properties_dayviews"}
    forgotten = {
        (name, table): missing
        for name, table, named in found
        if (missing := needed(table) - {column.strip(' \n"') for column in named.split(",")})
    }
    assert not forgotten


@pytest.mark.parametrize(
    "table", [columns.NEGOTIATION, columns.OFFER, columns.ENTRY, columns.STORED_OUTCOME, columns.NOTIFICATION]
)
def test_a_column_table_has_the_columns_of_its_model(table: columns.Table) -> None:
    assert set(table.names()) == {field.column for field in MODELS[table.name]._meta.concrete_fields}


def test_a_negotiations_record_has_every_column() -> None:
    """As its own, or seen by the rules."""
    names = set(columns.NEGOTIATION.names())
    assert set(row_reading.OWN) | set(records.RULED) <= names
    assert not {name for name in names if name not in records.RULED and not hasattr(records.NegotiationRecord, name)}


def sources() -> Iterator[tuple[int, str, str]]:
    """(floor, path, text) of every module that is no migration."""
    for number, floor in enumerate(FLOORS):
        for path in (ROOT / floor).rglob("*.py"):
            if "migrations" not in path.parts:
                yield number, str(path.relative_to(ROOT)), path.read_text()


def test_no_sql_names_a_table_of_a_floor_above() -> None:
    for number, path, text in sources():
        above = {table for table in MODELS if MODELS[table]._meta.app_label in FLOORS[number + 1 :]}
        assert not {table for table in above if re.search(rf"\b{table}\b", text)}, path


def test_only_listed_files_write_tables_of_a_floor_below() -> None:
    writes: dict[str, set[str]] = {}
    for number, path, text in sources():
        named = {*WRITE.findall(text), *re.findall(r'Table\(\s*"(\w+)"', text)}
        below = {table for table in named & set(MODELS) if MODELS[table]._meta.app_label in FLOORS[:number]}
        if below:
            writes[path] = below
    assert writes == WRITES_BELOW
