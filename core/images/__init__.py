"""Reads pictures that users send: judges them by content and re-encodes them, so that only pixels remain.

Only bytes of the request count; an address is never fetched. A file that is no JPEG, PNG, WebP, HEIC or AVIF, is cut short,
or would unpack to too much is `invalid` before its pixels are decoded, with a text that says how to mend it.
"""

from core.images.decoding import (
    FORMATS,
    MAX_BYTES,
    MAX_JPEG_PIXELS,
    MAX_PIXELS,
    Picture,
    check_picture,
    decode_picture,
)
from core.images.refusals import Refusals, too_many_bytes, wrong
from core.images.sources import decode_data_url, is_data_url
from core.images.weight import MAX_REQUEST_PIXELS, Allowance

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_JPEG_PIXELS",
    "MAX_PIXELS",
    "MAX_REQUEST_PIXELS",
    "Allowance",
    "Picture",
    "Refusals",
    "check_picture",
    "decode_data_url",
    "decode_picture",
    "is_data_url",
    "too_many_bytes",
    "wrong",
]
