"""The frontend signed in as a host and as a guest, and a home that it listed."""

import pytest

from tests.flows.frontend import Frontend, list_home


@pytest.fixture
def host() -> Frontend:
    frontend = Frontend()
    frontend.sign_up("rahim", "hostsignup")
    return frontend


@pytest.fixture
def guest() -> Frontend:
    frontend = Frontend()
    frontend.sign_up("mina")
    return frontend


@pytest.fixture
def home(host: Frontend) -> int:
    return list_home(host)
