"""What a host is told of a calendar of another site: why it can't be read, and its notifications."""

from __future__ import annotations

from datetime import date

from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from core.said import Said

WORDS = {
    # The file.
    "not_a_calendar": _("What comes from there is no calendar. Copy the iCal (.ics) address, not the page's."),
    "cut_off": _("The calendar ends in the middle. It is read again by itself."),
    "unreadable": _("The calendar can't be understood. Export it again, or ask the site for help."),
    "unreadable_event": _("Event number %(detail)s has no start and end that can be understood."),
    "unreadable_rule": _("How an event repeats can't be understood (%(detail)s)."),
    "too_large": _("The calendar is larger than %(detail)s MB. Export only the coming months."),
    "too_many_events": _("The calendar has more than %(detail)s events. Export only the coming months."),
    "too_many_dates": _("The calendar's events come more than %(detail)s times. Remove those that repeat too often."),
    "too_slow": _("The calendar takes too long to understand. Remove events that repeat without an end."),
    # The address.
    "bad_url": _("This is no address that can be read. Copy it whole, as the other site shows it."),
    "bad_scheme": _("Give an address that begins with https:// or http:// (in place of webcal:// write https://)."),
    "not_public": _("This address leads into a private network. Give one that everybody can reach."),
    "unknown_name": _("There is no server named %(detail)s just now. Check the address."),
    "no_connection": _("The server does not answer. It is tried again by itself."),
    "bad_certificate": _("The server's certificate is not valid, so it can't be trusted."),
    "timed_out": _("The server took longer than %(detail)s seconds. It is tried again by itself."),
    "broken_answer": _("The server's answer was broken off or can't be read. It is tried again by itself."),
    "bad_encoding": _("The server packs its answer in a way that is not known here (%(detail)s)."),
    "bad_status": _("The server answered %(detail)s. If that stays so, copy the address from the other site again."),
    "too_many_redirects": _("The address leads on more than %(detail)s times. Give the one that it ends at."),
    # Not a failure: the reader waits for a second reading.
    "empty_doubted": _("The calendar has come back empty. If it still is at the next reading, its nights are freed."),
}
CONFLICT = _("%(calendar)s also has a booking on nights of %(who)s's stay at %(home)s")
FAILED = _("%(calendar)s of %(home)s can't be read any more; its nights stay as they were last")


def words_of(code: str, detail: str = "") -> str:
    """Why a calendar can't be read, in a sentence with its remedy; empty for no code."""
    return gettext(WORDS[code]) % {"detail": detail} if code else ""


def said_of(code: str, detail: str = "") -> Said:
    """`words_of` for a refusal, which is shown in the language of its reader."""
    return Said(WORDS[code], {"detail": detail})


def conflict_title(*, calendar: str, who: str, home: str) -> str:
    """The title of `calendar.conflict`."""
    return (gettext(CONFLICT) % {"calendar": calendar, "who": who, "home": home})[:300]


def failed_title(*, calendar: str, home: str) -> str:
    """The title of `calendar.failed`."""
    return (gettext(FAILED) % {"calendar": calendar, "home": home})[:300]


def span_words(start: date, end: date) -> str:
    """The days of a stay, check-in to check-out, in one word: 24 Nov – 27 Nov 2026."""
    return f"{formats.date_format(start, 'j M')} – {formats.date_format(end, 'j M Y')}"
