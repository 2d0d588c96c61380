"""What a notification about a booking says, in one line."""

from __future__ import annotations

from django.utils.translation import gettext as _


def title(kind: str, *, side: str, who: str, home: str, amount: str = "", number: int = 0) -> str:
    """The title of a notification of `kind` for `side` about a stay at `home`; `who` is the other party, for staff the guest.

    `side` is guest, host or staff, or names a variant that staff are told.
    """
    texts = {
        "booking.requested": _("%(who)s asks to stay at %(home)s"),
        "booking.confirmed": _("Your booking of %(home)s is confirmed"),
        "booking.confirmed:host": _("The booking of %(who)s for %(home)s is confirmed"),
        "booking.rejected": _("%(who)s can't take your booking of %(home)s"),
        "booking.cancelled": _("The booking of %(home)s is cancelled"),
        "booking.expired": _("The reservation of %(home)s ran out of time"),
        "booking.change_proposed": _("%(who)s proposes to change the stay at %(home)s"),
        "booking.change_accepted": _("%(who)s agrees to the change at %(home)s: pay %(amount)s to have it"),
        "booking.change_ended": _("The proposed change of the stay at %(home)s comes to nothing; the stay stands"),
        "booking.changed": _("The stay at %(home)s is changed"),
        "booking.paid": _("%(who)s paid %(amount)s for %(home)s"),
        "booking.refunded": _("%(amount)s go back to the guest of %(home)s"),
        "booking.refunded:whole": _(
            "Booking %(number)s: all of its %(amount)s was given back at the gateway, but the stay stands. Cancel it?"
        ),
        "booking.refund_failed": _("The refund of %(amount)s for %(home)s has not gone through; it is tried again"),
        "booking.refund_failed:staff": _("Booking %(number)s: a refund of %(amount)s was refused and is owed"),
        "booking.disputed": _("%(who)s disputes the payment of %(amount)s for %(home)s at the bank"),
        "booking.disputed:staff": _("Booking %(number)s: %(who)s disputes %(amount)s at the bank"),
        "booking.disputed:won": _("Booking %(number)s: the dispute about %(amount)s is won, the money stays"),
        "booking.disputed:lost": _("Booking %(number)s: the dispute about %(amount)s is lost, the bank took it back"),
        "payment.failed": _("Your payment for %(home)s did not go through"),
        "review.written": _("%(who)s wrote a review of the stay at %(home)s; write yours to read it"),
    }
    text = texts.get(f"{kind}:{side}", texts[kind])
    return (text % {"who": who, "home": home, "amount": amount, "number": number})[:300]
