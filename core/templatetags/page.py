"""What every page's template needs: icons, amounts, times, form fields."""

from collections.abc import Container
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from core import clock
from core.amounts import own_digits, price
from core.web.themes import theme_of

register = template.Library()

HERE, NOTHING = SafeString('aria-current="page"'), SafeString("")


@register.simple_tag
def icons() -> str:
    """The address of the icon sheet."""
    return static("core/icons.svg")


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """One icon of the sheet, hidden from screen readers: the text beside it speaks."""
    return _icon(name, extra)


# A page has some thirty. `typed`: a text that is safe as it stands is another than the same one to be escaped.
@lru_cache(512, typed=True)
def _icon(name: str, extra: str) -> SafeString:
    markup = '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>'
    return format_html(markup, extra, static("core/icons.svg"), name)


@register.simple_tag(takes_context=True)
def current(context: Context, *names: str) -> SafeString:
    """Marks a link of the navigation whose page, by URL name, is the one shown."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = match is not None and match.url_name in names
    return HERE if here else NOTHING


@register.simple_tag(takes_context=True)
def navlink(context: Context, name: str, names: str, picture: str, words: str) -> SafeString:
    """A link of the navigation to the page `name`; nothing where this process has no such page."""
    try:
        address = reverse(name)
    except NoReverseMatch:
        return NOTHING
    markup = '<a class="nav__link" href="{}" {}>{}<span class="nav__name">{}</span></a>'
    return format_html(markup, address, current(context, *names.split()), icon(picture), words)


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """`light` or `dark` as chosen in this browser; empty: as the device does."""
    return theme_of(context.get("request"))


@register.simple_tag
def server_time() -> str:
    """The server's clock, so that a countdown is right whatever the browser's clock says."""
    return clock.stamp(clock.now())


@register.filter
def money(amount: Decimal | str | int | None, currency: str = "BDT") -> str:
    """`5200.00`, `BDT` -> `৳5,200`; hundredths are shown where there are any."""
    try:
        return price(Decimal(str(amount)), currency)
    except InvalidOperation:
        return ""


@register.filter
def has(things: Container[object] | None, one: object) -> bool:
    """Whether `one` is among `things`."""
    return things is not None and things != "" and one in things


class OwnNumber(int):
    """A number that is written with the digits of the page's language, and counts as any other where a plural is chosen."""

    def __str__(self) -> str:
        return own_digits(int.__repr__(self))


@register.filter
def own(number: Any) -> Any:
    """`3` -> `৩` on a page in Bangla; what is no whole number stays as it is."""
    return OwnNumber(number) if isinstance(number, int) else number


@register.filter
def said(word: str) -> str:
    """A word of the API (`Wifi`, `House`) in the page's language; a word without a translation stays as it is."""
    return gettext(word) if word else ""


@register.filter
def when(moment: datetime | None, style: str = "datetime") -> SafeString:
    """A `<time>` that the page's script turns into the viewer's zone and, for `relative`, words."""
    if moment is None:
        return NOTHING
    words = own_digits(formats.date_format(timezone.localtime(moment), "j M Y, H:i"))
    return format_html('<time datetime="{}" data-time="{}">{}</time>', clock.stamp(moment), style, words)


@register.filter
def day(value: date | str | None, style: str = "j M Y") -> str:
    """A date in few words: `24 Nov 2026`, or as `style` says."""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    return own_digits(formats.date_format(value, style)) if value else ""


@register.filter
def moment(value: str | None) -> datetime | None:
    """The time of an ISO string, as objects of the API carry it."""
    return datetime.fromisoformat(value) if value else None


@register.inclusion_tag("core/parts/field.html")
def field(bound: BoundField, **attrs: Any) -> dict[str, object]:
    """A form field with its label, hint and error tied together for screen readers."""
    described = [f"{bound.auto_id}_hint"] * bool(bound.help_text)
    described += [f"{bound.auto_id}_error"] * bool(bound.errors)
    attrs |= {"class": "input", "aria-describedby": " ".join(described) or None}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    kept = {name.replace("_", "-"): value for name, value in attrs.items() if value is not None}
    return {"field": bound, "widget": bound.as_widget(attrs=kept)}
