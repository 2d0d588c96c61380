"""Signing in to the admin: the same check, with the same limits, as everywhere else."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.services.log_in import check_sign_in
from core import clock
from core.api.client_address import client_address
from core.errors import DomainError


class StaffSignInForm(AdminAuthenticationForm):
    """User name or e-mail and password of a member of staff."""

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            assert self.request is not None  # noqa: S101 - the admin's login view always passes it
            address = client_address(self.request)
            try:
                with transaction.atomic():
                    self.user_cache = check_sign_in(name=name, password=password, address=address, now=clock.now())
            except DomainError as refusal:
                raise ValidationError(refusal.message) from refusal
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data
