"""The storage where S3_BUCKET is set: a bucket, which is a neighbour with a lane of its own."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from core.errors import Code, DomainError
from core.lanes import storage as lane
from core.storage.bounded import RETRY_AFTER_S, Bounded


class Bucket(Bounded, S3Storage):
    """Reads files whole, so that nothing is fetched later, outside the lane."""

    failures = (OSError, BotoCoreError, ClientError, Boto3Error)

    def visit(self) -> AbstractContextManager[None]:
        if lane.is_late:
            raise DomainError(Code.UNAVAILABLE, params={"retry_after": RETRY_AFTER_S})
        return lane.enter()

    def _open(self, name: str, mode: str = "rb") -> Any:
        with self.visit():
            opened = super()._open(name, mode)
            try:
                with self.asked("read", name):
                    opened.file.seek(0)
            except BaseException:
                opened.close()  # its local copy was begun
                raise
        return opened
