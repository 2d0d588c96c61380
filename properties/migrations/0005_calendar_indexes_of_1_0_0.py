from django.db import migrations

from core.database.indexes import rebuild


class Migration(migrations.Migration):
    """A database of 1.0.0 gets the indexes of a fresh one; a later edit of 0001 had changed them for fresh ones only."""

    atomic = False  # CONCURRENTLY runs outside a transaction

    dependencies = [("properties", "0004_search_knows_taken_nights")]

    operations = [
        migrations.RunPython(
            rebuild("calendar_ends", "properties_calendarentry (property_id, upper(nights))", part="lower(", present=False),
            migrations.RunPython.noop,
        ),
        # The foreign key's own index. `calendar_ends` begins with the same column and finds the same rows.
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS properties_calendarentry_property_id_16de97f3", migrations.RunSQL.noop
        ),
    ]
