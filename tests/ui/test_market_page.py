"""Market: the quote, the index, growth and the board, each state in words, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from markets import PERIOD, board, empty_market, growth, market, mixed, no_growth, use
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import LedgerUnreadable
from plimsoll.domain.question import EVERYTHING, Dimension
from plimsoll.ui import market_words as words
from plimsoll.ui.dialogs.twin import TwinTable
from plimsoll.ui.market_listings import comparison
from plimsoll.ui.pages.market import MarketPage

WAIT = 5000

NO_POPUPS = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
"""Qt's offscreen platform says so of every popup; harmless."""


def dialog_of(page: MarketPage) -> TwinTable:
    return page.findChildren(TwinTable)[-1]


# -- quotes and the index ----------------------------------------------------------------------


def test_the_quote_says_price_change_list_and_kind(show_market):
    page = show_market()
    assert page.tickers.whole.value == "$0.680"
    assert page.tickers.whole.evidence == "Billed"
    assert page.tickers.whole.sentence == (
        "−32.0% against the 30 days before\n30 days: $0.700, −9.7% against list"
    )
    output = page.tickers.classes["output"]
    assert output.value == "$9.03", "$0.70 × 0.50 ÷ 0.775 for 50,000 tokens"
    assert "list $10.00 · 5% of tokens" in output.sentence


def test_what_is_in_no_price_is_said(show_market):
    assert show_market().quotes.left_out.text() == (
        "In no price: $1.00 without tokens, 1.00 M tokens not on a bill, 25.0 M tokens not priced."
    )


def test_the_gap_between_market_and_paid_is_the_buyers_own(show_market):
    page = show_market()
    assert page.sentence.text() == (
        "Since June 2026 the list prices of your basket moved by −10.0%, what you paid for a token"
        " by +8.0%. The gap, +20.0%, is your own: other models, classes, tiers and discounts."
    )
    assert page.coverage.text() == (
        "Matched models: 100% of the first basket's value, 90% of today's."
    )


def test_the_chart_walks_by_keys_and_has_a_table(show_market, qtbot):
    page = show_market()
    page.index_chart.setFocus()
    qtbot.keyClick(page.index_chart, Qt.Key.Key_End)
    assert page.index_chart.tip_text() == (
        "August 2026, Market (Fisher) 90.0, What you paid 108.0, Fixed basket (Laspeyres) 90.0,"
        " Current mix (Paasche) 90.0"
    )
    headers, rows = page.index_chart.table()
    assert len(headers) == len(rows[0]) == 5
    assert rows[-1] == ("2026-08", "90.0", "90.0", "90.0", "108.0")


def test_each_model_is_a_line_with_its_own_kind(show_market):
    lines = show_market().quotes.lines
    assert [(line.model, line.evidence.value) for line in lines] == [
        ("claude-opus-5-5", "billed"),
        ("gpt-6-luna", "estimated"),
    ]


def test_a_price_has_its_course_over_the_last_weeks(show_market):
    table = show_market().quotes.table.rows_model
    headers = [table.headerData(n, Qt.Orientation.Horizontal) for n in range(table.columnCount())]
    course = headers.index("13 weeks")
    said = [table.index(line, course).data(Qt.ItemDataRole.AccessibleTextRole) for line in range(2)]
    assert said == ["$1.00 to $0.700", ""], "one that has no weeks has no line"
    assert table.index(0, course).data(Qt.ItemDataRole.DecorationRole) is not None
    assert table.index(1, course).data(Qt.ItemDataRole.DecorationRole) is None


def test_where_there_is_no_room_the_prices_stay_and_less_is_told(show_market, qtbot):
    """The last column is never cut off: a course, a seller and terms can be found elsewhere."""
    page = show_market()
    for width, of_quotes, of_board in (
        (1160, {"Seller", "13 weeks"}, {"Seller", "Cached", "12 months"}),
        (760, set(), set()),
    ):
        page.resize(width, 900)
        for table, spared in ((page.quotes.table, of_quotes), (page.board.table, of_board)):
            qtbot.waitUntil(
                lambda table=table: table.horizontalHeader().length() <= table.viewport().width(),
                timeout=WAIT,
            )
            shown = set(table.titles)
            assert {"Model", "Input", "Output"} <= shown
            assert spared <= shown
    assert {"Paid", "List", "Change", "Cached"} <= set(page.quotes.table.titles)
    assert {"At your mix", "Hours", "Coming"} <= set(page.board.table.titles)
    assert "13 weeks" not in page.quotes.table.titles
    assert "openai" in page.board.table.rows_model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)


@NO_POPUPS
def test_prices_stand_by_seller_too_and_answer_with_all_of_its_models(show_market, qtbot):
    page = show_market()
    qtbot.mouseClick(page.quotes.which.button("sellers"), Qt.MouseButton.LeftButton)
    model = page.quotes.table.rows_model
    assert [model.index(0, column).data() for column in (0, 1)] == ["Anthropic", "Billed"]
    page.quotes.table.setCurrentIndex(model.index(0, 1))
    qtbot.keyClick(page.quotes.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(page.popover and page.popover.sections), timeout=WAIT)
    (question, _), _ = next(
        (asked, name) for name, asked in reversed(page.program.asked) if name == "provenance"
    )
    assert question.scope.conditions == ((Dimension.SOURCE, ("Work",)),)


@NO_POPUPS
def test_every_price_answers_how_we_know(show_market, qtbot):
    page = show_market()
    page.tickers.whole.setFocus()
    qtbot.keyClick(page.tickers.whole, Qt.Key.Key_I)
    assert page.popover is not None
    qtbot.waitUntil(lambda: bool(page.popover.sections), timeout=WAIT)
    name, arguments = page.program.asked[-1][:2]
    assert name == "provenance"
    assert arguments


@NO_POPUPS
def test_a_line_answers_with_its_own_model_and_source(show_market, qtbot):
    page = show_market()
    page.quotes.table.setCurrentIndex(page.quotes.table.rows_model.index(0, 1))
    qtbot.keyClick(page.quotes.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "provenance" in page.program.names_asked(), timeout=WAIT)
    asked = next(what for name, what in page.program.asked if name == "provenance")
    question = asked[0] if isinstance(asked, tuple) else asked
    assert question.scope.conditions == (
        (Dimension.SOURCE, ("Work",)),
        (Dimension.MODEL, ("claude-opus-5-5",)),
    )
    assert "On 19 Aug: $0.680" in page.popover.accessible_text()


def test_what_if_is_asked_of_the_thirty_days(show_market, qtbot):
    page = show_market()
    with qtbot.waitSignal(page.what_if_asked) as asked:
        qtbot.mouseClick(page.quotes.what_if, Qt.MouseButton.LeftButton)
    assert asked.args == [PERIOD, EVERYTHING]


# -- states ------------------------------------------------------------------------------------


def test_before_the_first_figures_the_board_is_there_already(show_market, qtbot):
    page = show_market(market_answer=empty_market)
    assert not page.tickers.isVisible()
    assert page.empty.isVisible()
    assert page.empty.y() < page.board.mapTo(page.content, QPoint(0, 0)).y(), "it is read first"
    assert len(page.board.rows) == 3
    with qtbot.waitSignal(page.page_asked) as asked:
        qtbot.mouseClick(page.empty.button, Qt.MouseButton.LeftButton)
    assert asked.args == ["sources", ""]


def test_a_currency_without_tokens_says_so_instead_of_zero(show_market):
    page = show_market(
        market_answer=lambda: market(
            currency="CNY", tickers=(), lines=(), sellers=(), points=(), not_priced_tokens=0
        )
    )
    assert page.tickers.whole.value == "–"
    assert page.tickers.whole.sentence == (
        "In the last 30 days no money in CNY met the tokens that it paid for."
    )
    assert page.index_how.isHidden(), "there is nothing to explain"
    assert page.sentence.text() == (
        "No month of the last year has tokens with a list price in this currency."
    )
    assert not page.index_chart.isVisible()
    assert page.quotes.none.isVisible()


def test_a_plan_alone_has_no_price_and_says_so(show_market):
    page = show_market(
        market_answer=lambda: market(tickers=(), lines=(), sellers=(), points=(), only_plan=True)
    )
    assert page.tickers.whole.sentence == (
        "A subscription paid for the tokens of these 30 days: none was bought by the million."
    )
    assert page.quotes.none.text() == page.tickers.whole.sentence
    assert page.sentence.text() == (
        "A subscription pays for your tokens: a basket is made of those bought by the token."
    )
    assert page.index_table.isHidden(), "there is nothing to show as a table"


def test_tokens_that_the_price_book_does_not_know_are_said_in_place_of_a_price(show_market):
    page = show_market(market_answer=lambda: market(tickers=(), lines=(), sellers=(), points=()))
    assert page.tickers.whole.sentence.endswith("25.0 M tokens have no price in the price book.")


def test_a_month_without_anything_bought_tells_the_first_basket_alone(show_market):
    points = market().points
    idle = replace(points[-1], index=replace(points[-1].index, paasche=None, fisher=None))
    page = show_market(market_answer=lambda: market(points=(*points[:-1], idle)))
    assert page.sentence.text() == (
        "Nothing bought in August has a list price. The basket of June 2026 itself costs −10.0%"
        " against then (Laspeyres)."
    )


def test_one_month_is_no_index_yet(show_market):
    page = show_market(market_answer=lambda: market(points=market().points[:1]))
    assert page.sentence.text() == "The index begins with June: it needs a second month."


def test_makers_that_nobody_knows_are_no_share_of_none(show_market):
    strange = use(PERIOD, ("openrouter", "nobody-knows-1", "", 10, None))
    card = show_market(growth_answer=lambda: growth(use=strange)).growth
    assert card.regions.value.text() == "–"
    assert card.regions.sentence.text() == "No maker of these 30 days' models is known."


def test_growth_that_is_not_known_says_why(show_market):
    page = show_market(growth_answer=no_growth)
    card = page.growth
    lines = (card.doubling, card.regions, card.seller, card.loop)
    assert [line.value.text() for line in lines] == ["–"] * 4
    assert [line.sentence.text() for line in lines] == [
        "Eight weeks of use are the least to say so.",
        "No tokens in these 30 days.",
        "Nothing was used or bought in these 30 days.",
        "Only the logs of coding agents tell whom a call answers.",
    ]
    assert page.regions.chart.accessible_text() == "No data in this period."


def test_growth_says_four_things(show_market):
    card = show_market().growth
    assert card.doubling.value.text() == "every 89 days"
    assert card.regions.value.text() == "3%"
    assert card.regions.value.accessibleName() == "Made on the mainland: 3%: how do we know?"
    assert card.regions.sentence.text() == (
        "of tokens; 0% in the 30 days before; maker not known of 10%"
    )
    assert card.seller.value.text() == "Anthropic 50%"
    assert card.seller.sentence.text() == (
        "of money in USD; Herfindahl–Hirschman index 0.50, 1 is a single supplier"
    )
    assert card.loop.value.text() == "90%"
    assert card.loop.sentence.text() == (
        "of coding agents' tokens last week; 80% in the week of 6 Aug"
    )


def test_use_that_is_long_and_does_not_grow_says_so(show_market):
    long = growth(doubling=None, weeks=(mixed(Period(date(2026, 6, 8), date(2026, 6, 14)), 1),))
    card = show_market(growth_answer=lambda: long).growth
    assert card.doubling.sentence.text() == "They do not measurably grow."


def test_days_without_an_answer_are_said_beside_the_figures_that_lack_them(show_market):
    card = show_market(growth_answer=lambda: growth(use=mixed(PERIOD, 30, missing=4))).growth
    for line in (card.regions, card.seller):
        assert line.sentence.text().endswith("; 4 days have no answer of some source")


def test_without_money_the_largest_supplier_is_one_of_tokens_and_money_is_no_choice(show_market):
    free = use(PERIOD, ("anthropic", "claude-opus-5-5", "overseas", 10, None))
    page = show_market(growth_answer=lambda: growth(use=free, before=free, weeks=(free,)))
    assert page.growth.seller.sentence.text().startswith("of tokens, as no money in USD was billed")
    assert page.concentration.of_what.isHidden()
    assert not page.concentration.by_money


# -- growth over weeks -------------------------------------------------------------------------


def test_regions_go_week_by_week_with_gaps_and_the_week_under_way(show_market):
    headers, rows = show_market().regions.chart.table()
    assert headers == ("Week of", "Mainland", "Overseas", "Not known", "State")
    assert rows == (
        ("2026-07-27", "10%", "80%", "10%", ""),
        ("2026-08-03", "No data", "No data", "No data", ""),
        ("2026-08-10", "30%", "60%", "10%", ""),
        ("2026-08-17", "45%", "45%", "10%", "Not final"),
    )


def test_a_week_under_way_is_marked_even_if_its_days_are_final(show_market):
    weeks = growth().weeks
    page = show_market(
        growth_answer=lambda: growth(weeks=(*weeks[:-1], replace(weeks[-1], not_final=0)))
    )
    assert [row[-1] for row in page.regions.chart.table()[1]] == ["", "", "", "Not final"]


def test_a_gap_in_the_weeks_is_said_in_words(show_market):
    assert show_market().regions.said.text() == (
        "Shares of tokens. 1 week is a gap: some source gave no answer for a day of it."
    )


def test_weeks_can_be_shares_of_money(show_market, qtbot):
    page = show_market()
    qtbot.mouseClick(page.regions.of_what.button("money"), Qt.MouseButton.LeftButton)
    assert page.regions.chart.table()[1][0] == ("2026-07-27", "40%", "50%", "10%", "")
    assert page.regions.said.text().startswith("Shares of money in USD.")


def test_concentration_goes_week_by_week_by_money_and_by_tokens(show_market, qtbot):
    card = show_market().concentration
    headers, rows = card.chart.table()
    assert headers[1:3] == ("Largest supplier", "Herfindahl–Hirschman index")
    assert rows[0][1:3] == ("50%", "50%")
    qtbot.mouseClick(card.of_what.button("tokens"), Qt.MouseButton.LeftButton)
    assert card.chart.table()[1][0][1:3] == ("80%", "68%"), "0.8² + 0.2²"


# -- how do we know? ---------------------------------------------------------------------------


@NO_POPUPS
@pytest.mark.parametrize(
    ("figure", "key", "told", "behind"),
    [
        ("doubling", "Return", "Doubling time: 89.0 days, 80% range 82.0 to 98.0", "Sources"),
        ("regions", "Space", "The 30 days before: Overseas 90% · Not known 10%", "Whose models"),
        ("seller", "I", "USD: Anthropic 50%; index 0.50, as with 2.0 equal ones", "Whom you buy"),
        ("loop", "Enter", "Own loop: 90 tokens", "Sources"),
    ],
)
def test_every_figure_of_growth_answers_how_we_know(show_market, qtbot, figure, key, told, behind):
    page = show_market()
    label = getattr(page.growth, figure).value
    label.setFocus()
    qtbot.keyClick(label, getattr(Qt.Key, f"Key_{key}"))
    assert page.popover is not None
    qtbot.waitUntil(lambda: bool(page.popover.sections), timeout=WAIT)
    assert told in page.popover.accessible_text()
    assert page.popover.sections[0].title.startswith(behind)


@NO_POPUPS
def test_a_click_on_a_figure_of_growth_asks_too(show_market, qtbot):
    page = show_market()
    qtbot.mouseClick(page.growth.regions.value, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(page.popover and page.popover.sections), timeout=WAIT)
    models = page.popover.sections[0]
    assert models.rows[0][:3] == ("claude-opus-5-5", "Overseas", "Anthropic")
    assert [row[1] for row in models.rows] == ["Overseas", "Mainland", "Not known"]


@NO_POPUPS
def test_a_week_of_the_lines_answers_with_its_own_days_and_sellers(show_market, qtbot):
    page = show_market()
    chart = page.concentration.chart
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_End)
    qtbot.keyClick(chart, Qt.Key.Key_I)
    qtbot.waitUntil(lambda: bool(page.popover and page.popover.sections), timeout=WAIT)
    told = page.popover.accessible_text()
    assert "Week: 17 Aug to 19 Aug" in told
    assert "State: Under way: only its complete days" in told
    assert "Not final: 2 days" in told
    assert page.popover.sections[0].rows[0] == ("OpenRouter", "$5.00", "50%", "550", "55%")
    (question, _), _ = next(
        (asked, name) for name, asked in reversed(page.program.asked) if name == "provenance"
    )
    assert str(question.period.first) == "2026-08-17"


@NO_POPUPS
def test_who_walked_to_a_week_by_keys_is_still_there_when_the_answer_is_closed(show_market, qtbot):
    page = show_market()
    chart = page.concentration.chart
    page.activateWindow()
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert page.popover is not None
    qtbot.keyClick(page.popover, Qt.Key.Key_Escape)
    qtbot.waitUntil(chart.hasFocus, timeout=WAIT)
    assert chart.pointed == 1


@NO_POPUPS
def test_a_month_of_the_index_answers_with_its_basket(show_market, qtbot):
    page = show_market()
    page.index_chart.setFocus()
    qtbot.keyClick(page.index_chart, Qt.Key.Key_End)
    qtbot.keyClick(page.index_chart, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(page.popover and page.popover.sections), timeout=WAIT)
    assert "Market (Fisher): 90.0" in page.popover.accessible_text()
    assert page.popover.sections[0].rows == (
        ("claude-opus-5-5\nWork · Fresh input", "$5.00", "$4.00", "1.00 M", "2.00 M"),
        ("gpt-6-luna\nWork · Batch · Output", "–", "$0.250", "–", "1.00 M"),
    )


@NO_POPUPS
def test_the_index_as_a_whole_answers_with_its_latest_month(show_market, qtbot):
    page = show_market()
    qtbot.mouseClick(page.index_how, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(page.popover and page.popover.sections), timeout=WAIT)
    assert "Month: August 2026" in page.popover.accessible_text()


def test_growth_that_cannot_be_read_says_so_and_claims_no_empty_weeks(show_market):
    def broken():
        raise LedgerUnreadable("The archive is damaged.")

    page = show_market(growth_answer=broken)
    assert page.tickers.whole.value == "$0.680"
    for words_of in (page.growth.state, page.regions.said, page.concentration.said):
        assert "damaged" in words_of.text()
    assert page.regions.chart.isHidden(), "no chart says that there is no data"
    assert page.growth.doubling.value.text() == "–", "nobody waits for it any more"


def test_figures_of_growth_stand_beside_each_other_where_the_card_is_wide(show_market, qtbot):
    page = show_market()
    for width, beside in ((1160, False), (820, True), (1160, False)):
        page.resize(width, 900)
        first, second = page.growth.doubling, page.growth.regions
        qtbot.waitUntil(
            lambda first=first, second=second, beside=beside: (first.y() == second.y()) is beside,
            timeout=WAIT,
        )


def test_a_board_that_cannot_be_read_leaves_the_page(show_market):
    def broken():
        raise LedgerUnreadable("The archive is damaged.")

    page = show_market(board_answer=broken)
    assert page.tickers.whole.value == "$0.680"
    assert "damaged" in page.board.state.text()


# -- the board ---------------------------------------------------------------------------------


def test_a_search_finds_models_sellers_and_currencies(show_market):
    page = show_market()
    for wanted, found in (("flash", 1), ("cny", 1), ("OPENAI luna", 1), ("nothing", 0), ("", 3)):
        page.board.search.setText(wanted)
        assert len(page.board.rows) == found
    page.board.search.setText("nothing")
    assert page.board.state.text() == "No model of the price lists matches."


def test_your_models_come_first_and_can_stand_alone(show_market, qtbot):
    page = show_market()
    assert page.board.rows[0].model == "gpt-6-luna"
    qtbot.mouseClick(page.board.which.button("used"), Qt.MouseButton.LeftButton)
    assert [row.model for row in page.board.rows] == ["gpt-6-luna"]


def test_what_is_announced_can_stand_alone(show_market, qtbot):
    page = show_market()
    qtbot.mouseClick(page.board.which.button("coming"), Qt.MouseButton.LeftButton)
    assert [row.model for row in page.board.rows] == ["gemini-4-argon"]


def test_a_list_that_announces_nothing_says_so(show_market, qtbot):
    page = show_market(board_answer=lambda: board(rows=board().rows[:2]))
    qtbot.mouseClick(page.board.which.button("coming"), Qt.MouseButton.LeftButton)
    assert page.board.state.text() == "No price list announces a change."


def test_prices_sort_within_their_currency(show_market):
    page = show_market()
    page.board.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert [row.currency for row in page.board.rows] == ["CNY", "USD", "USD"]


def test_two_models_stand_side_by_side(show_market, qtbot):
    page = show_market()
    assert not page.board.compare.isEnabled()
    model = page.board.table.selectionModel()
    flags = QItemSelectionModel.SelectionFlag
    for line in (0, 1):
        index = page.board.table.rows_model.index(line, 0)
        model.select(index, flags.Select | flags.Rows)
    assert page.board.compare.isEnabled()
    qtbot.mouseClick(page.board.compare, Qt.MouseButton.LeftButton)
    table = dialog_of(page).table
    header = table.horizontalHeader()
    for place in range(header.count()):
        assert header.sectionSize(place) >= header.sectionSizeHint(place), "names are whole"
        assert header.sectionSize(place) >= table.sizeHintForColumn(place)
    rows = {row[0]: row[1:] for row in table.rows_model.rows}
    assert rows["Output"] == ("$0.500", "¥8.00")
    assert rows["Hours"] == ("–", "Peak now")
    assert rows["Input / output at other hours"] == ("–", "¥1.00 / ¥4.00")
    assert rows["Terms"] == ("Batch × 0.5 · above 272 k: another price", "–")


def test_a_price_that_is_not_certain_is_marked_and_says_why(show_market):
    flash = replace(board().rows[1], note="one source only")
    own = replace(flash, layer="own", note="{mine}")
    page = show_market(board_answer=lambda: board(rows=(flash, own)))
    assert words.name_words(flash) == "deepseek-flash †"
    assert words.name_words(own) == "deepseek-flash"
    assert page.board.foot.text().endswith("† not certain, see its tip.")
    (note,) = (row for row in comparison((flash, own)).rows if row[0] == "Note")
    assert note == ("Note", "one source only", "{mine}")
    assert "†" not in show_market().board.foot.text()


def test_where_nobody_knows_the_holidays_the_hours_say_so():
    flash = replace(board().rows[1], peak=None, doubt="The holidays of 2027 are not known.")
    assert words.hour_words(flash) == "Peak unless a holiday"
    assert words.until_words(flash) == ""
    until = replace(flash, peak=True, doubt="", until=datetime(2026, 11, 20, 4, tzinfo=UTC))
    assert words.hour_words(until) == "Peak now"
    assert words.until_words(until).startswith("Until 20 Nov, ")


def test_what_a_list_announces_is_on_the_board():
    row = next(row for row in board().rows if row.coming)
    assert words.coming_words(row) == "1 Dec 2026: $4.00 / $20.00"
    assert words.then_words(row) == "$4.00 / $20.00"


def test_peers_are_measured_in_a_table(show_market, qtbot):
    page = show_market()
    qtbot.mouseClick(page.board.peers, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(page.findChildren(TwinTable)), timeout=WAIT)
    first, second = dialog_of(page).table.rows_model.rows
    assert first[4:] == ("", "0.075", "0.060")
    assert second[4:] == ("No rate from CNY to USD is set.", "–", "–")


def test_a_board_that_is_the_same_again_keeps_what_was_chosen(show_market, qtbot):
    page = show_market()
    page.board.table.selectRow(1)
    chosen = page.board.chosen
    page.refresh()
    qtbot.waitUntil(lambda: page.is_settled and page.jobs.is_idle, timeout=WAIT)
    assert len(chosen) == 1
    assert page.board.chosen == chosen


def test_tab_goes_down_the_page_as_the_eye_does(show_market):
    """Also through what was made when the answer came: the currencies stand above all else."""
    page = show_market()
    stops, here = [], page
    while (here := here.nextInFocusChain()) is not page:
        if page.isAncestorOf(here) and here.focusPolicy() & Qt.FocusPolicy.TabFocus:
            stops.append(here)
    places = [
        stops.index(mark)
        for mark in (
            page.currency.button("USD"),
            page.tickers.whole,
            page.index_table,
            page.index_chart,
            page.growth.doubling.value,
            page.regions.of_what.button("tokens"),
            page.regions.chart,
            page.dialogue.chart,
            page.quotes.table,
            page.what_if.model,
            page.board.search,
            page.board.table,
        )
    ]
    assert places == sorted(places)
    page.regions.of_what.choose("money")
    assert page.regions.of_what.button("tokens").nextInFocusChain() is (
        page.regions.of_what.button("money")
    ), "the other choice takes its place"


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nanos", "text"),
    [
        (7_350_000_000, "$7.35"),
        (680_000_000, "$0.680"),
        (63_800_000, "$0.0638"),
        (0, "$0.00"),
        (None, "–"),
    ],
)
def test_small_prices_keep_their_figures(nanos, text):
    assert words.price(nanos, "USD") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(Fraction(42, 1000), "+4.2%"), (Fraction(-31, 100), "−31.0%"), (Fraction(0), "0.0%")],
)
def test_changes_bear_their_sign(share, text):
    assert words.change(share) == text


# -- elsewhere, and at other hours ---------------------------------------------------------------


def test_what_if_asks_about_the_days_of_the_quote_and_says_why_there_is_no_answer(
    show_market, qtbot
):
    page = show_market()
    assert page.hours.isHidden(), "nothing of it depends on the hour"
    assert page.what_if.model.completer().model().rowCount() == 2
    page.what_if.add_model("deepseek-flash")
    qtbot.waitUntil(lambda: not page.what_if.trouble.isHidden(), timeout=WAIT)
    asked = [what for name, what in page.program.asked if name == "reprice"]
    assert asked == [
        (market().period, ("deepseek-flash",), {"share": 100, "tier": ""}),
    ]
    assert page.what_if.trouble.text() == "There is no usage."


def test_an_answer_about_a_model_that_was_taken_away_again_is_not_shown(show_market, qtbot):
    """As in the dialog: nobody waits for it any more."""
    page = show_market()
    page.what_if.add_model("deepseek-flash")
    page.what_if.remove_model("deepseek-flash")
    qtbot.waitUntil(lambda: page.jobs.is_idle, timeout=WAIT)
    assert page.what_if.trouble.isHidden()
    assert page.what_if.hint.text().startswith("Choose a model above")


def test_what_if_is_not_there_before_the_first_figures(show_market):
    assert show_market(market_answer=empty_market).what_if.isHidden()
