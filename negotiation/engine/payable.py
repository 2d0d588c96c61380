"""Checks whether an offered amount can be paid at all, before the offer is made."""

from __future__ import annotations

from decimal import Decimal

from bookings.gateways import payment_bounds
from core.errors import invalid
from core.money import is_whole
from core.said import said
from negotiation.rules.terms import Terms
from properties.rules.quote import Quote, check_payable, make_quote


def check_offer_payable(terms: Terms, amount: Decimal, currency: str) -> Quote:
    """Returns what the offer comes to, fee and tax included.

    Raises `invalid` for an amount finer than the currency's smallest unit, `stay.not_payable` for a total out of bounds.
    """
    _check_whole(amount, currency)
    quote = terms.quote(amount, currency)
    check_payable(quote, payment_bounds(currency=currency))
    return quote


def check_bid_payable(listed: Quote, amount: Decimal, rates: tuple[Decimal, Decimal]) -> None:
    """Does the same check for a bid that opens a negotiation, on a stay with the list price `listed`.

    `rates` are fee and tax, in per cent. Raises `invalid` and `stay.not_payable` as `check_offer_payable` does.
    """
    _check_whole(amount, listed.currency)
    quote = make_quote(
        currency=listed.currency, nights=listed.nights, stay=amount, meals=listed.meals, cleaning=listed.cleaning,
        fee_percent=rates[0], tax_percent=rates[1],
    )  # fmt: skip
    check_payable(quote, payment_bounds(currency=listed.currency))


def _check_whole(amount: Decimal, currency: str) -> None:
    if not is_whole(amount, currency):
        raise invalid(
            amount=said("%(currency)s is paid in whole units; give an amount without hundredths.", currency=currency)
        )
