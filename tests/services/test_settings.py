"""Settings survive damage, and a word that is not known is the usual one."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.services.settings import FILE, Settings, load, save


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    chosen = Settings(theme="dark", language="zh_CN", notifications=False, display_currency="CNY")
    save(tmp_path / "new", chosen)
    assert load(tmp_path / "new") == chosen


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"theme": 7}', '{"theme": "neon"}', '{"display_currency": "RMB"}'],
)
def test_damage_is_the_usual_settings(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert load(tmp_path) == Settings()
