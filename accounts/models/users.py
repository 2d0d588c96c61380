from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

# The form that the unique indexes below are kept in.
models.CharField.register_lookup(Lower)


username_validator = RegexValidator(r"^[\w.+-]+\Z", "Letters, digits and . + - _ only, so no @.")


class UserManager(DjangoUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__lower=Lower(models.Value(username)))


class User(AbstractUser):  # type: ignore[django-manager-missing]  # the plugin looks for Django's own manager
    """A person with an account: a guest, and with `is_host` a host as well."""

    username = models.CharField(
        max_length=150,
        unique=True,
        validators=[username_validator],
    )
    email = models.EmailField(max_length=254)
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    is_host = models.BooleanField(default=False)
    superhost = models.BooleanField(default=False)
    verified = models.BooleanField(default=False)
    # When the account was closed, and when all that follows from it on the floors above was seen to be done.
    closed_at = models.DateTimeField(null=True, blank=True)
    close_settled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        indexes = [
            models.Index(
                fields=["closed_at"],
                name="user_closing",
                condition=models.Q(closed_at__isnull=False, close_settled_at=None),
            )
        ]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_unique"),
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
        ]

    @property
    def name(self) -> str:
        """First and last name, else the user name; never an e-mail."""
        return display_name(self.first_name, self.last_name, self.username)


def display_name(first: str, last: str, username: str) -> str:
    """The name that others see."""
    return f"{first} {last}".strip() or username


class UserProfile(models.Model):
    """The profile of a user, as they wrote it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile", primary_key=True)
    phone = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=500, blank=True)
    profile_picture = models.ImageField(upload_to="profiles/", blank=True, max_length=200)
    # From the host's real answers to first bids over 365 days; the daily command keeps these two up to date.
    response_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    response_seconds = models.PositiveIntegerField(null=True, blank=True)
