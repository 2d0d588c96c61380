"""What came of one request to a push service. Apart from what sends, so that servers go without an HTTP client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Answer(Enum):
    """The result: taken; not taken for now, or never reached; refused for good; subscription gone; unknown."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"
    GONE = "gone"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of a request, words for the log, and how long the push service asks to be left alone."""

    answer: Answer
    words: str = ""
    wait: timedelta | None = None
