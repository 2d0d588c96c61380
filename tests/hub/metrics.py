"""What a server process says of itself."""

import urllib.request
from urllib.parse import urlsplit

from tests.hub.patience import until


def metrics(address: str) -> dict[str, float]:
    """`/metrics` of the process with this websocket address."""
    with urllib.request.urlopen(f"http://{urlsplit(address).netloc}/metrics", timeout=10) as answer:
        lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def wait_for_metric(address: str, name: str, value: float | None = None, timeout: float = 15) -> None:
    """Until the metric is there, or has this value."""

    def reached() -> bool:
        now = metrics(address).get(name)
        return now is not None and value in (None, now)

    until(reached, timeout)
