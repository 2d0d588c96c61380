"""Finds the known words that a searched word may mean, slips of spelling included."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.database.replica import reading
from properties.rules.gazetteer import COUNTRY, KIND_WORDS, words_of_postcode
from properties.rules.places import swapped

# How alike words must be (0–1, trigrams shared); 0.28 forgives a letter in a word of five.
LIKENESS = "0.28"
# At most so many words, the best first: a word of one letter occurs in thousands.
MOST = 500
SHORTEST_PART = 3
HUNDREDTH, TENTH = Decimal("0.01"), Decimal("0.1")
# The word as written, as a part of another, with two letters swapped, or nearly.
MATCH = """
SELECT asked.number, found.word, round(found.likeness::numeric, 2)
  FROM unnest(%(words)s::text[], %(slips)s::text[]) WITH ORDINALITY AS asked(word, slips, number)
 CROSS JOIN LATERAL (
   SELECT w.word, similarity(w.word, asked.word) AS likeness FROM properties_searchword w
    WHERE w.word ~ asked.slips OR w.word %% asked.word
    ORDER BY likeness DESC, w.word LIMIT %(most)s) found
 ORDER BY asked.number, found.likeness DESC
"""

# likeness → the words with that likeness, the highest first.
Alike = dict[Decimal, list[str]]


def match_words(words: Sequence[str]) -> list[Alike]:
    """For each word the known words that it may mean. It sets a limit of the database, so it needs a transaction."""
    matches: list[Alike] = [{} for _ in words]
    if not words:
        return matches
    with reading().cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [LIKENESS])
        slips = [_slips(word) for word in words]
        cursor.execute(MATCH, {"words": list(words), "slips": slips, "most": MOST})
        for number, word, likeness in cursor.fetchall():
            matches[number - 1].setdefault(likeness, []).append(word)
    return [_of_postcode(word, alike) or alike for word, alike in zip(words, matches, strict=True)]


def _of_postcode(word: str, alike: Alike) -> Alike:
    """The place's name of a postcode, since hosts seldom write postcodes; nothing for other words."""
    written = [word] if word in alike.get(Decimal(1), ()) else []
    named = words_of_postcode(word)
    return {Decimal(1) - number * TENTH: [name] for number, name in enumerate([*written, *named])} if named else {}


def searched(matches: Sequence[Alike], words: Sequence[str]) -> list[Alike]:
    """The words that count. While another word matches, words that no home has and words for a kind of place are ignored."""
    known = [(word, alike) for word, alike in zip(words, matches, strict=True) if alike]
    return [alike for word, alike in known if word not in KIND_WORDS] or [alike for _, alike in known]


def names_country(alike: Alike) -> bool:
    """Whether a word means the country, which all homes there share."""
    return not set(next(iter(alike.values()))).isdisjoint(COUNTRY)


def likest(matches: Sequence[Alike]) -> list[Alike]:
    """The best match of each word; nothing where homes with lesser matches could rank among those that have all of them."""
    steps = [best - second for best, second, *_ in (tuple(alike) for alike in matches if len(alike) > 1)]
    # A home ranks by the mean of its words, rounded to two places.
    if not steps or min(steps) < len(matches) * HUNDREDTH:
        return []
    return [dict([next(iter(alike.items()))]) for alike in matches]


def next_likest(matches: Sequence[Alike]) -> tuple[list[Alike], list[str]]:
    """Returns the words to search for when no home has the best match of every word, and the best matches that they replace.

    The search replaces one word by its second-best match. Returns two empty lists if homes that lack the best match of another
    word could rank among the results. Most homes do not state their postcode, so the second-best match of a postcode is the
    name of its place.
    """
    falls = sorted(
        (first - second, number)
        for number, (first, second, *_) in ((n, tuple(alike)) for n, alike in enumerate(matches) if len(alike) > 1)
    )
    if not falls:
        return [], []
    least, number = falls[0]
    _, second, *rest = matches[number]
    rivals = [fall - least for fall, _ in falls[1:]] + [second - third for third in rest[:1]]
    if min([least, *rivals]) < len(matches) * HUNDREDTH:
        return [], []
    first, *_ = matches[number].values()
    chosen = [dict([next(iter(alike.items()))]) for alike in matches]
    chosen[number] = {second: matches[number][second]}
    return chosen, first


def _slips(word: str) -> str:
    """A pattern for a slip; a short word counts only as a beginning, which trigrams can still find."""
    return "|".join(swapped(word)) if len(word) >= SHORTEST_PART else f"^{word}"
