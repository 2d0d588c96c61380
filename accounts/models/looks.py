from __future__ import annotations

from django.db import models

from accounts.models.users import User


class ContactAccess(models.Model):
    """A member of the staff looked at a person's e-mail, phone or address, from this network address."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="contact_accesses")
    viewer = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    address = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "contact accesses"


class SignInPlace(models.Model):
    """An address from which an account signed in: where many tries fail from one address, its own users still get in."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_places", db_index=False)
    # A keyed digest of the address.
    place = models.BinaryField(max_length=16)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "place"], name="sign_in_place_once")]
