"""Forms as the pages show them. The services judge what is right; these hold only names, hints and limits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

WORK = _(
    "Many log-ins failed from your network. Your browser works for a moment to show that it is no script; then try again."
)


class Form(forms.Form):
    """A form that can also show errors of the services."""

    def refuse(self, error: DomainError) -> None:
        """Shows a refusal beside the fields it names, else above the form."""
        error = error.translated()
        shown = {name: texts for name, texts in error.fields.items() if name in self.fields}
        for name, texts in shown.items():
            for text in texts:
                self.add_error(name, text)
        if not shown:
            self.add_error(None, error.message)

    def add_note(self, text: str) -> None:
        """Shows a text above a form that was not sent yet."""
        self.cleaned_data, self._errors = {}, ErrorDict()
        self.add_error(None, text)

    def filled(self) -> dict[str, Any]:
        """The fields that were filled in."""
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}


def password_field(label: Any, autocomplete: str, **kwargs: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, widget=widget, strip=False, max_length=1000, **kwargs)


class SignUpForm(Form):
    first_name = forms.CharField(
        label=_("First name"), max_length=150, required=False,
        help_text=_("What hosts and guests call you; without it, your user name."),
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )  # fmt: skip
    last_name = forms.CharField(
        label=_("Last name"), max_length=150, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )  # fmt: skip
    username = forms.CharField(
        label=_("User name"), max_length=150, help_text=_("Letters, digits and . + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = password_field(_("Password"), "new-password", help_text=_("At least 8 characters, not a common one."))


class LogInForm(Form):
    username = forms.CharField(
        label=_("User name"), max_length=254, help_text=_("Or your e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    password = password_field(_("Password"), "current-password")
    work = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    # What the page's script solves before the next try (ALTCHA), where too many failed from the visitor's network.
    challenge: dict[str, Any] | None = None

    def refuse(self, error: DomainError) -> None:
        self.challenge = error.params.get("challenge")
        if self.challenge is None:
            return super().refuse(error)
        self.add_error(None, WORK)
        return None


class CodeOnlyForm(Form):
    code = forms.CharField(
        label=_("Code"), max_length=20, help_text=_("Six digits, as your app shows them."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )  # fmt: skip


class CodeForm(Form):
    code = forms.CharField(
        label=_("Code"), max_length=40, required=False, help_text=_("Six digits of your app, or a recovery code."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    passkey = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not (given.get("code") or given.get("passkey")):
            self.add_error("code", _("Give a code."))
        return given


class PasswordOnlyForm(Form):
    password = password_field(_("Password"), "current-password")


class ProfileForm(Form):
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=32, required=False, help_text=_("Shown to the other side of a stay that is paid."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    address = forms.CharField(label=_("Address"), max_length=500, required=False)
    profile_picture = forms.FileField(
        label=_("Picture"), required=False, help_text=_("As your phone or camera made it."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/heic,image/heif,image/avif"}),
    )  # fmt: skip


class PasswordForm(Form):
    old_password = password_field(_("Present password"), "current-password")
    new_password = password_field(_("New password"), "new-password")


class ForgottenForm(Form):
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class NewPasswordForm(Form):
    new_password = password_field(_("New password"), "new-password")


class NewPasswordWithCodeForm(NewPasswordForm):
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Six digits of your app, or a recovery code."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
