"""Django's STORAGES: a disk, or two buckets. Needs no Django app, so that settings can import it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

STATIC: dict[str, Any] = {"BACKEND": "core.storage.static.StaticFiles"}


def on_disk(private_root: Path) -> dict[str, Any]:
    """Public files in MEDIA_ROOT, private ones in a folder that this user alone can read."""
    private = {"location": private_root, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
    return {
        "default": {"BACKEND": "core.storage.disk.Disk"},
        "private": {"BACKEND": "core.storage.disk.Disk", "OPTIONS": private},
        "staticfiles": STATIC,
    }


def in_buckets(
    public_bucket: str, private_bucket: str, *, region: str, endpoint: str, public_url: str
) -> tuple[dict[str, Any], str]:
    """Public files in one bucket, private ones in another; and the address under which browsers find the public ones."""
    # boto3 takes memory, and a disk needs none of it.
    from core.storage.options import bucket_options, public_address, public_options

    public = public_options(public_bucket, region=region, endpoint=endpoint, public_url=public_url)
    private = bucket_options(private_bucket, region=region, endpoint=endpoint)
    storages = {
        "default": {"BACKEND": "core.storage.bucket.Bucket", "OPTIONS": public},
        "private": {"BACKEND": "core.storage.bucket.Bucket", "OPTIONS": private},
        "staticfiles": STATIC,
    }
    return storages, public_address(public_bucket, region=region, endpoint=endpoint, public_url=public_url)
