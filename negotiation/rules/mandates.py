"""What a machine may do under its person's mandate: which command needs what, and whether a move stays within the limits.

Every figure is judged on what was read under the mandate's own lock (docs/design.md, "Locks").
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.rules.mandates import ACCEPT, MESSAGE, OFFER, READ, SEAL, MandateTerms
from core.errors import Code, DomainError
from core.money import ZERO, money
from core.said import said

# Command of the socket → what the mandate must allow before the command is parsed. The engine judges moves, with all that
# they carry (`NEEDS`), since a refusal is part of their outcome.
COMMAND_NEEDS: dict[str, tuple[str, ...]] = {
    "negotiation.open": (),
    "negotiation.join": (READ,),
    "negotiation.leave": (),
    "offer.make": (),
    "offer.accept": (),
    "offer.decline": (),
    "offer.withdraw": (),
    "offer.extend": (),
    "limit.seal": (),
    "limit.unseal": (),
    "negotiation.close": (),
    "message.send": (),
    "typing.set": (MESSAGE,),
    "seen.mark": (READ,),
    # A machine may not read its person's notifications: no mandate allows it.
    "notification.read": ("notification",),
    "ping": (),
}
# Kind of move → what it needs, whatever it carries.
NEEDS: dict[str, tuple[str, ...]] = {
    "offer.make": (OFFER,),
    "offer.accept": (ACCEPT,),
    "offer.decline": (OFFER,),
    "offer.withdraw": (OFFER,),
    "offer.extend": (OFFER,),
    "limit.seal": (SEAL,),
    "limit.unseal": (SEAL,),
    "negotiation.close": (OFFER,),
    "message.send": (MESSAGE,),
    "negotiation.open": (),
}
PEOPLE_ONLY = said("Only people haggle at this home; its guest or host has to do this.")


def needs(kind: str, *, amount: bool = False, limit: bool = False, message: bool = False) -> list[str]:
    """What a move of `kind` needs: an offer that carries a message also needs that, an opening what it carries."""
    opening = kind == "negotiation.open"
    words = list(NEEDS[kind])
    if opening and amount:
        words.append(OFFER)
    if opening and limit:
        words.append(SEAL)
    if message and MESSAGE not in words:
        words.append(MESSAGE)
    return words


def exceeded(limit: str, text: str, **params: Any) -> DomainError:
    """`mandate.exceeded`: the mandate's own limit of that name would be passed; nothing was changed."""
    return DomainError(Code.MANDATE_EXCEEDED, text, params={"limit": limit, **params})


def check_people_only(people_only: bool) -> None:
    """Raises not_allowed at a home whose host wants people."""
    if people_only:
        raise DomainError(Code.NOT_ALLOWED, PEOPLE_ONLY)


def check_stay(mandate: MandateTerms, *, property_id: int, start_date: date, end_date: date) -> None:
    """Raises mandate.exceeded for a home or for dates that the mandate does not name."""
    if mandate.property_ids is not None and property_id not in mandate.property_ids:
        raise exceeded("properties", "The mandate is not for this home.")
    if mandate.check_in_from is not None and start_date < mandate.check_in_from:
        first = mandate.check_in_from.isoformat()
        raise exceeded(
            "check_in_from", said("The mandate is for check-ins from %(first)s on.", first=first), least=first
        )
    if mandate.check_out_by is not None and end_date > mandate.check_out_by:
        last = mandate.check_out_by.isoformat()
        raise exceeded("check_out_by", said("The mandate is for check-outs up to %(last)s.", last=last), most=last)


def check_price(mandate: MandateTerms, *, amount: Decimal, list_amount: Decimal, currency: str) -> None:
    """Raises mandate.exceeded for another currency, or below the share of the list amount that a host's machine may go to."""
    if currency != mandate.currency:
        raise exceeded(
            "currency", said("The mandate is in %(currency)s.", currency=mandate.currency), currency=mandate.currency
        )
    if mandate.min_percent is not None and amount * 100 < mandate.min_percent * list_amount:
        raise exceeded(
            "min_percent",
            said("The mandate goes down to %(min_percent)s %% of the list amount.", min_percent=mandate.min_percent),
            least=money(mandate.min_percent),
        )


def check_total(mandate: MandateTerms, *, elsewhere: Decimal, total: Decimal) -> None:
    """Raises mandate.exceeded where `total`, all in, is more than what the mandate leaves beside its stakes `elsewhere`."""
    if mandate.max_total is not None and elsewhere + total > mandate.max_total:
        raise exceeded(
            "max_total",
            "The mandate does not go so far in all.",
            most=money(mandate.max_total),
            left=money(max(mandate.max_total - elsewhere, ZERO)),
        )


def check_openings(mandate: MandateTerms, open_now: int) -> None:
    """Raises mandate.exceeded where the machine has as many rooms open as it may."""
    if mandate.max_open is not None and open_now >= mandate.max_open:
        raise exceeded("max_open", "The mandate allows no more open negotiations.", most=str(mandate.max_open))


def total_of(stakes: Mapping[int, Mapping[Any, Decimal]], *, without: int) -> Decimal:
    """What a mandate has at stake, all in, without the negotiation `without`.

    In one negotiation the largest figure counts: of a standing bid and a sealed limit only one can be agreed.
    """
    return sum((max(there.values(), default=ZERO) for id, there in stakes.items() if id != without), ZERO)
