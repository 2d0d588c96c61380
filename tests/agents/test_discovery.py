"""What machines find before they have a key: only what is true, and nothing that is not served."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from negotiation.mcp.about import DESCRIPTION
from tests.factories.stays import make_property

pytestmark = pytest.mark.django_db
NAME = re.compile(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+\Z")


def test_the_catalog_names_the_card_and_the_card_the_server(client: Client):
    catalog = client.get("/.well-known/ai-catalog.json")
    assert catalog["Content-Type"] == "application/ai-catalog+json"
    [entry] = catalog.json()["entries"]
    assert (catalog.json()["specVersion"], entry["type"]) == ("1.0", "application/mcp-server-card+json")
    assert entry["identifier"] == "urn:air:testserver:mcp:staynest"
    card = client.get(entry["url"].removeprefix("http://testserver"))
    assert (card["Content-Type"], card["Access-Control-Allow-Origin"]) == (entry["type"], "*")
    assert "max-age" in card["Cache-Control"]
    body = card.json()
    assert body["$schema"].endswith("/schemas/v1/server-card.schema.json")
    assert NAME.match(body["name"])
    assert 0 < len(body["description"]) <= 100
    [remote] = body["remotes"]
    assert (remote["type"], remote["url"]) == ("streamable-http", "http://testserver/mcp/")
    assert remote["headers"][0]["isSecret"] is True
    assert "2026-07-28" in remote["supportedProtocolVersions"]
    assert "tools" not in body


@pytest.mark.parametrize(
    ("host", "name", "urn"),
    [
        ("stay.example", "example.stay/staynest", "urn:air:stay.example:mcp:staynest"),
        ("stay.example:8443", "example.stay/staynest", "urn:air:stay.example:mcp:staynest"),
        ("127.0.0.1:8000", "127.0.0.1/staynest", "urn:air:127.0.0.1:mcp:staynest"),
    ],
)
def test_the_names_follow_the_host(client: Client, settings, host, name, urn):
    settings.ALLOWED_HOSTS = ["*"]
    assert client.get("/mcp/server-card", headers={"host": host}).json()["name"] == name
    assert client.get("/.well-known/ai-catalog.json", headers={"host": host}).json()["entries"][0]["identifier"] == urn


def test_the_text_names_only_what_is_there(client: Client):
    text = client.get("/llms.txt")
    assert text["Content-Type"].startswith("text/plain")
    paths = re.findall(r"\(http://testserver(/[^)]*)\)", text.content.decode())
    assert len(paths) >= 5
    for path in paths:
        if path != "/mcp/":  # not Django's: tests/agents/test_door.py
            assert client.get(path, follow=True).status_code == 200, path
    assert len(DESCRIPTION) <= 100


@pytest.mark.parametrize("path", ["/.well-known/ucp", "/.well-known/acp.json", "/.well-known/agent-card.json"])
def test_no_profile_of_a_protocol_that_is_not_spoken(client: Client, path):
    assert client.get(path).status_code == 404


class Scripts(HTMLParser):
    """The JSON-LD of a page, as a reader of HTML finds it."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.texts = False, []

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "script" and ("type", "application/ld+json") in attrs
        if self.inside:
            self.texts.append("")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.texts[-1] += data


def structured(client: Client, home) -> dict:
    parser = Scripts()
    parser.feed(client.get(f"/homes/{home.pk}/").content.decode())
    [text] = parser.texts
    return json.loads(text)


def test_a_home_describes_itself_and_says_that_its_price_is_negotiable(client: Client):
    home = make_property(title='A </script><script>alert("&")</script> house', description="<!-- & -->")
    told = structured(client, home)
    assert (told["@type"], told["name"], told["description"]) == ("VacationRental", home.title, "<!-- & -->")
    assert told["makesOffer"]["priceSpecification"]["price"] == "1000.00"
    assert told["makesOffer"]["priceSpecification"]["priceCurrency"] == "BDT"
    assert told["additionalProperty"]["name"] == "priceNegotiable"
    assert told["additionalProperty"]["value"] is True
    assert "negotiable" in told["makesOffer"]["description"]
    assert told["image"][0].startswith("http://testserver/")
    assert "aggregateRating" not in told


def test_a_fixed_price_is_not_called_negotiable_and_the_exact_place_is_not_told(client: Client):
    home = make_property(negotiable=False)
    told = structured(client, home)
    assert told["additionalProperty"]["value"] is False
    assert "negotiable" not in told["makesOffer"]["description"]
    assert (told["geo"]["latitude"], told["geo"]["longitude"]) == (23.81, 90.41)
    assert "percent" not in json.dumps(told).lower()
