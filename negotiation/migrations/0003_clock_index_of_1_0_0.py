from django.db import migrations

from core.database.indexes import rebuild


class Migration(migrations.Migration):
    """A database of 1.0.0 gets the clock's index of a fresh one; a later edit of 0001 had changed it for fresh ones only."""

    atomic = False  # CONCURRENTLY runs outside a transaction

    dependencies = [("negotiation", "0002_fillfactor")]

    operations = [
        migrations.RunPython(
            rebuild(
                "offer_expires",
                "negotiation_offer (expires_at) WHERE status = 'standing' AND NOT by = ''",
                part="by",
                present=True,
            ),
            migrations.RunPython.noop,
        )
    ]
