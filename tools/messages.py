"""Collects the messages of the code, and checks that the catalogue of each language translates all of them.

`python -m tools.messages` updates the catalogues of core/locale and compiles them. With `--check` it changes nothing; it
names what is missing, outdated or unbalanced, and fails. Babel reads Python and JavaScript; Django's own `templatize` turns
templates into a form that Babel reads, so no gettext program is needed.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tools.refusal_texts import texts_of_refusals

ROOT = Path(__file__).resolve().parents[1]
LOCALES = ROOT / "core/locale"
APPS = ("core", "accounts", "properties", "bookings", "negotiation")
PYTHON = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
SCRIPTS = {"gettext": None, "say": None, "ngettext": (1, 2), "count": (1, 2)}
# The date in every catalogue. It is fixed, so that a catalogue without changes is the same file.
SINCE = datetime(2026, 11, 27, tzinfo=UTC)
# Placeholders and tags, which a translation must keep.
HELD = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w+\}|</?[a-z][^>]*>")


def said(domain: str) -> Catalog:
    """Returns all messages of the code in a domain: `django` for Python and templates, `djangojs` for scripts."""
    found = Catalog(project="StayNest", version="1", msgid_bugs_address="", creation_date=SINCE)
    for _, message, _, context in _scripts() if domain == "djangojs" else _server():
        found.add(message, context=context)
    return found


def _server() -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            yield from extract("python", io.BytesIO(path.read_bytes()), keywords=PYTHON)
            yield from ((0, text, [], None) for text in texts_of_refusals(path.read_text()))
        for path in sorted([*(ROOT / app).glob("templates/**/*.html"), *(ROOT / app).glob("templates/**/*.txt")]):
            # Babel reads Python, in which indentation has a meaning. In a template it has none, so it is removed.
            flat = "\n".join(line.strip() for line in templatize(path.read_text()).splitlines())
            yield from extract("python", io.BytesIO(flat.encode()), keywords=PYTHON)


def _scripts() -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    for app in APPS:
        for path in sorted((ROOT / app).glob("static/**/*.js")):
            if not path.name.endswith(".min.js"):
                yield from extract("javascript", io.BytesIO(path.read_bytes()), keywords=SCRIPTS)


def problems(catalogue: Catalog, needed: Catalog) -> Iterator[str]:
    """Yields a line for each fault of a language's catalogue."""
    have, want = _keys(catalogue), _keys(needed)
    for key in want.keys() - have.keys():
        yield f"not in the catalogue: {key[0]!r}"
    for key in have.keys() - want.keys():
        yield f"said nowhere any more: {key[0]!r}"
    for key in want.keys() & have.keys():
        yield from _faults(have[key])


def _faults(message: Message) -> Iterator[str]:
    originals, texts = _forms(message.id), _forms(message.string)
    if message.fuzzy or not all(texts):
        yield f"not translated: {originals[0]!r}"
        return
    for text in texts:
        if not any(_held(text) == _held(original) for original in originals):
            yield f"unbalanced: {originals[0]!r} / {text!r}"
        if text.strip() != text and originals[0].strip() == originals[0]:
            yield f"white space at an end: {text!r}"


def _forms(text: object) -> tuple[str, ...]:
    """Returns singular and plurals, or the only form where there is no plural."""
    return tuple(map(str, text)) if isinstance(text, (tuple, list)) else (str(text or ""),)


def _held(text: str) -> list[str]:
    return sorted(HELD.findall(text))


def _keys(catalogue: Catalog) -> Mapping[tuple[str, str | None], Message]:
    return {(_forms(m.id)[0], m.context): m for m in catalogue if m.id}


def read(path: Path) -> Catalog:
    """Reads a language's catalogue; returns an empty one where there is none yet."""
    if not path.exists():
        return Catalog(locale=path.parts[-3])
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def compiled(catalogue: Catalog) -> bytes:
    """Returns the compiled catalogue, as gettext reads it."""
    target = io.BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def check(path: Path, needed: Catalog) -> list[str]:
    """Returns a line for each fault of a language's files."""
    catalogue, mo = read(path), path.with_suffix(".mo")
    found = sorted(problems(catalogue, needed))
    if not mo.exists() or mo.read_bytes() != compiled(catalogue):
        found.append("not compiled: run python -m tools.messages")
    return [f"{path.relative_to(ROOT)}: {line}" for line in found]


def update(path: Path, needed: Catalog) -> None:
    """Adds new messages to the catalogue, removes those that the code no longer has, and compiles it."""
    catalogue = read(path)
    catalogue.update(needed, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment, catalogue.fuzzy = f"# StayNest in {Locale.parse(path.parts[-3]).english_name}.", False
    catalogue.creation_date = catalogue.revision_date = SINCE
    catalogue.last_translator = catalogue.language_team = "StayNest"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=0, omit_header=False, sort_output=True, no_location=True)
    path.with_suffix(".mo").write_bytes(compiled(read(path)))


def main(arguments: list[str]) -> int:
    """Prints the faults. Returns the exit status: 1 where there are any, else 0."""
    found: list[str] = []
    for language in sorted(path.name for path in LOCALES.iterdir() if path.is_dir()):
        for domain in ("django", "djangojs"):
            path, needed = LOCALES / language / "LC_MESSAGES" / f"{domain}.po", said(domain)
            if "--check" not in arguments:
                update(path, needed)
            found += check(path, needed)
    print("\n".join(found) or "every language says everything")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
