from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.timezone import now as moment

from properties.models.listing import Property


class SavedHome(models.Model):
    """A home that a user keeps. `title` is its title when it was saved; it names the home once it is no longer listed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=moment)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "property"], name="saved_home_once")]
        indexes = [models.Index(fields=["user", "-id"], name="saved_home_newest")]

    def __str__(self) -> str:
        return f"{self.title} for user {self.user_id}"
