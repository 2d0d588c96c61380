"""Says what the two parties of a stay may know of each other, against guests who pay only to read it.

A guest who twice within 30 days paid and then cancelled with everything refunded sees contact and address of the next stay
only once it can't be cancelled for free any more. The same holds for the other side, or the bait would work in reverse.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from bookings.models import Booking
from bookings.rules.cancellation import ALL, applying_rule
from bookings.rules.deadlines import CONTACT_AFTER
from core.database.compiled_queries import CompiledQuery, Slot

# A stay counts as settled also where part of the money went back as a favour.
SETTLED = ("paid", "partly_refunded", "on_arrival")
BAIT_WITHIN = timedelta(days=30)
# The number of baits without effect; after them contact waits.
BAITS_FREE = 2


def may_see_contact(*, viewer_id: int, other_id: int, now: datetime) -> bool:
    """Whether two people may see each other's e-mail and phone: the parties of a booking that is settled, until 30
    days after check-out."""
    pair = Q(guest_id=viewer_id, host_id=other_id) | Q(guest_id=other_id, host_id=viewer_id)
    return any(_is_open(booking, now) for booking in _settled(now - CONTACT_AFTER).filter(pair))


def may_see_address(*, viewer_id: int, property_id: int, now: datetime) -> bool:
    """Whether a guest may see where exactly a property is; on the same terms as the host's contact."""
    stays = _STAYS(guest=viewer_id, home=property_id, after=now - CONTACT_AFTER)
    return any(_is_open(booking, now) for booking in stays)


def count_baits(guest_id: int, now: datetime) -> int:
    """How often a guest paid and took all of it back by cancelling, within 30 days."""
    return Booking.objects.filter(
        guest_id=guest_id,
        status=Booking.Status.CANCELLED,
        ended_by="guest",
        ended_at__gt=now - BAIT_WITHIN,
        payment_status=Booking.PaymentStatus.REFUNDED,
    ).count()


def _settled(after: Any) -> Any:
    return Booking.objects.filter(
        status__in=["confirmed", "completed"],
        payment_status__in=SETTLED,
        check_out_at__gt=after,
    )


# Each page of a home asks it.
_STAYS = CompiledQuery(lambda: _settled(Slot("after")).filter(guest_id=Slot("guest"), property_id=Slot("home")))


def _is_open(booking: Booking, now: datetime) -> bool:
    """Whether contact may be seen now: a stay that can't be cancelled for free any more is no bait."""
    rule = applying_rule(
        policy=booking.cancellation_policy,
        by="guest",
        booked_at=booking.confirmed_at or booking.created_at,
        check_in_at=booking.check_in_at,
        now=now,
    )
    return rule != ALL or count_baits(booking.guest_id, now) < BAITS_FREE
