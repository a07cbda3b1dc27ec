"""Shares over weeks: every line where its shares are, gaps as gaps, open weeks hatched."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from pictures import colour_at, column, near, painted
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from plimsoll.ui.charts.canvas import text_width
from plimsoll.ui.charts.share_lines import ShareLine, ShareLines, _week_labels
from plimsoll.ui.theme import Theme
from plimsoll.ui.words import use_language

FIRST = date(2026, 8, 3)
SIZE = (600, 300)


def weeks(count: int) -> list[date]:
    return [FIRST + timedelta(weeks=i) for i in range(count)]


def line(name: str, *percents: int | None, dashed: bool = False) -> ShareLine:
    return ShareLine(name, tuple(None if p is None else Fraction(p, 100) for p in percents), dashed)


LOGS = line("Own loop", 80, 82, 84, 88)
TOLD = line("Agents and programs", 10, None, 14, 20, dashed=True)


@pytest.fixture
def chart(qtbot: QtBot, look: Theme) -> ShareLines:
    made = ShareLines("Dialogue against self-circulation")
    qtbot.addWidget(made)
    made.resize(*SIZE)
    made.show_shares(weeks(4), (LOGS, TOLD), not_final=1)
    return made


def place(chart: ShareLines, index: int, percent: float) -> tuple[float, float]:
    """The pixel of a share in a week, from the axis itself."""
    rect = QRectF(0, 0, *SIZE)
    plot, ticks = chart._plot(rect), chart._ticks(rect)
    x = plot.left() + (index + 0.5) * plot.width() / chart._count()
    return x, plot.bottom() - percent * 10 / ticks[-1].value * plot.height()


def test_lines_pass_through_their_shares(chart: ShareLines, look: Theme) -> None:
    picture = painted(chart, look, size=SIZE)
    assert near(colour_at(picture, *place(chart, 1, 82)), QColor(look.series[0]), by=30)
    assert near(colour_at(picture, *place(chart, 2, 84)), QColor(look.series[0]), by=30)


def test_a_week_alone_is_a_ring(chart: ShareLines, look: Theme) -> None:
    picture = painted(chart, look, size=SIZE)
    x, y = place(chart, 0, 10)
    assert colour_at(picture, x, y) == look.card
    assert near(colour_at(picture, x + 4, y), QColor(look.series[1]), by=30)


def test_a_gap_is_neither_zero_nor_bridged(chart: ShareLines, look: Theme) -> None:
    picture = painted(chart, look, size=SIZE)
    x, _ = place(chart, 1, 0)
    plot_top = chart._plot(QRectF(0, 0, *SIZE)).top()
    below = column(picture, x)[round(plot_top) :]
    assert not any(near(pixel, QColor(look.series[1]), by=30) for pixel in below)


def test_the_axis_begins_at_nothing_and_ends_above_the_highest(chart: ShareLines) -> None:
    rect = QRectF(0, 0, *SIZE)
    assert [tick.text for tick in chart._ticks(rect)] == ["0%", "20%", "40%", "60%", "80%", "100%"]
    chart.show_shares(weeks(2), [line("Mainland", 3, 4)])
    assert [tick.text for tick in chart._ticks(rect)] == ["0%", "5%"]


def test_all_and_nothing_stay_on_the_axis(chart: ShareLines) -> None:
    chart.show_shares(weeks(2), [line("All", 100, 100), line("None", 0, 0)])
    ticks = chart._ticks(QRectF(0, 0, *SIZE))
    assert (ticks[0].value, ticks[-1].value) == (0, 1000)


def test_a_week_answers_with_every_line(chart: ShareLines, qtbot: QtBot) -> None:
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.tip_text() == (
        "Week of 24 Aug 2026, Own loop 88%, Agents and programs 20%, Not final: can still change"
    )
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.tip_text() == "Week of 10 Aug 2026, Own loop 82%, Agents and programs No data"


def test_the_open_week_is_hatched_and_no_other(chart: ShareLines, look: Theme) -> None:
    def hatched(index: int) -> bool:
        x, _ = place(chart, index, 0)
        picture = painted(chart, look, size=SIZE)
        middle = [round(place(chart, index, p)[1]) for p in (75, 30)]
        pixels = column(picture, x + 12)[middle[0] : middle[1]]
        return sum(pixel != look.card for pixel in pixels) > len(pixels) / 6

    assert hatched(3)
    assert not hatched(2)


def test_it_says_itself_in_words_and_as_a_table(chart: ShareLines) -> None:
    assert chart.accessible_text() == (
        "Own loop: 80% in the week of 3 Aug 2026, 88% in the week of 24 Aug 2026. "
        "Agents and programs: 10% in the week of 3 Aug 2026, 20% in the week of 24 Aug 2026."
    )
    headers, rows = chart.table()
    assert headers == ("Week of", "Own loop", "Agents and programs", "State")
    assert rows[1] == ("2026-08-10", "82%", "No data", "")
    assert rows[3] == ("2026-08-24", "88%", "20%", "Not final")


def test_a_line_that_is_not_drawn_is_told_and_moves_no_axis(chart: ShareLines) -> None:
    rest = ShareLine("Not told", (Fraction(95, 100),) * 4, drawn=False)
    chart.show_shares(weeks(4), [TOLD, rest])
    assert [tick.text for tick in chart._ticks(QRectF(0, 0, *SIZE))][-1] == "20%"
    assert chart.table()[0] == ("Week of", "Agents and programs", "Not told", "State")
    chart.point_at(3)
    assert chart.tip_text() == "Week of 24 Aug 2026, Agents and programs 20%, Not told 95%"
    assert [entry[1] for entry in chart._legend(QRectF(0, 0, *SIZE))] == ["Agents and programs"]


def test_nothing_known_is_said_and_not_drawn_as_zero(chart: ShareLines) -> None:
    chart.show_shares(weeks(3), [line("Own loop", None, None, None)])
    assert chart.accessible_text() == "No data in this period."
    assert chart._ticks(QRectF(0, 0, *SIZE)) == ()
    chart.show_shares((), ())
    assert chart.tip_text() == ""


@pytest.mark.parametrize("count", [1, 2, 13, 14, 15, 53])
def test_the_words_under_the_weeks_do_not_touch(chart: ShareLines, look: Theme, count: int) -> None:
    for width in (120.0, 300.0, 800.0):
        labels = _week_labels(weeks(count), width)
        slot = width / count
        for left, right in pairwise(labels):
            apart = (right.index - left.index) * slot
            assert apart > (text_width(left.text) + text_width(right.text)) / 2
    assert painted(chart, look, size=(240, 150)).width() == 240


def test_it_speaks_chinese(chart: ShareLines) -> None:
    use_language("zh_CN")
    assert chart.table()[0][0] == "周起始"
    assert chart.accessible_text().startswith("Own loop：2026年8月3日当周为 80%")
