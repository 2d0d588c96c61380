"""The pages' own scripts, each on a small page of its own in a real browser: search, wizard, calendar."""

from collections.abc import Callable
from pathlib import Path

import pytest

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
