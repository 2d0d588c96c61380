"""What a machine did, in words for its person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.amounts import price


def line_words(line: dict[str, Any], currency: str) -> str:
    """One line of the log."""
    return _refused(line) if line["code"] else _done(line["entry"], currency)


def _done(entry: dict[str, Any] | None, currency: str) -> str:
    if entry is None:
        return _("It did something in a haggle that is gone.")
    data = entry["data"]
    offer = data.get("offer")
    amount = data.get("amount") or (offer["amount"] if isinstance(offer, dict) else None)
    words = {
        "negotiation.opened": _("It opened the haggle."),
        "offer.made": _("It offered %(amount)s."),
        "offer.accepted": _("It accepted %(amount)s: a confirmed booking."),
        "offer.declined": _("It declined."),
        "offer.withdrawn": _("It withdrew the offer."),
        "offer.extended": _("It gave the offer of %(amount)s more time."),
        "negotiation.closed": _("It closed the question."),
        "limit.sealed": _("It sealed a limit."),
        "limit.unsealed": _("Its sealed limit is gone."),
        "message.sent": _("It wrote: %(text)s"),
    }.get(entry["kind"], entry["kind"])
    return words % {"amount": price(Decimal(amount), currency) if amount else "", "text": data.get("text", "")}


def _refused(line: dict[str, Any]) -> str:
    limits = {
        "max_total": _("the sum in all"),
        "min_percent": _("the share of the list price"),
        "max_open": _("how many it may have open"),
        "properties": _("which homes"),
        "check_in_from": _("the first check-in"),
        "check_out_by": _("the last check-out"),
        "currency": _("the currency"),
    }
    what = _verbs().get(line["type"], line["type"])
    if line["code"] == "mandate.exceeded":
        why = _("beyond %(limit)s") % {"limit": limits.get(line["limit"] or "", line["limit"])}
    elif line["code"] == "not_allowed":
        why = _("it may not")
    else:
        why = line["code"]
    return _("It tried to %(what)s and was refused: %(why)s.") % {"what": what, "why": why}


def _verbs() -> dict[str, str]:
    return {
        "negotiation.open": _("open a haggle"),
        "offer.make": _("make an offer"),
        "offer.accept": _("accept"),
        "offer.decline": _("decline"),
        "offer.withdraw": _("withdraw"),
        "offer.extend": _("give more time"),
        "limit.seal": _("seal a limit"),
        "limit.unseal": _("take its limit back"),
        "negotiation.close": _("close a question"),
        "message.send": _("write"),
    }
