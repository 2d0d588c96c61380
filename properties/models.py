from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeEndsWith, RangeStartsWith
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.utils.timezone import now as moment

from core.money import ZERO


class Property(models.Model):
    """A home that a host lets out. Prices are per night, in `currency`."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        LISTED = "listed"
        UNLISTED = "unlisted"

    class Policy(models.TextChoices):
        FLEXIBLE = "flexible"
        MODERATE = "moderate"
        FIRM = "firm"

    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="properties")
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    steps_done = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)

    property_type = models.CharField(max_length=20)
    property_sub_type = models.CharField(max_length=20)
    online_type = models.CharField(max_length=50, blank=True)
    stay = models.BooleanField(default=False)
    stay_with_meal = models.BooleanField(default=False)
    paying_guest = models.BooleanField(default=False)
    timezone = models.CharField(max_length=50, default="Asia/Dhaka")

    title = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    highlights = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    security_features = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    house_rules = models.TextField(blank=True)

    currency = models.CharField(max_length=3, default="BDT")
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    cleaning_fee = models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)
    early_booking_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    weekly_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    monthly_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    min_nights = models.PositiveSmallIntegerField(default=1)
    max_nights = models.PositiveSmallIntegerField(default=365)
    notice_days = models.PositiveSmallIntegerField(default=0)
    check_in_from = models.TimeField(null=True, blank=True)
    check_out_by = models.TimeField(null=True, blank=True)
    cancellation_policy = models.CharField(max_length=8, choices=Policy, default=Policy.MODERATE)
    instant_book = models.BooleanField(default=False)

    negotiable = models.BooleanField(default=False)
    offers_per_side = models.PositiveSmallIntegerField(default=5)
    auto_accept_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    auto_decline_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    paying_guest_description = models.TextField(blank=True)
    allow_paying_guests = models.BooleanField(default=False)
    meal_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    paying_guest_photo = models.ImageField(upload_to="meals/", blank=True, max_length=200)

    # Of the reviews, kept by the transaction that writes one.
    rating_sum = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)

    # Without a window: open on every day, or (windows that have all passed) on none.
    always_open = models.BooleanField(default=True)

    # The feed's token is made of the nonce and the server's key; the hash finds the property that it opens.
    ical_nonce = models.CharField(max_length=32, blank=True, editable=False)
    ical_token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    listed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=moment)
    updated_at = models.DateTimeField(default=moment)

    class Meta:
        verbose_name_plural = "properties"
        indexes = [
            models.Index(fields=["host", "-id"], name="property_host"),
            models.Index(fields=["updated_at"], name="property_drafts", condition=Q(status="draft")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=Decimal("1")) | Q(price=None), name="property_price"),
            models.CheckConstraint(
                condition=Q(status="draft") | (Q(price__isnull=False) & ~Q(title="")), name="property_listed_whole"
            ),
            models.CheckConstraint(condition=Q(offers_per_side__range=(1, 20)), name="property_offers_per_side"),
            models.CheckConstraint(
                condition=Q(min_nights__gte=1, max_nights__gte=F("min_nights"), max_nights__lte=365),
                name="property_nights",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Draft {self.pk}"


class Location(models.Model):
    """Where a property is. Public answers blur the coordinates; the rest is for those with a booking."""

    property = models.OneToOneField(Property, on_delete=models.CASCADE, related_name="location", primary_key=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6)
    longitude = models.DecimalField(max_digits=9, decimal_places=6)
    # Stable per property, about 150 m off: what the public sees, and what search looks in.
    public_latitude = models.FloatField()
    public_longitude = models.FloatField()
    selected_location = models.CharField(max_length=300)
    house_name = models.CharField(max_length=100, blank=True)
    holding_number = models.CharField(max_length=50, blank=True)
    flat_number = models.CharField(max_length=50, blank=True)
    road_number = models.CharField(max_length=100, blank=True)
    area_details = models.CharField(max_length=300, blank=True)


class SomeBasics(models.Model):
    """How many a property takes."""

    property = models.OneToOneField(Property, on_delete=models.CASCADE, related_name="basics", primary_key=True)
    number_of_guests = models.PositiveSmallIntegerField()
    number_of_bedrooms = models.PositiveSmallIntegerField()
    number_of_beds = models.PositiveSmallIntegerField()
    number_of_bathrooms = models.PositiveSmallIntegerField()


class Amenity(models.Model):
    """Something a property has; StayNest's RegularAmenities and StandoutAmenities are its two kinds."""

    class Kind(models.TextChoices):
        REGULAR = "regular"
        STANDOUT = "standout"

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="amenities")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=100)

    class Meta:
        verbose_name_plural = "amenities"
        ordering = ["id"]


class Photo(models.Model):
    """A picture of a property, re-encoded: at most 1600 pixels a side, and a thumbnail."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="photos")
    image = models.ImageField(upload_to="photos/", max_length=200)
    thumbnail = models.ImageField(upload_to="photos/", max_length=200)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    description = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]


class PriceRule(models.Model):
    """Another price a night for a season, or for some weekdays of it (0 = Monday). Of several the last one holds."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="price_rules")
    position = models.PositiveSmallIntegerField()
    start_date = models.DateField()
    end_date = models.DateField()
    weekdays = ArrayField(models.PositiveSmallIntegerField(), null=True, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["position", "id"]


class Meal(models.Model):
    """A dish on a property's menu. A removed one stays readable for those who ordered it."""

    class Kind(models.TextChoices):
        BREAKFAST = "breakfast"
        LUNCH = "lunch"
        DINNER = "dinner"

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="meals")
    kind = models.CharField(max_length=9, choices=Kind)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    photo = models.ImageField(upload_to="meals/", blank=True, max_length=200)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]


class Window(models.Model):
    """Nights in which a property may be booked at all; with no window it is always open."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="windows")
    nights = DateRangeField()

    class Meta:
        ordering = ["nights"]


class SearchEntry(models.Model):
    """A listed property as search sees it: one narrow row, rewritten by `services.search` whenever its sources change.

    No row, not listed. Joins over half a dozen tables would make a search of 100,000 properties slow.
    """

    property = models.OneToOneField(Property, on_delete=models.CASCADE, related_name="search", primary_key=True)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(help_text="Title, area and place, in lower case without accents and punctuation.")
    latitude = models.FloatField()
    longitude = models.FloatField()
    guests = models.PositiveSmallIntegerField()
    currency = models.CharField(max_length=3)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    has_price_rules = models.BooleanField()
    property_type = models.CharField(max_length=20)
    stay = models.BooleanField()
    stay_with_meal = models.BooleanField()
    paying_guest = models.BooleanField()
    amenities = ArrayField(models.TextField(), help_text="In lower case.")
    negotiable = models.BooleanField()
    superhost = models.BooleanField()
    rating = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    rating_count = models.PositiveIntegerField()
    # The rating drawn towards the average by five imagined reviews: one single 5 does not lead a list.
    score = models.DecimalField(max_digits=5, decimal_places=3)
    min_nights = models.PositiveSmallIntegerField()
    max_nights = models.PositiveSmallIntegerField()
    notice_days = models.PositiveSmallIntegerField()
    timezone = models.CharField(max_length=50)
    always_open = models.BooleanField()

    class Meta:
        verbose_name_plural = "search entries"
        indexes = [
            GistIndex(Func(F("longitude"), F("latitude"), function="point"), name="search_point"),
            GinIndex(OpClass(F("text"), "gin_trgm_ops"), name="search_text"),
            GinIndex(fields=["amenities"], name="search_amenities"),
            models.Index(fields=["-score", "-property"], name="search_score"),
            models.Index(fields=["currency", "price", "-property"], name="search_price"),
        ]


class DayViews(models.Model):
    """How often a property's page was looked at on a day (UTC)."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="views")
    date = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "views by day"
        constraints = [models.UniqueConstraint(fields=["property", "date"], name="views_one_row_a_day")]


class CalendarEntry(models.Model):
    """Nights that are gone: a stay, a hold or a host's block. One table under one constraint."""

    class Kind(models.TextChoices):
        STAY = "stay"
        HOLD = "hold"
        BLOCK = "block"

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="calendar")
    kind = models.CharField(max_length=5, choices=Kind)
    nights = DateRangeField()
    held_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=moment)

    class Meta:
        verbose_name_plural = "calendar entries"
        indexes = [
            # "Is any of these nights taken?" for thousands of properties at once; much cheaper a probe than GiST.
            models.Index(F("property"), RangeEndsWith("nights"), RangeStartsWith("nights"), name="calendar_ends"),
            models.Index(fields=["held_until"], name="calendar_holds", condition=Q(kind="hold")),
        ]
        constraints = [
            ExclusionConstraint(
                name="calendar_no_overlap",
                expressions=[("property", RangeOperators.EQUAL), ("nights", RangeOperators.OVERLAPS)],
                deferrable=models.Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(condition=Q(nights__isempty=False), name="calendar_nights_not_empty"),
            models.CheckConstraint(
                condition=Q(nights__lower_inf=False, nights__upper_inf=False), name="calendar_nights_bounded"
            ),
            models.CheckConstraint(
                condition=Q(kind="hold", held_until__isnull=False) | (~Q(kind="hold") & Q(held_until=None)),
                name="calendar_hold_has_end",
            ),
        ]
