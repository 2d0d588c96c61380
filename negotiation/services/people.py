"""What negotiations do for accounts: export, erasing, blocks, and reports of people, messages and hosts' reviews of guests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from accounts.models import Report, User
from accounts.reporting import Evidence
from bookings.models import Booking, GuestReview
from bookings.services.review_answers import hide_guest_review
from core.errors import not_found
from negotiation.models import Entry, MandateMove, Negotiation, Offer
from negotiation.selectors.profiles import deals_with

# How long a negotiation is kept after its end, or after the check-out of what was agreed in it.
KEPT = timedelta(days=730)
AT_ONCE = 1000
ERASED_TEXT = "(deleted)"

_NEGOTIATION = (
    "id", "property_id", "guest_id", "host_id", "nights", "guests", "booking_type", "currency", "list_amount", "status",
    "booking_id", "created_at", "updated_at",
)  # fmt: skip
_ERASE_MESSAGES = """
UPDATE negotiation_entry e SET data = jsonb_build_object('text', %(text)s::text)
  FROM negotiation_negotiation n
 WHERE e.negotiation_id = n.id AND e.kind = 'message.sent'
   AND ((n.guest_id = %(user)s AND e.actor = 'guest') OR (n.host_id = %(user)s AND e.actor = 'host'))
"""
_ERASE_REASONS = """
UPDATE negotiation_entry e SET data = data || '{"reason": ""}'::jsonb
  FROM negotiation_negotiation n
 WHERE e.negotiation_id = n.id AND e.kind = 'offer.declined' AND e.data ->> 'reason' <> ''
   AND ((n.guest_id = %(user)s AND e.actor = 'guest') OR (n.host_id = %(user)s AND e.actor = 'host'))
"""


def put_into_export(*, user_id: int, box: Any) -> None:
    """Negotiations on both sides, and what the account itself offered and wrote in them."""
    mine = Q(guest_id=user_id) | Q(host_id=user_id)
    rows = Negotiation.objects.filter(mine).order_by("pk").values(*_NEGOTIATION)
    box.add_rows("negotiations", rows.iterator())
    own_side = Q(negotiation__guest_id=user_id, by="guest") | Q(negotiation__host_id=user_id, by="host")
    offers = Offer.objects.filter(own_side).order_by("pk")
    box.add_rows("offers", offers.values("negotiation_id", "amount", "status", "made_at", "expires_at").iterator())
    own_entries = Q(negotiation__guest_id=user_id, actor="guest") | Q(negotiation__host_id=user_id, actor="host")
    entries = Entry.objects.filter(own_entries).order_by("negotiation_id", "seq")
    box.add_rows("entries", entries.values("negotiation_id", "seq", "kind", "data", "at", "via").iterator())
    moves = MandateMove.objects.filter(mandate__user_id=user_id).order_by("pk")
    told = ("mandate_id", "negotiation_id", "kind", "seq", "code", "limit", "times", "at")
    box.add_rows("mandate_moves", moves.values(*told).iterator())


def erase(*, user_id: int, needed: bool, now: datetime) -> None:
    """Erases what the account wrote to others, where no booking is ahead; prices and dates of the log stay with the log."""
    if needed:
        return
    with connection.cursor() as cursor:
        cursor.execute(_ERASE_MESSAGES, {"user": user_id, "text": ERASED_TEXT})
        cursor.execute(_ERASE_REASONS, {"user": user_id})


def is_property_named(*, property_id: int) -> bool:
    """Whether a negotiation names that home."""
    return Negotiation.objects.filter(property_id=property_id).exists()


def forget_old_negotiations(now: datetime) -> int:
    """A daily job: deletes negotiations that ended, or whose stay did, two years ago. Returns how many."""
    old = Negotiation.objects.exclude(status="open").filter(updated_at__lte=now - KEPT)
    over = old.filter(Q(booking=None) | Q(booking__check_out_at__lte=now - KEPT))
    ids = list(over.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    with transaction.atomic():
        Booking.objects.filter(negotiation_id__in=ids).update(negotiation_id=None)
        Entry.objects.filter(negotiation_id__in=ids).delete()
        Offer.objects.filter(negotiation_id__in=ids).delete()
        Negotiation.objects.filter(pk__in=ids).delete()
    return len(ids)


def find_person(id: str, reporter_id: int, now: datetime) -> Evidence:
    """A host, or a user with whom the reporter has dealt. Raises `not_found`."""
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0
    person = User.objects.filter(pk=number).first()
    if person is None or not _may_know(person, reporter_id):
        raise not_found()
    return Evidence(person.pk, person.pk, person.name, details={"user name": person.username})


def _may_know(person: User, reporter_id: int) -> bool:
    deals = deals_with(guest_id=person.pk, host_id=reporter_id) or deals_with(guest_id=reporter_id, host_id=person.pk)
    return person.pk == reporter_id or deals or (person.is_host and person.is_active)


def find_message(id: str, reporter_id: int, now: datetime) -> Evidence:
    """A message in a negotiation of the reporter's, named `negotiation:seq`. Raises `not_found`."""
    negotiation, _, seq = id.partition(":")
    numbers = [int(part) if part.isascii() and part.isdigit() and len(part) < 10 else 0 for part in (negotiation, seq)]
    entry = (
        Entry.objects.filter(negotiation_id=numbers[0], seq=numbers[1], kind="message.sent")
        .annotate(guest=F("negotiation__guest_id"), host=F("negotiation__host_id"), terms=F("negotiation__terms"))
        .first()
    )
    if entry is None or reporter_id not in (entry.guest, entry.host):
        raise not_found()
    writer = entry.guest if entry.actor == "guest" else entry.host
    return Evidence(entry.negotiation_id, writer, entry.terms["title"], entry.data["text"], seq=entry.seq)


def find_guest_review(id: str, reporter_id: int, now: datetime) -> Evidence:
    """A host's review of a guest that is shown, for those who see it: that guest, and hosts with whom the guest has dealt.

    Raises `not_found`.
    """
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0
    review = GuestReview.objects.filter(GuestReview.shown(now), pk=number).select_related("guest").first()
    if review is None or not _may_read(review, reporter_id):
        raise not_found()
    return Evidence(review.pk, review.host_id, review.guest.name, review.text, details={"rating": review.rating})


def _may_read(review: GuestReview, reader_id: int) -> bool:
    return review.guest_id == reader_id or deals_with(guest_id=review.guest_id, host_id=reader_id)


def remove_guest_review(report: Report, now: datetime) -> None:
    """Hides a host's review of a guest, as staff decided, and so takes it out of the guest's rating."""
    hide_guest_review(review_id=report.subject_id, now=now)
