"""The look: readable contrast, figures of one width, one colour for one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetricsF, QGuiApplication, QImage, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from plimsoll.shipped import resource
from plimsoll.ui import theme
from plimsoll.ui.stylesheet import stylesheet
from plimsoll.ui.theme import DARK, LIGHT, Theme
from plimsoll.ui.widgets.controls import QuietButton

BOTH = pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@BOTH
def test_text_is_readable_on_the_surfaces_it_stands_on(look: Theme) -> None:
    for role in ("text", "muted", "faint", "accent", "good", "warn", "bad"):
        assert contrast(getattr(look, role), look.card) >= 4.5, role
    for role in ("text", "muted", "faint", "warn", "bad"):
        assert contrast(getattr(look, role), look.window) >= 4.5, role
    assert contrast(look.text, look.selected) >= 4.5
    assert contrast(look.on_accent, look.accent) >= 4.5


@BOTH
def test_signals_stand_out_on_their_card(look: Theme) -> None:
    for role in ("accent", "good", "warn", "bad"):
        assert contrast(getattr(look, role), look.card) >= 5.0, role


def test_dark_is_the_same_family_not_light_inverted() -> None:
    for light, dark in zip(LIGHT.series, DARK.series, strict=True):
        hues = QColor(light).hueF(), QColor(dark).hueF()
        apart = abs(hues[0] - hues[1])
        assert min(apart, 1 - apart) < 0.1, (light, dark)


@pytest.mark.parametrize("weight", [400, 500, 600])
def test_all_figures_are_of_one_width(qapp: QApplication, weight: int) -> None:
    metrics = QFontMetricsF(theme.font(13, weight))
    widths = [metrics.horizontalAdvance(digit * 8) for digit in "0123456789"]
    assert max(widths) - min(widths) < 0.2  # eight figures; a proportional 1 is 16 px narrower


def test_the_stylesheet_keeps_inter_and_its_figures(look: Theme, qtbot: QtBot) -> None:
    label = QLabel("$1,111.11")
    qtbot.addWidget(label)
    label.ensurePolished()
    metrics = QFontMetricsF(label.font())
    assert label.fontInfo().family() == "Inter"
    ones, eights = (metrics.horizontalAdvance(t) for t in ("$1,111.11", "$8,888.88"))
    assert abs(ones - eights) < 0.2


@BOTH
def test_the_stylesheet_is_filled_and_knows_no_colour_of_its_own(look: Theme) -> None:
    sheet = stylesheet(look)
    assert "$" not in sheet
    other = DARK if look is LIGHT else LIGHT
    assert other.card not in sheet.split()
    for colour in {word.strip(";") for word in sheet.split() if word.startswith("#")}:
        assert QColor(colour).isValid() or not colour[1:2].isalnum() or colour[1].islower()


def test_a_theme_dresses_the_application(look: Theme, qapp: QApplication) -> None:
    assert theme.current() == look
    palette = qapp.palette()
    assert palette.color(QPalette.ColorRole.Window).name().upper() == look.window
    assert palette.color(QPalette.ColorRole.Base).name().upper() == look.card


def test_an_unknown_scheme_is_refused(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="sepia"):
        theme.use("sepia")


def test_where_the_desktop_does_not_say_the_system_scheme_is_light(qapp: QApplication) -> None:
    QGuiApplication.styleHints().setColorScheme(Qt.ColorScheme.Unknown)
    assert theme.theme_for("system").name == "light"


def test_the_system_scheme_follows_the_desktop_and_a_chosen_one_does_not(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.use("system")
    monkeypatch.setattr(theme, "theme_for", lambda scheme: DARK)
    theme.observer()._follow_system()
    assert theme.current() == DARK
    monkeypatch.undo()
    theme.use("light")
    monkeypatch.setattr(theme, "theme_for", lambda scheme: DARK)
    theme.observer()._follow_system()
    assert theme.current() == LIGHT


def test_open_widgets_hear_of_a_change_and_tint_their_icons_again(
    light: Theme, qtbot: QtBot
) -> None:
    button = QuietButton("Sync", icon="sync")
    qtbot.addWidget(button)
    button.show()

    def ink() -> str:
        return strongest(button.icon().pixmap(16, 16).toImage())

    assert ink() == LIGHT.muted
    with qtbot.waitSignal(theme.observer().changed) as told:
        theme.use("dark")
    assert told.args == [DARK]
    assert ink() == DARK.muted
    theme.use("light")


def test_high_contrast_thickens_the_outlines() -> None:
    loud = stylesheet(replace(LIGHT, high_contrast=True))
    assert f"border: 2px solid {LIGHT.muted}" in loud
    assert f"border: 2px solid {LIGHT.muted}" not in stylesheet(LIGHT)


def strongest(picture: QImage) -> str:
    """The colour of the most opaque pixel."""
    spots = [
        picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())
    ]
    return max(spots, key=QColor.alpha).name().upper()


@pytest.mark.parametrize("name", sorted(p.stem for p in resource("icons").glob("*.svg")))
def test_every_icon_draws_in_the_colour_of_its_role(qapp: QApplication, name: str) -> None:
    picture = theme.pixmap(name, "bad", 32, ratio=2.0, theme=LIGHT)
    assert (picture.width(), picture.devicePixelRatio()) == (64, 2.0)
    ink = strongest(picture.toImage())
    plain = name.rpartition("-")[2] in {"light", "dark"} or name == "app"
    assert plain or ink == LIGHT.bad


# --- one colour for one thing ---


def colours(names: Sequence[str]) -> list[str]:
    theme.register_series(names)
    return [theme.series_colour(name, LIGHT).name() for name in names]


def test_the_first_things_get_the_palette_in_order() -> None:
    names = ["opus", "sonnet", "gpt", "mini", "gemini", "deepseek"]
    assert [c.upper() for c in colours(names)] == list(LIGHT.series)


def test_a_thing_keeps_its_colour_when_its_rank_changes() -> None:
    before = dict(zip(("a", "b", "c"), colours(("a", "b", "c")), strict=True))
    after = dict(zip(("c", "a", "d"), colours(("c", "a", "d")), strict=True))
    assert after["a"] == before["a"]
    assert after["c"] == before["c"]
    assert after["d"] not in before.values()


def test_a_thing_has_the_same_place_in_both_palettes() -> None:
    colours(("a", "b"))
    for look in (LIGHT, DARK):
        assert theme.series_colour("b", look).name().upper() == look.series[1]


def test_other_and_amounts_without_a_name_are_two_greys() -> None:
    assert theme.series_colour("anything", LIGHT, other=True).name().upper() == LIGHT.other
    assert theme.series_colour(None, LIGHT).name().upper() == LIGHT.unnamed
    assert LIGHT.other != LIGHT.unnamed


PICTURES = st.lists(
    st.lists(st.sampled_from("abcdefghijkl"), unique=True, min_size=1, max_size=6), max_size=8
)


@settings(max_examples=150)
@given(PICTURES)
def test_no_picture_ever_shows_two_things_in_one_colour(pictures: list[list[str]]) -> None:
    theme.forget_series()
    for names in pictures:
        assert len(set(colours(names))) == len(names)


@pytest.mark.parametrize(
    "family", ["Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei UI"]
)
def test_chinese_has_a_good_font_on_every_platform_and_figures_stay_ours(
    qapp: QApplication, family: str
) -> None:
    families = theme.font().families()
    assert families[0] == "Inter"
    assert family in families
