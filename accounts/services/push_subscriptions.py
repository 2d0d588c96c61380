"""Subscriptions to pushes: a browser puts one, takes it along to another user, and loses it with the sign-in that made it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from accounts.models import PushSubscription, User
from accounts.models.sessions import USER_AGENT_LENGTH
from accounts.pushing import vapid
from accounts.selectors.credentials import Credential, list_live_credentials
from accounts.selectors.push_subscriptions import credential_of_subscription
from core.errors import Code, DomainError, invalid, not_found
from core.outbound.public_addresses import AddressRefused, is_allowed, read_url

# A person has a few browsers; of more the oldest makes room.
MOST = 20
SWEPT_AT_ONCE = 1000
HTTPS_PORT = 443
# The class of the advisory locks under which an endpoint changes hands.
ENDPOINT_LOCK = 0x70757368


def put_subscription(
    *, user_id: int, endpoint: str, p256dh: str, auth: str, credential: Credential, user_agent: str, now: datetime
) -> PushSubscription:
    """Has what this user is told pushed to that endpoint from now on, as long as the sign-in `credential` lasts.

    A repeat renews its keys. Another user's endpoint becomes this user's, since a browser has one endpoint for
    a site, for any user. Raises `invalid` (endpoint), `not_found` where push is not set up.
    """
    if not vapid.is_set_up():
        raise not_offered()
    kind, key = credential
    values = {
        "p256dh": p256dh, "auth": auth, "user_agent": user_agent[:USER_AGENT_LENGTH],
        "token_id": int(key) if kind == "token" else None, "session_key": key if kind == "session" else None,
    }  # fmt: skip
    host = check_endpoint(endpoint)
    with transaction.atomic():
        _lock_endpoint(endpoint)
        User.objects.select_for_update(no_key=True).get(pk=user_id)
        # Pushes that wait for the previous user must not reach the new one.
        PushSubscription.objects.filter(endpoint=endpoint).exclude(user_id=user_id).delete()
        row, _made = PushSubscription.objects.update_or_create(
            endpoint=endpoint, user_id=user_id, defaults=values,
            create_defaults=values | {"user_id": user_id, "endpoint": endpoint, "host": host, "created_at": now},
        )  # fmt: skip
        surplus = PushSubscription.objects.filter(user_id=user_id).order_by("-pk").values_list("pk", flat=True)[MOST:]
        PushSubscription.objects.filter(pk__in=list(surplus)).delete()
    return row


def _lock_endpoint(endpoint: str) -> None:
    """Of two users who sign in at once in one browser the later one gets the endpoint."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [ENDPOINT_LOCK, endpoint])


def check_endpoint(endpoint: str) -> str:
    """The host of a push service's address. Raises `invalid` for one that we would not go to."""
    try:
        url = read_url(endpoint, settings.PUSH_ALLOW_HOSTS)
    except AddressRefused as refused:
        raise invalid(endpoint="This is no address of a push service: send it as the browser gave it.") from refused
    named = is_allowed(url, settings.PUSH_ALLOW_HOSTS)
    if url.user or url.password or not (named or (url.scheme == "https" and url.port == HTTPS_PORT)):
        raise invalid(endpoint="A push service's address begins with https:// and names no port or user.")
    return str(url.host)[:255]


def remove_subscription(*, user_id: int, endpoint: str) -> None:
    """Forgets one by its address. Harmless where there is none."""
    PushSubscription.objects.filter(user_id=user_id, endpoint=endpoint).delete()


def remove_subscription_by_id(*, user_id: int, subscription_id: int) -> None:
    """Forgets one by its number. Raises `not_found` for another user's."""
    if not PushSubscription.objects.filter(user_id=user_id, pk=subscription_id).delete()[0]:
        raise not_found()


def not_offered() -> DomainError:
    """The refusal of a server that has no key to push with."""
    return DomainError(Code.NOT_FOUND, "Push notifications are not set up here.")


def forget_signed_out(now: datetime) -> int:
    """A daily job: deletes subscriptions whose sign-in has ended. Returns how many."""
    done = last = 0
    while rows := list(PushSubscription.objects.filter(pk__gt=last).order_by("pk")[:SWEPT_AT_ONCE]):
        last = rows[-1].pk
        live = list_live_credentials({credential_of_subscription(row) for row in rows}, now)
        over = [row.pk for row in rows if credential_of_subscription(row) not in live]
        done += PushSubscription.objects.filter(pk__in=over).delete()[1].get("accounts.PushSubscription", 0)
    return done
