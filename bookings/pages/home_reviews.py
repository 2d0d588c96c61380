"""All reviews of a home, in an order that the reader chooses."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from bookings.selectors.contact import may_see_address
from bookings.selectors.reviews import SORTS, count_stars, list_sorted_reviews, review_body
from core import clock
from core.database.replica import reads_replica
from properties.rules.ratings import shown_rating
from properties.selectors.page import access_page

PAGE = 20
# The last page: readers do not go further, and each page costs more than the one before it.
MOST_PAGES = 500


@require_safe
@reads_replica
def home_reviews(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/homes/<id>/reviews/?sort=newest|best|worst&page=`."""
    actor = request.user if isinstance(request.user, User) else None
    now = clock.now()
    has_stay = actor is not None and may_see_address(viewer_id=actor.pk, property_id=property_id, now=now)
    row, _ignored = access_page(property_id, actor, has_stay=has_stay)
    sort, page = _sort(request), _page(request)
    reviews, more = list_sorted_reviews(property_id, now=now, sort=sort, first=(page - 1) * PAGE, limit=PAGE)
    content = {
        "home": {"property_id": property_id, "name": row.title},
        "rating": shown_rating(row.rating_sum, row.rating_count),
        "stars": star_bars(count_stars(property_id, now=now)),
        "count": row.rating_count,
        "reviews": [review_body(review) for review in reviews],
        "sort": sort,
        "sorts": [("newest", _("Newest first")), ("best", _("Best first")), ("worst", _("Worst first"))],
        "before": page - 1,
        "after": page + 1 if more and page < MOST_PAGES else 0,
    }
    return render(request, "bookings/home_reviews.html", content)


def star_bars(stars: dict[int, int]) -> list[dict[str, Any]]:
    """A bar for each number of stars: how many gave it, and the share of all in whole per cent."""
    total = sum(stars.values()) or 1
    return [{"stars": n, "count": count, "percent": round(100 * count / total)} for n, count in stars.items()]


def _sort(request: HttpRequest) -> str:
    asked = request.GET.get("sort", "")
    return asked if asked in SORTS else "newest"


def _page(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return min(max(int(asked), 1), MOST_PAGES) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
