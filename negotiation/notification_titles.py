"""What a notification says, in one line."""

from __future__ import annotations

from functools import cache

from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

# The language of titles that the engine writes, which does not look up each reader's language.
WRITTEN_IN = "en"

TITLES = {
    "negotiation.opened": _("%(who)s opens a negotiation for %(home)s"),
    "offer.made": _("%(who)s offers %(amount)s for %(home)s"),
    "offer.accepted": _("%(who)s accepts %(amount)s for %(home)s"),
    "offer.declined": _("%(who)s declines your offer for %(home)s"),
    "offer.accepted:rule": _("Your rule accepts %(amount)s from %(who)s for %(home)s"),
    "offer.declined:rule": _("Your rule declines the offer of %(who)s for %(home)s"),
    "offer.withdrawn": _("%(who)s withdraws the offer for %(home)s"),
    "offer.extended": _("%(who)s gives you more time for %(home)s"),
    "offer.expired": _("Time is up for the negotiation about %(home)s"),
    "offer.expiring": _("Little time left to answer about %(home)s"),
    "negotiation.closed": _("%(who)s closes the question about %(home)s"),
    "negotiation.superseded:dates.taken": _("The negotiation about %(home)s is over: the dates are gone"),
    "negotiation.superseded:guest.booked": _("The negotiation about %(home)s is over: another stay was booked"),
    "negotiation.superseded:property.unlisted": _("The negotiation about %(home)s is over: it is not offered now"),
    "negotiation.superseded:account.closed": _("The negotiation about %(home)s is over: an account was closed"),
    "limit.sealed": _("%(who)s sealed a limit for %(home)s"),
    "limit.unsealed": _("%(who)s has no sealed limit any more for %(home)s"),
    "limit.missed": _("The sealed limits for %(home)s did not meet"),
    "list.lowered": _("%(home)s costs everybody %(amount)s now, no more than the bid"),
    "message.sent": _("%(who)s writes about %(home)s"),
    "dates.free": _("Your dates at %(home)s are free again"),
}


def assistant_of(name: str) -> str:
    """The name of a machine in titles: that it is a machine, and for whom it acts."""
    with override(WRITTEN_IN):
        return gettext("%(name)s's assistant") % {"name": name}


def title(kind: str, *, who: str, home: str, amount: str = "") -> str:
    """The title of a notification of `kind`: `who` did it, about `home`, with `amount` where it has one.

    It is in the language `WRITTEN_IN`, not in that of the person who acts, since another person reads it.
    """
    return (translated(kind, WRITTEN_IN) % {"who": who, "home": home, "amount": amount})[:300]


@cache
def translated(kind: str, language: str) -> str:
    """The translated title with its gaps; each language is looked up once."""
    with override(language):
        return gettext(TITLES[kind])
