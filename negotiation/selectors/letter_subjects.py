"""What a letter says of a negotiation: home, dates and the price on the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.amounts import price
from negotiation.models import Negotiation
from properties.calendar_words import span_words
from properties.rules.spans import span_of


def subjects_in_letters(*, rows: Sequence[Any], **_more: Any) -> dict[int, str]:
    """notification id → words, of those that are about a negotiation."""
    of = {row.pk: row.negotiation_id for row in rows if row.negotiation_id}
    found = {one.pk: one for one in Negotiation.objects.select_related("property").filter(pk__in=set(of.values()))}
    return {pk: _words(found[number]) for pk, number in of.items() if number in found}


def _words(one: Negotiation) -> str:
    # The bid and the ask; a sealed limit is its owner's alone and is never mailed.
    amounts = [price(amount, one.currency) for amount in (one.last_bid, one.last_ask) if amount is not None]
    parts = (one.property.title, span_words(*span_of(one.nights)), " / ".join(amounts))
    return " · ".join(part for part in parts if part)
