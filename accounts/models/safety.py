from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models.users import User


class Block(models.Model):
    """A person blocks another one, who is never told."""

    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks", db_index=False)
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"block {self.pk}"


class Report(models.Model):
    """A report: what a person found wrong, as it was at that moment, and what staff decided about it."""

    class Kind(models.TextChoices):
        LISTING = "listing"
        PERSON = "person"
        MESSAGE = "message"
        REVIEW = "review"
        # By a host, of a guest: its numbers are not those of reviews by guests.
        GUEST_REVIEW = "guest_review"

    class Reason(models.TextChoices):
        SPAM = "spam", "Spam or advertising"
        SCAM = "scam", "A scam, or money outside the site"
        FAKE = "fake", "Not who or what it says it is"
        INACCURATE = "inaccurate", "Wrong or misleading"
        OFFENSIVE = "offensive", "Offensive or hateful"
        HARASSMENT = "harassment", "Harassment or threats"
        DISCRIMINATION = "discrimination", "Discrimination"
        SEXUAL = "sexual", "Sexual or inappropriate"
        PRIVACY = "privacy", "Somebody's private data"
        UNSAFE = "unsafe", "Dangerous"
        ILLEGAL = "illegal", "Against the law"
        OTHER = "other", "Something else"

    class Decision(models.TextChoices):
        DISMISSED = "dismissed", "Nothing wrong with it"
        WARNED = "warned", "The person is warned"
        REMOVED = "removed", "Taken out of sight"
        CLOSED = "closed", "The account is closed"

    kind = models.CharField(max_length=12, choices=Kind)
    # The number of the home, person, review or, with `seq`, negotiation.
    subject_id = models.BigIntegerField()
    seq = models.PositiveIntegerField(null=True, blank=True)
    reporter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", help_text="Who wrote or offers it.")
    reason = models.CharField(max_length=14, choices=Reason)
    text = models.TextField(max_length=2000, blank=True)
    # What was reported, as it was: title, words.
    evidence = models.JSONField()
    created_at = models.DateTimeField()
    decision = models.CharField(max_length=9, choices=Decision, blank=True)
    note = models.TextField(max_length=2000, blank=True, help_text="Why; for the staff only.")
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "kind", "subject_id", "seq"],
                condition=Q(decided_at=None),
                nulls_distinct=False,
                name="report_once_while_open",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="report_decided",
            ),
            models.CheckConstraint(
                condition=Q(kind="message", seq__isnull=False) | (~Q(kind="message") & Q(seq=None)),
                name="report_message_has_seq",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="report_open", condition=Q(decided_at=None))]

    def __str__(self) -> str:
        return f"report {self.pk}"
