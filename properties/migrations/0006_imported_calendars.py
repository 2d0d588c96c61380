"""Calendars of other sites, and what of ours may come back in them.

Entries of ours that go are noted by a trigger, since several places delete them in ways of their own and none may forget
it: another site may go on showing one for a while.
"""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

NOTE = """
CREATE FUNCTION properties_note_past_entries() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO properties_pastentry (property_id, entry_id, nights, created_at, ended_at)
  SELECT property_id, id, nights, created_at, greatest(now(), created_at) FROM gone
   WHERE kind <> 'elsewhere' AND upper(nights) >= current_date - 2;
  RETURN NULL;
END $$;
CREATE TRIGGER properties_note_past AFTER DELETE ON properties_calendarentry
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION properties_note_past_entries();
"""
FORGET = """
DROP TRIGGER properties_note_past ON properties_calendarentry;
DROP FUNCTION properties_note_past_entries();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('properties', '0005_calendar_indexes_of_1_0_0'),
    ]

    operations = [
        migrations.AlterField(
            model_name='calendarentry',
            name='kind',
            field=models.CharField(choices=[('stay', 'Stay'), ('hold', 'Hold'), ('block', 'Block'), ('elsewhere', 'Elsewhere')], max_length=9),
        ),
        migrations.CreateModel(
            name='ImportedCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('url', models.CharField(blank=True, max_length=2000)),
                ('file', models.BinaryField(null=True)),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('good', 'Good'), ('failing', 'Failing')], default='waiting', max_length=7)),
                ('event_count', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_read_at', models.DateTimeField(blank=True, null=True)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('etag', models.CharField(blank=True, max_length=200)),
                ('modified', models.CharField(blank=True, max_length=60)),
                ('digest', models.BinaryField(default=bytes, max_length=32)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('failed_told_at', models.DateTimeField(blank=True, null=True)),
                ('error_code', models.CharField(blank=True, max_length=30)),
                ('error_detail', models.CharField(blank=True, max_length=100)),
                ('empty_since', models.DateTimeField(blank=True, null=True)),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imported_calendars', to='properties.property')),
            ],
        ),
        migrations.CreateModel(
            name='ImportedEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid_digest', models.BinaryField(max_length=16)),
                ('nights', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('first_seen_at', models.DateTimeField()),
                ('is_echo', models.BooleanField(default=False)),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='properties.importedcalendar')),
            ],
        ),
        migrations.CreateModel(
            name='PastEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_id', models.BigIntegerField()),
                ('nights', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.property')),
            ],
            options={
                'verbose_name_plural': 'past entries',
            },
        ),
        migrations.CreateModel(
            name='ServedClosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nights', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.property')),
            ],
        ),
        migrations.CreateModel(
            name='ToldConflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_id', models.BigIntegerField()),
                ('nights', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('told_at', models.DateTimeField()),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told_conflicts', to='properties.importedcalendar')),
            ],
        ),
        migrations.AddIndex(
            model_name='importedcalendar',
            index=models.Index(fields=['due_at'], name='imported_calendar_due'),
        ),
        migrations.AddConstraint(
            model_name='importedcalendar',
            constraint=models.CheckConstraint(condition=models.Q(('url', ''), ('file', None), _connector='XOR'), name='imported_calendar_url_or_file'),
        ),
        migrations.AddIndex(
            model_name='servedclosure',
            index=models.Index(fields=['last_at'], name='served_closure_age'),
        ),
        migrations.AddConstraint(
            model_name='servedclosure',
            constraint=models.UniqueConstraint(fields=('property', 'nights'), name='served_closure_once'),
        ),
        migrations.AddConstraint(
            model_name='toldconflict',
            constraint=models.UniqueConstraint(fields=('calendar', 'entry_id', 'nights'), name='conflict_told_once'),
        ),
        migrations.RunSQL(NOTE, FORGET),
    ]
