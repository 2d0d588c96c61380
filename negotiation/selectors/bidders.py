"""Who bids: what a host may know of the guests that deal with them, in a number of queries that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Sum

from accounts.models import User
from bookings.models import Booking, GuestReview
from core.database.rows import fetch_rows
from properties.rules.ratings import mean_rating

YEAR = timedelta(days=365)
# The latest negotiations of a year are enough to judge by, and bound the query for a guest with thousands of them.
MOST = 500

# How a guest answers hosts' asks: of those that were answered, or stood a day without an answer.
ANSWERS = """
SELECT count(answer.at) AS answered, count(*) AS asked,
       (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answer.at - ask.at)))::int AS seconds
  FROM (SELECT id FROM negotiation_negotiation WHERE guest_id = %(guest)s AND created_at > %(since)s AND has_offers
         ORDER BY id DESC LIMIT %(most)s) n
  JOIN negotiation_entry ask ON ask.negotiation_id = n.id AND ask.kind = 'offer.made' AND ask.actor = 'host'
  LEFT JOIN LATERAL (
    SELECT e.at FROM negotiation_entry e
     WHERE e.negotiation_id = n.id AND e.actor = 'guest' AND e.seq > ask.seq ORDER BY e.seq LIMIT 1) answer ON true
 WHERE answer.at IS NOT NULL OR ask.at <= %(now)s - interval '24 hours'
"""


@dataclass(frozen=True, slots=True)
class Bidder:
    """A guest in one line: since when, whether verified, stays that are over, and hosts' mean rating of how many."""

    joined: date
    verified: bool
    stays: int
    rating: Decimal | None
    reviews: int


@dataclass(frozen=True, slots=True)
class Answering:
    """The share of hosts' asks that the guest answered, in per cent, and the median time in seconds; None without an ask."""

    rate: Decimal | None = None
    seconds: int | None = None


def get_bidders(guest_ids: Iterable[int], *, now: datetime) -> dict[int, Bidder]:
    """Guest's number → what a host sees of them. Three queries; the caller knows that they deal with one another."""
    ids = set(guest_ids)
    if not ids:
        return {}
    people = User.objects.filter(pk__in=ids).values_list("pk", "date_joined", "verified")
    over = Booking.objects.filter(guest_id__in=ids, status=Booking.Status.COMPLETED)
    stays = dict(over.values_list("guest_id").annotate(number=Count("pk")).order_by())
    said = GuestReview.objects.filter(GuestReview.shown(now), guest_id__in=ids)
    rated = said.values_list("guest_id").annotate(stars=Sum("rating"), number=Count("pk")).order_by()
    ratings = {guest: (mean_rating(stars, number), number) for guest, stars, number in rated}
    return {
        pk: Bidder(joined.date(), verified, stays.get(pk, 0), *ratings.get(pk, (None, 0)))
        for pk, joined, verified in people
    }


def get_answering(guest_id: int, *, now: datetime) -> Answering:
    """How a guest answered hosts' asks of the last year."""
    [row] = fetch_rows(ANSWERS, {"guest": guest_id, "since": now - YEAR, "now": now, "most": MOST})
    if not row["asked"]:
        return Answering()
    return Answering(round(Decimal(100 * row["answered"]) / row["asked"], 1), row["seconds"])
