"""The wizard's forms as bodies of the API.

A field is named by its path in the body: `location.latitude`, `price_rules.0.price`. So a form uses the API's names, and a
refusal's fields are the form's fields.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from core.errors import invalid
from core.images import MAX_BYTES, too_many_bytes, wrong
from properties.pages.amounts import AMOUNTS, plain_amount
from properties.services.photos import SentPhoto

# Fields with check boxes, of which any number may be ticked.
LISTS = ("regular_amenities", "standout_amenities", "highlights", "security_features")
# A row of a list with nothing but these filled in is an empty row.
QUIET = ("id", "photo")
MOST_ROWS, MOST_LEVELS = 1000, 4
# Photos in the form itself, where no script has sent them before.
UPLOADS = "uploads"

Body = dict[str, Any]


def body_of(post: QueryDict, files: MultiValueDict[str, UploadedFile]) -> Body:
    """The form as a nested body; rows without content are left out, uploads are data-URLs."""
    body: Body = {}
    for name in post:
        if not name.startswith("csrf"):
            _put(body, name, _given(post, name))
    for name in LISTS:
        body[name] = [*post.getlist(name), *_own_words(post.get(f"{name}.own", ""))]
    for name, file in files.items():
        if name != UPLOADS:
            _put(body, name, data_url(name, cast("UploadedFile[Any]", file)))
    packed: Body = _pack(body)
    return packed


def _given(post: QueryDict, name: str) -> Any:
    last = name.rpartition(".")[2]
    if last == "weekdays":
        return post.getlist(name)
    return plain_amount(str(post[name])) if last in AMOUNTS else post[name]


def _own_words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]


def _put(body: Body, name: str, value: Any) -> None:
    *way, last = name.split(".")[:MOST_LEVELS]
    for part in way:
        inner = body.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        body = inner
    body[last] = value


def _pack(value: Any) -> Any:
    """Mappings numbered by rows become lists, in the rows' order."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isascii() and key.isdigit() for key in value):
        rows = [_pack(value[key]) for key in sorted(value, key=int)[:MOST_ROWS]]
        return [row for row in rows if not isinstance(row, dict) or _has_content(row)]
    return {key: _pack(inner) for key, inner in value.items()}


def _has_content(row: Mapping[str, Any]) -> bool:
    return any(value for key, value in row.items() if key not in QUIET)


def uploads_of(files: MultiValueDict[str, UploadedFile]) -> list[SentPhoto]:
    """The photos sent with the form."""
    return [SentPhoto(file.read(MAX_BYTES + 1), name=file.name or "") for file in files.getlist(UPLOADS)]


def data_url(name: str, file: UploadedFile) -> str:
    """An uploaded picture as the API takes it. Raises `invalid` for one that is too large; its content is judged later."""
    if not file.size:
        raise invalid(**{name: wrong()})
    if file.size > MAX_BYTES:
        raise invalid(**{name: too_many_bytes(MAX_BYTES)})
    return f"data:image/jpeg;base64,{base64.b64encode(file.read()).decode()}"
