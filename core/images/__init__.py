"""Pictures that strangers send: judged by content, re-encoded, nothing but pixels kept.

Only bytes of the request are pictures; an address is never fetched. What is no JPEG, PNG, WebP, HEIC or AVIF, is cut
short, or would unpack to more than it may, is `invalid` before its pixels are touched, in words that say how to mend it.
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
