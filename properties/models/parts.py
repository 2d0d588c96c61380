from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from properties.models.listing import Property


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
    # A digest of the bytes as they were sent: the same picture sent again keeps its row and files.
    digest = models.BinaryField(max_length=32, default=bytes)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]


class PriceRule(models.Model):
    """Another price a night for a season, or for some weekdays of it (0 = Monday). Where several cover a night, the last applies.

    `min_nights` is the least number of nights of a stay that begins on one of its nights; null leaves it to other rules.
    """

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="price_rules")
    position = models.PositiveSmallIntegerField()
    start_date = models.DateField()
    end_date = models.DateField()
    weekdays = ArrayField(models.PositiveSmallIntegerField(), null=True, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    min_nights = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]


class Meal(models.Model):
    """A dish on a property's menu. A removed dish stays readable for guests who ordered it."""

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
