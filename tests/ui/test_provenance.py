"""How do we know?: one click on any amount, by mouse or keyboard, down to its prices and rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from august import NOW, TODAY
from breakdowns import provenance
from fakes import FakeProgram
from limits import BUDGET, status
from overviews import overview, together
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from real_ledger import MONTH, filled

from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.errors import LedgerBusy
from plimsoll.domain.money import shown
from plimsoll.domain.question import EVERYTHING, Dimension, Question, Scope
from plimsoll.services.breakdown import SpendLine
from plimsoll.services.program import Program
from plimsoll.ui import asked
from plimsoll.ui.asked import Asked
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.origin import MOST_PRICES, sections_of
from plimsoll.ui.page import Page
from plimsoll.ui.pages.budgets import BudgetsPageView
from plimsoll.ui.pages.check import CheckPage
from plimsoll.ui.pages.overview import OverviewPage
from plimsoll.ui.pages.sources import SourcesPageView
from plimsoll.ui.pages.spend import SpendPage
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.provenance import HowDoWeKnow, Section

WAIT = 5000

pytestmark = pytest.mark.qt_log_ignore(
    "does not support raise", "does not support grabbing the keyboard", extend=True
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = filled(tmp_path_factory.mktemp("provenance") / "archive")
    yield program
    program.close()


class Opened:
    """Pages over a program, each shown when it is first asked for."""

    def __init__(self, qtbot, program) -> None:
        self.qtbot, self.program, self.jobs = qtbot, program, Jobs()

    def page(self, kind: type[Page]) -> Page:
        page = kind(self.program, self.jobs)
        self.qtbot.addWidget(page)
        page.resize(1160, 900)
        with self.qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        return page

    def whole(self, page: Page) -> HowDoWeKnow:
        """The popover of a page, when it says everything."""
        assert page.popover is not None
        self.qtbot.waitUntil(lambda: bool(page.popover.sections), timeout=WAIT)
        return page.popover


@pytest.fixture
def opened(qtbot, light) -> Iterator[Opened]:
    made = Opened(qtbot, FakeProgram())
    yield made
    made.jobs.close()


@pytest.fixture
def real(qtbot, light, archive) -> Iterator[Opened]:
    made = Opened(qtbot, archive)
    yield made
    made.jobs.close()


def section(popover: HowDoWeKnow, title: str) -> Section:
    return next(s for s in popover.sections if s.title == title)


def asked_of(opened: Opened) -> tuple[Question, str]:
    return next(detail for what, detail in reversed(opened.program.asked) if what == "provenance")


def amounts_in(cells: list[str], word: str) -> Decimal:
    found = Decimal(0)
    for line in "\n".join(cells).split("\n"):
        if line.endswith(word):
            found += Decimal(line.split(" ")[0].replace("$", "").replace(",", ""))
    return found


# --- any amount in the window ---


@pytest.mark.parametrize("what", ["month", "today", "end", "budget"])
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_I])
def test_every_figure_of_the_first_screen_opens_by_key(opened, what, key):
    page = opened.page(OverviewPage)
    card = getattr(page, what)
    card.setFocus()
    QTest.keyClick(card, key)
    popover = opened.whole(page)
    assert [s.title for s in popover.sections] == ["Sources", "Prices used", "Rows behind it"]
    question, currency = asked_of(opened)
    days = {
        "month": Period(TODAY.replace(day=1), TODAY),
        "today": Period(TODAY, TODAY),
        "end": Period(TODAY.replace(day=1), TODAY),
        "budget": Period(TODAY.replace(day=1), TODAY),
    }
    assert (question.period, question.scope, currency) == (days[what], EVERYTHING, "USD")
    popover.close()


def test_a_day_of_the_bars_opens_by_click_and_by_key(qtbot, opened):
    page = opened.page(OverviewPage)
    day = page._overview.stack.days[-4]
    spot = page.bars.place_of(day).center()
    qtbot.mouseClick(page.bars, Qt.MouseButton.LeftButton, pos=spot)
    popover = opened.whole(page)
    question, _ = asked_of(opened)
    assert question.scope == Scope(((Dimension.DAY, (day.isoformat(),)),))
    assert question.period == page._overview.stack.period, "its money stands as it does there"
    popover.close()
    page.popover = None
    page.bars.setFocus()
    page.bars.point_at(2)
    QTest.keyClick(page.bars, Qt.Key.Key_I)
    assert page.popover is not None
    page.popover.close()


def test_a_mover_opens_by_click_and_by_key(qtbot, opened):
    page = opened.page(OverviewPage)
    qtbot.mouseClick(page.movers, Qt.MouseButton.LeftButton, pos=QPoint(30, 40))
    opened.whole(page).close()
    question, _ = asked_of(opened)
    assert question.scope == Scope(((Dimension.MODEL, ("gpt-5.2",)),))
    assert question.period.last == TODAY - ONE_DAY
    page.popover = None
    page.movers.point_at(None)
    page.movers.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(page.movers, Qt.Key.Key_Down)
    QTest.keyClick(page.movers, Qt.Key.Key_Down)
    assert page.movers.accessibleDescription().startswith("gemini-3-pro")
    QTest.keyClick(page.movers, Qt.Key.Key_Space)
    opened.whole(page).close()
    assert asked_of(opened)[0].scope == Scope(((Dimension.MODEL, ("gemini-3-pro",)),))


def test_a_budgets_amount_opens_and_asks_within_its_scope_and_zone(qtbot, opened):
    page = opened.page(BudgetsPageView)
    QTest.keyClick(page.rows[0].amount, Qt.Key.Key_Return)
    opened.whole(page).close()
    question, currency = asked_of(opened)
    assert (question.zone, question.scope, currency) == (BUDGET.zone, BUDGET.scope, "USD")


def test_a_budget_in_another_zone_is_asked_in_the_days_of_that_zone():
    budget = replace(BUDGET, zone="Pacific/Kiritimati", scope=Scope(((Dimension.TIER, ("x",)),)))
    late = NOW.replace(hour=12)
    question, currencies = asked.of_budget(status(budget), late)
    assert question.period == Period(TODAY.replace(day=1), TODAY + ONE_DAY)
    assert (question.zone, question.scope, currencies) == (budget.zone, budget.scope, ("USD",))


def test_a_balance_says_its_readings(qtbot, opened):
    page = opened.page(SourcesPageView)
    view = page.view("Anthropic")
    qtbot.mouseClick(view.balances["USD"], Qt.MouseButton.LeftButton)
    popover = opened.whole(page)
    (readings,) = popover.sections
    assert [row[1:] for row in readings.rows] == [
        ("$182.40", "$7.60", ""),
        ("$190.00", "", "+$40.00 top-up"),
    ]
    lines = dict(popover._lines)
    assert "about" in lines["Runs out"]
    assert lines["A day costs"] == "$23.10, the mean of the last 30 days"
    popover.close()


def test_an_amount_of_the_check_page_asks_for_its_account(qtbot, opened):
    page = opened.page(CheckPage)
    page._cards[0].amounts["billed"].clicked.emit()
    opened.whole(page).close()
    question, _ = asked_of(opened)
    account = page._cards[0].account
    assert question.scope == Scope(((Dimension.SOURCE, (account.source,)),))


def test_where_all_is_shown_in_one_currency_its_own_ones_are_explained():
    answer = together()
    currencies = asked.of_month(answer).currencies
    assert currencies == tuple(m.currency for m in answer.combined.native)
    assert len(currencies) > 1


# --- a real archive: the panel adds up to the amount ---


def test_what_the_panel_says_of_a_line_is_the_line(qtbot, real):
    page = real.page(SpendPage)
    for value in ("gpt-big", "claude-a", "kimi", "secret", "flat-1", None):
        row = next(r for r in page.table.rows if not r.is_total and r.line.value == value)
        place = page.table.rows_model.index(page.table.rows.index(row), 2)
        page.table.open_cell(place)
        popover = real.whole(page)
        cells = [cells[1] for cells in section(popover, "Sources").rows]
        for kind in ("billed", "estimated", "plan"):
            nanos = getattr(row.amounts, kind) if row.amounts else 0
            if row.amounts and row.amounts.currency == "USD":
                expected = Decimal(shown(nanos, "USD").replace("$", "").replace(",", ""))
                assert amounts_in(cells, kind) == expected, (value, kind)
        popover.close()
        page.popover = None


def test_rows_say_what_the_provider_wrote(qtbot, real):
    page = real.page(SpendPage)
    row = next(r for r in page.table.rows if r.line.value == "gpt-big")
    page.table.open_cell(page.table.rows_model.index(page.table.rows.index(row), 2))
    popover = real.whole(page)
    rows = section(popover, "Rows behind it")
    assert rows.rows[0][1].startswith("gpt-big, all\nShop")
    amount, written = rows.rows[0][4:]
    assert Decimal(written).quantize(Decimal("0.01")) == Decimal(amount.removeprefix("$"))
    assert "charges and" in rows.note
    popover.close()


def test_the_whole_month_says_all_of_its_sources_and_what_is_not_priced(qtbot, real, archive):
    answer = archive.provenance(Question(MONTH), currency="USD")
    sources, prices, _ = sections_of(answer)
    assert [row[0] for row in sources.rows] == ["Acme", "Whole", "Calls", "Flat"]
    assert "1.40 M tokens not priced" in sources.rows[2][1]
    told = {(row[0], row[1]) for row in prices.rows}
    assert ("Not priced", "There is no list price for secret.") in told
    assert any(kind == "Plan" and "flat-1" in basis for kind, basis in told)
    assert len(prices.rows) <= MOST_PRICES


# --- the panel itself ---


@pytest.fixture
def popover(qtbot, look) -> HowDoWeKnow:
    made = HowDoWeKnow()
    qtbot.addWidget(made)
    made.show_lines((("Kind", "$42.00 billed"),))
    return made


SECTIONS = sections_of(provenance(Question(Period(TODAY, TODAY)), "USD"))


def test_lines_are_there_at_once_and_the_rest_follows(qtbot, popover):
    popover.await_more()
    shown_words = [w.text() for w in popover.findChildren(Words) if w.isVisibleTo(popover)]
    assert "Reading the rows …" in shown_words
    assert "$42.00 billed" in shown_words
    popover.show_sections(SECTIONS)
    words = [w.text() for w in popover.findChildren(Words) if w.isVisibleTo(popover)]
    assert "Reading the rows …" not in words
    assert "30.000000" in words
    assert "Rows behind it: " in popover.accessible_text()
    assert "30.000000" in popover.accessibleDescription()


def test_a_failure_is_said_where_the_rows_would_stand(qtbot, opened):
    opened.program.failure = None
    page = opened.page(OverviewPage)
    opened.program.failure = LedgerBusy("The archive is in use.")
    page.month.opened.emit()
    popover = page.popover
    qtbot.waitUntil(
        lambda: any(
            "The archive is in use." in w.text() and w.isVisibleTo(popover)
            for w in popover.findChildren(Words)
        ),
        timeout=WAIT,
    )
    popover.close()


def test_the_newest_question_wins(qtbot, opened):
    page = opened.page(OverviewPage)
    page.month.opened.emit()
    page.popover.close()
    page.today.opened.emit()
    popover = opened.whole(page)
    assert popover.isVisible()
    assert "Day" in popover.accessible_text()
    first, last = opened.program.asked[-2][1], opened.program.asked[-1][1]
    assert (first, last) != (last, first)
    assert last[0].period == Period(TODAY, TODAY)
    popover.close()


def test_another_amount_starts_afresh(qtbot, opened):
    page = opened.page(OverviewPage)
    page.month.opened.emit()
    opened.whole(page)
    page.explain(page.today, (("Kind", "nothing more"),))
    assert page.popover.sections == ()
    assert page.popover.accessible_text() == "Kind: nothing more"
    page.popover.close()


def test_everything_can_be_copied(qtbot, popover):
    popover.show_sections(SECTIONS)
    popover.copy.click()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Kind\t$42.00 billed\n")
    assert "\t30.000000" in text
    assert "Price book: genai-prices 0.2.3." in text


@pytest.mark.parametrize("size", [(1440, 940), (800, 500)])
@pytest.mark.parametrize("spot", [(10, 10), (700, 450), (400, 250)])
def test_it_stays_on_the_screen_and_scrolls_when_it_is_long(
    qtbot, popover, monkeypatch, size, spot
):
    screen = QRect(0, 0, *size)
    monkeypatch.setattr(HowDoWeKnow, "_screen", lambda self: screen)
    window = QWidget()
    qtbot.addWidget(window)
    anchor = QPushButton("$42.00", window)
    anchor.setGeometry(*spot, 60, 24)
    window.show()
    popover.show_sections((*SECTIONS, *SECTIONS, *SECTIONS))
    popover.open_at(anchor)
    assert screen.contains(popover.geometry())
    bar = popover._scroller.verticalScrollBar()
    if bar.maximum():
        QTest.keyClick(popover, Qt.Key.Key_Down)
        assert bar.value() > 0
    QTest.keyClick(popover, Qt.Key.Key_Escape)
    assert popover.isHidden()


def test_a_long_price_wraps_and_hides_nothing(qtbot, popover):
    long = "list price of something: " + ", ".join(f"${n} of kind {n}" for n in range(30))
    popover.show_sections((Section("Prices", ("For", "Price"), (("Estimated", long),)),))
    (label,) = [w for w in popover.findChildren(Words) if w.text() == long]
    assert label.wordWrap()
    assert label.heightForWidth(label.width()) <= label.height() + 1


# --- the questions ---


def test_a_line_of_the_table_is_asked_by_its_value_and_a_total_by_the_filters(archive):
    answer = archive.breakdown(
        Question(MONTH, (Dimension.MODEL,), Scope(((Dimension.PROJECT, ("Shop",)),)))
    )
    line: SpendLine = next(x for x in answer.lines if x.value == "gpt-big")
    assert asked.of_line(line, answer, is_total=False) == Asked(
        Question(
            MONTH, (), Scope(((Dimension.PROJECT, ("Shop",)), (Dimension.MODEL, ("gpt-big",))))
        ),
        ("USD",),
    )
    total = asked.of_line(answer.totals[0], answer, is_total=True)
    assert total.question.scope == answer.question.scope


def test_every_line_of_every_cut_is_known_to_the_nano_unit(archive):
    for dimension in (Dimension.MODEL, Dimension.PROJECT, Dimension.SOURCE, Dimension.DAY):
        answer = archive.breakdown(Question(MONTH, (dimension,)))
        for line in answer.lines:
            question, (currency,) = asked.of_line(line, answer, is_total=False)
            known = archive.provenance(question, currency=currency)
            assert known.amounts == (line.amounts or known.amounts), (dimension, line.value)
            for kind in ("billed", "estimated", "plan", "worth"):
                told = sum(getattr(source, kind) for source in known.sources)
                assert told == getattr(known.amounts, kind), (dimension, line.value, kind)


def test_the_first_screens_day_is_a_part_of_its_bars():
    answer = overview("90d")
    day = answer.stack.days[-3]
    question, currencies = asked.of_day_in(answer, day)
    assert question.period == answer.stack.period
    assert currencies == ("USD",)
