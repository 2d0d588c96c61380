"""Makes of the scope of an HTTP request what WSGI calls its environ (PEP 3333)."""

import re
import sys
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, BinaryIO
from urllib.parse import quote_from_bytes

from core.server.answers import OpenFile

# Headers that are read as media types.
PARSED = {"CONTENT_TYPE", "HTTP_ACCEPT"}
LONGEST_PARSED = 8_000
EXTENDED = re.compile(r";[^;,=]*\*\s*=[^;,]*")
URL_BYTES = "".join(map(chr, range(0x21, 0x7F)))


def environ(scope: Any, body: BinaryIO, length: int) -> dict[str, Any]:
    """The request as PEP 3333 wants it; CONTENT_LENGTH is what really came (a chunked body declares none)."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    request = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": scope["path"].encode("utf-8", "replace").decode("latin1"),
        # Raw bytes beyond ASCII reach us where a client did not percent-encode them.
        "QUERY_STRING": quote_from_bytes(scope["query_string"], safe=URL_BYTES),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": OpenFile,
    }
    request.update(header_fields(scope["headers"]))
    request["CONTENT_LENGTH"] = str(length)
    return request


def header_fields(given: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """A request's headers as WSGI names them; several of one name joined."""
    result: dict[str, str] = {}
    for name, value in given:
        # X_Forwarded_For would be taken for X-Forwarded-For; no honest client sends an underscore.
        if b"_" in name:
            continue
        key = known_field(name) if len(name) <= LONGEST_KNOWN else field_of(name)
        joint = "; " if key == "HTTP_COOKIE" else ","
        result[key] = f"{result[key]}{joint}{value.decode('latin1')}" if key in result else value.decode("latin1")
    for key in PARSED & result.keys():
        result[key] = plain_parameters(result[key])
    return result


# Bytes. A client chooses its headers' names, so longer ones are not kept.
LONGEST_KNOWN = 64


def field_of(name: bytes) -> str:
    """A header's name as WSGI has it."""
    key = name.decode("latin1").upper().replace("-", "_")
    return key if key == "CONTENT_TYPE" else f"HTTP_{key}"


known_field = lru_cache(maxsize=512)(field_of)


def plain_parameters(value: str) -> str:
    """A media type without parameters that name an encoding of their own (`charset*=x''y`, RFC 8187), which media types do
    not have: with an unknown one Django's reader of them fails, as with a value that is too long."""
    return EXTENDED.sub("", value) if len(value) <= LONGEST_PARSED else ""
