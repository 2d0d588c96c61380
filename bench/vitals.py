"""Measures LCP and CLS of the three most important pages on a slow phone: how soon they show, and whether they shift.

    python -m bench.vitals http://127.0.0.1:8000        # a run of bin/run, with its demo

The profile is Lighthouse's "slow 4G" (150 ms a round trip, 1.6 Mbit/s down, 0.75 up) and a processor four times slower, on a
screen of 360 x 760, with an empty cache for each visit. Figures are medians. The exit status is 1 where LCP is 2 s or more,
or CLS is 0.05 or more.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import urllib.request
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.web.chromium import find_browser

NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
SLOWER = 4
LCP_MS, CLS = 2000, 0.05
SETTLED_MS = 2500
WATCH = """
window.vitals = {lcp: 0, cls: 0, requests: 0};
new PerformanceObserver((list) => list.getEntries().forEach((e) => (vitals.lcp = e.startTime)))
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => list.getEntries().forEach((e) => (vitals.cls += e.hadRecentInput ? 0 : e.value)))
  .observe({type: "layout-shift", buffered: true});
"""
READ = "() => ({...vitals, requests: performance.getEntriesByType('resource').length})"


def api(base: str, method: str, path: str, body: Any = None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, method=method, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def pages_of(base: str, user: str, password: str) -> dict[str, str]:
    """Returns the addresses of the search, of a home that it finds, and of an open negotiation of that account."""
    token = api(base, "POST", "/auth/login/", {"username": user, "password": password})["token"]
    home = api(base, "GET", "/api/properties/search/?negotiable=true")["results"][0]["property_id"]
    rooms = api(base, "GET", "/api/nego/as_guest/?status=open", token=token)
    return {"home": "/", "property": f"/homes/{home}/", "room": f"/inbox/{rooms[0]['id']}/"}


def signed_in(browser: Browser, base: str, user: str, password: str) -> Any:
    """Signs in and returns the cookies of the session."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{base}/login/")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state("networkidle")
    state = context.storage_state()
    context.close()
    return state


def look(context: BrowserContext, address: str) -> dict[str, float]:
    """Visits the page once with an empty cache; returns its figures, with LCP in milliseconds."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCH)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(SETTLED_MS)
    found: dict[str, float] = page.evaluate(READ)
    return found


def measure(base: str, user: str, password: str, times: int) -> dict[str, dict[str, float]]:
    """Returns page → the medians of its figures."""
    pages, figures = pages_of(base, user, password), {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        state = signed_in(browser, base, user, password)
        for name, path in pages.items():
            visits = []
            for _ in range(times):
                context = browser.new_context(
                    viewport={"width": 360, "height": 760}, device_scale_factor=2, is_mobile=True,
                    storage_state=state if name == "room" else None, service_workers="block",
                )  # fmt: skip
                visits.append(look(context, base + path))
                context.close()
            figures[name] = {key: statistics.median(visit[key] for visit in visits) for key in visits[0]}
        browser.close()
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base")
    parser.add_argument("--user", default="maya")
    parser.add_argument("--password", default="staynest-demo")
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    figures = measure(asked.base.rstrip("/"), asked.user, asked.password, asked.times)
    for name, one in figures.items():
        print(f"{name:<10} LCP {one['lcp'] / 1000:5.2f} s   CLS {one['cls']:.3f}   {one['requests']:.0f} requests")
    slow = [name for name, one in figures.items() if one["lcp"] >= LCP_MS or one["cls"] >= CLS]
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
