"""Sends photos as phones make them to a server process; measures time, memory, and what other requests notice.

    python -m bench.pictures                          20 JPEGs of 48 megapixels, four hosts at once
    python -m bench.pictures --kind heic --megapixels 12
    python -m bench.pictures --kind progressive

The goal is 20 photos of 48 megapixels within 60 s, while the process stays within 600 MB.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageChops

from bench.run import Bench
from core.images import MAX_BYTES

STEP1 = {
    "property_type": "House", "property_sub_type": "Entire place", "stay": True,
    "location": {"latitude": 23.78, "longitude": 90.4, "selected_location": "Dhaka"},
    "some_basics": {"number_of_guests": 2, "number_of_bedrooms": 1, "number_of_beds": 1, "number_of_bathrooms": 1},
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "jpeg": {"format": "JPEG"},
    "progressive": {"format": "JPEG", "progressive": True},
    "heic": {"format": "HEIF"},
    "avif": {"format": "AVIF", "speed": 10},
    "png": {"format": "PNG"},
}
# The strength of the noise. A sensor's noise is what makes a photo's file large.
NOISE = 9


def photo(megapixels: float, kind: str) -> bytes:
    """Returns a picture of so many megapixels, 4 : 3, with a gradient and noise, no larger than an upload may be."""
    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    size = (width, width * 3 // 4)
    ground = Image.linear_gradient("L").resize(size)
    noise = Image.effect_noise((1024, 1024), NOISE)
    grain = Image.new("L", size)
    for left in range(0, size[0], 1024):
        for top in range(0, size[1], 1024):
            grain.paste(noise, (left, top))
    image = Image.merge("RGB", [ImageChops.add(ground, grain, 1.0, shift) for shift in (-128, -100, -60)])
    for quality in (90, 80, 70, 60, 50, 40):
        out = BytesIO()
        image.save(out, quality=quality, **KINDS[kind])
        if len(out.getvalue()) < MAX_BYTES:
            break
    return out.getvalue()


def peak_mb(pid: int) -> int:
    """Returns the peak of the process's resident memory, in MB."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert match
    return int(match[1]) // 1024


def forget_peak(pid: int) -> None:
    """Resets the peak, so that it leaves out the sign-up, which hashes a password in 100 MB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def host(url: str, name: str) -> tuple[httpx.Client, str]:
    """Returns a signed-in host's client, and the address for the photos of the host's home."""
    client = httpx.Client(base_url=url, timeout=120)
    body = {"username": name, "email": f"{name}@example.com", "password": "Correct-horse-7"}
    client.headers["Authorization"] = f"Token {client.post('/auth/signup/', json=body).json()['token']}"
    started = client.post("/api/property_registration/step1/", json=STEP1).json()
    return client, f"/api/property_registration/step2/{started['registration_id']}/photos/"


def send(client: httpx.Client, address: str, data: bytes, count: int) -> None:
    """Sends one photo after the other, as the wizard's page does."""
    for number in range(count):
        # Every photo differs, because the server does not decode a photo again that the home has already.
        answer = client.post(address, files={"photo": (f"{number}.jpg", data + bytes([number]))})
        answer.raise_for_status()


def listen(url: str, ended: threading.Event) -> list[float]:
    """Searches every tenth of a second until `ended`; returns the milliseconds of each search."""
    took = []
    with httpx.Client(base_url=url, timeout=60) as client:
        while not ended.wait(0.1):
            began = time.perf_counter()
            client.get("/api/properties/search/").raise_for_status()
            took.append((time.perf_counter() - began) * 1000)
    return took


def measure(bench: Bench, data: bytes, args: argparse.Namespace) -> None:
    serve = [sys.executable, "-m", "core.server.serve", "--port", "{port}"]
    with bench.servers(serve, 1, "seed") as [(port, pid)], ThreadPoolExecutor(args.hosts + 1) as pool:
        url, ended = f"http://127.0.0.1:{port}", threading.Event()
        hosts = [host(url, f"host{n}") for n in range(args.hosts)]
        forget_peak(pid)
        before = peak_mb(pid)
        others, began = pool.submit(listen, url, ended), time.perf_counter()
        shares = [args.count // args.hosts + (n < args.count % args.hosts) for n in range(args.hosts)]
        for sent in [pool.submit(send, *one, data, share) for one, share in zip(hosts, shares, strict=True)]:
            sent.result()
        took = time.perf_counter() - began
        ended.set()
        latency = sorted(others.result())
        cuts = statistics.quantiles(latency, n=100) if len(latency) > 1 else latency * 99
        print(f"{args.count} x {args.kind}, {args.megapixels} MP, {len(data) / 1e6:.1f} MB each, {args.hosts} at once")
        print(f"{took:.1f} s, {took / args.count:.2f} s a photo; memory {before} -> {peak_mb(pid)} MB at most")
        print(f"a search meanwhile: p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms of {len(latency)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=KINDS, default="jpeg")
    parser.add_argument("--megapixels", type=float, default=48)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--hosts", type=int, default=4)
    args = parser.parse_args()
    args.pairs, args.properties, args.share = 1, 0, None
    data = photo(args.megapixels, args.kind)
    with tempfile.TemporaryDirectory(prefix="staynest-pictures-") as directory:
        Path(directory).chmod(0o711)
        bench = Bench(args, Path(directory))
        bench.postgres.start()
        bench.valkey.start()
        try:
            bench.prepare()
            measure(bench, data, args)
        finally:
            bench.valkey.stop()
            bench.postgres.stop()


if __name__ == "__main__":
    main()
