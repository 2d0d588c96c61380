from typing import Any

from django.db import connection, migrations

from core.database.partition_migration import cut
from core.database.partitions import ByNumber, Partitioned

ENTRIES = ByNumber(Partitioned("negotiation_entry", "negotiation_id"), "negotiation_negotiation")
NEWEST = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM negotiation_negotiation_id_seq"


def newest(cursor: Any) -> int:
    cursor.execute(NEWEST)
    return int(cursor.fetchone()[0])


def well_ahead(cursor: Any) -> str:
    last = newest(cursor)
    return str(last + max(10_000_000, last // 10))


def create_ahead(apps: object, editor: object) -> None:
    with connection.cursor() as cursor:
        last = newest(cursor)
    ENTRIES.create_ahead(last, width=0)


class Migration(migrations.Migration):
    """The log by ranges of negotiations' numbers, so that its key (negotiation, seq) stays one for the whole table."""

    atomic = False
    dependencies = [("negotiation", "0005_mandates")]
    operations = [
        migrations.RunPython(cut(ENTRIES.of, boundary=well_ahead), migrations.RunPython.noop),
        migrations.RunPython(create_ahead, migrations.RunPython.noop),
    ]
