"""Checks that both buckets allow what the product does: write, read, list and delete, and show pictures to browsers.

`manage.py check --deploy` runs it where S3_BUCKET is set, and it asks the buckets themselves.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from core.errors import DomainError

PUBLIC_WAIT_S = 5
CONTENT = b"written by manage.py check, and deleted again"


def buckets_serve(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """The faults of the buckets."""
    if not settings.S3_BUCKET:
        return []
    return [*examine("S3_BUCKET", storages["default"], public=True), *examine("S3_PRIVATE_BUCKET", storages["private"])]


def examine(setting: str, storage: Storage, *, public: bool = False) -> Iterator[CheckMessage]:
    """Checks one bucket with a small file, which it deletes afterwards."""
    try:
        name = storage.save(f"checks/{uuid4().hex}.txt", ContentFile(CONTENT))
    except DomainError as error:
        yield failed(setting, "can't be written to", "s3:PutObject, and S3_REGION as the bucket's", error, "core.E020")
        return
    yield from may(setting, "can't be read", "s3:GetObject", "core.E021", lambda: storage.open(name).close())
    yield from may(setting, "can't be listed", "s3:ListBucket", "core.E022", lambda: storage.listdir("checks"))
    if public:
        yield from shown(storage.url(name))
    yield from may(setting, "deletes nothing", "s3:DeleteObject", "core.E023", lambda: storage.delete(name))


def may(setting: str, what: str, right: str, number: str, do: Any) -> Iterator[CheckMessage]:
    """An error where the role may not do an action."""
    try:
        do()
    except (DomainError, OSError) as error:
        yield failed(setting, what, right, error, number)


def failed(setting: str, what: str, right: str, error: Exception, number: str) -> CheckMessage:
    """The message, with what the bucket said."""
    return Error(f"The bucket of {setting} {what}: {error.__cause__ or error}", hint=f"Allow {right}.", id=number)


def shown(address: str) -> Iterator[CheckMessage]:
    """A warning where browsers would not see pictures."""
    try:
        with urllib.request.urlopen(address, timeout=PUBLIC_WAIT_S) as answer:  # noqa: S310 - an address of our settings
            if answer.read() == CONTENT:
                return
            reason = "something else lies there"
    except (urllib.error.URLError, OSError) as error:
        reason = str(error)
    hint = "Let everybody read the public bucket, or set S3_PUBLIC_URL to the content network in front of it."
    yield Warning(f"Browsers would not find pictures at {address}: {reason}.", hint=hint, id="core.W020")
