"""The form of "Let an assistant haggle for me". The services judge what is right; this holds names, hints and limits."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.pages.forms import Form
from accounts.rules.mandates import LONGEST, MAY, MOST_OPEN, NAME_LENGTH
from core.amounts import SIGNS

SIDE_CHOICES = (("guest", _("As a guest, for homes I want")), ("host", _("As a host, for my homes")))
MAY_CHOICES = (
    ("read", _("Read the haggles of that side")),
    ("message", _("Write messages")),
    ("offer", _("Make offers, decline, withdraw")),
    ("seal", _("Seal a limit, which may agree on a stay")),
    ("accept", _("Accept, which is a confirmed booking")),
)
DAYS = (("1", _("A day")), ("7", _("A week")), ("30", _("30 days")), (str(LONGEST.days), _("90 days")))
NUMBER = {"inputmode": "decimal", "autocomplete": "off"}


def date_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class AgentForm(Form):
    """The form of a mandate. `homes` are the homes that it may be limited to: (id, title)."""

    name = forms.CharField(label=_("What you call it"), max_length=NAME_LENGTH, help_text=_("Only you see this name."))
    side = forms.ChoiceField(label=_("It haggles"), choices=SIDE_CHOICES, initial="guest", widget=forms.RadioSelect)
    may = forms.MultipleChoiceField(
        label=_("It may"), choices=MAY_CHOICES, initial=list(MAY[:3]), widget=forms.CheckboxSelectMultiple
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in SIGNS], initial="BDT")
    max_total = forms.DecimalField(
        label=_("Up to how much in all"), required=False, max_digits=12, decimal_places=2, min_value=Decimal("0.01"),
        help_text=_("As a guest: everything that stands, is unpaid or ahead, fee and tax included. Empty: no limit."),
        widget=forms.TextInput(attrs=NUMBER),
    )  # fmt: skip
    min_percent = forms.DecimalField(
        label=_("Down to what share of the list price, in %"), required=False, max_digits=5, decimal_places=2,
        min_value=Decimal(0), max_value=Decimal(100), help_text=_("As a host. Empty: no limit."),
        widget=forms.TextInput(attrs=NUMBER),
    )  # fmt: skip
    max_open = forms.IntegerField(
        label=_("How many haggles it may open and have open"), required=False, min_value=0, max_value=MOST_OPEN,
        help_text=_("Empty: no limit of its own."), widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    property_ids = forms.MultipleChoiceField(
        label=_("Which homes"), required=False, help_text=_("None chosen: every home."),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    check_in_from = date_field(_("Check-in not before"))
    check_out_by = date_field(_("Check-out not after"))
    days = forms.ChoiceField(label=_("Until when"), choices=DAYS, initial="7")

    def __init__(self, *args: Any, homes: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choosable = self.fields["property_ids"]
        assert isinstance(choosable, forms.MultipleChoiceField)  # noqa: S101 - declared above
        choosable.choices = [(str(id), title) for id, title in homes]
        if not homes:
            del self.fields["property_ids"]

    @property
    def choices_of(self) -> list[Any]:
        """The fields with check boxes or radio buttons."""
        return [self[name] for name in ("side", "may", "property_ids") if name in self.fields]

    def values(self) -> dict[str, Any]:
        """The mandate's values, as `give_mandate` takes them."""
        given = self.filled()
        values = {name: value for name, value in given.items() if name not in ("days", "property_ids")}
        if given.get("property_ids"):
            values["property_ids"] = [int(id) for id in given["property_ids"]]
        return values | {"expires_at": timezone.now() + timedelta(days=int(given["days"]))}
