"""What a notification about a booking says, in one line."""

from __future__ import annotations

from django.utils.translation import gettext as _


def title(kind: str, *, side: str, who: str, home: str, amount: str = "") -> str:
    """What `side` is told of `kind` about a stay at `home`; `who` is the other party."""
    texts = {
        "booking.requested": _("%(who)s asks to stay at %(home)s"),
        "booking.confirmed": _("Your booking of %(home)s is confirmed"),
        "booking.confirmed:host": _("The booking of %(who)s for %(home)s is confirmed"),
        "booking.rejected": _("%(who)s can't take your booking of %(home)s"),
        "booking.cancelled": _("The booking of %(home)s is cancelled"),
        "booking.expired": _("The reservation of %(home)s ran out of time"),
        "booking.paid": _("%(who)s paid %(amount)s for %(home)s"),
        "booking.refunded": _("%(amount)s go back to the guest of %(home)s"),
        "payment.failed": _("Your payment for %(home)s did not go through"),
        "review.written": _("%(who)s reviewed %(home)s"),
    }
    text = texts.get(f"{kind}:{side}", texts[kind])
    return (text % {"who": who, "home": home, "amount": amount})[:300]
