"""Makes a mail: one text, and the same words in HTML with one button. A mail program that opens it fetches nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.template.loader import render_to_string

LINE_BREAK = "\n"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list where `items` has some; `is_button` where it is the link that the mail is about."""

    text: str = ""
    items: list[str] = field(default_factory=list)
    is_button: bool = False


def as_html(text: str, *, subject: str, link: str, action: str) -> str:
    """The HTML of a mail whose text is `text`: every word of it, escaped, and the line that is `link` as a button."""
    context = {"subject": subject, "blocks": blocks_of(text, link), "link": link, "action": action}
    return render_to_string("accounts/mails/letter.html", context)


def blocks_of(text: str, link: str) -> list[Block]:
    """The paragraphs of a text, in order."""
    return [_block(part, link) for part in text.strip().split("\n\n") if part.strip()]


def _block(part: str, link: str) -> Block:
    lines = part.strip().split(LINE_BREAK)
    if [line.strip() for line in lines] == [link]:
        return Block(text=link, is_button=True)
    if all(line.startswith("- ") for line in lines):
        return Block(items=[line[2:] for line in lines])
    if len(lines) > 1 and all(line.startswith("- ") for line in lines[1:]):
        return Block(text=lines[0], items=[line[2:] for line in lines[1:]])
    return Block(text=part.strip())
