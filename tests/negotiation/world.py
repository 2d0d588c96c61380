"""What must be true of all negotiations at every moment, whatever has happened. Read with the models, not the engine."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from bookings.models import Booking
from negotiation.models import Entry, Negotiation, Offer
from properties.models import CalendarEntry

AGREED = ("confirmed", "completed", "cancelled")
# The entry that ends a negotiation with a status.
LAST = {
    "accepted": "offer.accepted", "declined": "offer.declined", "withdrawn": "offer.withdrawn",
    "expired": "offer.expired", "superseded": "negotiation.superseded", "closed": "negotiation.closed",
}  # fmt: skip


def made(now: datetime) -> tuple[int, int, int]:
    """The number of entries that time alone does not bring about, of offers, and of bookings.

    Time ends limits too: those that are over at `now` count as ended already.
    """
    entries = Entry.objects.exclude(actor="system").count()
    over = Negotiation.objects.filter(Q(guest_limit_until__lte=now) | Q(host_limit_until__lte=now), status="open")
    return entries + over.count(), Offer.objects.count(), Booking.objects.count()


def check_world(ids: Collection[int] | None = None) -> None:
    """Every invariant of the haggle, on everything there is, or on these negotiations."""
    for negotiation in Negotiation.objects.all() if ids is None else Negotiation.objects.filter(pk__in=ids):
        check_negotiation(negotiation)
    if ids is None:
        check_nights()


def check_negotiation(negotiation: Negotiation) -> None:
    check_log(negotiation)
    check_offers(negotiation)
    check_agreement(negotiation)


def check_log(n: Negotiation) -> None:
    """Gapless from 1, its times never go back; begins with the opening, and ends, if it has, once and by its status."""
    entries = list(Entry.objects.filter(negotiation=n).order_by("seq"))
    assert [entry.seq for entry in entries] == list(range(1, n.last_seq + 1))
    times = [entry.at for entry in entries]
    assert times == sorted(times)
    assert times[-1] == n.updated_at
    kinds = [entry.kind for entry in entries]
    assert kinds[0] == "negotiation.opened"
    ends = [kind for kind in kinds if kind in LAST.values()]
    assert ends == ([] if n.status == "open" else [LAST[n.status]]), (n.status, kinds)
    if n.status not in ("open", "accepted"):
        assert kinds[-1] == LAST[n.status]


def check_offers(n: Negotiation) -> None:
    """One stands while it is open, and nothing after; the two sides' figures are what was offered."""
    offers = list(Offer.objects.filter(negotiation=n).order_by("id"))
    statuses = Counter(offer.status for offer in offers)
    assert n.has_offers == bool(offers)
    if n.status == "open" and offers:
        assert (offers[-1].status, statuses["standing"]) == ("standing", 1)
        assert n.turn == ("host" if offers[-1].by == "guest" else "guest")
    else:
        assert (n.turn, statuses["standing"]) == (None, 0)
        if offers:
            assert offers[-1].status == n.status
    assert statuses["countered"] == max(0, len(offers) - 1)
    met = [entry.data["offer"]["id"] for entry in Entry.objects.filter(negotiation=n, kind="limit.met").order_by("seq")]
    for side, last, left in (("guest", n.last_bid, n.guest_offers_left), ("host", n.last_ask, n.host_offers_left)):
        own = [offer for offer in offers if offer.by == side and offer.pk not in met]
        assert last == (own[-1].amount if own else None)
        assert left == n.terms["offers_per_side"] - len(own)
    made = [
        entry.data["offer"]["id"] for entry in Entry.objects.filter(negotiation=n, kind="offer.made").order_by("seq")
    ]
    assert made + met == [offer.pk for offer in offers]
    check_limits(n)


def check_limits(n: Negotiation) -> None:
    """Figures stand only while it is open and nothing was compared, one at a time, each as the log has it."""
    standing = {"guest": n.guest_limit, "host": n.host_limit}
    kinds = Entry.objects.filter(negotiation=n, kind__startswith="limit.").order_by("seq").values_list("kind", "actor")
    compared = any(kind in ("limit.met", "limit.missed") for kind, _ in kinds)
    assert compared == (n.compared_at is not None)
    for side, amount in standing.items():
        own = [kind for kind, actor in kinds if actor == side]
        stands = n.status == "open" and not compared and bool(own) and own[-1] == "limit.sealed"
        assert stands == (amount is not None), (n.status, list(kinds), side)


def check_agreement(n: Negotiation) -> None:
    """Accepted ⇔ exactly one booking, of exactly the quote that was accepted."""
    bookings = list(Booking.objects.filter(negotiation_id=n.pk))
    if n.status != "accepted":
        assert not bookings
        assert n.booking_id is None
        return
    assert [booking.pk for booking in bookings] == [n.booking_id]
    booking, offer = bookings[0], Offer.objects.get(negotiation=n, status="accepted")
    assert booking.status in AGREED
    assert booking.quote == offer.quote
    assert (booking.base_price, str(booking.total)) == (offer.amount, offer.quote["total"])
    entry = Entry.objects.get(negotiation=n, kind="offer.accepted")
    assert entry.data == {"offer": offer.pk, "booking": booking.pk, "amount": f"{offer.amount:.2f}"}


def check_nights() -> None:
    """No two stays on a night, each confirmed booking has its nights, and none of them is still haggled about."""
    taken: Counter[tuple[int, int]] = Counter()
    for booking in Booking.objects.filter(status="confirmed"):
        first, last = booking.start_date.toordinal(), booking.end_date.toordinal()
        taken.update((booking.property_id, night) for night in range(first, last))
        entry = CalendarEntry.objects.get(pk=booking.calendar_entry_id or 0)
        assert (entry.nights.lower, entry.nights.upper, entry.kind) == (booking.start_date, booking.end_date, "stay")
    assert all(count == 1 for count in taken.values())
    for n in Negotiation.objects.filter(status="open", has_offers=True):
        nights = range(n.nights.lower.toordinal(), n.nights.upper.toordinal())
        assert not any((n.property_id, night) in taken for night in nights)
