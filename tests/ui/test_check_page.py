"""Check: every bill beside its tokens, causes that visibly add up, and what is left over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from august import NOW, FixedClock
from bills import cause, check_answer, compared, thing
from cards import source_cards, sources_page
from fakes import FakeProgram
from PySide6.QtCore import Qt

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO, shown
from plimsoll.services.answers import SourceState
from plimsoll.services.check_answers import Cause, CheckAnswer, KnownFrom, Status
from plimsoll.services.check_words import CAUSE_TITLES
from plimsoll.ui import causes
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.check import CheckPage
from plimsoll.ui.widgets.account_check import BILLED, COMPUTED, DIFFERENCE, AccountCard
from plimsoll.ui.widgets.bridge import BridgeLine
from plimsoll.ui.widgets.labels import Words

WAIT = 5000

NO_POPUPS = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
"""Qt's offscreen platform says so of every popup; harmless."""

Show = Callable[..., CheckPage]


@pytest.fixture
def show(qtbot, look) -> Iterator[Show]:
    """A page that shows this answer, in both themes."""
    jobs = Jobs()

    def make(answer: CheckAnswer | None = None, **given: object) -> CheckPage:
        program = FakeProgram(check_answer=lambda _: answer or check_answer(), **given)
        page = CheckPage(program, jobs)
        qtbot.addWidget(page)
        page.resize(1160, 900)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        return page

    yield make
    jobs.close()


def card_of(page: CheckPage, source: str) -> AccountCard:
    return next(card for card in page.cards if card.account.source == source)


def line_of(card: AccountCard, kind: Cause) -> BridgeLine:
    return card.bridge.line(kind.value)


def words_in(widget) -> list[str]:
    return [label.text() for label in widget.findChildren(Words)]


def click(qtbot, widget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def nanos_in(text: str) -> int:
    """The amount that a line shows: `+$1.20`."""
    return round(float(text.translate(str.maketrans({"−": "-", "$": "", ",": ""}))) * 100)


# --- the figures ---


def test_an_account_shows_billed_computed_and_their_difference(show):
    for card in show().cards:
        account = card.account
        assert card.amounts[BILLED].text() == shown(account.billed, "USD")
        assert card.amounts[COMPUTED].text() == shown(account.computed, "USD")
        assert nanos_in(card.amounts[DIFFERENCE].text()) * NANO // 100 == account.difference


def test_the_lines_of_a_card_add_up_from_computed_to_billed(show):
    for card in show().cards:
        computed, *steps, billed = (nanos_in(line.step.text) for line in card.bridge.lines)
        assert computed + sum(steps) == billed
        moved = [line.step.amount for line in card.bridge.lines]
        assert sum(moved) == card.account.difference


def test_the_unexplained_part_is_always_a_line_even_of_nothing(show):
    page = show()
    assert line_of(card_of(page, "OpenAI"), Cause.UNEXPLAINED).step.text == "$0.00"
    assert line_of(card_of(page, "Anthropic"), Cause.UNEXPLAINED).step.text == "+$21.15"
    for card in page.cards:
        assert card.bridge.lines[-2].step.key == Cause.UNEXPLAINED


def test_a_status_is_told_by_words_and_an_icon_and_never_in_red(show):
    told = {c.account.source: causes.status_words(c.account) for c in show().cards}
    assert told == {
        "Anthropic": ("$21.15 unexplained", "warn", "warning"),
        "OpenAI": ("Explained", "muted", "done"),
        "OpenRouter": ("Agrees within 1%", "good", "done"),
    }
    for card in show().cards:
        assert card.status.text() == told[card.account.source][0]
        assert card.status.property("tone") != "bad"


def test_the_page_begins_with_what_is_not_explained(show):
    page = show()
    assert page.headline.text() == "$21.15 of Anthropic's bill is not explained"
    assert page.tally.text() == ("3 bills compared: 1 within 1%, 1 explained, 1 not explained")


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ([Status.AGREES], "The bill agrees with its tokens within 1%"),
        ([Status.AGREES] * 2, "All 2 bills agree with their tokens within 1%"),
        ([Status.AGREES, Status.EXPLAINED], "Every difference is explained"),
        ([Status.UNEXPLAINED] * 2, "2 bills are not fully explained"),
        ([], "There is no bill to compare in this period."),
    ],
)
def test_all_accounts_in_one_sentence(statuses, words):
    accounts = [compared(f"A{i}", "openai", 1.0, status) for i, status in enumerate(statuses)]
    assert causes.headline(accounts) == words


# --- causes ---


def test_a_bill_that_agrees_keeps_its_causes_behind_one_click(show, qtbot):
    page = show()
    card = card_of(page, "OpenRouter")
    assert not card.bridge.isVisible()
    click(qtbot, card.why)
    assert card.bridge.isVisible()
    click(qtbot, card.why)
    assert not card.bridge.isVisible()
    assert card_of(page, "OpenAI").bridge.isVisible()
    assert not card_of(page, "OpenAI").why.isVisible()


def test_a_cause_opens_what_it_is_made_of_with_both_prices(show, qtbot):
    line = line_of(card_of(show(), "OpenAI"), Cause.PRICE_DIFFERS)
    click(qtbot, line)
    assert line.is_open
    words = words_in(line)
    for text in ("gpt-5-mini, input", "1 Aug to 9 Aug", "180\u202f400\u202f000", "+$9.02"):
        assert text in words
    assert {"$0.30", "$0.25"} <= set(words)
    click(qtbot, line)
    assert not line.is_open


def test_the_keyboard_opens_a_cause_too(show, qtbot):
    line = line_of(card_of(show(), "OpenAI"), Cause.NOT_TOKENS)
    assert line.focusPolicy() == Qt.FocusPolicy.TabFocus
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert line.is_open
    assert {"web search", "code interpreter session"} <= set(words_in(line))


def test_a_line_of_nothing_does_not_open(show, qtbot):
    line = line_of(card_of(show(), "OpenAI"), Cause.UNEXPLAINED)
    click(qtbot, line)
    assert not line.is_open
    assert line.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_what_the_bill_and_the_usage_call_by_two_names_is_told(show, qtbot):
    line = line_of(card_of(show(), "OpenAI"), Cause.TIER)
    click(qtbot, line)
    words = words_in(line)
    assert "Used as" in words
    assert words[words.index("gpt-5.2, input, batch") + 1] == "flex"


def test_many_things_are_few_in_the_card_and_all_in_a_table(show, qtbot):
    many = [thing(f"line {i}", "1.00") for i in range(20)]
    account = compared("A", "openai", 100, Status.EXPLAINED, cause(Cause.NOT_TOKENS, *many))
    page = show(replace(check_answer(), accounts=(account,)))
    line = line_of(page.cards[0], Cause.NOT_TOKENS)
    click(qtbot, line)
    assert sum(text.startswith("line ") and "," not in text for text in words_in(line)) == 6
    with qtbot.waitSignal(page.cards[0].table_asked, timeout=WAIT):
        click(qtbot, line._below.all)


# --- how do we know, and what is missing ---


@NO_POPUPS
@pytest.mark.parametrize("what", [BILLED, COMPUTED, DIFFERENCE])
def test_every_figure_says_where_it_comes_from(show, qtbot, what):
    page = show()
    qtbot.keyClick(page.cards[0].amounts[what], Qt.Key.Key_Return)
    assert page.popover is not None
    assert "Anthropic" in page.popover.accessible_text()
    page.popover.close()


@NO_POPUPS
def test_every_line_says_where_its_amount_comes_from(show, qtbot):
    page = show()
    for line in page.cards[0].bridge.lines:
        page.popover = None
        click(qtbot, line.amount)
        assert page.popover is not None
        assert not line.is_open
        page.popover.close()


def test_a_card_says_what_can_still_change_and_what_is_missing(show):
    card = card_of(show(), "Anthropic")
    assert card.open_ends.text() == "Days from 19 Aug can still change. 2 days without data."
    assert card.restated.text() == "2 days were restated"
    assert not card_of(show(), "OpenAI").restated.isVisible()


def test_accounts_without_a_bill_say_why_there_is_nothing_to_compare(show):
    page = show()
    assert "DeepSeek" not in {card.account.source for card in page.cards}
    assert words_in(page.nothing)[-2:] == [
        "DeepSeek",
        "It sends no bill, so there is nothing to compare its tokens with.",
    ]


def test_figures_that_may_be_older_than_they_look_are_said_to_be(show):
    page = show()
    assert page.banner.isVisible()
    assert page.banner.sentence == "Anthropic was last fetched 19 Aug, 09:05."
    fresh = tuple(replace(card, state=SourceState.FRESH) for card in source_cards())
    assert not show(sources_answer=lambda: sources_page(fresh)).banner.isVisible()


# --- the period, and nothing at all ---


def test_the_period_is_asked_for_as_it_is_chosen(show, qtbot):
    page = show()
    for span, first, last in (
        ("last_month", date(2026, 7, 1), date(2026, 7, 31)),
        ("quarter", date(2026, 6, 1), date(2026, 8, 20)),
        ("month", date(2026, 8, 1), date(2026, 8, 20)),
    ):
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            click(qtbot, page.span.button(span))
        asked = [detail for name, detail in page.program.asked if name == "check"]
        assert asked[-1] == Period(first, last)


def test_a_young_month_opens_with_the_bill_of_the_month_before(show):
    page = show(clock=FixedClock(datetime(2026, 9, 3, tzinfo=UTC)))
    assert page.period == Period(date(2026, 8, 1), date(2026, 8, 31))
    assert show(clock=FixedClock(NOW)).period.first == date(2026, 8, 1)


def test_without_a_source_the_page_leads_to_adding_one(show, qtbot):
    nothing = replace(check_answer(), accounts=())
    page = show(nothing, sources_answer=lambda: sources_page(()))
    assert page.empty.isVisible()
    assert not page.full.isVisible()
    with qtbot.waitSignal(page.page_asked, timeout=WAIT) as asked:
        click(qtbot, page.empty.button)
    assert asked.args == ["sources", "add"]


def test_without_figures_the_page_offers_a_sync(show, qtbot):
    page = show(replace(check_answer(), accounts=()))
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT):
        click(qtbot, page.empty.button)


# --- words ---


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (13, 1000, "+1.3%"),
        (-13, 1000, "−1.3%"),
        (0, 10, "0%"),
        (1, 10_000, "under 0.1%"),
        (1, 0, ""),
    ],
)
def test_a_difference_in_percent(part, whole, words):
    assert causes.share_words(part, whole) == words


def test_causes_have_the_names_of_the_command_line():
    assert {kind: causes.cause_title(kind) for kind in Cause} == CAUSE_TITLES


CENT = {"quantity": Decimal(2_000_000), "kind": "input"}


@pytest.mark.parametrize(
    ("kind", "things", "words"),
    [
        (Cause.NOT_TOKENS, [thing("web search", 1), thing("images", 1)], "web search, images"),
        (
            Cause.NOT_TOKENS,
            [thing("a", 1), thing("b", 1), thing("c", 1)],
            "a, b and 1 more",
        ),
        (Cause.PRICE_UNKNOWN, [thing("m, input", 1, **CENT)], "m, input: 2.00 M tokens"),
        (
            Cause.TIER,
            [thing("m", 1, tier="batch", against="standard")],
            "m: billed as batch, used as standard",
        ),
        (
            Cause.CACHE_CLASS,
            [thing("m", 1, kind="input", against="cache_read")],
            "m: billed as input, used as cached input",
        ),
        (
            Cause.PRICE_DIFFERS,
            [thing("m", 1, billed_price=Decimal("1.106124"), list_price=Decimal("0.25"))],
            "m: $1.106 billed, $0.25 listed",
        ),
        (
            Cause.DISCOUNT,
            [thing("m", 1, known_from=KnownFrom.BILL, percent=Decimal(4))],
            "The bill takes 4% off list price",
        ),
        (
            Cause.DISCOUNT,
            [
                thing("m", 1, known_from=KnownFrom.RATIO, percent=Decimal(4)),
                thing("n", 1, known_from=KnownFrom.RATIO, percent=Decimal("5.5")),
            ],
            "Every line is 4% to 5.5% below list price",
        ),
        (Cause.NOT_FINAL, [thing("m", 1)], "1 Aug to 9 Aug can still change"),
        (Cause.GAP, [thing("m", 1)], "No answer for 1 Aug to 9 Aug"),
        (Cause.UNEXPLAINED, [], ""),
    ],
)
def test_a_cause_says_what_it_is_made_of(kind, things, words):
    assert causes.cause_detail(cause(kind, *things), "USD") == words


def test_tokens_without_a_price_are_not_zero(show):
    blind = compared("A", "openai", 0, Status.EXPLAINED, cause(Cause.PRICE_UNKNOWN, thing("m", 5)))
    blind = replace(blind, not_priced_tokens=21_100_000)
    card = show(replace(check_answer(), accounts=(blind,))).cards[0]
    assert card.amounts[COMPUTED].text() == "Not priced"
    first = card.bridge.lines[0]
    assert (first.step.text, first.detail.text()) == ("Not priced", "21.1 M tokens are not priced")
