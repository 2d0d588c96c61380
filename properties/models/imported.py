"""Imported calendars: what a host added, what was read there, and which entries of ours may come back in them."""

from __future__ import annotations

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now as moment

from properties.models.listing import Property


class ImportedCalendar(models.Model):
    """A calendar of another site, by address or as a file. Only nights are stored, never guests' names or other text."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        GOOD = "good"
        FAILING = "failing"

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="imported_calendars")
    name = models.CharField(max_length=100)
    # Anyone who has the address can read the calendar, so only the host sees it.
    url = models.CharField(max_length=2000, blank=True)
    # The packed file. It is read again once a day, because later repeats of its events come into range.
    file = models.BinaryField(null=True)
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    event_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=moment)
    last_read_at = models.DateTimeField(null=True, blank=True)
    # When it is read next; while a reader has it, when another reader may take it over.
    due_at = models.DateTimeField(default=moment)
    etag = models.CharField(max_length=200, blank=True)
    modified = models.CharField(max_length=60, blank=True)
    # A digest of the file and of what its nights depend on besides: the same digest needs no second parsing.
    digest = models.BinaryField(max_length=32, default=bytes)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    failed_told_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=30, blank=True)
    error_detail = models.CharField(max_length=100, blank=True)
    # Since when a calendar that had events comes without any.
    empty_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="imported_calendar_due")]
        constraints = [
            models.CheckConstraint(condition=(Q(url="") ^ Q(file=None)), name="imported_calendar_url_or_file"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of property {self.property_id}"


class ImportedEvent(models.Model):
    """One occurrence of an event there: its nights here, half-open. An echo is an entry of ours that came back; it takes none."""

    calendar = models.ForeignKey(ImportedCalendar, on_delete=models.CASCADE, related_name="events")
    uid_digest = models.BinaryField(max_length=16)
    nights = DateRangeField()
    first_seen_at = models.DateTimeField()
    is_echo = models.BooleanField(default=False)


class ToldConflict(models.Model):
    """A stay and an event on the same night that the host was told of; `entry_id` is the stay's in the calendar."""

    calendar = models.ForeignKey(ImportedCalendar, on_delete=models.CASCADE, related_name="told_conflicts")
    entry_id = models.BigIntegerField()
    nights = DateRangeField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "entry_id", "nights"], name="conflict_told_once")]


class PastEntry(models.Model):
    """An entry of ours that ended before its nights came; it may come back as an echo for a while. A trigger writes it."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="+")
    entry_id = models.BigIntegerField()
    nights = DateRangeField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "past entries"


class ServedClosure(models.Model):
    """Closed nights as our feed served them to a reader; they may come back under another UID."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="+")
    nights = DateRangeField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["property", "nights"], name="served_closure_once")]
        indexes = [models.Index(fields=["last_at"], name="served_closure_age")]
