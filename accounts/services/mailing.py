"""Mails: queued in a transaction, written and sent by the clock."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import Enum
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from accounts.mail_links import confirm_email_link, password_reset_link
from accounts.models import OutgoingMail, User

log = logging.getLogger(__name__)

BATCH = 20
MOST_TRIES = 6
# A mail that is being sent is left alone by other processes for so long. After a failure it waits that time, doubled at each.
RETRY_AFTER = timedelta(minutes=2)

SUBJECTS = {
    OutgoingMail.Kind.CONFIRM_EMAIL: "Confirm your e-mail address",
    OutgoingMail.Kind.PASSWORD_RESET: "Set a new password",
    OutgoingMail.Kind.PASSWORD_CHANGED: "Your password was changed",
    OutgoingMail.Kind.EMAIL_CHANGED: "Your e-mail address was changed",
}


def queue_mail(*, user_id: int, kind: OutgoingMail.Kind, now: datetime, address: str = "") -> None:
    """Queues a mail of that kind to a user's address, or to `address`. It is sent if the caller's transaction commits."""
    OutgoingMail.objects.create(user_id=user_id, kind=kind, created_at=now, next_try_at=now, address=address)


def send_mails(now: datetime) -> int:
    """A clock job: sends what is due, at least once each. How many were sent."""
    return sum(_send_claimed(mail) for mail in _claim(now))


def _claim(now: datetime) -> list[OutgoingMail]:
    """Due mails, kept from other passes; those tried too often are dropped."""
    with transaction.atomic():
        due = OutgoingMail.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_try_at__lte=now)
        mails = list(due.select_related("user").order_by("next_try_at")[:BATCH])
        for mail in mails:
            mail.next_try_at, mail.tries = now + RETRY_AFTER * 2**mail.tries, mail.tries + 1
        OutgoingMail.objects.bulk_update(mails, ["next_try_at", "tries"])
    return mails


def _send_claimed(mail: OutgoingMail) -> int:
    sent = not mail.user.is_active or _send(mail)
    if not sent and mail.tries >= MOST_TRIES:
        log.error("a mail (%s) to user %s is given up after %s tries", mail.kind, mail.user_id, mail.tries)
    if sent or mail.tries >= MOST_TRIES:
        OutgoingMail.objects.filter(pk=mail.pk).delete()
    return int(sent)


def _send(mail: OutgoingMail) -> bool:
    kind = OutgoingMail.Kind(mail.kind)
    context: dict[str, object] = {"link": link_of(mail.user, kind)}
    return send_to(mail.user, SUBJECTS[kind], kind.value, context, address=mail.address) is Delivery.SENT


def link_of(user: User, kind: OutgoingMail.Kind) -> str:
    """The link that the mail is about."""
    if kind is OutgoingMail.Kind.CONFIRM_EMAIL:
        return confirm_email_link(user)
    if kind is OutgoingMail.Kind.PASSWORD_RESET:
        return password_reset_link(user)
    return f"{settings.PUBLIC_URL}/password/forgotten/"


class Delivery(Enum):
    """The result of a mail: taken; refused for this address; or the mail server takes none at the moment."""

    SENT = "sent"
    REFUSED = "refused"
    AWAY = "away"


def send_to(
    user: User, subject: str, template: str, context: dict[str, object], *, address: str = "", **headers: str
) -> Delivery:
    """Writes and sends one mail, to `address` in place of the user's own where it is given."""
    text = render_to_string(f"accounts/mails/{template}.txt", {"user": user, "subject": subject, **context})
    try:
        EmailMultiAlternatives(subject, text, to=[address or user.email], headers=headers).send()
    except OSError as error:
        log.warning("a mail to user %s could not be sent: %s", user.pk, error)
        return Delivery.REFUSED if isinstance(error, SMTPRecipientsRefused | SMTPDataError) else Delivery.AWAY
    return Delivery.SENT
