"""Whether a start has to collect static files before its servers load, since a server looks for them only then."""

from pathlib import Path

import pytest

from core.server import static_files


def test_a_changed_new_or_missing_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    static = tmp_path / "shop" / "static"
    static.mkdir(parents=True)
    lock = tmp_path / "requirements.lock"
    lock.touch()
    monkeypatch.setattr(static_files, "BASE", tmp_path)
    monkeypatch.setattr(static_files, "STAMP", tmp_path / ".collected")
    assert not static_files.are_collected()
    for change in (
        lambda: (static / "a.js").write_text("1"),
        lambda: (static / "a.js").write_text("22"),
        (static / "a.js").unlink,
        lambda: lock.write_text("a==2"),
    ):
        change()
        assert not static_files.are_collected()
        static_files.mark_collected()
        assert static_files.are_collected()
