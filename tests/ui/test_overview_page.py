"""Overview: the four questions, answered from one answer; nothing known is nothing claimed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from august import NOW, TODAY, money, month_end, stack, total
from fakes import FakeProgram
from flat_fees import MAX
from limits import status
from overviews import empty_overview, overview, stored_figures, together
from PySide6.QtCore import Qt

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import Money, shown
from plimsoll.services.answers import Overview
from plimsoll.ui.dialogs.twin import TwinTable
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.overview import OverviewPage

WAIT = 5000
MONTH = Period(TODAY.replace(day=1), TODAY)

Show = Callable[..., OverviewPage]


@pytest.fixture
def show(qtbot, look) -> Iterator[Show]:
    """A page that shows this answer, in both themes."""
    jobs = Jobs()

    def make(answer: Overview | None = None, *, width: int = 1160, **changes: object):
        given = answer or replace(overview("90d"), **changes)
        program = FakeProgram(overview_answer=lambda span, currency: given)
        page = OverviewPage(program, jobs)
        qtbot.addWidget(page)
        page.resize(width, 900)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        return page

    yield make
    jobs.close()


def lines_of(page: OverviewPage) -> dict[str, str]:
    text = page.popover.accessible_text()
    return dict(part.split(": ", 1) for part in text.split(". ") if ": " in part)


def test_the_month_is_one_figure_with_its_kind_and_its_instant(show):
    page = show()
    assert page.month.value == shown(total(MONTH), "USD")
    assert page.month.evidence == "Billed + estimated"
    assert page.month.sentence == "7.9% more than July, same days"
    assert page.subtitle.text() == "as of 14:03 · provider days (UTC)"


def test_the_stored_figures_are_painted_before_the_rest_and_stay(qtbot, look):
    jobs = Jobs()
    program = FakeProgram(stored_answer=stored_figures)
    page = OverviewPage(program, jobs)
    qtbot.addWidget(page)
    page.resize(1160, 900)
    seen = []
    page.figures_painted.connect(
        lambda: seen.append((page.month.value, page.today.value, page.end.value, program.asked[:]))
    )
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.show()
    jobs.close()
    assert seen == [(page.month.value, page.today.value, "", [])]
    assert page.month.value == shown(total(MONTH), "USD")
    assert page.end.value == shown(month_end().median, "USD", places=0)


def test_cards_stay_where_they_are_when_the_rest_of_the_page_comes(qtbot, look):
    jobs = Jobs()
    page = OverviewPage(FakeProgram(stored_answer=stored_figures), jobs)
    qtbot.addWidget(page)
    page.resize(1160, 900)
    places = []
    page.figures_painted.connect(lambda: places.append(page.month.geometry()))
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.show()
    jobs.close()
    page.grab()
    first, now = places[0], page.month.geometry()
    assert (first.topLeft(), first.width()) == (now.topLeft(), now.width())
    assert abs(first.height() - now.height()) <= 4


def test_a_number_of_one_kind_says_which(show):
    assert show(billed=0, estimated=money(3)).month.evidence == "Estimated"
    assert show(billed=money(3), estimated=0).month.evidence == "Billed"


def test_a_month_that_nobody_knows_is_not_compared(show):
    page = show(before_same_days=None)
    assert page.month.sentence == "July is not in the archive"
    assert show(before_same_days=0).month.sentence == "nothing in the same days of July"


def test_the_end_of_the_month_is_a_range(show):
    end = month_end()
    page = show()
    assert page.end.value == shown(end.median, "USD", places=0)
    low, high = (shown(n, "USD", places=0) for n in (end.low80, end.high80))
    assert page.end.sentence == f"80% between {low} and {high}"


def test_too_few_days_give_the_run_rate_and_no_range(show):
    thin = replace(
        month_end(),
        **dict.fromkeys(("low50", "high50", "low80", "high80", "low95", "high95")),
        reason="not enough days yet",
    )
    page = show(month_end=thin)
    assert page.end.value == shown(thin.run_rate, "USD", places=0)
    assert page.end.evidence == "Run-rate"
    assert "Not enough days yet" in page.end.sentence


def test_today_says_that_it_is_not_over(show):
    page = show()
    assert page.today.sentence.startswith("so far; 7-day mean $")
    unknown = show(today=None)
    assert unknown.today.value == "–"
    assert "$0" not in unknown.today.value + unknown.today.sentence


def test_a_budget_says_its_share_and_the_day_it_is_passed(show):
    page = show()
    assert page.budget.value == "85%"
    assert page.budget.sentence.endswith("of $3,400 · passes on 30 Aug")
    assert page.budget_bar.isVisible()
    assert not page.set_budget.isVisible()


def test_a_share_is_never_rounded_up_to_a_limit_that_holds(show):
    almost = replace(status(), spent=money("3399.99"))
    assert show(budget=almost).budget.value == "99%"


def test_a_passed_budget_says_so(show):
    over = replace(status(), spent=money(3500))
    assert show(budget=over).budget.sentence == "$3,500.00 of $3,400 · passed"


def test_without_a_budget_one_click_leads_to_one(show, qtbot):
    page = show(budget=None)
    with qtbot.waitSignal(page.page_asked, timeout=WAIT) as asked:
        qtbot.mouseClick(page.set_budget, Qt.MouseButton.LeftButton)
    assert asked.args == ["budgets", "add"]


def test_what_needs_you_are_lines_that_lead_to_their_page(show, qtbot):
    page = show()
    assert len(page.needs.sentences) == 2
    with qtbot.waitSignal(page.page_asked, timeout=WAIT) as asked:
        qtbot.mouseClick(page.needs.links[1], Qt.MouseButton.LeftButton)
    assert asked.args == ["sources", ""]
    assert show(needs=()).needs.sentences == ()


def test_what_changed_is_a_sentence_and_amounts_that_are_not_coloured_as_bad(show):
    page = show()
    assert page.change_words.text() == overview().change
    assert page.movers.lines()[0] == ("claude-opus-4.5", "+$161.20")
    assert page.movers.lines()[3] == ("gpt-5-mini", "−$44.43")


def test_days_that_can_change_and_days_without_data_are_named(show):
    page = show()
    words = page.open_ends.text()
    assert "Days from 19 Aug can still change." in words
    assert "No data: Anthropic: 9 Jul to 10 Jul, not fetched yet." in words
    assert not show(gaps=(), not_final_from=None).open_ends.isVisible()


def test_stale_figures_stay_and_their_age_is_marked(show):
    page = show(as_of=NOW.replace(day=18))
    assert page.subtitle.text().startswith("as of 18 Aug, 14:05")
    assert page.subtitle.property("tone") == "warn"
    assert page.month.value == shown(total(MONTH), "USD")


def test_every_figure_opens_how_do_we_know(show, qtbot):
    page = show()
    page.month.opened.emit()
    lines = lines_of(page)
    assert lines["Sources"] == "2 sources"
    assert "the provider says so" in lines["Kind"]
    assert "still change" in lines["Not final"]
    assert "Anthropic" in lines["Missing"]
    page.popover.close()
    for card, label in ((page.end, "Run-rate"), (page.today, "Day"), (page.budget, "Odds")):
        card.opened.emit()
        assert label in lines_of(page)
        page.popover.close()


test_every_figure_opens_how_do_we_know = pytest.mark.qt_log_ignore(
    "does not support raise", "does not support grabbing", extend=True
)(test_every_figure_opens_how_do_we_know)


def test_a_period_asks_for_its_bars(show, qtbot):
    page = show()
    page.program.asked.clear()
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        qtbot.mouseClick(page.span.button("7d"), Qt.MouseButton.LeftButton)
    assert page.program.asked == [("overview", (None, "7d"))]


def test_several_currencies_are_switched_and_never_added(show, qtbot):
    page = show(currencies=("USD", "CNY"))
    assert page.currency.value == "USD"
    page.program.asked.clear()
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        qtbot.mouseClick(page.currency.button("CNY"), Qt.MouseButton.LeftButton)
    assert page.program.asked == [("overview", ("CNY", "90d"))]
    assert not show().currency.isVisible()


def test_all_money_is_shown_in_one_currency_with_its_own_sums_beside(show, qtbot):
    page = show(together())
    assert page.currency.value == "all"
    assert page.currency.button("all").text() == "All in USD"
    assert page.month.value == "$2,748.95"
    assert page.month.sentence == "$2,691.04 + ¥412.30 at 7.12, set for 10 Aug"
    assert page.end.value.endswith(" + ¥640"), "forecasts stay in their own currencies"
    assert page.end.sentence == "Each in its own currency: a forecast is not converted."
    assert page.budget.value == "85%", "and so do budgets"
    assert page.bars_card.note.startswith("All in USD, ")
    page.month.opened.emit()
    lines = lines_of(page)
    assert lines["Rates you set"].startswith("1 USD = 7.12 CNY, from 10 Aug 2026 on")
    assert lines["Converted"] == "$2,691.04 + ¥412.30, each day at its own rate"
    assert lines["Not included"] == "nothing"
    page.popover.close()
    page.program.asked.clear()
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        qtbot.mouseClick(page.currency.button("CNY"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        qtbot.mouseClick(page.currency.button("all"), Qt.MouseButton.LeftButton)
    pages = [detail for what, detail in page.program.asked if what == "overview"]
    assert pages == [("CNY", "90d"), (None, "90d", True)]


test_all_money_is_shown_in_one_currency_with_its_own_sums_beside = pytest.mark.qt_log_ignore(
    "does not support raise", "does not support grabbing", extend=True
)(test_all_money_is_shown_in_one_currency_with_its_own_sums_beside)


def test_money_without_a_rate_stands_apart_and_is_said_to_be_missing(show):
    missing = (Money("EUR", money("3.50")),)
    combined = replace(together().combined, left_out=missing)
    page = show(together(combined=replace(combined, bars=combined)))
    assert page.month.sentence.endswith("\n€3.50 has no rate and is not included")
    assert page.open_ends.text().startswith("€3.50 has no rate and is not included.")


def test_plan_stands_apart_and_so_do_the_fees(show, qtbot):
    page = show(
        plans=(Money("USD", money("135.31")), Money("CNY", money(470))), subscriptions=(MAX,)
    )
    assert page.plan.words.text() == (
        "$135.31 + ¥470.00 of tokens at list price in August: not owed, and not in Spent."
        " Fees you entered: Max, $100.00 a month."
    )
    assert page.month.value == shown(total(MONTH), "USD"), "neither is part of it"
    with qtbot.waitSignal(page.page_asked, timeout=WAIT) as asked:
        qtbot.mouseClick(page.plan.link, Qt.MouseButton.LeftButton)
    assert asked.args == ["sources", ""]
    assert not show().plan.isVisible()


def test_a_month_of_plan_tokens_alone_is_no_empty_page(show):
    page = show(
        replace(
            empty_overview(), has_sources=True, has_figures=True, plans=(Money("USD", money(9)),)
        )
    )
    assert page.full.isVisible()
    assert page.plan.isVisible()
    assert page.month.value == "$0.00"


def test_yuan_alone_are_as_good_as_dollars(show):
    page = show(currency="CNY", currencies=("CNY",), stack=stack("90d", currency="CNY"))
    assert page.month.value == shown(total(MONTH), "CNY")
    assert page.month.value.startswith("¥")
    assert page.bars_card.note.startswith("CNY, ")
    assert not page.currency.isVisible()


def test_without_a_source_there_is_one_sentence_and_one_button(show, qtbot):
    page = show(empty_overview())
    assert page.empty.isVisible()
    assert not page.full.isVisible()
    with qtbot.waitSignal(page.page_asked, timeout=WAIT) as asked:
        qtbot.mouseClick(page.empty.button, Qt.MouseButton.LeftButton)
    assert asked.args == ["sources", "add"]


def test_a_source_without_figures_yet_is_synced_with_one_click(show, qtbot):
    page = show(replace(empty_overview(), has_sources=True, sources_count=1))
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT) as asked:
        qtbot.mouseClick(page.empty.button, Qt.MouseButton.LeftButton)
    assert asked.args == [()]


def test_a_chart_has_a_twin_table(show):
    page = show()
    page.show_table()
    twin = page.findChild(TwinTable)
    assert twin.table.rows_model.rowCount() == 90
    twin.close()


def test_in_a_narrow_window_two_figures_stand_in_a_row(show):
    wide, narrow = show(), show(width=760)
    assert wide.budget.y() == wide.month.y()
    assert narrow.budget.y() > narrow.month.y()
    assert narrow.budget.width() > 300


def test_the_newest_question_wins(show, qtbot):
    page = show()
    page.program.asked.clear()
    page.span.choose("7d")
    page.refresh()
    page.span.choose("year")
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.refresh()
    assert page.program.asked[-1] == ("overview", (None, "year"))


def test_a_year_names_its_years(show):
    year = replace(stack("90d"), period=Period(TODAY.replace(year=2025), TODAY))
    assert show(stack=year).bars_card.note == "USD, 20 Aug 2025 to 20 Aug 2026"
    assert show().bars_card.note == "USD, 23 May to 20 Aug"


def test_the_change_leads_to_its_causes(qtbot, show):
    page = show()
    with qtbot.waitSignal(page.page_asked) as asked:
        page.see_why.click()
    assert asked.args == ["spend", "why"]
