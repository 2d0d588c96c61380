"""The mean of guests' stars, rounded in one way everywhere, and the score by which search ranks."""

from __future__ import annotations

from decimal import Decimal

from core.money import round_money

# The weight of the average: five imagined reviews.
IMAGINED, AVERAGE = 5, Decimal("4.3")


def mean_rating(stars: int, reviews: int) -> Decimal | None:
    """The mean of `reviews` that gave `stars` (1–5 each) together, to two places, half up; None without a review."""
    return round_money(Decimal(stars) / reviews) if reviews else None


def score(stars: int, reviews: int) -> Decimal:
    """What the search ranks by where nothing else is asked, to three places: few reviews count for little."""
    return round((Decimal(stars) + IMAGINED * AVERAGE) / (reviews + IMAGINED), 3)


def shown_rating(stars: int, reviews: int) -> float | None:
    """`mean_rating` as a JSON number."""
    mean = mean_rating(stars, reviews)
    return None if mean is None else float(mean)
