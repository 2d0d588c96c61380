"""What Node's validators and generators make of the REST schema."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.clients.npm_packages import FOLDER, run_node

HERE = Path(__file__).parent
ORVAL = """
module.exports = {
  fetch: { input: { target: "./openapi.json" }, output: { target: "./fetch.ts", client: "fetch" } },
  zod: { input: { target: "./openapi.json" }, output: { target: "./zod.ts", client: "zod" } },
};
"""
STRICT = {
    "strict": True, "noEmit": True, "skipLibCheck": True, "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True, "target": "es2022", "module": "nodenext", "lib": ["es2022", "dom", "dom.iterable"],
    "types": [],
}  # fmt: skip


def test_the_schema_is_valid_for_its_own_specification(document: Path) -> None:
    errors = list(OpenAPIV31SpecValidator(json.loads(document.read_text())).iter_errors())
    assert [error.message for error in errors] == []


def test_linters_find_no_fault(node: Path, document: Path) -> None:
    redocly = run_node("redocly", "lint", "--config", FOLDER / "redocly.yaml", document)
    assert redocly.returncode == 0, redocly.stdout
    assert "warning" not in redocly.stdout.lower().replace("deprecation warning", ""), redocly.stdout
    spectral = run_node("spectral", "lint", "--ruleset", FOLDER / "spectral.yaml", document)
    assert spectral.returncode == 0, spectral.stdout
    assert "No results with a severity" in spectral.stdout, spectral.stdout


def test_generated_typescript_compiles(node: Path, document: Path, tmp_path: Path) -> None:
    """openapi-typescript with a strict small client, and orval's fetch and zod clients, in one compilation."""
    shutil.copy(document, tmp_path / "openapi.json")
    shutil.copy(HERE / "typescript" / "client.ts", tmp_path)
    (tmp_path / "node_modules").symlink_to(node)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "orval.config.cjs").write_text(ORVAL)
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT, "include": ["*.ts"]}))
    for command in (
        ("openapi-typescript", "openapi.json", "-o", "schema.d.ts"),
        ("orval", "--config", "orval.config.cjs"),
        ("tsc", "--project", "."),
    ):
        done = run_node(*command, cwd=tmp_path)
        assert done.returncode == 0, f"{command[0]}: {done.stdout}"
