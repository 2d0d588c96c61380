"""Decides which notification goes to which subscription and when, and keeps the results. Each goes at most once.

A delivery is marked as begun, and that committed, before its request leaves. Where the push service certainly did not
take it (no connection, 429, 5xx) it is tried again after growing pauses. Where the result is unknown (no answer came, the
process died) it is given up: the notification stands on the site, and the letter by mail comes in any case.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from django.db import connection, transaction
from yarl import URL

from accounts.events import notification_frame, target_of
from accounts.models import Notification, PushDelivery, PushSubscription
from accounts.pushing import pace, vapid
from accounts.pushing.answers import Answer, Sent
from accounts.pushing.encoding import Push, content_of
from accounts.selectors.credentials import Credential, list_live_credentials
from accounts.selectors.push_subscriptions import credential_of_subscription
from core.live.presence import online_users

log = logging.getLogger(__name__)
Outcome = PushDelivery.Outcome

# A move may take so long between its `now` and its commit.
COMMITTED_WITHIN = timedelta(seconds=60)
# A new lane looks back so far, for what an earlier lane may have left.
LOOK_BACK = timedelta(minutes=10)
KEPT = timedelta(hours=13)
CANDIDATES = 400
SWEPT_AT_ONCE = 10_000
COLLECT_LOCK = 0x70757368636F6C6C

_COLLECT = """
INSERT INTO accounts_pushdelivery
       (subscription_id, notification_id, at, next_try_at, tries, started_at, settled_at, outcome)
SELECT s.id, n.id, n.at, %(now)s, 0, NULL, NULL, ''
  FROM accounts_notification n
  JOIN accounts_pushsubscription s ON s.user_id = n.user_id AND s.created_at <= n.at
  LEFT JOIN accounts_notificationpreference p ON p.user_id = n.user_id
 WHERE n.at > %(since)s AND n.read_at IS NULL AND n.mailed_at IS NULL
   AND COALESCE(p.push_enabled, true) AND n.kind <> ALL(COALESCE(p.unpushed_kinds, '{}'))
   AND NOT EXISTS (SELECT 1 FROM accounts_pushdelivery d WHERE d.subscription_id = s.id AND d.notification_id = n.id)
ON CONFLICT DO NOTHING
"""


def collect(now: datetime, since: datetime) -> int:
    """Makes a delivery of everything that happened after `since` and is to be pushed. Returns how many. One lane at a time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [COLLECT_LOCK])
        if not cursor.fetchone()[0] or not PushSubscription.objects.exists():
            return 0
        cursor.execute(_COLLECT, {"now": now, "since": since})
        return cursor.rowcount


class Decision(Enum):
    """What to do with a delivery that is due."""

    SEND = "send"
    WAIT = "wait"
    DROP = "drop"
    EXPIRE = "expire"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides about a delivery that is due."""

    at: datetime
    begun: bool
    unread: bool
    signed_in: bool
    on_screen: bool


def decide(facts: Facts, now: datetime) -> Decision:
    """The decision. A delivery begun and due again lost its process; one that was read, or is on a screen, needs no push."""
    if facts.begun:
        return Decision.DOUBT
    if pace.is_too_old(facts.at, now):
        return Decision.EXPIRE
    if not facts.unread or not facts.signed_in:
        return Decision.DROP
    if not facts.on_screen:
        return Decision.SEND
    return Decision.WAIT if now - facts.at < pace.ON_SCREEN_FOR else Decision.DROP


ENDS = {Decision.DOUBT: Outcome.DOUBTFUL, Decision.EXPIRE: Outcome.EXPIRED, Decision.DROP: Outcome.UNWANTED}


def claim_due(now: datetime, *, room: int, room_of: Mapping[str, int], room_a_host: int) -> list[Push]:
    """Claims at most `room` messages to send now; of one push service at most `room_a_host` less those that
    `room_of` says are under way there."""
    full = [host for host, used in room_of.items() if used >= room_a_host]
    due = PushDelivery.objects.filter(settled_at=None, next_try_at__lte=now).exclude(subscription__host__in=full)
    # The broker may be slow, so it is asked before the rows are locked.
    online = online_users(set(due.order_by("next_try_at").values_list("subscription__user_id", flat=True)[:CANDIDATES]))
    with transaction.atomic():
        locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("subscription")
        rows = list(locked.order_by("next_try_at")[:CANDIDATES])
        return _claim(rows, online, now, room, Counter(room_of), room_a_host)


def _claim(
    rows: Sequence[PushDelivery], online: Collection[int], now: datetime, room: int, used: Counter[str], most: int
) -> list[Push]:
    told = _notifications(rows)
    live = list_live_credentials({credential_of_subscription(row.subscription) for row in rows}, now)
    pushes: list[Push] = []
    for row in rows:
        notification = told.get(row.notification_id)
        decision = decide(_facts(row, notification, live, online), now)
        if decision in ENDS:
            _end(row, ENDS[decision], now)
        elif decision is Decision.WAIT:
            row.next_try_at = now + pace.LOOK_AGAIN
        elif notification and len(pushes) < room and used[row.subscription.host] < most:
            used[row.subscription.host] += 1
            row.started_at, row.next_try_at, row.tries = now, now + pace.LEASE, row.tries + 1
            pushes.append(_push(row, notification, now))
    PushDelivery.objects.bulk_update(rows, ["next_try_at", "started_at", "tries", "settled_at", "outcome"])
    return pushes


def _notifications(rows: Sequence[PushDelivery]) -> dict[int, Notification]:
    """Notifications by id; the moments tell the database in which partitions to look."""
    moments = [row.at for row in rows] or [datetime.min.replace(tzinfo=UTC)]
    found = Notification.objects.filter(pk__in=[row.notification_id for row in rows])
    return {row.pk: row for row in found.filter(at__gte=min(moments), at__lte=max(moments))}


def _facts(
    row: PushDelivery, notification: Notification | None, live: Collection[Credential], online: Collection[int]
) -> Facts:
    return Facts(
        at=row.at,
        begun=row.started_at is not None,
        unread=notification is not None and notification.read_at is None,
        signed_in=credential_of_subscription(row.subscription) in live,
        on_screen=row.subscription.user_id in online,
    )


def _push(row: PushDelivery, notification: Notification, now: datetime) -> Push:
    to = row.subscription
    return Push(
        delivery=row.pk, endpoint=to.endpoint, origin=str(URL(to.endpoint).origin()), host=to.host, p256dh=to.p256dh,
        auth=to.auth, topic=f"n{notification.pk}", kind=notification.kind, content=content_of(_shown(notification)),
        ttl=pace.seconds_left(row.at, now),
    )  # fmt: skip


def _shown(row: Notification) -> dict[str, Any]:
    """A notification as the list shows it, with the path of the page that it leads to."""
    ids: dict[str, Any] = {
        "negotiation_id": row.negotiation_id, "booking_id": row.booking_id, "property_id": row.property_id,
    }  # fmt: skip
    frame = notification_frame(id=row.pk, kind=row.kind, title=row.title, at=row.at, **ids)
    shown = {name: value for name, value in frame.items() if name not in ("type", "read")}
    return shown | {"url": target_of(kind=row.kind, **ids)}


def settle(push: Push, sent: Sent, now: datetime) -> None:
    """Stores the result of a message. A subscription that is gone is deleted with its deliveries."""
    if sent.answer is not Answer.TAKEN:
        log.info("a push to %s: %s (%s)", push.host, sent.answer.value, sent.words)
    with transaction.atomic():
        row = PushDelivery.objects.select_for_update().filter(pk=push.delivery, settled_at=None).first()
        if sent.answer is Answer.GONE:
            # Only where its browser did not renew it meanwhile.
            PushSubscription.objects.filter(endpoint=push.endpoint, p256dh=push.p256dh).delete()
        elif row is not None:
            _write(row, sent, now)


def _write(row: PushDelivery, sent: Sent, now: datetime) -> None:
    if sent.answer is Answer.LATER:
        row.started_at, row.next_try_at = None, now + pace.pause_after(row.tries, sent.wait)
    else:
        ends = {Answer.TAKEN: Outcome.SENT, Answer.DOUBTFUL: Outcome.DOUBTFUL}
        _end(row, ends.get(sent.answer, Outcome.REFUSED), now)
    row.save()


def _end(row: PushDelivery, outcome: Outcome, now: datetime) -> None:
    row.settled_at, row.outcome = now, outcome


def forget_deliveries(now: datetime) -> int:
    """A clock job: deletes deliveries so old that no lane collects their notifications any more."""
    old = PushDelivery.objects.filter(at__lt=now - KEPT).values_list("pk", flat=True)[:SWEPT_AT_ONCE]
    return PushDelivery.objects.filter(pk__in=list(old)).delete()[0]


def is_offered() -> bool:
    """Whether there is a key to push with."""
    return vapid.is_set_up()
