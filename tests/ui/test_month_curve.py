"""The month's burn-up: solid what happened, dashed and shaded what may come, the budget across."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, product

import pytest
from pictures import blended, colour_at, column, near, painted
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from plimsoll.domain.calendar import month_of
from plimsoll.domain.money import NANO
from plimsoll.services.answers import CurvePoint, MonthCurve
from plimsoll.ui.charts.canvas import Frame
from plimsoll.ui.charts.curve_drawing import CurveDrawing
from plimsoll.ui.charts.forecast_line import MonthCurveChart
from plimsoll.ui.theme import Theme

SIZE = (600, 300)
TODAY = date(2026, 9, 20)
SEPTEMBER = month_of(TODAY)


def curve(
    *,
    today: date = TODAY,
    limit: int | None = 3400,
    thin: bool = False,
    previous: bool = True,
    missing: tuple[int, ...] = (),
) -> MonthCurve:
    """A hundred dollars a day; the range grows by ten a day to either side."""
    points = []
    for i, day in enumerate(SEPTEMBER.days()):
        so_far = 100 * (i + 1) * NANO
        ahead = (day - today).days
        if ahead < 0:
            points.append(CurvePoint(day, None if i in missing else so_far))
        elif ahead == 0:
            points.append(CurvePoint(day, so_far, so_far))
        else:
            wide = None if thin else 30 * ahead * NANO
            low, high = (None, None) if wide is None else (so_far - wide, so_far + wide)
            points.append(CurvePoint(day, None, so_far, low, high))
    before = tuple(50 * (i + 1) * NANO for i in range(31)) if previous else ()
    nanos = None if limit is None else limit * NANO
    return MonthCurve(SEPTEMBER, "USD", today, tuple(points), before, nanos, "Team")


@pytest.fixture
def chart(qtbot: QtBot, look: Theme) -> MonthCurveChart:
    made = MonthCurveChart()
    qtbot.addWidget(made)
    made.resize(*SIZE)
    made.show_curve(curve())
    return made


def spot(chart: MonthCurveChart, index: float, dollars: float) -> tuple[float, float]:
    """Where an amount of a day must lie, from the axis itself."""
    rect = QRectF(0, 0, *SIZE)
    plot, ticks = chart._plot(rect), chart._ticks(rect)
    x = plot.left() + (index + 0.5) * plot.width() / chart._count()
    return x, plot.bottom() - dollars * NANO / ticks[-1].value * plot.height()


def strip(picture: QImage, chart: MonthCurveChart, index: float, dollars: float) -> set[str]:
    """The colours within three pixels above and below an amount."""
    x, y = spot(chart, index, dollars)
    return {colour_at(picture, x, y + dy) for dy in (-2, -1, 0, 1, 2)}


def test_what_happened_is_a_solid_line(chart: MonthCurveChart, look: Theme) -> None:
    picture = painted(chart, look)
    for step in range(20, 170):
        index = step / 10
        colours = strip(picture, chart, index, 100 * (index + 1))
        assert any(near(c, look.colour("accent"), by=8) for c in colours), index


def test_what_may_come_is_dashed(chart: MonthCurveChart, look: Theme) -> None:
    chart.show_curve(curve(thin=True, limit=None, previous=False))
    picture = painted(chart, look)
    inked = [
        look.accent in strip(picture, chart, index / 20, 100 * (index / 20 + 1))
        for index in range(20 * 20, 28 * 20)
    ]
    assert 0.3 < sum(inked) / len(inked) < 0.85


def test_the_range_is_one_shade_from_today_on(chart: MonthCurveChart, look: Theme) -> None:
    picture = painted(chart, look)
    shade = blended(look.accent, look.card, 0.24 if look.dark else 0.17)
    for dollars in (2850, 3150):  # day 29: 2,730 to 3,270 around 3,000
        assert near(colour_at(picture, *spot(chart, 28.5, dollars)), shade)
    assert not near(colour_at(picture, *spot(chart, 28.5, 3330)), shade)
    assert not near(colour_at(picture, *spot(chart, 15, 1500)), shade)


def test_with_thin_history_there_is_no_range(chart: MonthCurveChart, look: Theme) -> None:
    chart.show_curve(curve(thin=True))
    picture = painted(chart, look)
    assert colour_at(picture, *spot(chart, 28.5, 2850)) == look.card
    assert "80%" not in chart.accessible_text()
    assert "ends near $3,000" in chart.accessible_text()


def test_today_has_an_open_dot_on_a_dotted_upright(chart: MonthCurveChart, look: Theme) -> None:
    picture = painted(chart, look)
    x, y = spot(chart, 19, 2000)
    assert colour_at(picture, x, y) == look.card
    assert look.accent in {colour_at(picture, x + dx, y) for dx in (-5, -4, 4, 5)}
    upright = [colour_at(picture, round(x), at) for at in range(int(y) + 12, int(y) + 60)]
    dotted = blended(look.faint, look.card, 0.75)
    assert any(near(c, dotted) for c in upright)
    assert look.card in upright


def test_the_budget_lies_at_its_amount_in_amber(chart: MonthCurveChart, look: Theme) -> None:
    picture = painted(chart, look)
    assert look.warn in strip(picture, chart, 20.2, 3400)
    assert look.warn not in strip(picture, chart, 20.2, 3000)


def test_a_budget_far_above_does_not_flatten_the_month(chart: MonthCurveChart, look: Theme) -> None:
    chart.show_curve(curve(limit=100_000))
    assert chart._ticks(QRectF(0, 0, *SIZE))[-1].value <= 5000 * NANO
    assert "budget $100,000.00" in chart.accessible_text()
    picture = painted(chart, look)
    plot = chart._plot(QRectF(0, 0, *SIZE))
    words = [colour_at(picture, plot.left() + 8 + x, plot.top() + 6) for x in range(120)]
    assert any(c != look.card for c in words), "its words stand on the chart"


def test_last_month_is_a_thin_grey_line(chart: MonthCurveChart, look: Theme) -> None:
    picture = painted(chart, look)
    x, y = spot(chart, 10, 550)
    found = {colour_at(picture, x, y + dy) for dy in (-1, 0, 1)}
    grey = blended(look.other, look.card, 0.8)
    assert any(near(c, grey, by=60) for c in found - {look.card})
    chart.show_curve(curve(previous=False))
    picture = painted(chart, look)
    assert {colour_at(picture, x, y + dy) for dy in (-1, 0, 1)} == {look.card}


def test_a_missing_day_cuts_the_line(chart: MonthCurveChart, look: Theme) -> None:
    chart.show_curve(curve(missing=(8, 9, 10), limit=None, previous=False))
    picture = painted(chart, look)
    x, _ = spot(chart, 9, 0)
    assert look.accent not in column(picture, x)
    chart.point_at(9)
    assert "No data" in chart.tip_text()


def test_a_finished_month_ends_with_its_own_figure(chart: MonthCurveChart) -> None:
    done = tuple(CurvePoint(d, 100 * (i + 1) * NANO) for i, d in enumerate(SEPTEMBER.days()))
    chart.show_curve(MonthCurve(SEPTEMBER, "USD", date(2026, 10, 4), done))
    assert chart.accessible_text() == "September: $3,000.00 spent to 30 Sep."


def test_it_says_itself_in_a_sentence(chart: MonthCurveChart) -> None:
    assert chart.accessible_text() == (
        "September: $2,000.00 spent to 20 Sep, ends near $3,000, 80% between $2,700 and $3,300, "
        "budget $3,400.00."
    )
    assert chart.accessibleDescription() == chart.accessible_text()


def test_a_day_answers_in_words(chart: MonthCurveChart) -> None:
    chart.point_at(4)
    assert chart.tip_text() == (
        "Sat 5 Sep, Spent so far $500.00, Last month $250.00, Budget $3,400.00"
    )
    chart.point_at(29)
    assert chart.tip_text() == (
        "Wed 30 Sep, Median $3,000, 80% range $2,700 to $3,300, Last month $1,500.00, "
        "Budget $3,400.00, Forecast"
    )


def test_the_twin_table_has_every_day(chart: MonthCurveChart) -> None:
    headers, rows = chart.table()
    assert headers == ("Day", "Spent so far", "Median", "80% low", "80% high", "Last month")
    assert len(rows) == 30
    assert rows[0] == ("2026-09-01", "$100.00", "", "", "", "$50.00")
    assert rows[-1] == ("2026-09-30", "", "$3,000.00", "$2,700.00", "$3,300.00", "$1,500.00")


def test_keys_walk_along_the_month(qtbot: QtBot, chart: MonthCurveChart) -> None:
    chart.show()
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.pointed == 29
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.pointed == 28
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.pointed is None


@pytest.mark.parametrize("day", [SEPTEMBER.first, SEPTEMBER.last])
def test_the_first_and_the_last_day_are_painted_too(
    chart: MonthCurveChart, look: Theme, day: date
) -> None:
    chart.show_curve(curve(today=day))
    assert look.accent in column(painted(chart, look), spot(chart, 29, 0)[0])
    assert chart.accessible_text().startswith("September: ")


@pytest.mark.parametrize("nothing", [None, MonthCurve(SEPTEMBER, "USD", TODAY, ())])
def test_without_a_month_it_says_so(
    chart: MonthCurveChart, look: Theme, nothing: MonthCurve | None
) -> None:
    chart.show_curve(nothing)
    assert chart.accessible_text() == "No data in this period."
    assert chart.table()[1] == ()
    assert look.accent not in column(painted(chart, look), 300)


def test_a_month_without_any_actual_still_shows_its_forecast(
    chart: MonthCurveChart, look: Theme
) -> None:
    points = tuple(
        CurvePoint(SEPTEMBER.first + timedelta(days=i), None, 100 * i * NANO) for i in range(30)
    )
    chart.show_curve(MonthCurve(SEPTEMBER, "CNY", TODAY, points))
    picture = painted(chart, look)
    assert any(look.accent in strip(picture, chart, i / 10, 10 * i) for i in range(100, 120))
    chart.point_at(10)
    assert "Median ¥1,000" in chart.tip_text()


def words_of(chart: MonthCurveChart, shown: MonthCurve, look: Theme, height: int) -> CurveDrawing:
    """The words on a curve of some height, placed as they are painted."""
    chart.show_curve(shown)
    rect = QRectF(0, 0, 600, height)
    picture = QImage(600, height, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(picture)
    drawing = CurveDrawing(painter, Frame(chart._plot(rect), 1.0), look, shown, chart._ticks(rect))
    drawing.budget()
    drawing.end_label(rect)
    drawing.name_previous()
    painter.end()
    return drawing


def test_words_on_the_chart_stand_clear_of_each_other_and_of_the_budget(
    chart: MonthCurveChart, look: Theme
) -> None:
    wrong = []
    for height, limit, before in product(
        (160, 200, 300, 500),
        (100, 900, 2800, 2950, 3000, 3100, 3300, 3600, 8000),
        (0.8, 1.9, 2.0, 2.1, 2.8),
    ):
        known = curve(limit=limit)
        shown = replace(known, previous=tuple(int(v * before) for v in known.previous))
        drawing = words_of(chart, shown, look, height)
        line = drawing.scale.position(limit * NANO)
        apart = not any(a.intersects(b) for a, b in combinations(drawing.boxes, 2))
        clear = not any(box.top() < line < box.bottom() for box in drawing.boxes)
        inside = all(QRectF(0, 0, 601, height).contains(box) for box in drawing.boxes)
        if not (apart and clear and inside and len(drawing.boxes) >= 2):
            wrong.append((height, limit, before, apart, clear, inside, len(drawing.boxes)))
    assert wrong == []
