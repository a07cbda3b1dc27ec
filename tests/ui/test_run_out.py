"""Balances in the window: when they run out, what is warned of, and the account book."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from august import NOW
from cards import source_cards, sources_page
from fakes import FakeProgram
from limits import budgets_page
from overviews import overview
from purses import booked, lasting, purse
from PySide6.QtCore import Qt

from plimsoll.domain.money import NANO, Money
from plimsoll.domain.prepaid import Credit, CreditKind, Warned, WarningKind, Watch, read_marks
from plimsoll.services.answers import AlertList
from plimsoll.ui.dialogs.account_book import AccountBookDialog
from plimsoll.ui.dialogs.edit_source import EditSource
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.budgets import BudgetsPageView
from plimsoll.ui.pages.overview import OverviewPage
from plimsoll.ui.pages.sources import SourcesPageView
from plimsoll.ui.run_outs import evidence_of, range_words, when_words
from plimsoll.ui.widgets.run_out import RunOutBar, RunOutCard, RunOutLine
from plimsoll.ui.widgets.source_card import SourceView

WAIT = 5000


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def test_a_balance_says_its_day_and_its_range_or_why_not() -> None:
    soon = purse(now=NOW)
    day = (NOW + timedelta(days=9)).strftime("%b")
    assert when_words(soon).startswith("about ")
    assert day in when_words(soon)
    assert range_words(soon).startswith("80% between ")
    assert range_words(purse(days=(60, 80, None), now=NOW)).endswith("more than 3 months")
    assert (when_words(lasting()), range_words(lasting())) == ("in more than 3 months", "")
    assert when_words(booked()) == "not enough history"
    told = dict(evidence_of(booked(now=NOW), NOW))
    assert told["Kind"].startswith("Derived")
    assert told["Adds up"].startswith("$550.00 entered")


def test_the_card_has_the_soonest_first_and_hides_without_any(qtbot) -> None:
    card = RunOutCard()
    qtbot.addWidget(card)
    card.show_balances((), now=NOW)
    assert card.isHidden()
    late, soon = purse("Late", days=(20, 30, 40), now=NOW), purse("Soon", now=NOW)
    card.show_balances((lasting(now=NOW), late, booked(now=NOW), soon), now=NOW)
    assert [row.balance.source for row in card.rows] == ["Soon", "Late", "OpenAI", "OpenRouter"]
    with qtbot.waitSignal(card.explained) as asked:
        card.rows[0].left.clicked.emit()
    assert asked.args[0] is soon


def test_a_source_can_rest_and_be_woken(qtbot) -> None:
    rests = purse(watch=Watch(snoozed_until=NOW + timedelta(days=3)), now=NOW)
    card = RunOutCard()
    qtbot.addWidget(card)
    card.show_balances((purse("Awake", now=NOW), rests), now=NOW)
    awake, resting = card.rows
    assert awake.snoozed.isHidden()
    assert resting.snoozed.text().startswith("Snoozed until ")
    assert len(awake.choices.actions()) == 2
    with qtbot.waitSignal(card.snooze_asked) as asked:
        awake.choices.actions()[0].trigger()
    assert asked.args == ["Awake", NOW.date() + timedelta(days=1)]
    with qtbot.waitSignal(card.snooze_asked) as asked:
        resting.choices.actions()[2].trigger()
    assert asked.args == ["Moonshot", None]


def test_the_band_lies_where_the_days_are(qtbot) -> None:
    bar = RunOutBar(purse(days=(23, 46, None), now=NOW), today=NOW.date())
    qtbot.addWidget(bar)
    assert bar.band() == (0.25, 0.5, 1.0)
    assert RunOutBar(lasting(), today=NOW.date()).band() is None
    bar.resize(300, 16)
    bar.grab()


def test_what_needs_its_user_is_amber_and_never_red(qtbot) -> None:
    low = purse(watch=Watch(low=read_marks("500")), now=NOW)
    likely = purse(likely=0.8, now=NOW)
    assert low.is_pressing
    assert likely.is_pressing
    assert not purse(now=NOW).is_pressing
    assert not replace(likely, watch=Watch(run_out_days=0)).is_pressing
    view = SourceView(source_cards()[0], now=NOW, prepaid=(low,))
    qtbot.addWidget(view)


def test_the_first_screen_has_a_line_of_what_runs_out(qtbot, jobs: Jobs) -> None:
    line = RunOutLine()
    qtbot.addWidget(line)
    line.show_balances(())
    assert line.isHidden()
    many = [purse(name, days=(ahead, ahead, ahead), now=NOW) for ahead, name in enumerate("abcde")]
    line.show_balances(many)
    assert line.words.text().count("; ") == 2
    assert line.words.text().startswith("a: ¥212.40, about ")
    program = FakeProgram(overview_answer=lambda *_: replace(overview(), prepaid=(many[0],)))
    page = OverviewPage(program, jobs)  # type: ignore[arg-type]
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.show()
    assert not page.run_out.isHidden()
    with qtbot.waitSignal(page.page_asked) as asked:
        page.run_out.link.click()
    assert asked.args == ["budgets", ""]


def test_the_budgets_page_lists_balances_and_what_was_warned_of(qtbot, jobs: Jobs) -> None:
    warned = Warned(
        "Moonshot", "CNY", WarningKind.BALANCE, "250", 212 * NANO, NOW, "Moonshot: ¥212.40 left."
    )
    answer = replace(
        budgets_page(),
        prepaid=(purse(now=NOW),),
        alerts=AlertList(warned=((warned, ()), (replace(warned, rearmed_at=NOW), ()))),
    )
    page = BudgetsPageView(FakeProgram(budgets_answer=lambda: answer), jobs)  # type: ignore[arg-type]
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.show()
    assert not page.run_out.isHidden()
    assert [row.sentence.text() for row in page.alerts.rows] == [warned.sentence] * 2
    assert page.alerts.rows[1].became.text() == "well again"


# --- sources ----------------------------------------------------------------------------------


def view_of(page: SourcesPageView, name: str) -> SourceView:
    return page.view(name)


@pytest.fixture
def page(qtbot, jobs: Jobs) -> SourcesPageView:
    cards = tuple(
        replace(card, gives=("tokens", "money"), balances=(), watch=Watch())
        for card in source_cards()
    )
    answer = replace(sources_page(cards), prepaid=(booked(cards[0].name, now=NOW),))
    program = FakeProgram(sources_answer=lambda: answer)
    made = SourcesPageView(program, jobs)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.settled, timeout=WAIT):
        made.show()
    return made


def test_an_account_that_tells_no_balance_has_a_book(qtbot, page: SourcesPageView) -> None:
    name = page._answer.cards[0].name  # type: ignore[union-attr]
    view = view_of(page, name)
    assert view.credit.isVisible()
    assert view.balances["USD"].text() == "$318.20"
    view.credit.click()
    (book,) = page.findChildren(AccountBookDialog)
    assert len(book.remove_buttons) == 2
    book.amount.setText("a lot")
    book.save.click()
    assert not book.trouble.isHidden()
    book.amount.setText("25.50")
    with qtbot.waitSignal(page.data_changed):
        book.save.click()
    asked = dict(page.program.asked)  # type: ignore[attr-defined]
    added, credit = asked["add_credit"]  # type: ignore[misc]
    assert added == name
    assert credit == Credit(CreditKind.TOP_UP, Money("USD", 25_500_000_000), NOW.date())


def test_an_entry_is_removed_by_its_number(qtbot, page: SourcesPageView) -> None:
    name = page._answer.cards[0].name  # type: ignore[union-attr]
    view_of(page, name).credit.click()
    (book,) = page.findChildren(AccountBookDialog)
    with qtbot.waitSignal(page.data_changed):
        qtbot.mouseClick(book.remove_buttons[1], Qt.MouseButton.LeftButton)
    assert ("remove_credit", (name, 2)) in page.program.asked  # type: ignore[attr-defined]


def test_the_first_entry_of_a_book_is_what_was_there(qtbot) -> None:
    book = AccountBookDialog("OpenAI", (), today=NOW.date())
    qtbot.addWidget(book)
    book.amount.setText("0")
    assert book.credit() == Credit(CreditKind.START, Money("USD", 0), NOW.date())
    assert book.credit().kind is CreditKind.START


def test_marks_are_changed_where_a_source_has_a_balance(qtbot) -> None:
    card = replace(source_cards()[0], watch=Watch(low=read_marks("20")))
    dialog = EditSource(card, None, has_balance=True)
    qtbot.addWidget(dialog)
    assert (dialog.low.text(), dialog.run_out.currentData()) == ("20.00", 7)
    dialog.low.setText("15%")
    dialog.run_out.setCurrentIndex(0)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.save.click()
    assert chosen.args[0].settings == {"low_balance": "15%", "run_out_days": "0"}
    without = EditSource(card, None)
    qtbot.addWidget(without)
    assert without.low.isHidden()
