"""Daily bars: every amount at its height and in its colour, gaps as gaps, a day answered whole."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pictures import blended, colour_at, column, near, painted
from PySide6.QtCore import QBuffer, QByteArray, QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO
from plimsoll.services.answers import DailyStack, StackSeries
from plimsoll.ui import theme
from plimsoll.ui.charts.sparkline import Sparkline, small_line
from plimsoll.ui.charts.stacked_bars import LegendEntry, StackedBars
from plimsoll.ui.charts.tip import TipCard
from plimsoll.ui.theme import LIGHT, Theme
from plimsoll.ui.widgets.legend import Legend

FIRST = date(2026, 8, 14)
SIZE = (600, 300)


def stack(
    *values: tuple[int, ...],
    names: tuple[str | None, ...] = ("opus", "sonnet", "gpt"),
    gaps: tuple[int, ...] = (),
    open_days: tuple[int, ...] = (),
    other: bool = False,
) -> DailyStack:
    """A stack from whole dollars, one tuple a series."""
    count = len(values[0])
    days = tuple(FIRST + timedelta(days=i) for i in range(count))
    series = tuple(
        StackSeries(name, tuple(v * NANO for v in row), other=other and name == "Other")
        for name, row in zip(names, values, strict=False)
    )
    return DailyStack(
        Period(days[0], days[-1]),
        "USD",
        days,
        series,
        tuple(i not in gaps for i in range(count)),
        tuple(i not in open_days for i in range(count)),
    )


FIVE = stack((10, 20, 30, 40, 50), (5, 5, 5, 5, 5), (0, 1, 2, 3, 45))


@pytest.fixture
def bars(qtbot: QtBot, look: Theme) -> StackedBars:
    made = StackedBars()
    qtbot.addWidget(made)
    made.resize(*SIZE)
    made.show_stack(FIVE)
    return made


def middle_of(bars: StackedBars, index: int) -> float:
    plot = bars._plot(QRectF(0, 0, *SIZE))
    return plot.left() + (index + 0.5) * plot.width() / bars._count()


def height_of(bars: StackedBars, dollars: float) -> float:
    """The pixel row of an amount, from the axis itself."""
    rect = QRectF(0, 0, *SIZE)
    plot, ticks = bars._plot(rect), bars._ticks(rect)
    low, high = ticks[0].value, ticks[-1].value
    return plot.bottom() - (dollars * NANO - low) / (high - low) * plot.height()


# --- what is painted ---


def test_every_series_stands_where_its_amount_is(bars: StackedBars, look: Theme) -> None:
    picture = painted(bars, look)
    for index, (first, second, third) in enumerate(
        zip((10, 20, 30, 40, 50), (5,) * 5, (0, 1, 2, 3, 45), strict=True)
    ):
        x = middle_of(bars, index)
        assert colour_at(picture, x, height_of(bars, first / 2)) == look.series[0]
        assert colour_at(picture, x, height_of(bars, first + second / 2)) == look.series[1]
        if third > 2:
            assert (
                colour_at(picture, x, height_of(bars, first + second + third / 2)) == look.series[2]
            )
        above = height_of(bars, first + second + third) - 3
        assert colour_at(picture, x, above) not in look.series


def test_bars_stand_on_zero_and_a_taller_one_is_higher_in_proportion(
    bars: StackedBars, look: Theme
) -> None:
    picture = painted(bars, look)
    heights = []
    for index in (1, 3):
        inside = [
            y for y, c in enumerate(column(picture, middle_of(bars, index))) if c == look.series[0]
        ]
        assert abs(max(inside) + 1 - height_of(bars, 0)) <= 1
        heights.append(len(inside))
    assert abs(heights[1] / heights[0] - 2) < 0.1


def test_segments_are_a_pixel_apart(bars: StackedBars, look: Theme) -> None:
    colours = column(painted(bars, look), middle_of(bars, 4))
    seams = [
        colours[i]
        for i in range(1, len(colours) - 1)
        if colours[i - 1] == look.series[1] and colours[i + 1] == look.series[0]
    ]
    assert len(seams) == 1
    assert seams[0] not in look.series


def test_only_the_top_of_the_stack_is_round(bars: StackedBars, look: Theme) -> None:
    picture = painted(bars, look)
    frame_left = middle_of(bars, 4)
    plot = bars._plot(QRectF(0, 0, *SIZE))
    width = bars._bar_width(plot, 1.0)
    left = round(frame_left - width / 2)
    top, seam = height_of(bars, 100), height_of(bars, 50)
    assert colour_at(picture, frame_left, top + 1) == look.series[2]
    assert colour_at(picture, left, top + 0.5) != look.series[2]
    assert colour_at(picture, left, seam + 1.5) == look.series[0]


def test_a_gap_has_no_bar_and_says_no_data(qtbot: QtBot, bars: StackedBars, look: Theme) -> None:
    bars.show_stack(stack((10, 10, 10), gaps=(1,)))
    picture = painted(bars, look)
    colours = column(picture, middle_of(bars, 1))
    assert look.series[0] not in colours
    row = [
        colour_at(picture, middle_of(bars, 1) + dx, height_of(bars, 0) - 4) for dx in range(-15, 16)
    ]
    assert look.faint in row, "a faint dotted mark"
    assert look.card in row, "dotted, not a line"
    bars.point_at(1)
    assert bars.tip_text() == "Sat 15 Aug, No data"


def test_the_amounts_of_a_gap_say_nothing(bars: StackedBars) -> None:
    bars.show_stack(stack((10, 999, 10), gaps=(1,)))
    assert bars._ticks(QRectF(0, 0, *SIZE))[-1].value == 10 * NANO
    assert "total $20.00" in bars.accessible_text()
    assert "1 day without data." in bars.accessible_text()


def test_a_day_that_can_still_change_is_hatched_and_says_so(bars: StackedBars, look: Theme) -> None:
    bars.show_stack(stack((10, 10), open_days=(1,)))
    picture = painted(bars, look)
    settled, still = ({*column(picture, middle_of(bars, i))[60:200]} for i in (0, 1))
    assert settled == {look.series[0]}
    assert len(still) > 3
    light = blended(look.series[0], look.card, 0.35)
    assert any(near(colour, light) for colour in still)
    bars.point_at(1)
    assert bars.tip_text().endswith("Not final: can still change")
    bars.point_at(0)
    assert "Not final" not in bars.tip_text()


def test_pointing_dims_the_other_days(qtbot: QtBot, bars: StackedBars, look: Theme) -> None:
    bars.point_at(4)
    picture = bars.grab().toImage()
    x, y = middle_of(bars, 0), height_of(bars, 5)
    under = look.window
    assert near(colour_at(picture, x, y), blended(look.series[0], under, 0.45), by=4)
    assert colour_at(picture, middle_of(bars, 4), height_of(bars, 25)) == look.series[0]


def test_negative_amounts_hang_below_zero(bars: StackedBars, look: Theme) -> None:
    bars.show_stack(stack((10, -20), (5, 5)))
    picture = painted(bars, look)
    assert colour_at(picture, middle_of(bars, 1), height_of(bars, -10)) == look.series[0]
    assert colour_at(picture, middle_of(bars, 1), height_of(bars, 2.5)) == look.series[1]
    assert bars._ticks(QRectF(0, 0, *SIZE))[0].value == -20 * NANO


def test_the_slimmest_amount_is_still_seen(bars: StackedBars, look: Theme) -> None:
    small = stack((1000, 0))
    tiny = StackSeries("opus", (1000 * NANO, 1))
    bars.show_stack(DailyStack(small.period, "USD", small.days, (tiny,), small.known, small.final))
    assert look.series[0] in column(painted(bars, look), middle_of(bars, 1))


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_grid_lines_are_crisp_at_every_device_ratio(
    bars: StackedBars, look: Theme, ratio: float
) -> None:
    picture = painted(bars, look, ratio=ratio)
    plot = bars._plot(QRectF(0, 0, *SIZE))
    colours = column(picture, plot.left() + 1)[: int(plot.bottom() * ratio) - 3]
    assert set(colours) == {look.card, look.grid}, "whole pixels, nothing blended"
    runs = "".join("#" if c == look.grid else " " for c in colours).split()
    assert {len(run) for run in runs} == {max(1, int(ratio + 0.25))}


def test_one_painting_code_serves_svg_too(bars: StackedBars, look: Theme) -> None:
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(*SIZE))
    generator.setViewBox(QRectF(0, 0, *SIZE))
    painter = QPainter(generator)
    bars.paint_to(painter, QRectF(0, 0, *SIZE), theme=look)
    painter.end()
    text = bytes(store.data()).decode()
    assert QSvgRenderer(store).isValid()
    assert all(colour.lower() in text for colour in look.series[:3])
    assert "$100" in text


def test_the_picture_knows_nothing_of_the_mouse(bars: StackedBars, look: Theme) -> None:
    before = painted(bars, look)
    bars.point_at(2)
    assert painted(bars, look) == before


@pytest.mark.parametrize("count", [1, 2, 31, 366, 800])
def test_any_number_of_days_is_painted_inside_the_plot(
    bars: StackedBars, look: Theme, count: int
) -> None:
    bars.show_stack(stack((7,) * count))
    picture = painted(bars, look)
    plot = bars._plot(QRectF(0, 0, *SIZE))
    assert look.series[0] not in column(picture, plot.left() - 2)
    assert look.series[0] not in column(picture, plot.right() + 2)
    assert bars.day_at(plot.left() + 0.01, 100) == FIRST
    assert bars.day_at(plot.right() - 0.01, 100) == FIRST + timedelta(days=count - 1)


@pytest.mark.parametrize(
    "nothing", [None, stack((0, 0), gaps=(0, 1))], ids=["no answer", "only gaps"]
)
def test_without_data_it_says_so(
    bars: StackedBars, look: Theme, nothing: DailyStack | None
) -> None:
    bars.show_stack(nothing)
    assert bars.accessible_text() == "No data in this period."
    assert not set(look.series) & set(column(painted(bars, look), 300))


def test_days_of_nothing_are_zero_not_missing(bars: StackedBars) -> None:
    bars.show_stack(stack((0, 0)))
    assert "total $0.00" in bars.accessible_text()
    bars.point_at(0)
    assert bars.tip_text() == "Fri 14 Aug, Total $0.00"


# --- what it says ---


def test_the_card_of_a_day_reads_like_its_stack_from_the_top(bars: StackedBars) -> None:
    bars.point_at(4)
    assert bars.tip_text() == "Tue 18 Aug, gpt $45.00, sonnet $5.00, opus $50.00, Total $100.00"
    bars.point_at(0)
    assert bars.tip_text() == "Fri 14 Aug, sonnet $5.00, opus $10.00, Total $15.00"


def test_it_says_itself_in_a_sentence(bars: StackedBars) -> None:
    sentence = "5 days, total $226.00, highest 18 Aug 2026, $100.00."
    assert bars.accessible_text() == sentence
    assert bars.accessibleDescription() == sentence
    assert bars.accessibleName() == "Spend per day"


def test_the_twin_table_has_the_same_figures(bars: StackedBars) -> None:
    bars.show_stack(stack((10, 20, 30), (1, 2, 3), gaps=(1,), open_days=(2,)))
    headers, rows = bars.table()
    assert headers == ("Day", "opus", "sonnet", "Total", "State")
    assert rows == (
        ("2026-08-14", "$10.00", "$1.00", "$11.00", ""),
        ("2026-08-15", "", "", "", "No data"),
        ("2026-08-16", "$30.00", "$3.00", "$33.00", "Not final"),
    )


def test_amounts_without_a_name_and_other_have_words_and_greys(
    bars: StackedBars, look: Theme
) -> None:
    bars.show_stack(stack((9,), (9,), (9,), names=("opus", None, "Other"), other=True))
    assert [e.label for e in bars.legend_entries()] == ["opus", "Not attributed", "Other"]
    picture = painted(bars, look)
    assert colour_at(picture, middle_of(bars, 0), height_of(bars, 13.5)) == look.unnamed
    assert colour_at(picture, middle_of(bars, 0), height_of(bars, 22.5)) == look.other


def test_a_model_keeps_its_colour_in_the_next_answer(bars: StackedBars, look: Theme) -> None:
    bars.show_stack(stack((50,), (5,), names=("gpt", "opus")))
    picture = painted(bars, look)
    assert colour_at(picture, middle_of(bars, 0), height_of(bars, 25)) == look.series[2]
    assert colour_at(picture, middle_of(bars, 0), height_of(bars, 52.5)) == look.series[0]


# --- what it hears ---


def test_the_mouse_points_at_the_day_under_it(qtbot: QtBot, bars: StackedBars) -> None:
    bars.show()
    for index in range(5):
        qtbot.mouseMove(bars, QPoint(int(middle_of(bars, index)), 120))
        assert bars.pointed == index
        assert bars.day_at(middle_of(bars, index), 120) == FIRST + timedelta(days=index)
    qtbot.mouseMove(bars, QPoint(5, 120))
    assert bars.pointed is None
    bars.point_at(2)
    bars.leaveEvent(QEvent(QEvent.Type.Leave))
    assert bars.pointed is None


def test_keys_walk_along_the_days(qtbot: QtBot, bars: StackedBars) -> None:
    bars.show()
    walked = []
    for key in (
        *(Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Right),
        *(Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Escape),
    ):
        qtbot.keyClick(bars, key)
        walked.append(bars.pointed)
    assert walked == [0, 1, 4, 4, 3, 0, 0, None]
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert bars.pointed == 4


def test_a_screen_reader_hears_the_day_and_then_the_whole_again(
    qtbot: QtBot, bars: StackedBars
) -> None:
    bars.show()
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    assert bars.accessibleDescription().startswith("Fri 14 Aug, sonnet $5.00")
    qtbot.keyClick(bars, Qt.Key.Key_Escape)
    assert bars.accessibleDescription() == bars.accessible_text()


def test_a_click_and_enter_choose_a_day(qtbot: QtBot, bars: StackedBars) -> None:
    bars.show()
    with qtbot.waitSignal(bars.day_chosen) as chosen:
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(int(middle_of(bars, 3)), 120))
    assert chosen.args == [date(2026, 8, 17)]
    qtbot.keyClick(bars, Qt.Key.Key_Home)
    with qtbot.waitSignal(bars.day_chosen) as chosen:
        qtbot.keyClick(bars, Qt.Key.Key_Return)
    assert chosen.args == [FIRST]


def test_the_card_stays_inside_the_window_and_goes_with_the_chart(
    qtbot: QtBot, light: Theme
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(640, 360)
    bars = StackedBars()
    QVBoxLayout(window).addWidget(bars)
    bars.show_stack(FIVE)
    window.show()
    for index in range(5):
        bars.point_at(index)
        card = window.findChild(TipCard)
        assert card is not None
        assert card.isVisible()
        inner = card.geometry().adjusted(14, 14, -14, -14)
        assert window.rect().contains(inner)
        day = bars.mapTo(window, bars._anchor(index).toPoint())
        assert not inner.contains(QPoint(day.x(), inner.center().y())), "it hides its own day"
    bars.hide()
    assert card.isHidden()
    with qtbot.waitSignal(card.destroyed):
        bars.deleteLater()


# --- the legend ---


@pytest.fixture
def legend(qtbot: QtBot, bars: StackedBars) -> Legend:
    made = Legend()
    qtbot.addWidget(made)
    made.resize(600, 22)
    made.follow(bars)
    made.show()
    return made


def test_a_click_brings_a_series_to_the_baseline_and_another_click_back(
    qtbot: QtBot, bars: StackedBars, legend: Legend, look: Theme
) -> None:
    legend.buttons()[1].click()
    assert bars.baseline == LegendEntry("sonnet", "sonnet")
    picture = painted(bars, look)
    assert colour_at(picture, middle_of(bars, 0), height_of(bars, 2.5)) == look.series[1]
    assert colour_at(picture, middle_of(bars, 0), height_of(bars, 10)) == look.series[0]
    legend.buttons()[2].click()
    assert bars.baseline == LegendEntry("gpt", "gpt")
    assert [b.isChecked() for b in legend.buttons()] == [False, False, True]
    legend.buttons()[2].click()
    assert bars.baseline is None
    picture = painted(bars, look)
    assert colour_at(picture, middle_of(bars, 0), height_of(bars, 5)) == look.series[0]


def test_the_legend_flows_to_as_many_lines_as_it_needs(legend: Legend) -> None:
    assert legend.height() == legend.heightForWidth(600)
    one = legend.heightForWidth(600)
    assert legend.heightForWidth(90) == 3 * one
    legend.resize(90, 200)
    assert legend.height() == 3 * one
    places = [button.geometry() for button in legend.buttons()]
    assert not any(a.intersects(b) for a in places for b in places if a is not b)


def test_the_legend_shows_the_colours_of_the_bars(legend: Legend, look: Theme) -> None:
    picture = legend.grab().toImage()
    for button, colour in zip(legend.buttons(), look.series, strict=False):
        assert colour_at(picture, button.x() + 5, button.y() + 11) == colour


def test_the_legend_can_be_used_from_the_keyboard(
    qtbot: QtBot, bars: StackedBars, legend: Legend
) -> None:
    qtbot.keyClick(legend.buttons()[0], Qt.Key.Key_Space)
    assert bars.baseline == LegendEntry("opus", "opus")
    assert legend.buttons()[0].accessibleName() == "opus"


# --- the small line ---


def test_a_gap_cuts_the_small_line(qtbot: QtBot, light: Theme) -> None:
    line = Sparkline()
    qtbot.addWidget(line)
    line.show_values([5, 5, None, 5, 5])
    picture = painted(line, LIGHT, size=(106, 34))
    y = next(i for i, c in enumerate(column(picture, 20)) if c != LIGHT.card)
    assert [colour_at(picture, x, y + 1) != LIGHT.card for x in (15, 53, 90)] == [True, False, True]


def test_the_small_line_is_measured_from_zero(qtbot: QtBot, light: Theme) -> None:
    line = Sparkline()
    qtbot.addWidget(line)
    line.show_values([100, 99, 100])
    picture = painted(line, LIGHT, size=(100, 34))
    inked = [next(i for i, c in enumerate(column(picture, x)) if c != LIGHT.card) for x in (5, 50)]
    assert inked[1] - inked[0] <= 1, "one percent less must not look like a fall"


@pytest.mark.parametrize("values", [[], [3], [None, 3, None]])
def test_no_line_from_less_than_two_values(
    qtbot: QtBot, light: Theme, values: list[int | None]
) -> None:
    line = Sparkline()
    qtbot.addWidget(line)
    line.show_values(values)
    assert line.accessible_text() == "No trend yet."
    assert {c for x in range(100) for c in column(painted(line, LIGHT, size=(100, 34)), x)} == {
        LIGHT.card
    }


def test_a_quiet_band_behind_the_small_line_says_what_is_usual(qtbot: QtBot, light: Theme) -> None:
    """From 40 to 60 of 0 to 100: the middle fifth of the height, and no line in it."""
    line = Sparkline()
    qtbot.addWidget(line)
    line.show_values([100, None, 0, None, 100], from_zero=False, band=(40, 60))
    picture = painted(line, LIGHT, size=(106, 106))
    rows = [i for i, c in enumerate(column(picture, 30)) if c != LIGHT.card]
    assert (rows[0], rows[-1]) == (42, 63)
    assert set(rows) == set(range(42, 64))
    line.show_values([100, None, 0, None, 100], from_zero=False)
    assert set(column(painted(line, LIGHT, size=(106, 106)), 30)) == {LIGHT.card}


def test_the_series_are_known_to_the_theme_by_their_names(bars: StackedBars) -> None:
    entries = bars.legend_entries()
    assert entries[0].colour(theme.current()) == theme.series_colour("opus")


def test_a_line_that_hardly_moves_lies_in_the_middle_of_its_cell_and_a_fall_is_seen(qapp):
    def rows(values: tuple[int, ...]) -> list[int]:
        image = small_line(values, theme.LIGHT).toImage()
        return [
            y
            for y in range(image.height())
            if any(image.pixelColor(x, y).alpha() > 200 for x in range(image.width()))
        ]

    flat, fall = rows((100, 101, 100, 101)), rows((100, 100, 50, 50))
    middle = small_line((1, 1), theme.LIGHT).height() / 2
    assert abs(sum(flat) / len(flat) - middle) < 3
    assert max(flat) - min(flat) < 6
    assert max(fall) - min(fall) > 18
