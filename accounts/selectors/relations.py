"""Whether two accounts belong together, by what they have in common."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from accounts.models import SignInPlace, UserProfile
from accounts.selectors.places import KEPT, place_of

# An address from which more accounts signed in belongs to a carrier or an office: two accounts that share it need not be related.
CROWD = 30
# The machine's own addresses: a client with one came through a proxy that is not trusted, or from the machine itself.
OWN = ("127.0.0.1", "::")


def share_address(one_id: int, other_id: int, now: datetime) -> bool:
    """Whether two accounts signed in from one address within 90 days, or name the same postal address."""
    return _share_place(one_id, other_id, now) or _share_home(one_id, other_id)


def _share_place(one_id: int, other_id: int, now: datetime) -> bool:
    recent = SignInPlace.objects.filter(last_at__gt=now - KEPT).exclude(place__in=[place_of(name) for name in OWN])
    of_one = recent.filter(user_id=one_id).values("place")
    common = recent.filter(user_id=other_id, place__in=of_one).values_list("place", flat=True)
    counted = recent.filter(place__in=list(common)).values("place").annotate(accounts=Count("user_id", distinct=True))
    return any(row["accounts"] <= CROWD for row in counted)


def _share_home(one_id: int, other_id: int) -> bool:
    rows = UserProfile.objects.filter(user_id__in=(one_id, other_id)).values_list("address", flat=True)
    homes = ["".join(sign for sign in address.casefold() if sign.isalnum()) for address in rows]
    return len(homes) == 2 and homes[0] == homes[1] != ""
