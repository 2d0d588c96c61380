"""The address of a property's calendar feed: anyone who has it can read the busy nights."""

from __future__ import annotations

from datetime import datetime
from secrets import token_urlsafe

from django.db import connection, transaction

from accounts.models import User
from properties.models import Property
from properties.selectors.feeds import FeedNights, feed_token, get_feed_property, list_feed_nights, token_hash
from properties.services.ownership import lock_own_property


def new_feed(row: Property) -> None:
    """Gives a property a new address; the old one is dead. The caller saves."""
    row.ical_nonce = token_urlsafe(16)
    row.ical_token_hash = token_hash(feed_token(row))


def replace_feed(*, property_id: int, actor: User, now: datetime) -> Property:
    """A new feed address for the actor's own property. Raises `not_found`."""
    with transaction.atomic():
        row = lock_own_property(property_id, actor)
        new_feed(row)
        row.updated_at = now
        row.save(update_fields=["ical_nonce", "ical_token_hash", "updated_at"])
        return row


# Unchanged closed nights are written once a day, however often a site reads the feed.
SERVED = """
INSERT INTO properties_servedclosure AS s (property_id, nights, first_at, last_at)
SELECT %(home)s, daterange(start, "end"), %(now)s, %(now)s FROM unnest(%(starts)s::date[], %(ends)s::date[]) AS u(start, "end")
ON CONFLICT (property_id, nights) DO UPDATE SET last_at = excluded.last_at
 WHERE s.last_at < excluded.last_at - interval '1 day'
"""


def serve_feed(token: str, now: datetime) -> list[FeedNights]:
    """Serves a feed and notes its closed nights, since they may come back as another site's own.

    Raises `not_found` for a wrong or replaced token.
    """
    row = get_feed_property(token)
    nights = list_feed_nights(row, now)
    closed = [one for one in nights if one.is_closed]
    with connection.cursor() as cursor:
        starts, ends = [one.start for one in closed], [one.end for one in closed]
        cursor.execute(SERVED, {"home": row.pk, "now": now, "starts": starts, "ends": ends})
    return nights
