"""Template tags for the wizard's fields, which are named by their path in the API's body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template

register = template.Library()


@register.filter
def at(data: Any, way: str) -> Any:
    """`data|at:"location.latitude"`; "" where there is nothing."""
    for part in way.split("."):
        if isinstance(data, Mapping):
            data = data.get(part, "")
        elif isinstance(data, Sequence) and not isinstance(data, str) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        else:
            return ""
    return "" if data is None else data


@register.filter
def wrong(errors: Mapping[str, Sequence[str]], name: str) -> str:
    """What is wrong with a field, in one line."""
    return " ".join(errors.get(name, ()))


@register.inclusion_tag("properties/wizard/entry.html", takes_context=True)
def entry(context: Mapping[str, Any], name: str, label: str, hint: str = "", **attrs: Any) -> dict[str, Any]:
    """A field with its label, hint and error. `data` and `errors` are the page's; `value` stands in for an empty one."""
    value = at(context["data"], name)
    if value in ("", None):
        value = attrs.pop("value", "")
    attrs.pop("value", None)
    return {
        "name": name,
        "label": label,
        "hint": hint,
        "value": value,
        "error": wrong(context["errors"], name),
        "kind": attrs.pop("kind", "text"),
        "sign": attrs.pop("sign", ""),
        "rows": attrs.pop("rows", 0),
        "required": attrs.pop("required", False),
        "attrs": {key.replace("_", "-"): text for key, text in attrs.items()},
        "id": f"f-{name}".replace(".", "-"),
    }


@register.filter
def is_in(value: str, chosen: Any) -> bool:
    """Whether a weekday is among those of a price rule, numbers or text."""
    return value in {str(one) for one in chosen or ()}


@register.filter
def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


@register.filter
def unlocalized(number: Any) -> str:
    """A number as a script reads it, whatever the page's language."""
    return str(number)
