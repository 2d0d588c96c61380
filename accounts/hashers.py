"""Argon2 with a bound on how many hashes are computed at once: each takes 100 MB meanwhile."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher

from core.lanes import passwords


class BoundedArgon2(Argon2PasswordHasher):
    """Django's hasher with that bound. Raises `unavailable` where too many sign in at once."""

    def encode(self, password: str, salt: str) -> str:
        with passwords.enter():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with passwords.enter():
            return super().verify(password, encoded)
