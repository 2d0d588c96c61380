from __future__ import annotations

from django.db import models

from accounts.models.users import User


class OutgoingMail(models.Model):
    """A mail to be written and sent by the clock, so that no request waits for a mail server.

    Only what is to be said is kept: links with secrets in them are made when it is sent.
    """

    class Kind(models.TextChoices):
        CONFIRM_EMAIL = "confirm_email"
        PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind, no secret
        PASSWORD_CHANGED = "password_changed"  # noqa: S105 - as above
        EMAIL_CHANGED = "email_changed"
        EMAIL_CHANGE_ASKED = "email_change_asked"
        ACCOUNT_CLOSED = "account_closed"
        AGENT_KEY_MADE = "agent_key_made"
        AGENT_KEY_ENDED = "agent_key_ended"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    # The address to send to. Empty: the one that the user has when the mail is sent.
    address = models.EmailField(max_length=254, blank=True)
    # What the link in it gives back, where the mail tells of a changed password or address.
    recovery = models.ForeignKey("accounts.Recovery", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    # The mandate that it is about.
    mandate = models.ForeignKey("accounts.Mandate", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
