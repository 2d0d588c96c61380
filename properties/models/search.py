from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Value
from django.db.models.functions import Coalesce, Least

from properties.models.listing import Property


class NightsField(models.Field):
    """The type of a column with sets of nights; only the database reads and writes it."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "datemultirange"


class SearchEntry(models.Model):
    """A listed property as search sees it: one narrow row, rewritten by `services.search` whenever its sources change.

    A property without a row is not listed. Joins over half a dozen tables would make a search of 100,000 properties slow.
    """

    property = models.OneToOneField(Property, on_delete=models.CASCADE, related_name="search", primary_key=True)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    words = ArrayField(models.TextField(), help_text="Of title, area and place, in lower case without accents.")
    latitude = models.FloatField()
    longitude = models.FloatField()
    guests = models.PositiveSmallIntegerField()
    currency = models.CharField(max_length=3)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    has_price_rules = models.BooleanField()
    # The cheapest and the dearest night under any price rule: the mean of some nights lies between them.
    least_price = models.DecimalField(max_digits=12, decimal_places=2)
    most_price = models.DecimalField(max_digits=12, decimal_places=2)
    property_type = models.CharField(max_length=20)
    stay = models.BooleanField()
    stay_with_meal = models.BooleanField()
    paying_guest = models.BooleanField()
    amenities = ArrayField(models.TextField(), help_text="In lower case.")
    negotiable = models.BooleanField()
    superhost = models.BooleanField()
    rating = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    rating_count = models.PositiveIntegerField()
    # Sorts by rating, then by the number of reviews.
    rank = models.GeneratedField(
        expression=Coalesce(F("rating"), Value(Decimal(0))) * 1_000_000 + Least(F("rating_count"), 999_999),
        output_field=models.DecimalField(max_digits=12, decimal_places=2),
        db_persist=True,
    )
    # The rating, drawn towards the average by five imagined reviews, so that a single 5 does not lead a list.
    score = models.DecimalField(max_digits=5, decimal_places=3)
    min_nights = models.PositiveSmallIntegerField()
    # Whether some season has another least number of nights.
    has_night_rules = models.BooleanField(db_default=False)
    max_nights = models.PositiveSmallIntegerField()
    fill_gaps = models.BooleanField(db_default=True)
    notice_days = models.PositiveSmallIntegerField()
    timezone = models.CharField(max_length=50)
    always_open = models.BooleanField()
    # The calendar's stays and blocks that were not over when it last changed; triggers of the database write it.
    # A night in it is certainly taken, so the calendar need not be read; other nights are looked up in the calendar.
    taken = NightsField(db_default=Value("{}"), editable=False)

    class Meta:
        verbose_name_plural = "search entries"
        indexes = [
            GistIndex(Func(F("longitude"), F("latitude"), function="point"), name="search_point"),
            # No pending list (fastupdate off): words are written seldom, and each search would have to read that list too.
            GinIndex(fields=["words"], name="search_words", fastupdate=False),
            GinIndex(fields=["amenities"], name="search_amenities"),
            models.Index(fields=["-score", "-property"], name="search_score"),
            models.Index(fields=["-rank", "-property"], name="search_rank"),
            models.Index(fields=["currency", "price", "property"], name="search_price"),
            models.Index(fields=["currency", "least_price"], name="search_least_price"),
            models.Index(fields=["currency", "most_price"], name="search_most_price"),
        ]


class SearchWord(models.Model):
    """A word of some home. A misspelt word is compared with these instead of with every home's text.

    Words of homes that are gone stay; they find nothing.
    """

    word = models.TextField(primary_key=True)

    class Meta:
        indexes = [GinIndex(OpClass(F("word"), "gin_trgm_ops"), name="search_word_trigrams", fastupdate=False)]

    def __str__(self) -> str:
        return self.word


class DayViews(models.Model):
    """How many views a property's page had on a day (UTC)."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="views")
    date = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "views by day"
        constraints = [models.UniqueConstraint(fields=["property", "date"], name="views_one_row_a_day")]
