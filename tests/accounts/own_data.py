"""What an export tells of an account, and closing one."""

import json
import zipfile
from io import BytesIO
from typing import Any

from accounts.models import (
    User,
)
from accounts.services.exports import prepare_exports
from core import clock
from tests.factories.accounts import api_of


def export_of(user: User) -> dict[str, Any]:
    """The files of a finished export: name → content, JSON read."""
    api = api_of(user)
    assert api.get("/auth/export/").status_code == 202
    assert api.get("/auth/export/").data == {"status": "preparing"}
    assert prepare_exports(clock.now()) == 1
    answer = api.get("/auth/export/")
    assert (answer.status_code, answer.data["status"]) == (200, "ready")
    sent = api.get(answer.data["url"].removeprefix("http://testserver"))
    whole = b"".join(sent)
    close(sent)
    with zipfile.ZipFile(BytesIO(whole)) as box:
        return {
            name: json.loads(box.read(name)) if name.endswith(".json") else box.read(name) for name in box.namelist()
        }


def close(answer: Any) -> None:
    """Closes the file of an answer without ending the request, which would end the test's connection."""
    for closer in answer._resource_closers:
        closer()
