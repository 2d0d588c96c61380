import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [('core', '0001_extensions')]

    operations = [
        migrations.CreateModel(
            name='ClockJob',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('ran_at', models.DateTimeField()),
                ('did', models.PositiveIntegerField(default=0)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('failure', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='StoredOutcome',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.BigIntegerField()),
                ('key', models.CharField(max_length=64)),
                ('fingerprint', models.BinaryField(max_length=16)),
                ('outcome', models.JSONField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.BrinIndex(fields=['created_at'], name='stored_outcome_created')],
            },
        ),
    ]
