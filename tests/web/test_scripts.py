"""The pages' own scripts, each on a small page of its own in a real browser: search, wizard, calendar."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.amounts import SHOWN
from tests.web.visitor import Visitor

SCRIPTS = Path(__file__).parent / "scripts"
RUN = """async () => {
  const tools = await (%s)();
  const tests = %s;
  const failed = [];
  for (const [name, test] of Object.entries(tests)) {
    try { await test(tools); } catch (error) { failed.push(`${name}: ${error.stack}`); }
  }
  return { failed, number: Object.keys(tests).length };
}"""


@pytest.mark.parametrize("name", ["calendar", "search", "wizard"])
def test_a_script_does_what_it_says(visit: Callable[..., Visitor], name: str) -> None:
    page = visit().go("/login/")
    done = page.evaluate(RUN % ((SCRIPTS / "tools.js").read_text(), (SCRIPTS / f"{name}.js").read_text()))
    assert done["number"] > 5
    assert not done["failed"], "\n\n".join(done["failed"])


def test_the_browser_shows_an_amount_as_the_server_does(visit: Callable[..., Visitor]) -> None:
    page = visit().go("/login/")
    shown = page.evaluate(
        """async (amounts) => {
          const { money } = await import("/static/core/money.js");
          return amounts.map(([amount, currency, language]) => {
            document.documentElement.lang = language;
            return money(amount, currency);
          });
        }""",
        [list(row[:3]) for row in SHOWN],
    )
    assert shown == [row[3] for row in SHOWN]
