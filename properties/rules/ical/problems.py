"""Why a calendar of another site can't be read, as a code; `properties/calendar_words.py` has the words for the host."""

from __future__ import annotations


class CalendarProblem(Exception):
    """`code` is a key of `calendar_words.WORDS`; `detail` a short figure or word that the sentence names."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code, self.detail = code, detail
