from __future__ import annotations

from django.db import models

from accounts.models.users import User


class TotpDevice(models.Model):
    """An authenticator app that shows six digits (RFC 6238). Counts once `confirmed_at` is set."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="totp_device", primary_key=True)
    # Encrypted under SECRET_KEY: a dump of the database alone makes no codes.
    secret = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # The last step of 30 s whose code was taken: no code counts twice.
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(models.Model):
    """Lets its owner in once when the app or the key is lost. Only a keyed digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]


class Passkey(models.Model):
    """A public key whose private half a device or a security key keeps (WebAuthn)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()
    transports = models.JSONField(default=list)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class PasskeyChallenge(models.Model):
    """A challenge that a passkey signs once, within minutes. `user` is set where a passkey is being added."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    expires_at = models.DateTimeField(db_index=True)
