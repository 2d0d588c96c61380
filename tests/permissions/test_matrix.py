"""Who may do what: every door of the URL table, asked by everybody, against table.py. Real requests, a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from properties.models import Property
from tests import answers
from tests.factories.stays import make_property
from tests.permissions.doors import STAFF, fill, parts, routes
from tests.permissions.matrix import METHODS, Answer, Matrix
from tests.permissions.table import DOORS, NO_COOKIE
from tests.permissions.world import DEAD

SIGNED_OUT = ("401", "login")
# Whose 404 is compared with that of what does not exist: a stranger's, and the parties' own where a thing is the other's.
LOOKING = ("guest", "party", "owner")
STAFF_ROLES = ("support", "verifier", "finance")


def cells(whole: bool) -> Iterator[tuple[str, str, str, str]]:
    """(method, route, caller, what they should be told); the dead are three."""
    for number, ((method, route), row) in enumerate(DOORS.items()):
        skipped = () if whole else alike(row, number)
        for caller, word in row.items():
            for one in DEAD if caller == "dead" else (caller,):
                if one not in skipped:
                    yield method, route, one, word


def alike(row: dict[str, str], number: int) -> set[str]:
    """Whom a short run leaves out at a door: those who are told the same as others of their kind. A long one asks all."""
    out = {one for n, one in enumerate(DEAD) if n != number % 3}
    for kind in (STAFF_ROLES, ("guest", "host")):
        if len({row.get(one) for one in kind}) == 1:
            out |= {one for n, one in enumerate(kind) if n != number % len(kind)}
    if "404" not in row.values():
        out |= {one for n, one in enumerate(STAFF_ROLES) if n != number % 3} | {"host", "guest"}
    return out | {"party"} if row["anonymous"] == "ok" else out


def test_every_path_of_the_url_table_has_a_line_and_every_line_its_path() -> None:
    assert {route for _, route in DOORS} == set(routes())


def test_everybody_gets_what_the_table_says(matrix: Matrix, rounds: Callable[[int, int], int]) -> None:
    wrong = []
    for method, route, caller, word in cells(whole=bool(rounds(0, 1))):
        answer = matrix.ask(caller, method, route)
        if fault := fault_of(answer, matrix, caller, method, route, word):
            wrong.append(f"{method} /{route} as {caller}: {fault}")
    assert not wrong, "\n".join(wrong)
    assert unanswered() == [], "give these a body in asking.py, so that one of the callers succeeds"


def unanswered() -> list[str]:
    """Operations of the REST schema that succeeded for none of the callers, so that their answers were not checked.

    Where it is the other side's turn, tests/negotiation/test_rest.py and test_limits.py see success; where a code or a
    signature has to be right, the tests of that door in tests/accounts and tests/bookings do.
    """
    described = {(method.upper(), path) for path, found in answers.operations().items() for method in found}
    waiting = {
        (method, f"/{route}")
        for (method, route), row in DOORS.items()
        if {"turn", "limit.spent", "sign"} & set(row.values())
    }
    elsewhere = {(method, path.replace("<", "{").replace(">", "}")) for method, path in waiting}
    return sorted(f"{method} {path}" for method, path in described - answers.SUCCEEDED - elsewhere)


def fault_of(answer: Answer, matrix: Matrix, caller: str, method: str, route: str, word: str) -> str:
    """What is wrong with an answer in a cell; nothing, as a rule."""
    if answer.word != word:
        return f"{answer.word} in place of {word}: {answer.body[:150]!r}"
    if word == "404" and parts(route) and caller in LOOKING:
        other = matrix.ask(caller, method, route, missing=True)
        return "" if answer == other else f"a 404 that tells that it is there: {answer} is not {other}"
    if word == "401" and answer.headers.get("WWW-Authenticate") != "Token":
        return "a 401 that does not say how to sign in"
    if word == "ok" and DOORS[method, route]["anonymous"] in SIGNED_OUT and not is_private(answer):
        return f"may be kept by a browser or proxy: {answer.headers}"
    return ""


def is_private(answer: Answer) -> bool:
    kept = answer.headers.get("Cache-Control", "")
    return "no-store" in kept and "private" in kept


def test_a_cookie_alone_changes_nothing(matrix: Matrix) -> None:
    """A form on another site brings the cookie, but no CSRF token; at the REST door and on the pages."""
    guarded = Matrix(matrix.world, enforce_csrf_checks=True)
    unsafe = [key for key in DOORS if key[0] != "GET"]
    words = {key: guarded.ask("owner", *key, by_cookie=True).word for key in unsafe}
    assert {key for key, word in words.items() if word != "403"} == {key for key in unsafe if key[1] in NO_COOKIE}


def test_what_is_not_there(matrix: Matrix, rounds: Callable[[int, int], int]) -> None:
    wrong = [*served_without_a_line(matrix, rounds(2, len(METHODS))), *mixed_up(matrix), *seen_drafts(matrix)]
    assert not wrong, "\n".join(wrong)


def served_without_a_line(matrix: Matrix, most: int) -> Iterator[str]:
    """What the table has no line for is no method of that path; asked by one who may do everything there."""
    for number, route in enumerate(sorted(set(routes()) - {STAFF, "metrics"})):
        none = [method for method in METHODS if (method, route) not in DOORS]
        for n in range(min(most, len(none))):
            method = none[(number + n) % len(none)]
            answer = matrix.ask("owner", method, route)
            if (answer.word, "Allow" in answer.headers) != ("405", True):
                yield f"{method} /{route}: {answer}"


def mixed_up(matrix: Matrix) -> Iterator[str]:
    """Of a path with two ids the first is one's own and the second somebody else's: it is not there either."""
    ids = matrix.world.others
    for method, route in (key for key in DOORS if len(parts(key[1])) > 1 and parts(key[1])[-1].endswith("_id")):
        caller = "party" if "payment" in route else "owner"
        path = fill(route, matrix.values(route) | {parts(route)[-1]: ids[parts(route)[-1]]})
        if (word := matrix.send(caller, method, route, path).word) != "404":
            yield f"{method} {path} as {caller}: {word}, though the second is not theirs"


def seen_drafts(matrix: Matrix) -> Iterator[str]:
    """Where a listed home is public, a draft is there for its host alone."""
    draft = make_property(matrix.world.user("owner"), status=Property.Status.DRAFT)
    looking = Matrix(replace(matrix.world, ids=matrix.world.ids | {"property_id": draft.pk}))
    for method, route in (
        key for key, row in DOORS.items() if "property_id" in parts(key[1]) and row["anonymous"] == "ok"
    ):
        for caller in ("anonymous", "guest", "support"):
            answer = looking.ask(caller, method, route)
            if answer.word != "404" or answer != looking.ask(caller, method, route, missing=True):
                yield f"{method} /{route} of a draft as {caller}: {answer}"
