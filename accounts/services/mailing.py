"""Mails: queued in a transaction, written and sent by the clock."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import Enum
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.mail_links import confirm_email_link, password_reset_link, undo_link
from accounts.models import Mandate, OutgoingMail, Recovery, User
from accounts.services.letters import as_html
from core.database.claims import claim

log = logging.getLogger(__name__)

BATCH = 20
# Other processes leave a mail that is being sent alone for so long. After a failure it waits that time, doubled at each failure.
RETRY_AFTER, LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=1)
# A mail is given up after this time.
KEPT = timedelta(days=1)
# The least time between two tries of which the first may have arrived.
DOUBT_PAUSE = timedelta(hours=1)

SUBJECTS = {
    OutgoingMail.Kind.CONFIRM_EMAIL: _("Confirm your e-mail address"),
    OutgoingMail.Kind.PASSWORD_RESET: _("Set a new password"),
    OutgoingMail.Kind.PASSWORD_CHANGED: _("Your password was changed"),
    OutgoingMail.Kind.EMAIL_CHANGED: _("Your e-mail address was changed"),
    OutgoingMail.Kind.EMAIL_CHANGE_ASKED: _("Somebody asked to change your e-mail address"),
    OutgoingMail.Kind.ACCOUNT_CLOSED: _("Your account is closed"),
    OutgoingMail.Kind.AGENT_KEY_MADE: _("A key for an assistant was made"),
    OutgoingMail.Kind.AGENT_KEY_ENDED: _("An assistant's key was ended by us"),
}


# What the one button of a mail says.
ACTIONS = {
    OutgoingMail.Kind.CONFIRM_EMAIL.value: _("Confirm the address"),
    OutgoingMail.Kind.PASSWORD_RESET.value: _("Set a new password"),
    OutgoingMail.Kind.PASSWORD_CHANGED.value: _("Take the account back"),
    OutgoingMail.Kind.EMAIL_CHANGED.value: _("Take the account back"),
    OutgoingMail.Kind.EMAIL_CHANGE_ASKED.value: _("Take the account back"),
    OutgoingMail.Kind.AGENT_KEY_MADE.value: _("See what it may do"),
    OutgoingMail.Kind.AGENT_KEY_ENDED.value: _("See what it did"),
}


def queue_mail(
    *, user_id: int, kind: OutgoingMail.Kind, now: datetime, address: str = "", recovery: Recovery | None = None,
    mandate: Mandate | None = None,
) -> None:  # fmt: skip
    """Queues a mail of that kind to a user's address, or to `address`. It is sent if the caller's transaction commits.

    `recovery` is what the link in it gives back, `mandate` what it is about.
    """
    OutgoingMail.objects.create(
        user_id=user_id, kind=kind, created_at=now, next_try_at=now, address=address, recovery=recovery, mandate=mandate
    )


def send_mails(now: datetime) -> int:
    """A clock job: sends what is due, at least once each. How many were sent. Ends early while the mail server is away."""
    sent = 0
    for _number in range(BATCH):
        mail = _claim(now)
        if mail is None:
            break
        wanted = mail.user.is_active or mail.kind == OutgoingMail.Kind.ACCOUNT_CLOSED
        delivery = _send(mail) if wanted else Delivery.SENT
        _settle(mail, delivery, now)
        sent += delivery is Delivery.SENT
        if delivery is Delivery.AWAY:
            break
    return sent


def _claim(now: datetime) -> OutgoingMail | None:
    """Claims the next due mail, so that no other pass sends it."""

    def lease(mail: OutgoingMail) -> None:
        mail.next_try_at = now + min(LONGEST_PAUSE, RETRY_AFTER * 2 ** min(mail.tries, 10))
        mail.tries = min(mail.tries + 1, 1000)

    due = OutgoingMail.objects.select_related("user", "mandate").filter(next_try_at__lte=now)
    found = claim(due, order_by="next_try_at", fields=["next_try_at", "tries"], lease=lease)
    return found[0] if found else None


def _settle(mail: OutgoingMail, delivery: Delivery, now: datetime) -> None:
    """Deletes a mail that was sent, or failed for a day; one that may have arrived waits longer for its next try."""
    row = OutgoingMail.objects.filter(pk=mail.pk)
    if delivery is Delivery.SENT:
        row.delete()
    elif now - mail.created_at >= KEPT:
        log.error("a mail (%s) to user %s is given up after %s tries", mail.kind, mail.user_id, mail.tries)
        row.delete()
    elif delivery is Delivery.DOUBTFUL:
        row.update(next_try_at=now + doubt_pause(mail.created_at, now))


def doubt_pause(since: datetime, now: datetime) -> timedelta:
    """How long a mail that may have arrived waits for its next try: an hour at least, and as long as it has waited already,
    so that each pause is twice the one before."""
    return max(DOUBT_PAUSE, now - since)


def _send(mail: OutgoingMail) -> Delivery:
    kind = OutgoingMail.Kind(mail.kind)
    context: dict[str, object] = {
        "link": link_of(mail),
        "mandate": mail.mandate,
        "forgotten": f"{settings.PUBLIC_URL}/password/forgotten/",
    }
    return send_to(mail.user, SUBJECTS[kind], kind.value, context, address=mail.address)


def link_of(mail: OutgoingMail) -> str:
    """The link that the mail is about."""
    if mail.recovery_id is not None:
        return undo_link(mail.recovery_id)
    if mail.kind == OutgoingMail.Kind.CONFIRM_EMAIL:
        return confirm_email_link(mail.user, mail.address)
    if mail.kind == OutgoingMail.Kind.PASSWORD_RESET:
        return password_reset_link(mail.user)
    if mail.mandate_id is not None:
        return f"{settings.PUBLIC_URL}/profile/assistants/{mail.mandate_id}/"
    return f"{settings.PUBLIC_URL}/password/forgotten/"


class Delivery(Enum):
    """The result of a mail: taken; refused; no mail server was reached; or its connection ended before it said which."""

    SENT = "sent"
    REFUSED = "refused"
    AWAY = "away"
    DOUBTFUL = "doubtful"


REFUSALS = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)


def send_to(
    user: User, subject: str | Promise, template: str, context: dict[str, object], *, address: str = "", **headers: str
) -> Delivery:
    """Writes and sends one mail in the user's language, to `address` in place of the user's own where it is given."""
    with override(user.language or settings.LANGUAGE_CODE):
        title = str(subject)
        text = render_to_string(f"accounts/mails/{template}.txt", {"user": user, "subject": title, **context})
        action = str(context.get("action") or ACTIONS.get(template) or _("Open StayNest"))
        page = as_html(text, subject=title, link=str(context.get("link", "")), action=action)
    # RFC 3834: so that no holiday notice answers a machine.
    headers = {"Auto-Submitted": "auto-generated", **headers}
    line, reached = get_connection(), False
    try:
        line.open()
        reached = True
        letter = EmailMultiAlternatives(title, text, to=[address or user.email], headers=headers, connection=line)
        letter.attach_alternative(page, "text/html")
        letter.send()
        line.close()
    except (OSError, ValueError) as error:
        log.warning("a mail to user %s could not be sent: %s: %s", user.pk, type(error).__name__, error)
        if not reached or isinstance(error, ConnectionRefusedError):
            return Delivery.AWAY
        return Delivery.REFUSED if isinstance(error, (*REFUSALS, ValueError)) else Delivery.DOUBTFUL
    return Delivery.SENT
