from django.db import migrations


class Migration(migrations.Migration):
    """Room in each page for the next version of a negotiation, so that an offer's update touches no index."""

    dependencies = [("negotiation", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE negotiation_negotiation SET (fillfactor = 60)",
            "ALTER TABLE negotiation_negotiation RESET (fillfactor)",
        )
    ]
