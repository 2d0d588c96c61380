"""How it works and who stands behind the site; an operator may replace each text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core.web.site_pages import NAMES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", NAMES)
def test_each_page_is_linked_from_every_page(client: Client, name: str) -> None:
    assert f'href="/about/{name}/"' in client.get("/login/").content.decode()
    page = client.get(f"/about/{name}/")
    assert page.status_code == 200
    assert b"<h1>" in page.content


def test_another_name_is_no_page(client: Client) -> None:
    assert client.get("/about/secrets/").status_code == 404


def test_the_contact_is_the_operators(client: Client, settings: Any) -> None:
    settings.SITE_CONTACT = "help@stay.example"
    assert "mailto:help@stay.example" in client.get("/about/contact/").content.decode()


def test_an_operators_own_text_stands_in_place_of_ours(client: Client, settings: Any, tmp_path: Path) -> None:
    own = tmp_path / "core/site/terms.html"
    own.parent.mkdir(parents=True)
    own.write_text("{% extends 'core/site/page.html' %}{% block text %}Our own terms.{% endblock %}")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [str(tmp_path)]}]
    assert "Our own terms." in client.get("/about/terms/").content.decode()


def test_a_stranger_is_told_how_it_works(client: Client) -> None:
    assert "See how it works" in client.get("/").content.decode()
    assert "See how it works" not in client.get("/?location=Dhaka").content.decode()
