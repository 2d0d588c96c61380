"""A least number of nights by season, and gaps that may be sold whole."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('properties', '0006_imported_calendars'),
    ]

    operations = [
        migrations.AddField(
            model_name='pricerule',
            name='min_nights',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='property',
            name='fill_gaps',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name='searchentry',
            name='fill_gaps',
            field=models.BooleanField(db_default=True),
        ),
        migrations.AddField(
            model_name='searchentry',
            name='has_night_rules',
            field=models.BooleanField(db_default=False),
        ),
    ]
