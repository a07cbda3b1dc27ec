"""The waterfall: both ends meet exactly, up and down need no colour, labels never touch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import colour_at, near, painted
from PySide6.QtCore import QBuffer, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtTest import QTest

from plimsoll.analysis.change import Cause, Explained, Part, Side, Spent, Thing, Used, explain
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO, shown
from plimsoll.domain.question import Amounts
from plimsoll.domain.tokens import Tokens
from plimsoll.services.change import Change, CurrencyChange
from plimsoll.ui import theme
from plimsoll.ui.charts.bridge import bridge_of
from plimsoll.ui.charts.waterfall import Waterfall
from plimsoll.ui.charts.waterfall_drawing import WaterfallDrawing

PERIOD, AGAINST = (
    Period(date(2026, 11, 1), date(2026, 11, 20)),
    Period(date(2026, 10, 1), date(2026, 10, 20)),
)


def answer_of(explained: Explained, *, estimated: int = 0) -> Change:
    before = Amounts("USD", billed=explained.before)
    after = Amounts("USD", billed=explained.after - estimated, estimated=estimated)
    change = CurrencyChange("USD", explained, before, after, Tokens(), Tokens())
    return Change(PERIOD, AGAINST, date(2026, 11, 21), (change,))


def made(before: int, *parts: tuple[Cause, int]) -> Explained:
    """Dollars before, and dollars by cause, each of one thing."""
    told = {cause: nanos * NANO for cause, nanos in parts}
    return Explained(
        before * NANO,
        before * NANO + sum(told.values()),
        tuple(
            Part(c, told.get(c, 0), (Thing("model", "m", told[c]),) if c in told else ())
            for c in Cause
        ),
    )


USUAL = made(
    1000,
    (Cause.VOLUME, 400),
    (Cause.PRICE, -150),
    (Cause.MODEL_MIX, -300),
    (Cause.NEW, 120),
)
FLAT = made(1000, (Cause.VOLUME, 30), (Cause.PRICE, -20))


@pytest.fixture
def chart(qtbot, light) -> Callable[..., Waterfall]:
    def shown_as(explained: Explained = USUAL, **more: int) -> Waterfall:
        waterfall = Waterfall()
        qtbot.addWidget(waterfall)
        waterfall.show_change(answer_of(explained, **more), "USD")
        waterfall.resize(700, waterfall.height())
        return waterfall

    return shown_as


def drawing_of(chart: Waterfall, width: int = 700) -> WaterfallDrawing:
    return WaterfallDrawing(chart.bridge, QRectF(0, 0, width, chart.height()))


# --- the bridge ---

amounts = st.integers(-(10**6), 10**15)


@st.composite
def spent_and_used(draw: st.DrawFn) -> tuple[Spent, Used]:
    model = draw(st.sampled_from(["a", "b", "c"]))
    used = Used(Tokens(draw(st.integers(0, 10**9))), "s", None, model)
    return Spent(draw(amounts), "s", None, model), used


sides = st.lists(spent_and_used(), max_size=5).map(
    lambda pairs: Side([spent for spent, _ in pairs], [used for _, used in pairs])
)


@settings(max_examples=60)
@given(sides, sides)
def test_the_way_leads_exactly_from_the_one_amount_to_the_other(a: Side, b: Side) -> None:
    answer = answer_of(explain(a, b))
    steps = bridge_of(answer, answer.changes[0]).steps
    assert (steps[0].start, steps[0].end) == (0, a.total)
    assert (steps[-1].start, steps[-1].end) == (0, b.total)
    level = a.total
    for step in steps[1:-1]:
        assert step.part is not None
        assert (step.start, step.change) == (level, step.part.amount)
        level = step.end
    assert level == b.total


def test_causes_without_anything_are_no_line(chart) -> None:
    words = [step.words for step in chart().bridge.steps]
    assert words == [
        "October 1–20",
        "More tokens",
        "Lower prices",
        "A cheaper mix of models",
        "New: m",
        "November 1–20",
    ]


# --- the axis ---


def test_the_bars_stand_on_zero_where_the_causes_can_be_seen(chart) -> None:
    waterfall = chart()
    assert not waterfall.bridge.is_cut
    drawing = drawing_of(waterfall)
    assert drawing.scale.position(0) == drawing.plot.left()


def test_an_axis_that_begins_later_says_where(chart, light) -> None:
    waterfall = chart(FLAT)
    bridge = waterfall.bridge
    assert bridge.is_cut
    assert 0 < bridge.begin < 1000 * NANO
    assert all(tick.value >= bridge.begin for tick in bridge.ticks(400))
    drawing = drawing_of(waterfall)
    volume = abs(drawing.scale.position(1030 * NANO) - drawing.scale.position(1000 * NANO))
    price = abs(drawing.scale.position(1010 * NANO) - drawing.scale.position(1030 * NANO))
    assert volume / price == pytest.approx(1.5), "the causes are to scale"
    picture = painted(waterfall, light, size=(700, waterfall.height()))
    note = waterfall.height() - 10
    inked = {colour_at(picture, x, note) for x in range(2, 300)}
    assert len(inked) > 3, "the line that says so"


def test_amounts_below_zero_have_room(chart) -> None:
    waterfall = chart(made(10, (Cause.PRICE, -60)))
    drawing = drawing_of(waterfall)
    assert drawing.scale.position(-50 * NANO) >= drawing.plot.left()
    assert drawing.scale.position(0) > drawing.plot.left()


# --- what it looks like ---


def test_up_and_down_point_their_ways_and_differ_in_colour(chart, look) -> None:
    waterfall = chart()
    height = waterfall.height()
    picture = painted(waterfall, look, size=(700, height))
    drawing = drawing_of(waterfall)
    for index, role in ((1, "accent"), (2, "other")):
        step, box = waterfall.bridge.steps[index], drawing.box(index)
        start, end = drawing.scale.position(step.start), drawing.scale.position(step.end)
        middle = (start + end) / 2
        assert near(colour_at(picture, middle, box.center().y()), look.colour(role))
        way = 1 if end > start else -1
        corner = box.center().y() - 7
        assert near(colour_at(picture, start + way * 2, corner), look.colour(role))
        assert not near(colour_at(picture, end - way * 1, corner), look.colour(role)), "an arrow"


def test_what_is_estimated_is_less_dense_than_what_is_billed(chart, light) -> None:
    waterfall = chart(estimated=500 * NANO)
    picture = painted(waterfall, light, size=(700, waterfall.height()))
    drawing = drawing_of(waterfall)
    last = drawing.box(len(waterfall.bridge.steps) - 1).center().y()
    billed = colour_at(picture, drawing.scale.position(200 * NANO), last)
    estimated = colour_at(picture, drawing.scale.position(900 * NANO), last)
    assert near(billed, light.colour("unnamed"))
    assert billed != estimated
    waterfall.point_at(len(waterfall.bridge.steps) - 1)
    assert "Billed $570.00" in waterfall.tip_text()
    assert "Estimated $500.00" in waterfall.tip_text()


@pytest.mark.parametrize("width", [330, 420, 700, 1200])
def test_words_bars_and_amounts_never_touch(chart, width: int) -> None:
    long = "a-model-with-a-name-that-nobody-would-give-it-but-somebody-did"
    explained = Explained(
        1000 * NANO,
        1900 * NANO,
        tuple(
            Part(c, 900 * NANO, (Thing("model", long, 900 * NANO),))
            if c is Cause.NEW
            else Part(c, 0)
            for c in Cause
        ),
    )
    waterfall = chart(explained)
    drawing = drawing_of(waterfall, width)
    metrics = QFontMetricsF(theme.font(13, 600))
    assert drawing.words_width <= drawing.plot.left()
    bridge = waterfall.bridge
    figures = [metrics.horizontalAdvance(bridge.figure(step)) for step in bridge.steps]
    assert drawing.plot.right() + max(figures) <= width + 1
    boxes = [drawing.box(i) for i in range(len(bridge.steps))]
    assert all(a.bottom() <= b.top() + 0.01 for a, b in pairwise(boxes))
    assert boxes[0].height() >= metrics.height()


def test_one_painting_serves_a_picture_and_an_svg(chart, light) -> None:
    waterfall = chart(FLAT)
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setViewBox(QRectF(0, 0, 700, waterfall.height()))
    painter = QPainter(generator)
    waterfall.paint_to(painter, QRectF(0, 0, 700, waterfall.height()), theme=light)
    painter.end()
    drawn = bytes(buffer.data().data()).decode()
    assert "<text" in drawn
    assert light.accent.lower() in drawn.lower()


# --- asking it ---


def test_a_cause_says_what_it_is_made_of(chart) -> None:
    waterfall = chart()
    waterfall.point_at(1)
    assert waterfall.tip_text() == (
        "More tokens, m +$400.00, Total +$400.00, from $1,000.00 to $1,400.00"
    )


def test_the_keyboard_walks_down_the_causes_and_opens_one(qtbot, chart) -> None:
    waterfall = chart()
    waterfall.show()
    waterfall.setFocus()
    for expected in (0, 1, 2):
        QTest.keyClick(waterfall, Qt.Key.Key_Down)
        assert waterfall.pointed == expected
    QTest.keyClick(waterfall, Qt.Key.Key_Up)
    with qtbot.waitSignal(waterfall.cause_chosen) as chosen:
        QTest.keyClick(waterfall, Qt.Key.Key_Return)
    assert chosen.args[0].cause is Cause.VOLUME
    QTest.keyClick(waterfall, Qt.Key.Key_Escape)
    assert waterfall.pointed is None


def test_a_click_opens_a_cause_or_asks_for_a_periods_own_amount(qtbot, chart) -> None:
    waterfall = chart()
    waterfall.show()
    chosen: list[Part] = []
    periods: list[Period] = []
    waterfall.cause_chosen.connect(chosen.append)
    waterfall.period_chosen.connect(lambda step, _place: periods.append(step.period))
    for index in (0, 3):
        place = drawing_of(waterfall, waterfall.width()).box(index).center().toPoint()
        qtbot.mouseClick(waterfall, Qt.MouseButton.LeftButton, pos=place)
    assert [part.cause for part in chosen] == [Cause.MODEL_MIX]
    assert periods == [AGAINST]


def test_the_twin_table_and_the_sentence_say_the_same(chart) -> None:
    waterfall = chart()
    headers, rows = waterfall.table()
    assert headers == ("Cause", "Of which", "Amount", "So far")
    assert rows[0] == ("October 1–20", "", "$1,000.00", "$1,000.00")
    assert rows[1] == ("More tokens", "", "+$400.00", "$1,400.00")
    assert rows[2] == ("More tokens", "m", "+$400.00", "")
    assert rows[-1] == ("November 1–20", "", shown(USUAL.after, "USD"), shown(USUAL.after, "USD"))
    assert waterfall.accessible_text() == (
        "From $1,000.00 in October 1–20 to $1,070.00 in November 1–20: More tokens +$400.00, "
        "Lower prices −$150.00, A cheaper mix of models −$300.00, New: m +$120.00."
    )


def test_nothing_to_compare_is_said_and_not_drawn(qtbot, light) -> None:
    waterfall = Waterfall()
    qtbot.addWidget(waterfall)
    waterfall.show_change(None, "USD")
    assert waterfall.accessible_text() == "Nothing to compare."
    assert waterfall.table()[1] == ()
    painted(waterfall, light)
