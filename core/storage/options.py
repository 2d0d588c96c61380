"""The options of two buckets, from the environment's settings. Needs no Django app, so that settings can import it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from boto3.s3.transfer import TransferConfig
from botocore.config import Config

FOREVER = "public, max-age=31536000, immutable"
# Seconds; each question is asked once, because a user waits.
CONNECT_S, READ_S = 2, 3


def bucket_options(bucket: str, *, region: str, endpoint: str) -> dict[str, Any]:
    """The options of both buckets. A name with a dot goes into the path, since no certificate covers it as a host name."""
    in_path = bool(endpoint) or "." in bucket
    config = Config(
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"total_max_attempts": 1, "mode": "standard"},
        signature_version="s3v4",
        s3={"addressing_style": "path" if in_path else "virtual"},
    )
    return {
        "bucket_name": bucket,
        "region_name": region or None,
        "endpoint_url": endpoint or None,
        "client_config": config,
        "transfer_config": TransferConfig(use_threads=False),
        # Every name is new and random, so nothing is overwritten, and the bucket need not be asked whether a name is taken (a
        # role that may not list a bucket gets 403 for a free name).
        "file_overwrite": True,
    }


def public_address(bucket: str, *, region: str, endpoint: str, public_url: str) -> str:
    """Where browsers find what lies in the public bucket: the content network's address, or the bucket's own."""
    if public_url:
        return public_url.rstrip("/")
    if endpoint:
        return f"{endpoint.rstrip('/')}/{bucket}"
    host = f"s3.{region}.amazonaws.com" if region else "s3.amazonaws.com"
    return f"https://{host}/{bucket}" if "." in bucket else f"https://{bucket}.{host}"


def public_options(bucket: str, *, region: str, endpoint: str, public_url: str) -> dict[str, Any]:
    """The bucket of public pictures."""
    address = urlsplit(public_address(bucket, region=region, endpoint=endpoint, public_url=public_url))
    return bucket_options(bucket, region=region, endpoint=endpoint) | {
        "custom_domain": f"{address.netloc}{address.path}",
        "url_protocol": f"{address.scheme}:",
        "querystring_auth": False,
        "object_parameters": {"CacheControl": FOREVER},
    }
