import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('properties', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Booking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('booking_type', models.CharField(choices=[('stay', 'Stay'), ('stay_with_meal', 'Stay With Meal'), ('paying_guest', 'Paying Guest')], max_length=14)),
                ('start_date', models.DateField()),
                ('end_date', models.DateField()),
                ('check_in_at', models.DateTimeField()),
                ('check_out_at', models.DateTimeField()),
                ('number_of_guests', models.PositiveSmallIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('list_price', models.DecimalField(decimal_places=2, help_text='List price of the whole stay.', max_digits=12)),
                ('base_price', models.DecimalField(decimal_places=2, help_text='Agreed price of the whole stay.', max_digits=12)),
                ('meals_price', models.DecimalField(decimal_places=2, max_digits=12)),
                ('cleaning_fee', models.DecimalField(decimal_places=2, max_digits=12)),
                ('platform_fee', models.DecimalField(decimal_places=2, max_digits=12)),
                ('tax', models.DecimalField(decimal_places=2, max_digits=12)),
                ('total', models.DecimalField(decimal_places=2, max_digits=13)),
                ('quote', models.JSONField()),
                ('cancellation_policy', models.CharField(choices=[('flexible', 'Flexible'), ('moderate', 'Moderate'), ('firm', 'Firm')], max_length=8)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('confirmed', 'Confirmed'), ('rejected', 'Rejected'), ('cancelled', 'Cancelled'), ('expired', 'Expired'), ('completed', 'Completed')], max_length=9)),
                ('payment_status', models.CharField(choices=[('due', 'Due'), ('processing', 'Processing'), ('paid', 'Paid'), ('partly_refunded', 'Partly Refunded'), ('refunded', 'Refunded'), ('on_arrival', 'On Arrival')], default='due', max_length=15)),
                ('negotiation_id', models.BigIntegerField(blank=True, null=True, unique=True)),
                ('hold_expires_at', models.DateTimeField(blank=True, null=True)),
                ('pay_by', models.DateTimeField(blank=True, null=True)),
                ('processing_since', models.DateTimeField(blank=True, null=True)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.CharField(blank=True, help_text='guest, host or system', max_length=6)),
                ('unpaid', models.BooleanField(default=False, help_text='Cancelled because nobody paid in time.')),
                ('instant', models.BooleanField(default=False, help_text='Reserved by instant book: payment alone confirms it.')),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('calendar_entry', models.OneToOneField(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='booking', to='properties.calendarentry')),
                ('guest', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stays', to=settings.AUTH_USER_MODEL)),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hosted_bookings', to=settings.AUTH_USER_MODEL)),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='properties.property')),
            ],
            options={
                'indexes': [models.Index(fields=['guest', '-start_date'], name='booking_guest'), models.Index(fields=['host', '-start_date'], name='booking_host'), models.Index(condition=models.Q(('payment_status__in', ['due', 'processing']), ('status__in', ['pending', 'confirmed'])), fields=['guest'], name='booking_unpaid'), models.Index(condition=models.Q(('status', 'pending')), fields=['hold_expires_at'], name='booking_holds'), models.Index(condition=models.Q(('payment_status__in', ['due', 'processing']), ('status', 'confirmed')), fields=['pay_by'], name='booking_pay_by'), models.Index(condition=models.Q(('status', 'confirmed')), fields=['check_out_at'], name='booking_check_out'), models.Index(condition=models.Q(('unpaid', True)), fields=['guest', 'property'], name='booking_paused')],
                'constraints': [models.CheckConstraint(condition=models.Q(('start_date__lt', models.F('end_date'))), name='booking_dates'), models.CheckConstraint(condition=models.Q(('guest', models.F('host')), _negated=True), name='booking_two_parties'), models.CheckConstraint(condition=models.Q(('total', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('base_price'), '+', models.F('meals_price')), '+', models.F('cleaning_fee')), '+', models.F('platform_fee')), '+', models.F('tax')))), name='booking_total_adds_up'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['confirmed', 'completed']), _negated=True), ('calendar_entry__isnull', False), _connector='OR'), name='booking_agreed_has_nights'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'pending'), _negated=True), ('hold_expires_at__isnull', False), _connector='OR'), name='booking_pending_has_end'), models.CheckConstraint(condition=models.Q(models.Q(('payment_status', 'due'), ('status', 'confirmed'), _negated=True), ('pay_by__isnull', False), _connector='OR'), name='booking_due_has_deadline'), models.CheckConstraint(condition=models.Q(models.Q(('payment_status', 'processing'), ('processing_since__isnull', False)), models.Q(models.Q(('payment_status', 'processing'), _negated=True), ('processing_since', None)), _connector='OR'), name='booking_processing_has_start')],
            },
        ),
        migrations.CreateModel(
            name='GatewayEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gateway', models.CharField(max_length=10)),
                ('event_id', models.CharField(max_length=100)),
                ('kind', models.CharField(max_length=60)),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('gateway', 'event_id'), name='gateway_event_once')],
            },
        ),
        migrations.CreateModel(
            name='SandboxCharge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('reference', models.CharField(max_length=60, unique=True)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=13)),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(choices=[('open', 'Open'), ('requires_action', 'Requires Action'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('void', 'Void')], default='open', max_length=15)),
                ('refunded', models.DecimalField(decimal_places=2, default=0, max_digits=13)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('refunded__gte', 0), ('refunded__lte', models.F('amount'))), name='sandbox_refunded')],
            },
        ),
        migrations.CreateModel(
            name='BookedMeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('breakfast', 'Breakfast'), ('lunch', 'Lunch'), ('dinner', 'Dinner')], max_length=9)),
                ('name', models.CharField(max_length=100)),
                ('date', models.DateField()),
                ('quantity', models.PositiveSmallIntegerField()),
                ('price', models.DecimalField(decimal_places=2, max_digits=12)),
                ('meal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='properties.meal')),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='meals', to='bookings.booking')),
            ],
            options={
                'ordering': ['date', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gateway', models.CharField(max_length=10)),
                ('method', models.CharField(blank=True, max_length=20)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=13)),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(choices=[('processing', 'Processing'), ('requires_action', 'Requires Action'), ('succeeded', 'Succeeded'), ('failed', 'Failed')], default='processing', max_length=15)),
                ('key', models.UUIDField(unique=True)),
                ('reference', models.CharField(blank=True, help_text="The gateway's own id.", max_length=100)),
                ('action_url', models.CharField(blank=True, max_length=1000)),
                ('failure', models.CharField(blank=True, max_length=200)),
                ('refunded', models.DecimalField(decimal_places=2, default=0, max_digits=13)),
                ('check_at', models.DateTimeField(blank=True, help_text='When the gateway is next asked about it.', null=True)),
                ('created_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='bookings.booking')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('check_at__isnull', False)), fields=['check_at'], name='payment_to_check')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payment_above_zero'), models.CheckConstraint(condition=models.Q(('refunded__gte', 0), ('refunded__lte', models.F('amount'))), name='payment_refunded'), models.CheckConstraint(condition=models.Q(('status', 'succeeded'), ('refunded', 0), _connector='OR'), name='payment_refunded_only_paid'), models.UniqueConstraint(condition=models.Q(('status__in', ['processing', 'requires_action'])), fields=('booking',), name='payment_one_running'), models.UniqueConstraint(condition=models.Q(('reference', ''), _negated=True), fields=('gateway', 'reference'), name='payment_reference_unique')],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rating', models.PositiveSmallIntegerField()),
                ('text', models.TextField(blank=True, max_length=5000)),
                ('answer', models.TextField(blank=True, max_length=5000)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('booking', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='bookings.booking')),
                ('guest', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews_written', to=settings.AUTH_USER_MODEL)),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='properties.property')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('hidden_at', None)), fields=['property', '-id'], name='review_shown')],
                'constraints': [models.CheckConstraint(condition=models.Q(('rating__range', (1, 5))), name='review_rating'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='review_answered')],
            },
        ),
        migrations.CreateModel(
            name='SandboxRefund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=13)),
                ('charge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refunds', to='bookings.sandboxcharge')),
            ],
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=13)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('succeeded', 'Succeeded'), ('failed', 'Failed')], default='pending', max_length=10)),
                ('key', models.UUIDField(unique=True)),
                ('reference', models.CharField(blank=True, max_length=100)),
                ('reason', models.CharField(max_length=20)),
                ('made_by', models.CharField(blank=True, help_text='Staff who made it by hand.', max_length=150)),
                ('failure', models.CharField(blank=True, max_length=200)),
                ('check_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='bookings.booking')),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='bookings.payment')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'pending')), fields=['check_at'], name='refund_pending')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='refund_above_zero')],
            },
        ),
        migrations.CreateModel(
            name='ReviewReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500)),
                ('outcome', models.CharField(blank=True, choices=[('hidden', 'Hidden'), ('kept', 'Kept')], max_length=6)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='bookings.review')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('resolved_at', None)), fields=['review'], name='review_reports_open')],
                'constraints': [models.UniqueConstraint(fields=('review', 'reporter'), name='review_report_once')],
            },
        ),
        migrations.CreateModel(
            name='LedgerLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=13)),
                ('currency', models.CharField(max_length=3)),
                ('at', models.DateTimeField()),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ledger', to='bookings.booking')),
                ('payment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='line', to='bookings.payment')),
                ('refund', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='line', to='bookings.refund')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('payment__isnull', False), ('refund', None)), models.Q(('amount__lt', 0), ('payment', None), ('refund__isnull', False)), _connector='OR'), name='ledger_charge_or_refund')],
            },
        ),
    ]
