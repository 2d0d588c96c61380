from __future__ import annotations

from typing import ClassVar

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from knox.models import AbstractAuthToken

from accounts.models.users import User

USER_AGENT_LENGTH = 200


class AuthToken(AbstractAuthToken):
    """A sign-in of a client that sends a token. Only the token's hash is kept; `id` names it to its owner."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=128, unique=True)
    token_key = models.CharField(max_length=25)
    created = models.DateTimeField()
    last_used_at = models.DateTimeField()
    second_factor = models.BooleanField(
        default=False, db_default=False, help_text="Signed in with a second factor as well."
    )
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)

    objects: ClassVar[models.Manager[AuthToken]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["expiry"], name="token_expiry")]

    def __str__(self) -> str:
        return f"token {self.pk} of {self.user_id}"


class Session(AbstractBaseSession):
    """A sign-in of a browser by cookie. The row names its user, so that all sessions of a user can be ended."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="browser_sessions")
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    signed_in_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls) -> type[DatabaseSessionStore]:
        from accounts.session_store import SessionStore

        return SessionStore


class WsTicket(models.Model):
    """A ticket opens one socket once, within seconds. It counts as the sign-in that drew it.

    It names that sign-in without a foreign key: where the sign-in is gone the ticket opens nothing, so no other write waits for it.
    """

    digest = models.BinaryField(max_length=32, primary_key=True)
    token_id = models.BigIntegerField(null=True)
    session_key = models.CharField(max_length=40, null=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(token_id__isnull=False) ^ models.Q(session_key__isnull=False),
                name="ws_ticket_of_one_sign_in",
            )
        ]
