"""Reads settings from the environment; a value that can't be read is refused by name, at start."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from core.trials import Trial, read_trial

LEAST_SECRET = 32
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


@contextmanager
def told_in_one_line(program: str) -> Iterator[None]:
    """A context that ends the program for a wrong setting with the setting's message and no traceback."""
    try:
        yield
    except ImproperlyConfigured as fault:
        sys.exit(f"{program}: {fault}")


def load(path: Path) -> None:
    """Adds the lines of a .env file; what the environment already holds wins."""
    load_dotenv(path, override=False, interpolate=False)


def text(name: str, default: str = "") -> str:
    """The text of a setting; an empty value counts as not given."""
    return os.environ.get(name, "").strip() or default


def required(name: str) -> str:
    """A text that must be set. Raises ImproperlyConfigured."""
    if value := text(name):
        return value
    raise ImproperlyConfigured(f"{name} is not set. Set it in the environment or in .env (see .env.example).")


def secret(name: str, *, weak_is_fine: bool) -> str:
    """A key that signs what the product hands out: the shipped example and short ones are refused in production."""
    value = required(name)
    if not weak_is_fine and (len(value) < LEAST_SECRET or value.startswith(("change-me", "django-insecure"))):
        raise ImproperlyConfigured(
            f"{name} is the example's or too short: use at least {LEAST_SECRET} random characters, "
            "for instance: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return value


def embedded(data: Path, database_url: str, redis_url: str) -> tuple[str, str]:
    """The given URLs, completed by those of the embedded services, which requirements-dev.txt brings."""
    from core.local import keeper  # development only

    try:
        found = keeper.use(data)
    except keeper.StartFailed as failure:
        raise ImproperlyConfigured(f"DATABASE_URL and REDIS_URL are not set, and {failure}.") from None
    return database_url or found.database_url, redis_url or found.redis_url


def flag(name: str, default: bool) -> bool:
    """1/0, true/false, yes/no, on/off. Raises ImproperlyConfigured for anything else."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def whole(name: str, default: int, *, least: int = 0) -> int:
    """A whole number of at least `least`. Raises ImproperlyConfigured."""
    value = text(name, str(default))
    if value.isascii() and value.isdigit() and int(value) >= least:
        return int(value)
    raise ImproperlyConfigured(f"{name} must be a whole number of at least {least}, not {value!r}.")


def decimal(name: str, default: str, *, least: float = 0) -> str:
    """A number as text, so that money and factors can choose their own type."""
    value = text(name, default)
    try:
        if least <= float(value) < float("inf"):
            return value
    except ValueError:
        pass
    raise ImproperlyConfigured(f"{name} must be a number of at least {least}, not {value!r}.")


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of `allowed`. Raises ImproperlyConfigured."""
    value = text(name, default)
    if value in allowed:
        return value
    raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")


def names(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in text(name).split(",") if part.strip()] or list(default)


def some_of(name: str, allowed: tuple[str, ...]) -> frozenset[str]:
    """A comma-separated list of words among `allowed`, all where it is not set; `none` is none. Raises ImproperlyConfigured."""
    given = names(name, allowed)
    if given == ["none"]:
        return frozenset()
    if unknown := sorted(set(given) - set(allowed)):
        raise ImproperlyConfigured(f"{name} takes {', '.join(allowed)} or none, not {unknown[0]!r}.")
    return frozenset(given)


def plain(name: str) -> str:
    """A text of ASCII characters, which is all that a mail server's log-in takes. Raises ImproperlyConfigured."""
    value = text(name)
    if value.isascii():
        return value
    raise ImproperlyConfigured(
        f"{name} has a character beyond ASCII, which no mail server's log-in takes: choose another."
    )


def networks(name: str) -> tuple[str, ...]:
    """A comma-separated list of addresses and networks (`192.0.2.0/24`). Raises ImproperlyConfigured."""
    found = names(name)
    for one in found:
        try:
            ip_network(one, strict=False)
        except ValueError:
            raise ImproperlyConfigured(f"{name} must hold addresses or networks, not {one!r}.") from None
    return tuple(found)


def trial(name: str, **options: str) -> Trial:
    """Arms of a trial (core/trials.py); `options` are the patterns of what each may set. Raises ImproperlyConfigured."""
    try:
        return read_trial(text(name), options)
    except ValueError as fault:
        raise ImproperlyConfigured(f"{name} can't be read: {fault}.") from None
