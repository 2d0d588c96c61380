from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models.functions import Lower

from accounts.naming import check_person_name, check_user_name, lookalike_key

# The form in which the unique indexes below hold a name.
models.CharField.register_lookup(Lower)


class LookalikeField(models.CharField):
    """`naming.lookalike_key` of the user name, brought up to date with every save of it."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        if add or not self.is_kept_empty(model_instance):
            setattr(model_instance, self.attname, lookalike_key(model_instance.username))  # type: ignore[attr-defined]
        return super().pre_save(model_instance, add)

    def is_kept_empty(self, model_instance: models.Model) -> bool:
        """An account from before the rule whose name looks like an older one's keeps its name, and no key."""
        return getattr(model_instance, self.attname) is None


class UserManager(DjangoUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__lower=Lower(models.Value(username)))


class User(AbstractUser):  # type: ignore[django-manager-missing]  # the plugin looks for Django's own manager
    """A person with an account: a guest, and with `is_host` a host as well."""

    username = models.CharField(
        max_length=150,
        unique=True,
        validators=[check_user_name],
    )
    username_lookalike = LookalikeField(max_length=300, unique=True, null=True, editable=False)
    first_name = models.CharField("first name", max_length=150, blank=True, validators=[check_person_name])
    last_name = models.CharField("last name", max_length=150, blank=True, validators=[check_person_name])
    email = models.EmailField(max_length=254)
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    is_host = models.BooleanField(default=False)
    superhost = models.BooleanField(default=False)
    verified = models.BooleanField(default=False)
    # One of settings.LANGUAGES, chosen on a page; empty until then.
    language = models.CharField(max_length=5, blank=True)
    # When the account was closed, and when the apps above finished what follows from that.
    closed_at = models.DateTimeField(null=True, blank=True)
    close_settled_at = models.DateTimeField(null=True, blank=True)
    # When everything was erased that no booking, payment or law needs: thirty days later at the earliest.
    erased_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        indexes = [
            models.Index(
                fields=["closed_at"],
                name="user_closing",
                condition=models.Q(closed_at__isnull=False, close_settled_at=None),
            ),
            models.Index(
                fields=["closed_at"],
                name="user_to_erase",
                condition=models.Q(closed_at__isnull=False, erased_at=None),
            ),
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
    """The name that other users see."""
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
