"""Servers that hang, drip, lie, lead astray and never end: each an error in words, within its bounds, and nothing else."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from aiohttp import web

from properties.calendar_words import WORDS, words_of
from properties.importing import fetching
from properties.importing.fetching import Fetched, Fetcher
from properties.rules.ical.problems import CalendarProblem
from tests.properties.calendars.feed_server import drip, endless, moved, packed, silent, tagged
from tests.properties.calendars.writing import calendar, nights

BODY = calendar(nights(3, 5))


async def fetch(url: str, *allowed: str, **known: str) -> Fetched:
    fetcher = Fetcher(allowed)
    try:
        return await fetcher.fetch(url, **known)
    finally:
        await fetcher.close()


async def problem_of(url: str, *allowed: str) -> str:
    with pytest.raises(CalendarProblem) as refusal:
        await fetch(url, *allowed)
    assert words_of(refusal.value.code, refusal.value.detail)
    return str(refusal.value)


@pytest.fixture
def here(elsewhere: Any) -> str:
    """The server's place, as the operator names it."""
    return f"127.0.0.1:{elsewhere.port}"


async def test_a_file_plain_and_packed(elsewhere, here):
    elsewhere.pages |= {"/a.ics": BODY, "/b.ics": packed(BODY)}
    assert (await fetch(elsewhere.url(), here)).body == BODY
    assert (await fetch(elsewhere.url("/b.ics"), here)).body == BODY
    headers = elsewhere.asked[0][1]
    assert "Cookie" not in headers
    assert "Authorization" not in headers


async def test_what_is_known_is_not_sent_again(elsewhere, here):
    elsewhere.pages["/a.ics"] = tagged(BODY)
    first = await fetch(elsewhere.url(), here)
    assert (first.body, first.etag) == (BODY, '"v1"')
    assert (await fetch(elsewhere.url(), here, etag=first.etag, modified=first.modified)).body is None
    assert elsewhere.asked[1][1]["If-Modified-Since"] == first.modified


async def test_a_secret_in_the_address_is_kept_to_the_letter(elsewhere, here):
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.Response(body=BODY)

    elsewhere.pages["/c d.ics"] = answer
    await fetch(elsewhere.url("/c%20d.ics?s=a%2Fb%3D&t=+x"), here)
    assert seen == ["/c%20d.ics?s=a%2Fb%3D&t=+x"]


async def test_names_and_hops_that_lead_into_a_private_network(elsewhere, here):
    """`localhost` is no name that the operator allowed, though the number is."""
    assert await problem_of(elsewhere.url(host="localhost"), here) == "not_public"
    for place in (
        "http://127.0.0.1:1/",
        "http://[::1]/",
        f"http://localhost:{elsewhere.port}/a.ics",
        "http://10.0.0.1/",
    ):
        elsewhere.pages["/m.ics"] = moved(place)
        assert await problem_of(elsewhere.url("/m.ics"), here) == "not_public"
    elsewhere.pages["/m.ics"] = moved("file:///etc/passwd")
    assert await problem_of(elsewhere.url("/m.ics"), here) == "bad_scheme file"
    assert [path for path, _ in elsewhere.asked] == ["/m.ics"] * 5


async def test_three_redirects_and_no_more(elsewhere, here):
    elsewhere.pages |= {f"/{n}": moved(f"/{n - 1}", status) for n, status in ((1, 301), (2, 307), (3, 308), (4, 303))}
    elsewhere.pages["/0"] = BODY
    assert (await fetch(elsewhere.url("/3"), here)).body == BODY
    assert await problem_of(elsewhere.url("/4"), here) == "too_many_redirects 3"
    elsewhere.pages["/r"] = moved("/r")
    assert await problem_of(elsewhere.url("/r"), here) == "too_many_redirects 3"
    elsewhere.pages["/e"] = moved("")
    assert await problem_of(elsewhere.url("/e"), here) == "broken_answer"


@pytest.mark.parametrize("page", [drip, silent])
async def test_a_server_that_takes_for_ever_has_its_seconds(elsewhere, here, page, monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    elsewhere.pages["/a.ics"] = page
    assert await problem_of(elsewhere.url(), here) == "timed_out 0.3"


async def test_bodies_without_end_packed_or_not(elsewhere, here):
    async def announced(request: web.Request) -> web.Response:
        return web.Response(body=b"X" * (2 * 2**20 + 1))

    elsewhere.pages |= {"/e": endless, "/z": packed(b"\0" * 2**27), "/l": announced}
    for path in elsewhere.pages:
        assert await problem_of(elsewhere.url(path), here) == "too_large 2"


async def test_answers_that_are_no_answers(elsewhere, here):
    async def half(request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(BODY)[:-9], headers={"Content-Encoding": "gzip"})

    async def lie(request: web.Request) -> web.Response:
        return web.Response(body=BODY, headers={"Content-Encoding": "gzip"})

    async def brotli(request: web.Request) -> web.Response:
        return web.Response(body=BODY, headers={"Content-Encoding": "br"})

    async def failing(request: web.Request) -> web.Response:
        return web.Response(status=503)

    elsewhere.pages |= {"/h": half, "/l": lie, "/b": brotli, "/f": failing}
    expected = {
        "/h": "cut_off",
        "/l": "broken_answer",
        "/b": "bad_encoding br",
        "/f": "bad_status 503",
        "/no": "bad_status 404",
    }
    for path, problem in expected.items():
        assert await problem_of(elsewhere.url(path), here) == problem


async def test_no_server_no_name_no_trust(elsewhere, here):
    assert await problem_of("http://127.0.0.1:1/", "127.0.0.1") == "no_connection"
    assert await problem_of("http://no-such-name.invalid/") == "unknown_name no-such-name.invalid"
    # A server that speaks no TLS.
    assert await problem_of(elsewhere.url().replace("http:", "https:"), here) in ("no_connection", "broken_answer")


def test_every_problem_has_words():
    assert all(words_of(code, "7") for code in WORDS)
