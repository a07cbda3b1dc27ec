"""Pictures: every page in every theme, whole, and the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeProgram
from PySide6.QtGui import QImage

from plimsoll.domain.errors import LedgerUnreadable
from plimsoll.ui import theme
from plimsoll.ui.pictures import PAGES, save_all, save_pictures
from plimsoll.ui.words import language


def test_every_page_is_painted_in_both_themes(qtbot, qapp, tmp_path: Path):
    program = FakeProgram()
    saved = save_pictures(program, tmp_path / "new")
    names = {f"{page}-{scheme}.png" for page in PAGES for scheme in ("light", "dark")}
    assert {path.name for path in saved} == names
    assert "sync" not in program.names_asked()
    for path in saved:
        image = QImage(str(path))
        assert (image.width(), image.height()) == (1440, 940)
        scheme = theme.DARK if "dark" in path.name else theme.LIGHT
        assert image.pixelColor(5, 500) == scheme.colour("card")
        assert image.pixelColor(214, 300) == scheme.colour("window")
        colours = {image.pixel(x, y) for x in range(240, 1400, 3) for y in range(90, 900, 3)}
        assert len(colours) > 20, f"{path.name} shows nothing"


def test_the_same_answers_give_the_same_pictures(qtbot, qapp, tmp_path: Path):
    first, second = (
        save_pictures(FakeProgram(), tmp_path / name, themes=("dark",)) for name in ("a", "b")
    )
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_several_sizes_carry_their_size_in_the_name(qtbot, qapp, tmp_path: Path):
    sizes = ((1440, 940), (1024, 700))
    saved = save_pictures(
        FakeProgram(), tmp_path, sizes=sizes, themes=("light",), pages=("overview",)
    )
    assert [path.name for path in saved] == [
        "overview-light-1440x940.png",
        "overview-light-1024x700.png",
    ]
    assert [(QImage(str(p)).width(), QImage(str(p)).height()) for p in saved] == list(sizes)


def test_a_folder_that_cannot_be_made_is_said_plainly(qtbot, qapp, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerUnreadable, match="could not be written"):
        save_pictures(FakeProgram(), tmp_path / "file" / "pictures")


def test_what_was_opened_over_one_page_is_not_in_the_next_picture(qtbot, qapp, tmp_path: Path):
    alone = save_pictures(FakeProgram(), tmp_path / "alone", themes=("dark",), pages=("spend",))
    _, after = save_pictures(
        FakeProgram(), tmp_path / "after", themes=("dark",), pages=("overview-how", "spend")
    )
    assert alone[0].read_bytes() == after.read_bytes()


def test_pictures_in_another_language_say_so_and_leave_the_users_own(qtbot, qapp, tmp_path: Path):
    if not theme.can_write_chinese():
        pytest.skip("no font of this machine has Chinese letters")
    (english,) = save_pictures(FakeProgram(), tmp_path, themes=("light",), pages=("market",))
    (chinese,) = save_pictures(
        FakeProgram(), tmp_path, themes=("light",), pages=("market",), language="zh_CN"
    )
    assert (english.name, chinese.name) == ("market-light.png", "market-zh-light.png")
    assert english.read_bytes() != chinese.read_bytes()
    assert language() == "en"


def test_without_chinese_letters_no_boxes_are_saved_and_it_is_said(
    qtbot, qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("plimsoll.ui.pictures.PAGES", ("market",))
    monkeypatch.setattr(theme.QFontDatabase, "families", lambda *_: [])
    said: list[str] = []
    saved = save_all(FakeProgram(), tmp_path, tell=said.append)
    assert [path.name for path in saved] == ["market-light.png", "market-dark.png"]
    assert len(said) == 1
    assert said[0].startswith("No font with Chinese letters is installed")


def test_with_chinese_letters_some_pages_are_painted_in_chinese_too(
    qtbot, qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("plimsoll.ui.pictures.PAGES", ("market",))
    monkeypatch.setattr("plimsoll.ui.pictures.IN_CHINESE", ("market",))
    monkeypatch.setattr(theme, "can_write_chinese", lambda: True)
    saved = save_all(FakeProgram(), tmp_path, tell=pytest.fail)
    assert [path.name for path in saved] == [
        "market-light.png",
        "market-dark.png",
        "market-zh-light.png",
        "market-zh-dark.png",
    ]
