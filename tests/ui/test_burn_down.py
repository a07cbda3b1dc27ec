"""The burn-down: what is left falls to the load line, gaps are gaps, and every day answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from august import MONTH, NOW, TODAY, money
from limits import BUDGET, budgets_page, burn
from pictures import blended, colour_at, column, near, painted
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from plimsoll.domain.budget import TOKENS, Budget
from plimsoll.domain.cadence import Rolling
from plimsoll.services.burndown import BurnDay, BurnDown
from plimsoll.ui.charts.burn_down import BurnDownChart
from plimsoll.ui.charts.burn_down_drawing import BurnDownDrawing
from plimsoll.ui.charts.canvas import Frame
from plimsoll.ui.theme import Theme
from plimsoll.ui.widgets.burn_card import BurnCard

SIZE = (600, 300)
RECT = QRectF(0, 0, *SIZE)
PLACE = (TODAY - MONTH.first).days


@pytest.fixture
def chart(qtbot: QtBot, look: Theme) -> BurnDownChart:
    made = BurnDownChart()
    qtbot.addWidget(made)
    made.resize(*SIZE)
    made.show_burn(burn())
    return made


def rolling(limit: int = 500) -> BurnDown:
    budget = Budget("Rolling", money(limit), "USD", span=Rolling(7))
    days = tuple(BurnDay(TODAY - timedelta(days=29 - i), money(300 + i)) for i in range(30))
    return BurnDown(budget, budget.nanos, TODAY, 0.5, days)


def spot(chart: BurnDownChart, day: float, left: float) -> tuple[float, float]:
    """Where so much left after so many days must lie, from the axis itself."""
    plot, ticks = chart._plot(RECT), chart._ticks(RECT)
    low, high = ticks[0].value, ticks[-1].value
    x = plot.left() + day * plot.width() / chart._count()
    return x, plot.bottom() - (money(1) * left - low) / (high - low) * plot.height()


def strip(picture: QImage, chart: BurnDownChart, day: float, left: float) -> set[str]:
    x, y = spot(chart, day, left)
    return {colour_at(picture, x, y + dy) for dy in (-2, -1, 0, 1, 2)}


def test_what_is_left_falls_from_the_whole_limit(chart: BurnDownChart, look: Theme) -> None:
    picture = painted(chart, look)
    for day in (0.5, 3, 7.5, 12):
        assert look.accent.upper() in strip(picture, chart, day, 3400 - 80 * day)


def test_today_lies_at_its_hour_and_the_median_is_dashed(chart: BurnDownChart, look: Theme) -> None:
    now = spot(chart, PLACE + 0.5, 3400 - 80 * (PLACE + 1))
    picture = painted(chart, look)
    assert look.card.upper() in {colour_at(picture, now[0], now[1] + dy) for dy in (-1, 0, 1)}
    quiet = replace(burn(), days=tuple(replace(d, low50=None, low80=None) for d in burn().days))
    chart.show_burn(quiet)
    picture = painted(chart, look)
    seen = [
        look.accent.upper()
        in strip(picture, chart, PLACE + 2 + i / 20, 3400 - 80 * (PLACE + 2 + i / 20))
        for i in range(100)
    ]
    assert any(seen)
    assert not all(seen)


def test_the_even_pace_goes_from_corner_to_corner(chart: BurnDownChart, look: Theme) -> None:
    picture = painted(chart, look)
    grey = blended(look.other, look.card, 0.9)
    for share in (0.15, 0.3, 0.9):
        found = strip(picture, chart, share * len(MONTH), 3400 * (1 - share))
        assert any(near(colour, grey, by=60) for colour in found)


def test_the_load_line_is_where_nothing_is_left(chart: BurnDownChart, look: Theme) -> None:
    picture = painted(chart, look)
    for day in (1, 9, 17):
        assert look.warn.upper() in strip(picture, chart, day, 0)


def test_below_nothing_the_line_is_red_and_never_above(chart: BurnDownChart, look: Theme) -> None:
    red = look.bad.upper()
    assert all(red not in column(painted(chart, look), x) for x in range(60, 590, 3))
    chart.show_burn(burn(replace(BUDGET, nanos=money(800))))
    picture = painted(chart, look)
    assert red in strip(picture, chart, 15, 800 - 80 * 15)
    assert red not in strip(picture, chart, 5, 800 - 80 * 5)


def test_days_that_are_not_final_are_hatched(chart: BurnDownChart, look: Theme) -> None:
    """Under the line, of days whose end is known, the colour changes from pixel to pixel."""
    picture = painted(chart, look)

    def colours(day: float) -> set[str]:
        x, _ = spot(chart, day, 0)
        _, high = spot(chart, day, 1000)
        _, low = spot(chart, day, 400)
        return set(column(picture, x)[round(high) : round(low)])

    assert len(colours(PLACE - 0.5)) > len(colours(5.5))


def test_a_gap_breaks_the_line_and_is_dotted(chart: BurnDownChart, look: Theme) -> None:
    days = tuple(replace(d, used=None) if i in {8, 9} else d for i, d in enumerate(burn().days))
    chart.show_burn(replace(burn(), days=days))
    picture = painted(chart, look)
    assert look.accent.upper() not in strip(picture, chart, 9, 3400 - 80 * 9)
    _, zero = spot(chart, 9, 0)
    faint = look.faint.upper()
    assert any(faint in column(picture, spot(chart, 8 + i / 20, 0)[0]) for i in range(40))
    chart.point_at(9)
    assert "No data" in chart.tip_text()
    assert "2 days without data" in chart.accessible_text()
    assert chart.table()[1][9][1] == "No data"
    assert zero > 0


def test_a_day_answers_by_mouse_and_by_keyboard(chart: BurnDownChart, qtbot: QtBot) -> None:
    chart.show()
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    assert chart.tip_text() == "Sat 1 Aug, Left $3,320.00, Even pace $3,290"
    for _ in range(PLACE):
        qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.tip_text().startswith("Thu 20 Aug, so far, Left $1,800.00")
    assert chart.tip_text().endswith("Not final: can still change")
    qtbot.keyClick(chart, Qt.Key.Key_End)
    ahead = chart.tip_text()
    assert "Left, by the median $920" in ahead
    assert "80% range $744 to $1,096" in ahead
    assert ahead.endswith("Forecast")
    assert chart.accessibleDescription() == ahead
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.accessibleDescription() == chart.accessible_text()


def test_one_sentence_says_all_of_it(chart: BurnDownChart) -> None:
    whole = "$1,800.00 of $3,400.00 left, at the end $920.00 of $3,400.00 left."
    assert chart.accessible_text() == whole
    chart.show_burn(burn(replace(BUDGET, nanos=money(2000))))
    assert chart.accessible_text().endswith("at the end $480.00 over, used up on 25 Aug.")
    chart.show_burn(rolling())
    assert chart.accessible_text() == "$329.00 of $500.00, the last 7 days."
    chart.show_burn(None)
    assert chart.accessible_text() == "Nothing has been used yet."


def test_the_same_as_a_table(chart: BurnDownChart) -> None:
    headers, rows = chart.table()
    assert len(rows) == len(MONTH)
    assert all(len(row) == len(headers) for row in rows)
    today = rows[PLACE]
    assert (today[0], today[1], today[-1]) == ("2026-08-20", "$1,800.00", "Not final")
    assert rows[-1][3:6] == ("$920.00", "$744.00", "$1,096.00")


def test_rolling_days_show_their_sum_against_the_limit(chart: BurnDownChart, look: Theme) -> None:
    chart.show_burn(rolling())
    picture = painted(chart, look)
    assert look.accent.upper() in strip(picture, chart, 15.5, 315)
    assert look.warn.upper() in strip(picture, chart, 25, 500)
    chart.point_at(29)
    assert chart.tip_text() == "Thu 20 Aug, so far, Used $329.00, Budget $500.00"
    chart.show_burn(rolling(limit=90_000))
    assert max(tick.value for tick in chart._ticks(RECT)) < money(1000)


def test_tokens_are_counted_and_not_paid(chart: BurnDownChart) -> None:
    budget = Budget("Tokens", 40_000_000, TOKENS)
    days = tuple(
        replace(d, used=None if d.used is None else 900_000 * (i + 1), median=None)
        for i, d in enumerate(burn().days)
    )
    chart.show_burn(BurnDown(budget, budget.nanos, TODAY, 0.5, days))
    assert [tick.text for tick in chart._ticks(RECT)][-1] == "40 M"
    chart.point_at(0)
    assert "Left 39,100,000 tokens" in chart.tip_text()


def test_words_stand_apart_and_inside(look: Theme) -> None:
    """Whatever the limit, the words on the chart touch neither each other nor the edge."""
    for height in (160, 220, 300):
        for limit in (500, 1200, 1500, 1610, 2000, 2400, 2500, 3400, 9000):
            made = BurnDownChart()
            made.show_burn(burn(replace(BUDGET, nanos=money(limit))))
            rect = QRectF(0, 0, 600, height)
            picture = QImage(600, height, QImage.Format.Format_RGB32)
            painter = QPainter(picture)
            frame = Frame(made._plot(rect), 1.0)
            shown = made._burn
            assert shown is not None
            drawing = BurnDownDrawing(painter, frame, look, shown, made._ticks(rect))
            drawing.everything(rect)
            painter.end()
            boxes = drawing.boxes
            assert all(QRectF(0, 0, 601, height).contains(box) for box in boxes), (height, limit)
            clash = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.intersects(b)]
            assert not clash, (height, limit)


def test_a_single_day_is_cut_by_its_hours(chart: BurnDownChart, look: Theme) -> None:
    day = BurnDay(
        TODAY, money(50), False, money(100), money(90), money(80), money(99), 1, money(120)
    )
    budget = Budget("Day", money(100), "USD")
    chart.show_burn(BurnDown(budget, money(100), TODAY, 0.5, (day,)))
    picture = painted(chart, look)
    assert look.accent.upper() in strip(picture, chart, 0.25, 75)


# -- the card, and the row that opens it -------------------------------------------------------


def test_the_card_says_what_is_left_and_what_is_likely(qtbot: QtBot, look: Theme) -> None:
    card = BurnCard()
    qtbot.addWidget(card)
    first = budgets_page().budgets[0]
    card.show_card(first, now=NOW)
    assert card.title == "All models: what is left"
    assert card.headline.text().endswith("of $3,400.00 left")
    assert card.state.text().startswith("Likely to pass on 30 Aug, 72%. Likely total $")
    over = replace(first.status, spent=money(3500))
    card.show_card(replace(first, status=over), now=NOW)
    assert card.headline.text() == "$100.00 over $3,400.00"
    assert card.headline.property("tone") == "bad"
    card.show_card(None, now=NOW)
    assert card.isHidden()
