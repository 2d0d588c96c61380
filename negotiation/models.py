from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import Mandate
from bookings.models import Booking
from negotiation.rules.negotiation_state import SIDES
from properties.models import Property


class Negotiation(models.Model):
    """A haggle of one guest and one host over one stay. What is haggled about is frozen in `terms` when it opens."""

    class Status(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"
        SUPERSEDED = "superseded"
        CLOSED = "closed"

    # No indexes of their own: the indexes below begin with these columns, and each opening would write one line more.
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="negotiations", db_index=False)
    guest = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="negotiations", db_index=False
    )
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hosted_negotiations", db_index=False
    )
    nights = DateRangeField()
    guests = models.PositiveSmallIntegerField()
    booking_type = models.CharField(max_length=14, choices=Booking.Type)
    currency = models.CharField(max_length=3)
    list_amount = models.DecimalField(max_digits=12, decimal_places=2)
    # `negotiation.rules.terms.Terms` as JSON: rates, meals, policy, names, and the moments of the dates at the property.
    terms = models.JSONField()

    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    turn = models.CharField(max_length=5, null=True, blank=True)
    has_offers = models.BooleanField(default=True, help_text="False: a question so far.")
    last_bid = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    last_ask = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    guest_offers_left = models.PositiveSmallIntegerField()
    host_offers_left = models.PositiveSmallIntegerField()
    last_seq = models.PositiveIntegerField(default=0)
    guest_seen = models.PositiveIntegerField(default=0)
    host_seen = models.PositiveIntegerField(default=0)
    # "rule" means an automatic answer by the host's percentages. It is never shown, and kept apart from the host's own answers.
    ended_by = models.CharField(max_length=6, blank=True, help_text="The side whose move ended it, rule or system.")
    arm = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="Of the trial of rules in which it was opened."
    )
    # Rule 10. Only its owner sees a figure; the transaction that ends the limit sets it null again.
    guest_limit = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, editable=False)
    guest_limit_until = models.DateTimeField(null=True, blank=True)
    host_limit = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, editable=False)
    host_limit_until = models.DateTimeField(null=True, blank=True)
    guest_seals = models.PositiveSmallIntegerField(default=0, db_default=0)
    host_seals = models.PositiveSmallIntegerField(default=0, db_default=0)
    compared_at = models.DateTimeField(null=True, blank=True, help_text="When both sealed limits were compared.")
    # When the guest made the first bid or limit, which counts among the three openings of a day.
    guest_opened_at = models.DateTimeField(null=True, blank=True)
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, null=True, blank=True, related_name="agreed_in")
    # A question's end, null once an offer was made. An offer's own end stands with the offer: a column that changes
    # with each offer and were indexed here would cost every offer a new line in every index of this table.
    question_expires_at = models.DateTimeField(null=True, blank=True)
    # When an automatic decline is given: a little later, as a host's answer would come.
    auto_decline_at = models.DateTimeField(null=True, blank=True)
    # The offer whose approaching end was told to both sides.
    expiring_offer_id = models.BigIntegerField(null=True, blank=True)
    rivals_told_at = models.DateTimeField(null=True, blank=True, help_text="When it was told that its dates are free.")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="negotiation_one_open",
                expressions=[
                    ("guest", RangeOperators.EQUAL),
                    ("property", RangeOperators.EQUAL),
                    ("nights", RangeOperators.OVERLAPS),
                ],
                condition=Q(status="open"),
            ),
            models.CheckConstraint(condition=~Q(guest=F("host")), name="negotiation_two_parties"),
            models.CheckConstraint(condition=Q(nights__isempty=False), name="negotiation_nights_not_empty"),
            models.CheckConstraint(condition=Q(status="open") | Q(turn=None), name="negotiation_turn_only_open"),
            models.CheckConstraint(
                condition=Q(status="open", compared_at=None) | Q(guest_limit=None, host_limit=None),
                name="negotiation_limits_only_open",
            ),
            models.CheckConstraint(
                condition=Q(guest_limit=None, guest_limit_until=None)
                | Q(guest_limit__isnull=False, guest_limit_until__isnull=False),
                name="negotiation_guest_limit_ends",
            ),
            models.CheckConstraint(
                condition=Q(host_limit=None, host_limit_until=None)
                | Q(host_limit__isnull=False, host_limit_until__isnull=False),
                name="negotiation_host_limit_ends",
            ),
            models.CheckConstraint(
                condition=Q(guest_limit=None) | Q(host_limit=None), name="negotiation_one_limit_waits"
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", booking__isnull=False) | (~Q(status="accepted") & Q(booking=None)),
                name="negotiation_accepted_has_booking",
            ),
        ]
        indexes = [
            GistIndex(fields=["property", "nights"], name="negotiation_rivals", condition=Q(status="open")),
            models.Index(
                fields=["question_expires_at"],
                name="negotiation_question_ends",
                condition=Q(status="open", question_expires_at__isnull=False),
            ),
            models.Index(
                fields=["guest_limit_until", "host_limit_until"],
                name="negotiation_limit_ends",
                condition=Q(guest_limit_until__isnull=False) | Q(host_limit_until__isnull=False),
            ),
            models.Index(
                fields=["auto_decline_at"], name="negotiation_auto_decline", condition=Q(auto_decline_at__isnull=False)
            ),
            models.Index(fields=["guest", "-id"], name="negotiation_guest"),
            models.Index(fields=["host", "-id"], name="negotiation_host"),
            models.Index(fields=["property", "guest", "created_at"], name="negotiation_opened"),
            models.Index(fields=["arm", "created_at"], name="negotiation_trial", condition=~Q(arm="")),
        ]


class Offer(models.Model):
    """A price that one side named: a bid by the guest, an ask by the host. At most one stands in a negotiation."""

    class Status(models.TextChoices):
        STANDING = "standing"
        COUNTERED = "countered"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"
        SUPERSEDED = "superseded"

    negotiation = models.ForeignKey(Negotiation, on_delete=models.CASCADE, related_name="offers")
    by = models.CharField(max_length=5)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    status = models.CharField(max_length=10, choices=Status, default=Status.STANDING)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    quote = models.JSONField()
    # "agent": a machine made it for its side, under a mandate.
    via = models.CharField(max_length=5, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["negotiation"], condition=Q(status="standing"), name="offer_one_standing"),
            models.CheckConstraint(condition=Q(by__in=SIDES), name="offer_by_a_side"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="offer_above_zero"),
        ]
        # The clock asks for exactly this condition. Without its second half the planner would also take this index for
        # "the standing offer of that negotiation" while the table is small, and read all that stand for each.
        indexes = [
            models.Index(fields=["expires_at"], name="offer_expires", condition=Q(status="standing") & ~Q(by=""))
        ]


class Entry(models.Model):
    """A line of a negotiation's log; gapless `seq` from 1, never changed."""

    pk = models.CompositePrimaryKey("negotiation_id", "seq")
    negotiation = models.ForeignKey(Negotiation, on_delete=models.CASCADE, related_name="entries", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=24)
    actor = models.CharField(max_length=6)
    data = models.JSONField()
    at = models.DateTimeField()
    # "agent": a machine made it for its actor, under a mandate.
    via = models.CharField(max_length=5, null=True, blank=True)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["seq"]


class MandateStake(models.Model):
    """What a mandate's machine did in one negotiation that may bind its person; what of it still stands counts.

    The row holds no figures: they are in the offer, the sealed limit and the booking.
    """

    pk = models.CompositePrimaryKey("mandate_id", "negotiation_id")
    mandate = models.ForeignKey(Mandate, on_delete=models.CASCADE, related_name="stakes", db_index=False)
    negotiation = models.ForeignKey(Negotiation, on_delete=models.CASCADE, related_name="stakes")
    opened = models.BooleanField(default=False, help_text="The machine opened it.")
    # The machine's last offer, and the offer of the other side that it accepted: ids without a foreign key.
    offer_id = models.BigIntegerField(null=True, blank=True)
    accepted_offer_id = models.BigIntegerField(null=True, blank=True)
    # The number of its last seal, counted as `guest_seals` and `host_seals` count them.
    seal = models.PositiveSmallIntegerField(null=True, blank=True)


class MandateMove(models.Model):
    """A line of what a mandate's machine did, for its person to read: an entry that it made, or a refusal.

    Equal refusals are one line with a count, so that a machine in a loop does not fill the table.
    """

    id = models.BigAutoField(primary_key=True)
    mandate = models.ForeignKey(Mandate, on_delete=models.CASCADE, related_name="moves", db_index=False)
    # An id without a foreign key; null where there is none that the machine may know of.
    negotiation_id = models.BigIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=24, help_text="The command.")
    seq = models.PositiveIntegerField(null=True, blank=True, help_text="The entry that it made.")
    code = models.CharField(max_length=32, blank=True, help_text="Why it was refused.")
    limit = models.CharField(max_length=16, blank=True, help_text="The limit that it would have passed.")
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mandate", "negotiation_id", "kind", "code", "limit"],
                condition=~Q(code=""),
                nulls_distinct=False,
                name="mandate_move_refused_once",
            ),
        ]
        indexes = [models.Index(fields=["mandate", "-id"], name="mandate_move_of")]
