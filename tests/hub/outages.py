"""Services that hang, and what a hub says of those that are away."""

import httpx
import psutil

from core.local.embedded import Postgres
from tests.servers import ServerProcess


def ready(hub: ServerProcess) -> tuple[int, list[str]]:
    answer = httpx.get(f"{hub.url}/readyz/", timeout=3)
    return answer.status_code, answer.json()["down"]


def processes_of(postgres: Postgres) -> list[psutil.Process]:
    assert postgres.process is not None
    whole = psutil.Process(postgres.process.pid)
    return [whole, *whole.children(recursive=True)]
