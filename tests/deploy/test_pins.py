"""What a build takes from elsewhere is named so that it is the same tomorrow."""

import re
from pathlib import Path

import yaml

from core.checks import LEAST_POSTGRES
from tests.servers import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def images() -> set[str]:
    """The images that docker-compose.yml and the Dockerfile take from a registry."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    composed = {service["image"] for service in services if "build" not in service}
    return composed | set(re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))


def test_images_are_named_by_digest():
    assert len(images()) > 3
    assert not {image for image in images() if not re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", image)}


def test_actions_are_named_by_commit():
    used = [use for path in WORKFLOWS for use in re.findall(r"uses: (.+)", path.read_text())]
    assert len(used) > 3
    assert not [use for use in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)]


def test_the_oldest_services_of_the_docs_are_those_of_the_checks_and_of_ci():
    promised = re.search(r"PostgreSQL (\d+) or newer .*, Redis (\d+) or Valkey", (ROOT / "docs/deploy.md").read_text())
    assert promised is not None
    assert int(promised[1]) == LEAST_POSTGRES
    assert f"postgresql-{LEAST_POSTGRES} redis-server" in Path(ROOT / ".github/workflows/ci.yml").read_text()
