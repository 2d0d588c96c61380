"""Which second factors an account has."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Passkey, RecoveryCode, TotpDevice


@dataclass(frozen=True, slots=True)
class Factors:
    """The second factors of an account: app, number of passkeys, recovery codes left. True where a sign-in needs one."""

    app: bool
    passkeys: int
    codes_left: int

    def __bool__(self) -> bool:
        return self.app or self.passkeys > 0

    @property
    def methods(self) -> tuple[str, ...]:
        """What a client may ask its user for."""
        found = (("totp", self.app), ("passkey", self.passkeys), ("recovery", self.codes_left))
        return tuple(name for name, there in found if there)


def get_factors(user_id: int) -> Factors:
    """An account's second factors; three short reads."""
    return Factors(
        app=TotpDevice.objects.filter(pk=user_id, confirmed_at__isnull=False).exists(),
        passkeys=Passkey.objects.filter(user_id=user_id).count(),
        codes_left=RecoveryCode.objects.filter(user_id=user_id, used_at=None).count(),
    )


def list_passkeys(user_id: int) -> list[Passkey]:
    """An account's passkeys, the oldest first."""
    return list(Passkey.objects.filter(user_id=user_id).order_by("pk"))
