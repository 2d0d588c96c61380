"""What is installed is told exactly: every requirement has an upper bound, and the locks fit with a hash for every file."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FILES = {"requirements.txt": "requirements.lock", "requirements-dev.txt": "requirements-dev.lock"}


def requirements(name: str) -> list[Requirement]:
    """The entries of a file that a human keeps, without those it includes."""
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def locked(name: str) -> dict[str, list[str]]:
    """package → the versions that a lock holds of it; two where a marker tells them apart."""
    found: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([^ ]+)", (ROOT / name).read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(package), []).append(version)
    return found


def open_above(entry: Requirement) -> bool:
    return not any(bound.operator in ("<", "<=", "==", "~=") for bound in entry.specifier)


def test_a_requirement_without_an_upper_bound_is_found():
    assert [open_above(Requirement(text)) for text in ("a>=1", "a", "a>=1,<2", "a~=1.2")] == [True, True, False, False]


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_has_an_upper_bound(name: str):
    assert len(requirements(name)) > 10
    assert not [entry.name for entry in requirements(name) if open_above(entry)]


@pytest.mark.parametrize("name", FILES)
def test_the_lock_holds_a_version_of_each_that_fits(name: str):
    versions = locked(FILES[name])
    for entry in requirements(name):
        assert versions.get(canonicalize_name(entry.name)), f"{entry.name} is not locked: run bin/lock"
        misfits = [version for version in versions[canonicalize_name(entry.name)] if version not in entry.specifier]
        assert not misfits, f"{entry.name} {misfits} does not fit {entry.specifier}: run bin/lock"


def test_both_locks_hold_the_same_versions():
    production, development = locked("requirements.lock"), locked("requirements-dev.lock")
    assert not {name for name, versions in production.items() if development.get(name) != versions}


@pytest.mark.parametrize("name", FILES.values())
def test_every_locked_package_has_hashes(name: str):
    text = (ROOT / name).read_text()
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 30
    assert not [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_what_runs_is_installed_from_the_locks():
    assert "-r requirements-dev.lock" in (ROOT / "bin/environment.sh").read_text()
    assert "-r requirements.lock" in (ROOT / "Dockerfile").read_text()
