"""No id that grows is kept in 32 bits."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db
NARROW = """
SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name = 'id' AND c.data_type <> 'bigint'
    AND c.data_type IN ('integer', 'smallint')
"""
SEQUENCES = (
    "SELECT sequence_name FROM information_schema.sequences WHERE sequence_schema = 'public' AND data_type <> 'bigint'"
)


def found(sql: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {name for (name,) in cursor.fetchall()}


def test_every_id_and_its_sequence_has_64_bits() -> None:
    assert found(NARROW) == set()
    assert found(SEQUENCES) == set()
