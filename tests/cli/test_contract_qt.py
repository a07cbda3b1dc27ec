"""A machine without Qt's system libraries: one clear sentence, and everything else works."""

from __future__ import annotations

import builtins
import gc
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from plimsoll import app
from plimsoll.domain.errors import KnownError

MISSING = "libGL.so.1: cannot open shared object file: No such file or directory"
BROKEN = "/lib/x86_64-linux-gnu/libGL.so.1: file too short"


@pytest.fixture(params=[MISSING, BROKEN])
def without_gl(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Whatever loads Qt's widgets fails, as the dynamic linker words it."""
    importing = builtins.__import__

    def refuse(name: str, *more: Any, **named: Any) -> Any:
        if name.startswith("plimsoll.ui"):
            raise ImportError(request.param)
        return importing(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)


@pytest.mark.usefixtures("without_gl")
@pytest.mark.parametrize("way", [app.save_pictures, lambda p, _folder: app.open_window(p)])
def test_a_missing_library_names_the_packages(
    way: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(app, "has_display", lambda: True)
    with pytest.raises(KnownError) as raised:
        way(None, tmp_path)
    told = str(raised.value)
    assert "libGL.so.1" in told
    assert "apt-get install" in told
    assert "libgl1" in told


@pytest.mark.usefixtures("without_gl")
def test_the_window_without_qt_is_a_sentence_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLIMSOLL_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(app, "has_display", lambda: True)
    enabled = gc.isenabled()
    try:
        assert app.main(()) == 1
    finally:
        if enabled:
            gc.enable()
    assert "apt-get install" in capsys.readouterr().err


def test_another_broken_import_is_our_own_bug() -> None:
    with pytest.raises(ImportError, match="no_such_thing"), app._qt():
        raise ImportError("cannot import name 'no_such_thing'")


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="locales are named otherwise there")
def test_qt_gets_a_locale_where_none_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.setenv(name, "")
    with app._qt():
        assert os.environ["LC_CTYPE"] == "C.UTF-8"
    monkeypatch.setenv("LC_CTYPE", "")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    with app._qt():
        assert not os.environ["LC_CTYPE"]
