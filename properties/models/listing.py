from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
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
    # Whether a gap shorter than the least number of nights may be sold as a whole.
    fill_gaps = models.BooleanField(default=True, db_default=True)
    notice_days = models.PositiveSmallIntegerField(default=0)
    check_in_from = models.TimeField(null=True, blank=True)
    check_out_by = models.TimeField(null=True, blank=True)
    cancellation_policy = models.CharField(max_length=8, choices=Policy, default=Policy.MODERATE)
    instant_book = models.BooleanField(default=False)

    negotiable = models.BooleanField(default=False)
    offers_per_side = models.PositiveSmallIntegerField(default=3)
    people_only = models.BooleanField(default=False, db_default=False, help_text="No machine haggles here for anybody.")
    auto_accept_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    auto_decline_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    paying_guest_description = models.TextField(blank=True)
    allow_paying_guests = models.BooleanField(default=False)
    meal_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    paying_guest_photo = models.ImageField(upload_to="meals/", blank=True, max_length=200)

    # Sums of the reviews; the transaction that writes a review updates them.
    rating_sum = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)

    # For a property without windows: open on every day, or on none where all its windows have passed.
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
    """Where a property is. Public answers blur the coordinates; only guests with a booking see the rest."""

    property = models.OneToOneField(Property, on_delete=models.CASCADE, related_name="location", primary_key=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6)
    longitude = models.DecimalField(max_digits=9, decimal_places=6)
    # About 150 m off, always by the same shift, the same for all homes of a house. The public and the search see this point.
    public_latitude = models.FloatField()
    public_longitude = models.FloatField()
    selected_location = models.CharField(max_length=300)
    house_name = models.CharField(max_length=100, blank=True)
    holding_number = models.CharField(max_length=50, blank=True)
    flat_number = models.CharField(max_length=50, blank=True)
    road_number = models.CharField(max_length=100, blank=True)
    area_details = models.CharField(max_length=300, blank=True)


class SomeBasics(models.Model):
    """How many guests a property takes, and its bedrooms, beds and bathrooms."""

    property = models.OneToOneField(Property, on_delete=models.CASCADE, related_name="basics", primary_key=True)
    number_of_guests = models.PositiveSmallIntegerField()
    number_of_bedrooms = models.PositiveSmallIntegerField()
    number_of_beds = models.PositiveSmallIntegerField()
    number_of_bathrooms = models.PositiveSmallIntegerField()
