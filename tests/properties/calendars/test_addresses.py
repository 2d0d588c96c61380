"""Which addresses may be read at all, before and after a name is looked up."""

from __future__ import annotations

import pytest

from core.outbound.public_addresses import AddressRefused, is_allowed, is_public, read_url

PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]
PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "nonsense",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_open_network(address):
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://site.example/a.ics", "bad_scheme"),
        ("file:///etc/passwd", "bad_scheme"),
        ("webcal://site.example/a.ics", "bad_scheme"),
        ("javascript:alert(1)", "bad_scheme"),
        ("data:text/calendar,x", "bad_scheme"),
        ("site.example/a.ics", "bad_scheme"),
        ("//site.example/a.ics", "bad_scheme"),
        ("http://", "bad_url"),
        ("http:///a.ics", "bad_url"),
        ("https://site.example:99999/", "bad_url"),
        ("https://site.example:0/", "bad_url"),
        ("https://site.example/a b", "bad_url"),
        ("https://site.example\\@other.example/", "bad_url"),
        ("https://site.example/\r\nHost: x", "bad_url"),
        ("https://site.example/" + "a" * 2000, "bad_url"),
        ("http://127.0.0.1/", "not_public"),
        ("http://127.1/", "not_public"),
        ("http://2130706433/", "not_public"),
        ("http://0x7f000001/", "not_public"),
        ("http://0177.0.0.1/", "not_public"),
        ("http://127.0.0.1.:8000/", "not_public"),
        ("http://user:password@10.0.0.1/", "not_public"),
        ("http://[::1]/", "not_public"),
        ("http://[::ffff:127.0.0.1]/", "not_public"),
        ("http://[fe80::1%25eth0]/", "not_public"),
        ("http://①②⑦.0.0.1/", "not_public"),
    ],
)
def test_addresses_that_are_refused_at_once(url, problem):
    with pytest.raises(AddressRefused) as refusal:
        read_url(url)
    assert refusal.value.code == problem


def test_names_are_judged_when_they_are_looked_up():
    for url in (
        "https://localhost/a.ics",
        "https://site.example/a.ics?s=a%2Fb",
        "http://8.8.8.8/",
        "https://exämple.example/",
    ):
        assert read_url(url).host


@pytest.mark.parametrize(
    ("url", "allowed", "expected"),
    [
        ("http://127.0.0.1:8099/x", "127.0.0.1:8099", True),
        ("http://127.0.0.1:8098/x", "127.0.0.1:8099", False),
        ("http://127.0.0.1:8098/x", "127.0.0.1", True),
        ("https://intern.example/x", "intern.example:443", True),
        ("https://INTERN.example/x", "intern.Example", True),
        ("https://intern.example.evil.example/x", "intern.example", False),
        ("http://[::1]:8099/x", "[::1]:8099", True),
        ("http://[::1]:8099/x", "::1", True),
        ("http://127.0.0.1/x", "", False),
    ],
)
def test_what_the_operator_allows(url, allowed, expected):
    names = [allowed] if allowed else []
    if not expected and "127" in url:
        with pytest.raises(AddressRefused):
            read_url(url, names)
    else:
        assert is_allowed(read_url(url, names), names) is expected
