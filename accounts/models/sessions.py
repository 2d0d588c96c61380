from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from knox.models import AbstractAuthToken

from accounts.models.users import User

USER_AGENT_LENGTH = 200


class AuthToken(AbstractAuthToken):
    """A sign-in of a client that sends a token. Only the token's hash is kept; `id` names it to its owner."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=128, unique=True)
    token_key = models.CharField(max_length=25)
    created = models.DateTimeField()
    last_used_at = models.DateTimeField()
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)

    class Meta:
        indexes = [models.Index(fields=["expiry"], name="token_expiry")]

    def __str__(self) -> str:
        return f"token {self.pk} of {self.user_id}"


class Session(AbstractBaseSession):
    """A sign-in of a browser by cookie. Knows its user, so that all of a user's can be ended."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="browser_sessions")
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls) -> type[DatabaseSessionStore]:
        from accounts.session_store import SessionStore

        return SessionStore


class WsTicket(models.Model):
    """Opens one socket once, within seconds. Counts as the sign-in that drew it, and goes with it."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token = models.ForeignKey(AuthToken, on_delete=models.CASCADE, null=True, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, null=True, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(token__isnull=False) ^ models.Q(session__isnull=False),
                name="ws_ticket_of_one_sign_in",
            )
        ]
        indexes = [models.Index(fields=["expires_at"], name="ws_ticket_expires")]
