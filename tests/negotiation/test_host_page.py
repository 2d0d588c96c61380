"""A host's page as guests see it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories.accounts import make_user
from tests.factories.properties import make_property

pytestmark = pytest.mark.django_db


def test_homes_are_shown_and_contact_is_not(client: Client) -> None:
    host = make_user("rahim", is_host=True, superhost=True, email="rahim@example.com")
    home = make_property(host, title="Lake House")
    make_property(host, title="Still a draft", status="draft")
    page = client.get(f"/hosts/{host.pk}/").content.decode()
    assert f'href="/homes/{home.pk}/"' in page
    assert "Superhost" in page
    assert "rahim@example.com" not in page
    assert "Still a draft" not in page


def test_a_guest_has_no_such_page(client: Client) -> None:
    assert client.get(f"/hosts/{make_user().pk}/").status_code == 404
