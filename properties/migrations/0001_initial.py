import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Property',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('listed', 'Listed'), ('unlisted', 'Unlisted')], default='draft', max_length=8)),
                ('steps_done', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None)),
                ('property_type', models.CharField(max_length=20)),
                ('property_sub_type', models.CharField(max_length=20)),
                ('online_type', models.CharField(blank=True, max_length=50)),
                ('stay', models.BooleanField(default=False)),
                ('stay_with_meal', models.BooleanField(default=False)),
                ('paying_guest', models.BooleanField(default=False)),
                ('timezone', models.CharField(default='Asia/Dhaka', max_length=50)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('description', models.TextField(blank=True)),
                ('highlights', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('security_features', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('house_rules', models.TextField(blank=True)),
                ('currency', models.CharField(default='BDT', max_length=3)),
                ('price', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('cleaning_fee', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=12)),
                ('early_booking_percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('weekly_percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('monthly_percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('min_nights', models.PositiveSmallIntegerField(default=1)),
                ('max_nights', models.PositiveSmallIntegerField(default=365)),
                ('notice_days', models.PositiveSmallIntegerField(default=0)),
                ('check_in_from', models.TimeField(blank=True, null=True)),
                ('check_out_by', models.TimeField(blank=True, null=True)),
                ('cancellation_policy', models.CharField(choices=[('flexible', 'Flexible'), ('moderate', 'Moderate'), ('firm', 'Firm')], default='moderate', max_length=8)),
                ('instant_book', models.BooleanField(default=False)),
                ('negotiable', models.BooleanField(default=False)),
                ('offers_per_side', models.PositiveSmallIntegerField(default=5)),
                ('auto_accept_percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('auto_decline_percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('paying_guest_description', models.TextField(blank=True)),
                ('allow_paying_guests', models.BooleanField(default=False)),
                ('meal_price', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('paying_guest_photo', models.ImageField(blank=True, max_length=200, upload_to='meals/')),
                ('rating_sum', models.PositiveIntegerField(default=0)),
                ('rating_count', models.PositiveIntegerField(default=0)),
                ('always_open', models.BooleanField(default=True)),
                ('ical_nonce', models.CharField(blank=True, editable=False, max_length=32)),
                ('ical_token_hash', models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                ('listed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='properties', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'properties',
                'indexes': [models.Index(fields=['host', '-id'], name='property_host'), models.Index(condition=models.Q(('status', 'draft')), fields=['updated_at'], name='property_drafts')],
                'constraints': [models.CheckConstraint(condition=models.Q(('price__gte', Decimal('1')), ('price', None), _connector='OR'), name='property_price'), models.CheckConstraint(condition=models.Q(('status', 'draft'), models.Q(('price__isnull', False), models.Q(('title', ''), _negated=True)), _connector='OR'), name='property_listed_whole'), models.CheckConstraint(condition=models.Q(('offers_per_side__range', (1, 20))), name='property_offers_per_side'), models.CheckConstraint(condition=models.Q(('max_nights__gte', models.F('min_nights')), ('max_nights__lte', 365), ('min_nights__gte', 1)), name='property_nights')],
            },
        ),
        migrations.CreateModel(
            name='Amenity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('regular', 'Regular'), ('standout', 'Standout')], max_length=8)),
                ('name', models.CharField(max_length=100)),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='amenities', to='properties.property')),
            ],
            options={
                'verbose_name_plural': 'amenities',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='CalendarEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('stay', 'Stay'), ('hold', 'Hold'), ('block', 'Block')], max_length=5)),
                ('nights', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('property', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='calendar', to='properties.property')),
            ],
            options={
                'verbose_name_plural': 'calendar entries',
                'indexes': [models.Index(models.F('property'), django.contrib.postgres.fields.ranges.RangeEndsWith('nights'), name='calendar_ends'), models.Index(condition=models.Q(('kind', 'hold')), fields=['held_until'], name='calendar_holds')],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(deferrable=django.db.models.constraints.Deferrable['IMMEDIATE'], expressions=[('property', '='), ('nights', '&&')], name='calendar_no_overlap'), models.CheckConstraint(condition=models.Q(('nights__isempty', False)), name='calendar_nights_not_empty'), models.CheckConstraint(condition=models.Q(('nights__lower_inf', False), ('nights__upper_inf', False)), name='calendar_nights_bounded'), models.CheckConstraint(condition=models.Q(models.Q(('held_until__isnull', False), ('kind', 'hold')), models.Q(models.Q(('kind', 'hold'), _negated=True), ('held_until', None)), _connector='OR'), name='calendar_hold_has_end')],
            },
        ),
        migrations.CreateModel(
            name='DayViews',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField()),
                ('count', models.PositiveIntegerField()),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='views', to='properties.property')),
            ],
            options={
                'verbose_name_plural': 'views by day',
                'constraints': [models.UniqueConstraint(fields=('property', 'date'), name='views_one_row_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Location',
            fields=[
                ('property', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='location', serialize=False, to='properties.property')),
                ('latitude', models.DecimalField(decimal_places=6, max_digits=9)),
                ('longitude', models.DecimalField(decimal_places=6, max_digits=9)),
                ('public_latitude', models.FloatField()),
                ('public_longitude', models.FloatField()),
                ('selected_location', models.CharField(max_length=300)),
                ('house_name', models.CharField(blank=True, max_length=100)),
                ('holding_number', models.CharField(blank=True, max_length=50)),
                ('flat_number', models.CharField(blank=True, max_length=50)),
                ('road_number', models.CharField(blank=True, max_length=100)),
                ('area_details', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='Meal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('breakfast', 'Breakfast'), ('lunch', 'Lunch'), ('dinner', 'Dinner')], max_length=9)),
                ('name', models.CharField(max_length=100)),
                ('description', models.TextField(blank=True)),
                ('price', models.DecimalField(decimal_places=2, max_digits=12)),
                ('photo', models.ImageField(blank=True, max_length=200, upload_to='meals/')),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='meals', to='properties.property')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Photo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('image', models.ImageField(max_length=200, upload_to='photos/')),
                ('thumbnail', models.ImageField(max_length=200, upload_to='photos/')),
                ('width', models.PositiveIntegerField(default=0)),
                ('height', models.PositiveIntegerField(default=0)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('digest', models.BinaryField(default=bytes, max_length=32)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='properties.property')),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='PriceRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('start_date', models.DateField()),
                ('end_date', models.DateField()),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, null=True, size=None)),
                ('price', models.DecimalField(decimal_places=2, max_digits=12)),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='price_rules', to='properties.property')),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('property', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search', serialize=False, to='properties.property')),
                ('text', models.TextField(help_text='Title, area and place, in lower case without accents and punctuation.')),
                ('latitude', models.FloatField()),
                ('longitude', models.FloatField()),
                ('guests', models.PositiveSmallIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('price', models.DecimalField(decimal_places=2, max_digits=12)),
                ('has_price_rules', models.BooleanField()),
                ('property_type', models.CharField(max_length=20)),
                ('stay', models.BooleanField()),
                ('stay_with_meal', models.BooleanField()),
                ('paying_guest', models.BooleanField()),
                ('amenities', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='In lower case.', size=None)),
                ('negotiable', models.BooleanField()),
                ('superhost', models.BooleanField()),
                ('rating', models.DecimalField(decimal_places=2, max_digits=4, null=True)),
                ('rating_count', models.PositiveIntegerField()),
                ('score', models.DecimalField(decimal_places=3, max_digits=5)),
                ('min_nights', models.PositiveSmallIntegerField()),
                ('max_nights', models.PositiveSmallIntegerField()),
                ('notice_days', models.PositiveSmallIntegerField()),
                ('timezone', models.CharField(max_length=50)),
                ('always_open', models.BooleanField()),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'search entries',
                'indexes': [django.contrib.postgres.indexes.GistIndex(models.Func(models.F('longitude'), models.F('latitude'), function='point'), name='search_point'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('text'), 'gin_trgm_ops'), name='search_text'), django.contrib.postgres.indexes.GinIndex(fields=['amenities'], name='search_amenities'), models.Index(fields=['-score', '-property'], name='search_score'), models.Index(fields=['currency', 'price', 'property'], name='search_price')],
            },
        ),
        migrations.CreateModel(
            name='SomeBasics',
            fields=[
                ('property', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='basics', serialize=False, to='properties.property')),
                ('number_of_guests', models.PositiveSmallIntegerField()),
                ('number_of_bedrooms', models.PositiveSmallIntegerField()),
                ('number_of_beds', models.PositiveSmallIntegerField()),
                ('number_of_bathrooms', models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Window',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nights', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='windows', to='properties.property')),
            ],
            options={
                'ordering': ['nights'],
            },
        ),
    ]
