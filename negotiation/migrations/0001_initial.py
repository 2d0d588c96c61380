import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('bookings', '0001_initial'),
        ('properties', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Negotiation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nights', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('guests', models.PositiveSmallIntegerField()),
                ('booking_type', models.CharField(choices=[('stay', 'Stay'), ('stay_with_meal', 'Stay With Meal'), ('paying_guest', 'Paying Guest')], max_length=14)),
                ('currency', models.CharField(max_length=3)),
                ('list_amount', models.DecimalField(decimal_places=2, max_digits=12)),
                ('terms', models.JSONField()),
                ('status', models.CharField(choices=[('open', 'Open'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired'), ('superseded', 'Superseded'), ('closed', 'Closed')], default='open', max_length=10)),
                ('turn', models.CharField(blank=True, max_length=5, null=True)),
                ('has_offers', models.BooleanField(default=True, help_text='False: a question so far.')),
                ('last_bid', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('last_ask', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('guest_offers_left', models.PositiveSmallIntegerField()),
                ('host_offers_left', models.PositiveSmallIntegerField()),
                ('last_seq', models.PositiveIntegerField(default=0)),
                ('guest_seen', models.PositiveIntegerField(default=0)),
                ('host_seen', models.PositiveIntegerField(default=0)),
                ('ended_by', models.CharField(blank=True, help_text='The side whose move ended it, rule or system.', max_length=6)),
                ('question_expires_at', models.DateTimeField(blank=True, null=True)),
                ('auto_decline_at', models.DateTimeField(blank=True, null=True)),
                ('expiring_offer_id', models.BigIntegerField(blank=True, null=True)),
                ('rivals_told_at', models.DateTimeField(blank=True, help_text='When it was told that its dates are free.', null=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('booking', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='agreed_in', to='bookings.booking')),
                ('guest', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='negotiations', to=settings.AUTH_USER_MODEL)),
                ('host', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='hosted_negotiations', to=settings.AUTH_USER_MODEL)),
                ('property', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='negotiations', to='properties.property')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GistIndex(condition=models.Q(('status', 'open')), fields=['property', 'nights'], name='negotiation_rivals'), models.Index(condition=models.Q(('question_expires_at__isnull', False), ('status', 'open')), fields=['question_expires_at'], name='negotiation_question_ends'), models.Index(condition=models.Q(('auto_decline_at__isnull', False)), fields=['auto_decline_at'], name='negotiation_auto_decline'), models.Index(fields=['guest', '-id'], name='negotiation_guest'), models.Index(fields=['host', '-id'], name='negotiation_host'), models.Index(fields=['property', 'guest', 'created_at'], name='negotiation_opened')],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('status', 'open')), expressions=[('guest', '='), ('property', '='), ('nights', '&&')], name='negotiation_one_open'), models.CheckConstraint(condition=models.Q(('guest', models.F('host')), _negated=True), name='negotiation_two_parties'), models.CheckConstraint(condition=models.Q(('nights__isempty', False)), name='negotiation_nights_not_empty'), models.CheckConstraint(condition=models.Q(('status', 'open'), ('turn', None), _connector='OR'), name='negotiation_turn_only_open'), models.CheckConstraint(condition=models.Q(models.Q(('booking__isnull', False), ('status', 'accepted')), models.Q(models.Q(('status', 'accepted'), _negated=True), ('booking', None)), _connector='OR'), name='negotiation_accepted_has_booking')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('negotiation_id', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                ('seq', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=24)),
                ('actor', models.CharField(max_length=6)),
                ('data', models.JSONField()),
                ('at', models.DateTimeField()),
                ('negotiation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='negotiation.negotiation')),
            ],
            options={
                'verbose_name_plural': 'entries',
                'ordering': ['seq'],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(max_length=5)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12)),
                ('status', models.CharField(choices=[('standing', 'Standing'), ('countered', 'Countered'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired'), ('superseded', 'Superseded')], default='standing', max_length=10)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('quote', models.JSONField()),
                ('negotiation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offers', to='negotiation.negotiation')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'standing'), models.Q(('by', ''), _negated=True)), fields=['expires_at'], name='offer_expires')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'standing')), fields=('negotiation',), name='offer_one_standing'), models.CheckConstraint(condition=models.Q(('by__in', ('guest', 'host'))), name='offer_by_a_side'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='offer_above_zero')],
            },
        ),
    ]
