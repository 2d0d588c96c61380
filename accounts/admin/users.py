"""Users, and the actions that close and reopen accounts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.models import ContactAccess, OutgoingMail, User, UserProfile
from accounts.services.closing import close_account, reopen_account
from accounts.services.mailing import queue_mail
from core import clock
from core.api.client_address import client_address

# Only a superuser grants permissions, or sets what lets a person sign in as another. With another's password or address a role
# would see and do all that the user may, identity documents and money with it.
POWER = ("is_staff", "is_superuser", "groups", "user_permissions")
KEYS = ("username", "email")


class ProfileInline(admin.StackedInline):
    """The profile that the user wrote."""

    model = UserProfile
    can_delete = False
    readonly_fields = ("response_rate", "response_seconds")


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Accounts are closed, never deleted: bookings name them."""

    # The list hides contact data, so opening it is no look at it: the address stands on a person's own page.
    list_display = (
        "username",
        "masked_email",
        "first_name",
        "last_name",
        "is_host",
        "verified",
        "is_active",
        "date_joined",
    )
    list_filter = ("is_host", "superhost", "verified", "is_active", "is_staff", "groups")
    search_fields = ("username", "email", "first_name", "last_name", "profile__phone")
    ordering = ("-id",)
    inlines = [ProfileInline]
    actions = ["close_accounts", "reopen_accounts", "mail_password_links"]
    readonly_fields = (
        "is_active",
        "verified",
        "superhost",
        "closed_at",
        "email_confirmed_at",
        "last_login",
        "date_joined",
    )
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "email_confirmed_at")}),
        ("Account", {"fields": ("is_host", "superhost", "verified", "is_active", "closed_at")}),
        ("Staff", {"fields": POWER}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "email", "password1", "password2")}),)

    @admin.display(description="e-mail", ordering="email")
    def masked_email(self, user: User) -> str:
        """As much of the address as tells two users of one name apart."""
        name, _, domain = user.email.partition("@")
        return f"{name[:1]}…@{domain}" if domain else ""

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        """A look at a person's e-mail, phone and address is recorded before it is answered."""
        shown = self.get_object(request, object_id)
        if shown is not None and self.has_view_permission(request, shown) and shown.pk != request.user.pk:
            ContactAccess.objects.create(
                user=shown, viewer_id=request.user.pk, address=client_address(request), at=clock.now()
            )
        return super().change_view(request, object_id, form_url, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return (*self.readonly_fields, *(() if self._may_hand_out_power(request) else (*POWER, *KEYS)))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Leaves the password's hash out for staff who may not change it."""
        shown = super().get_fieldsets(request, obj)
        if obj is None or self._may_hand_out_power(request):
            return shown
        return ((None, {"fields": ("username",)}), *shown[1:])

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        if not self._may_hand_out_power(request):
            raise PermissionDenied
        response: HttpResponse = super().user_change_password(request, id, form_url)
        return response

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Saves; a changed address has to be confirmed again."""
        if "email" in form.changed_data:
            obj.email_confirmed_at = None
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_staff or self._may_hand_out_power(request) or obj == request.user)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def _may_hand_out_power(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.is_superuser

    @admin.action(description="Close the selected accounts", permissions=["change"])
    def close_accounts(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Deactivates the chosen accounts; staff stay active."""
        ids = list(queryset.filter(is_active=True, is_staff=False).values_list("pk", flat=True))
        for user_id in ids:
            close_account(user_id=user_id, now=clock.now())
        messages.success(request, f"{len(ids)} closed.")

    @admin.action(description="Mail a link that sets a new password", permissions=["change"])
    def mail_password_links(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Mails the link to the address of the account, so that staff never hold it themselves."""
        users = queryset.filter(is_active=True)
        for user in users:
            queue_mail(user_id=user.pk, kind=OutgoingMail.Kind.PASSWORD_RESET, now=clock.now())
        messages.success(request, f"{len(users)} mailed.")

    @admin.action(description="Reopen the selected accounts", permissions=["change"])
    def reopen_accounts(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Lets the chosen users sign in again."""
        ids = list(queryset.filter(is_active=False, is_staff=False).values_list("pk", flat=True))
        for user_id in ids:
            reopen_account(user_id=user_id)
        messages.success(request, f"{len(ids)} reopened.")
