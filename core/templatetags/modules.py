"""Names all modules of a page at once; otherwise the browser finds each only when the module that imports it has come."""

import posixpath
import re
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# `import … from "./x.js"` and `export … from`; a dynamic `import("./x.js")` is not preloaded.
IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?from\s+["'](\.[^"']+)["']|^import\s+["'](\.[^"']+)["']""", re.M)


@register.simple_tag
def preload_modules(*names: str, priority: str = "low") -> SafeString:
    """`<link rel="modulepreload">` for everything that the scripts `names` import, over any number of steps.

    Pictures that the page shows first load before them, unless `priority` is high.
    """
    return _links(names, priority)


@cache
def _links(names: tuple[str, ...], priority: str) -> SafeString:
    found: dict[str, None] = {}
    for name in names:
        found |= dict.fromkeys(imports_of(name))
    markup = '<link rel="modulepreload" href="{}" fetchpriority="{}">'
    return format_html_join("", markup, ((static(name), priority) for name in found))


@cache
def imports_of(name: str) -> tuple[str, ...]:
    """The paths under the root of static files that `name` needs, itself among them, in the order in which they are met."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop(0)
        if one in found:
            continue
        found[one] = None
        path = finders.find(one)
        text = Path(str(path)).read_text() if path else ""
        near = (first or second for first, second in IMPORT.findall(text))
        waiting += [posixpath.normpath(posixpath.join(posixpath.dirname(one), way)) for way in near]
    return tuple(found)
