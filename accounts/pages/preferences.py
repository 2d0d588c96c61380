"""Which notifications a user wants by which channel, and the link in each mail that ends them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.events import NOTIFICATION_KINDS
from accounts.models import PushSubscription
from accounts.pages.devices import device_words
from accounts.pages.forms import Form
from accounts.pages.profile import viewer
from accounts.pushing.vapid import is_set_up
from accounts.selectors.notifications import Preferences, get_preferences
from accounts.selectors.push_subscriptions import list_subscriptions
from accounts.services.email_changes import ask_to_confirm_email
from accounts.services.preferences import change_preferences, unsubscribe
from accounts.services.push_subscriptions import MOST, remove_subscription_by_id
from core import clock
from core.errors import DomainError
from core.web.pages import refused

KINDS = {
    "negotiation.opened": gettext_lazy("Somebody makes a first offer or asks a question"),
    "offer.made": gettext_lazy("The other side names a price"),
    "offer.accepted": gettext_lazy("A price is agreed"),
    "offer.declined": gettext_lazy("An offer is declined"),
    "offer.withdrawn": gettext_lazy("An offer is withdrawn"),
    "offer.extended": gettext_lazy("An offer gets more time"),
    "offer.expiring": gettext_lazy("An offer is about to expire"),
    "offer.expired": gettext_lazy("An offer expired"),
    "negotiation.closed": gettext_lazy("A question is closed"),
    "negotiation.superseded": gettext_lazy("The nights of a haggle are gone"),
    "message.sent": gettext_lazy("Somebody writes to you"),
    "limit.sealed": gettext_lazy("The other side seals a limit"),
    "limit.unsealed": gettext_lazy("The other side has no sealed limit any more"),
    "limit.missed": gettext_lazy("Sealed limits did not meet"),
    "list.lowered": gettext_lazy("The list price falls to your bid, or below it"),
    "dates.free": gettext_lazy("Nights you wanted are free again"),
    "booking.requested": gettext_lazy("A guest asks to book"),
    "booking.confirmed": gettext_lazy("A booking is confirmed"),
    "booking.rejected": gettext_lazy("A host says no"),
    "booking.cancelled": gettext_lazy("A stay is cancelled"),
    "booking.expired": gettext_lazy("A reservation runs out"),
    "booking.change_proposed": gettext_lazy("Somebody proposes to change a stay"),
    "booking.change_accepted": gettext_lazy("A change of a stay is accepted and to be paid"),
    "booking.change_ended": gettext_lazy("A proposed change comes to nothing"),
    "booking.changed": gettext_lazy("A stay is changed"),
    "booking.paid": gettext_lazy("A guest has paid"),
    "booking.refunded": gettext_lazy("Money goes back"),
    "booking.refund_failed": gettext_lazy("Money could not go back"),
    "booking.disputed": gettext_lazy("A payment is disputed"),
    "payment.failed": gettext_lazy("A payment fails"),
    "calendar.conflict": gettext_lazy("Another site has a booking on nights of a stay here"),
    "calendar.failed": gettext_lazy("A calendar of another site can't be read"),
    "review.written": gettext_lazy("The other side of a stay writes a review"),
    "document.approved": gettext_lazy("A document is approved"),
    "document.rejected": gettext_lazy("A document is rejected"),
    "export.ready": gettext_lazy("Your data is packed"),
    "report.decided": gettext_lazy("What you reported is looked at"),
    "report.warned": gettext_lazy("Our staff has something to tell you"),
}


@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """`/profile/preferences/`."""
    user_id = viewer(request).pk
    if "confirm" in request.POST:
        return _mail_link(request)
    if "device" in request.POST:
        return _remove_device(request, user_id)
    if request.method == "POST":
        change_preferences(
            user_id=user_id, mail="mail" in request.POST, push="push" in request.POST, kinds=_wanted(request, "kind"),
            push_kinds=_wanted(request, "push_kind"), site_kinds=_wanted(request, "site_kind"),
        )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect("preferences")
    present = get_preferences(user_id)
    content = {
        "mail": present.mail,
        "push": present.push,
        "kinds": [_row(kind, present) for kind in NOTIFICATION_KINDS],
        "confirmed": viewer(request).email_confirmed_at is not None,
        "push_offered": is_set_up(),
        "devices": [_device(row) for row in list_subscriptions(user_id, MOST)],
    }
    return render(request, "accounts/preferences.html", content)


def _wanted(request: HttpRequest, name: str) -> dict[str, bool]:
    chosen = set(request.POST.getlist(name))
    return {kind: kind in chosen for kind in NOTIFICATION_KINDS}


def _row(kind: str, present: Preferences) -> dict[str, object]:
    """A kind with its words, and whether it is wanted by each channel."""
    ways = (("site_kind", present.site_kinds), ("push_kind", present.push_kinds), ("kind", present.kinds))
    return {"kind": kind, "words": KINDS[kind], "ways": [(name, kinds[kind]) for name, kinds in ways]}


def _device(row: PushSubscription) -> dict[str, object]:
    return {"pk": row.pk, "name": device_words(row.user_agent), "created_at": row.created_at}


def _mail_link(request: HttpRequest) -> HttpResponse:
    """The link that confirms the address, once more."""
    try:
        ask_to_confirm_email(user=viewer(request), now=clock.now())
    except DomainError as error:
        return refused(request, error, "preferences")
    messages.success(request, _("The link is on its way to %(address)s.") % {"address": viewer(request).email})
    return redirect("preferences")


def _remove_device(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ends the pushes to one browser."""
    number = request.POST["device"]
    try:
        remove_subscription_by_id(
            user_id=user_id, subscription_id=int(number) if number.isdecimal() and len(number) < 19 else 0
        )
    except DomainError as error:
        return refused(request, error, "preferences")
    messages.success(request, _("That browser is told nothing more."))
    return redirect("preferences")


@require_http_methods(["GET", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """`/notifications/unsubscribe/<token>/`: a press of the button does it, since mail scanners open every link."""
    if request.method == "POST":
        unsubscribe(token=token)
        messages.success(request, _("No more mails. What happens still stands under Notifications."))
        return redirect("/")
    content = {
        "form": Form(),
        "title": _("No more mails?"),
        "lead": _("Offers and bookings will still be shown here on the site."),
        "action": _("Stop the mails"),
    }
    return render(request, "accounts/form.html", content)
