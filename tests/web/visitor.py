"""Somebody with a browser: a page, what went wrong on it, and pictures of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.web.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
# Where pictures of the pages go, for who wants to look at them: SCREENSHOTS=screenshots bin/test tests/web
PICTURES = os.environ.get("SCREENSHOTS")
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
# No answer is wanted about what is well or not judged, nor about frames: there are none.
AXE_RUN = """() => axe.run({resultTypes: ["violations"], iframes: false})
  .then((result) => JSON.stringify(result.violations))"""
# Waits until no animation runs and every skeleton has its content. An inherited colour begins to change when its parent's has
# arrived; axe would see content that comes while it runs on the skeleton's ground.
STILL = """async () => {
  const end = performance.now() + 5000;
  const moves = () => document.getAnimations().length || document.querySelector(".skeleton:empty");
  while (moves() && performance.now() < end) await new Promise(requestAnimationFrame);
}"""
PATIENCE_MS = 25_000
SERIOUS = ("serious", "critical")


class Visitor:
    """One browser context with one page; `troubles` collects console errors.

    Chromium writes each failed request and each status from 400 on into the console. Listening to all requests would take a
    tenth of a page's time.
    """

    def __init__(self, context: BrowserContext, wire: Wire | None) -> None:
        self.context = context
        self.wire = wire
        self.page: Page = context.new_page()
        # Long enough for a machine with much else to do; nobody waits for it where all is well.
        self.page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        self.troubles: list[str] = []
        self.is_cut = False
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not self.is_cut:
            self.troubles.append(f"console: {message.text} ({message.location['url']} on {self.page.url})")

    def go(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def cut(self) -> None:
        """Takes the network away, where the visit was made with a wire."""
        assert self.wire
        self.is_cut = True
        self.wire.cut()

    def mend(self) -> None:
        assert self.wire
        self.wire.mend()

    def live(self) -> None:
        """Waits until the page's socket is there."""
        self.page.wait_for_selector("body[data-connection=live]")

    def picture(self, name: str, *, whole: bool = True) -> None:
        """Keeps a screenshot as `<name>-<width>.png` where SCREENSHOTS names a folder: it takes longer than the rest."""
        if PICTURES:
            size = self.page.viewport_size or {"width": 0}
            self.page.screenshot(path=Path(PICTURES) / f"{name}-{size['width']}.png", full_page=whole)

    def overflow(self) -> list[str]:
        """Elements that stick out to the right: nothing may on any width."""
        return list(self.page.evaluate(
            """() => {
              const width = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= width) return [];
              return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 1)
                .slice(0, 8).map((e) => `${e.tagName}.${e.className?.baseVal ?? e.className}`);
            }"""
        ))  # fmt: skip

    def accessibility(self) -> list[dict[str, Any]]:
        """What axe-core calls serious or critical, each with where it is."""
        # A colour on its way to another one would be measured half-way.
        self.page.evaluate(STILL)
        # Evaluated by the debugger, so the page's content policy stays as it is.
        self.page.evaluate(AXE + "; null")
        found = json.loads(self.page.evaluate(AXE_RUN))
        return [
            {
                "id": one["id"],
                "impact": one["impact"],
                "at": [n["html"][:150] + " | " + n.get("failureSummary", "")[:200] for n in one["nodes"][:4]],
            }
            for one in found
            if one["impact"] in SERIOUS
        ]
