"""Counts what a search by price leaves out: homes in other currencies, whose prices can't be compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.database.replica import reading
from properties.rules.search import SearchQuery
from properties.selectors.search.results import find

# It counts up to so many of each currency.
MOST = 100
# One step of the price index for each currency, however many homes there are.
THERE = """
WITH RECURSIVE there AS (
  (SELECT currency FROM properties_searchentry ORDER BY currency LIMIT 1)
  UNION ALL
  SELECT (SELECT s.currency FROM properties_searchentry s WHERE s.currency > t.currency ORDER BY s.currency LIMIT 1)
    FROM there t WHERE t.currency IS NOT NULL)
SELECT currency FROM there WHERE currency IS NOT NULL AND currency <> %s
"""


def count_left_out(query: SearchQuery, now: datetime) -> dict[str, int]:
    """How many homes the search would find in each other currency, whatever they cost; at most MOST each.

    Empty where prices are not compared.
    """
    if not query.compares_prices:
        return {}
    with reading().cursor() as cursor:
        cursor.execute(THERE, [query.currency])
        others = [currency for (currency,) in cursor.fetchall()]
    counted = {currency: len(find(_priced_in(query, currency), now)) for currency in others}
    return {currency: min(number, MOST) for currency, number in counted.items() if number}


def _priced_in(query: SearchQuery, currency: str) -> SearchQuery:
    sort = "relevance" if query.sort == "price" else query.sort
    return replace(query, currency=currency, min_price=Decimal(0), max_price=None, sort=sort, cursor=None, limit=MOST)
