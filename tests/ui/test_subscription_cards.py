"""Subscriptions on the Sources page: entered, set against their fee, and mixed with nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from august import TODAY, money
from cards import source_cards, sources_page
from fakes import FakeProgram
from flat_fees import MAX, cycle, standing
from pictures import column, near, painted
from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
from rates import RATES

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.subscription import Cycle, Subscription, Unit
from plimsoll.services.subscriptions import SubscriptionStanding
from plimsoll.ui import words
from plimsoll.ui.charts.break_even import BreakEvenChart
from plimsoll.ui.dialogs.frame import Confirm
from plimsoll.ui.dialogs.subscription import SubscriptionDialog
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.sources import SourcesPageView
from plimsoll.ui.rates import cycle_words
from plimsoll.ui.widgets.subscription_view import SubscriptionView, times_words

WAIT = 5000

Show = Callable[..., SourcesPageView]


@pytest.fixture
def show(qtbot, look) -> Iterator[Show]:
    """The page with these subscriptions, in both themes."""
    jobs = Jobs()

    def make(*standings: SubscriptionStanding) -> SourcesPageView:
        answer = replace(sources_page(), subscriptions=standings, currency="CNY")
        program = FakeProgram(sources_answer=lambda: answer)
        page = SourcesPageView(program, jobs)
        qtbot.addWidget(page)
        page.resize(1100, 900)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        return page

    yield make
    jobs.close()


def view_of(qtbot, **changes: object) -> SubscriptionView:
    made = standing()
    view = SubscriptionView(replace(made, current=replace(made.current, **changes)))
    qtbot.addWidget(view)
    return view


# --- the card ---


def test_a_subscription_says_its_fee_its_worth_and_the_day_it_paid_off(qtbot, light):
    view = view_of(qtbot)
    assert (view.name.text(), view.fee.text()) == ("Max", "$100.00 a month")
    assert view.kind.text() == "Plan"
    assert view.sentence.text() == (
        "12 Aug to 11 Sep: $126.00 of tokens at list price so far, 1.3 times the fee;"
        " passed on 19 Aug."
    )
    assert view.past.text() == "Before: 12 Jul to 11 Aug 0.9 times · 12 Jun to 11 Jul 4.2 times"
    assert not view.caution.isVisibleTo(view)


def test_what_the_worth_does_not_hold_is_said(qtbot, light):
    view = view_of(
        qtbot,
        worth=(Money("CNY", money(712)),),
        rates=RATES[:1],
        left_out=(Money("EUR", money(3)),),
        not_priced_tokens=1_200,
        missing=2,
        billed=(Money("USD", money(4)),),
    )
    assert view.aside.text() == (
        "¥712.00, converted at 1 USD = 7.12 CNY. $4.00 billed beside the fee."
    )
    assert view.caution.text() == (
        "€3.00 has no rate and is not included. 1\u202f200 tokens have no price and are not"
        " included. 2 days without data."
    )


@pytest.mark.parametrize(
    ("worth", "said"),
    [(0, "0.0"), (4, "0.0"), (94, "0.9"), (99, "0.9"), (100, "1.0"), (184, "1.8")],
)
def test_a_fee_is_not_called_reached_before_it_is(worth, said):
    assert times_words(replace(cycle(), in_fee=money(worth))) == said


def test_one_that_has_not_begun_or_has_ended_shows_no_running_cycle(qtbot, light):
    coming = SubscriptionView(SubscriptionStanding(replace(MAX, first=date(2026, 9, 1)), None))
    ended = SubscriptionView(replace(standing(), current=None))
    for view in (coming, ended):
        qtbot.addWidget(view)
        assert not view.chart.isVisibleTo(view)
    assert coming.sentence.text() == "Begins on 1 Sep 2026."
    assert ended.sentence.text() == "Ended on 11 Aug 2026."


def test_cycles_read_as_people_say_them():
    assert cycle_words(Cycle()) == "a month"
    assert cycle_words(Cycle(Unit.WEEK, 4)) == "every 4 weeks"
    words.use_language("zh_CN")
    assert cycle_words(Cycle(Unit.MONTH, 3)) == "每 3 个月"


# --- the chart ---


def test_the_chart_says_what_it_shows_and_has_a_table(qtbot, light):
    chart = BreakEvenChart()
    qtbot.addWidget(chart)
    chart.show_cycle(cycle())
    assert chart.accessible_text() == (
        "$126.00 of tokens against a fee of $100.00, reached on 19 Aug."
    )
    headers, rows = chart.table()
    assert headers == ("Day", "Plan so far", "Fee")
    assert rows[0] == ("2026-08-12", "$14.00", "$100.00")
    assert len(rows) == 9, "days to come have no worth"
    chart.point_at(2)
    assert chart.tip_text() == "Fri 14 Aug, Plan so far $42.00, Fee $100.00, not owed"
    chart.point_at(20)
    assert chart.tip_text() == "Tue 1 Sep, Fee $100.00, still to come"


def test_the_fee_is_a_line_across_and_the_worth_one_that_climbs(qtbot, look):
    chart = BreakEvenChart()
    qtbot.addWidget(chart)
    chart.show_cycle(cycle())
    picture = painted(chart, look, size=(600, 132))
    fee, worth = QColor(look.colour("warn")), QColor(look.colour("accent"))
    late, early = column(picture, 440), column(picture, 150)
    assert any(near(pixel, fee) for pixel in late)
    assert not any(near(pixel, worth) for pixel in late), "nothing is drawn of days to come"
    assert any(near(pixel, worth) for pixel in early)


def test_a_fee_far_above_is_named_and_does_not_flatten_the_line(qtbot, look):
    chart = BreakEvenChart()
    qtbot.addWidget(chart)
    chart.show_cycle(replace(cycle(), fee=Money("USD", money(10_000))))
    picture = painted(chart, look, size=(600, 132))
    worth = QColor(look.colour("accent"))
    heights = [y for y, pixel in enumerate(column(picture, 192)) if near(pixel, worth)]
    assert heights
    assert min(heights) < 66


@pytest.mark.parametrize("so_far", [(0,), (money(1),)])
def test_a_first_day_can_be_painted(qtbot, look, so_far):
    chart = BreakEvenChart()
    qtbot.addWidget(chart)
    chart.show_cycle(replace(cycle(), so_far=so_far, in_fee=so_far[-1]))
    assert not painted(chart, look, size=(300, 120)).isNull()
    chart.show_cycle(None)
    assert not painted(chart, look, size=(300, 120)).isNull()
    assert chart.table()[1] == ()


# --- the form ---


def form_of(qtbot, made: Subscription | None = None) -> SubscriptionDialog:
    form = SubscriptionDialog("Agents", today=TODAY, currencies=("CNY",), subscription=made)
    qtbot.addWidget(form)
    return form


def test_a_form_makes_a_subscription(qtbot, light):
    form = form_of(qtbot)
    assert (form.currency.currentText(), form.first.date()) == ("CNY", QDate(2026, 8, 1))
    form.name.setText("Coding plan")
    form.fee.setText("49.90")
    form.cycle.setCurrentText("every 4 weeks")
    form.first.setDate(QDate(2026, 8, 3))
    with qtbot.waitSignal(form.chosen, timeout=WAIT) as chosen:
        form.save.click()
    fee = Money("CNY", money("49.90"))
    assert chosen.args[0] == Subscription(
        "Agents", "Coding plan", fee, date(2026, 8, 3), None, Cycle(Unit.WEEK, 4)
    )


def test_a_form_holds_what_was_entered_and_changes_only_what_is_changed(qtbot, light):
    unusual = replace(MAX, source="Agents", cycle=Cycle(Unit.MONTH, 7), last=date(2026, 9, 1))
    form = form_of(qtbot, unusual)
    assert form.subscription() == unusual
    form.ends.setChecked(False)
    assert form.subscription() == replace(unusual, last=None)


@pytest.mark.parametrize(
    ("name", "fee", "sentence"),
    [
        ("", "5", "订阅名称为一行，1 到 60 个字符。"),
        ("Max", "", "订阅费是大于零的数字，例如 20 或 99.50。"),
        ("Max", "0", "订阅费大于零。"),
        ("Max", "twenty", "订阅费是大于零的数字，例如 20 或 99.50。"),
    ],
)
def test_what_cannot_be_is_said_in_the_form(qtbot, light, name, fee, sentence):
    words.use_language("zh_CN")
    form = form_of(qtbot)
    form.name.setText(name)
    form.fee.setText(fee)
    form.save.click()
    assert form.trouble.text() == sentence


# --- the page ---


def test_a_source_with_tokens_offers_a_subscription_until_it_has_one(show, qtbot):
    page = show()
    view = page.view("OpenAI")
    assert view.subscribe.isVisible()
    qtbot.mouseClick(view.subscribe, Qt.MouseButton.LeftButton)
    form = page.findChild(SubscriptionDialog)
    form.name.setText("Max")
    form.fee.setText("20")
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        form.save.click()
    made = Subscription("OpenAI", "Max", Money("CNY", money(20)), date(2026, 8, 1))
    assert ("set_subscription", (made, None)) in page.program.asked
    assert not show(standing()).view("OpenAI").subscribe.isVisible()
    with_end = replace(standing(), subscription=replace(MAX, last=TODAY))
    assert show(with_end).view("OpenAI").subscribe.isVisible()


def test_a_source_without_tokens_offers_none(qtbot, light):
    from plimsoll.ui.widgets.source_card import SourceView

    wallet = replace(source_cards()[0], gives=("balance",))
    view = SourceView(wallet, now=sources_page().now)
    qtbot.addWidget(view)
    assert not view.subscribe.isVisibleTo(view)


def test_a_source_whose_every_day_is_plan_says_so(qtbot, light):
    from plimsoll.ui.widgets.source_card import SourceView

    view = SourceView(replace(source_cards()[0], money="plan"), now=sources_page().now)
    qtbot.addWidget(view)
    assert "Plan on every day: not owed" in {label.text() for label in view.findChildren(QLabel)}


def test_a_subscription_stands_on_its_own_source_and_is_changed_there(show, qtbot):
    page = show(standing())
    assert page.view("Anthropic").subscriptions == ()
    [view] = page.view("OpenAI").subscriptions
    qtbot.mouseClick(view.edit, Qt.MouseButton.LeftButton)
    form = page.findChild(SubscriptionDialog)
    form.fee.setText("200")
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        form.save.click()
    dearer = replace(MAX, fee=Money("USD", money(200)))
    assert ("set_subscription", (dearer, MAX.first)) in page.program.asked


def test_a_subscription_is_removed_only_when_it_was_meant(show, qtbot):
    page = show(standing())
    qtbot.mouseClick(page.view("OpenAI").subscriptions[0].remove, Qt.MouseButton.LeftButton)
    question = page.findChild(Confirm)
    assert "part of Spent again" in question.words.text()
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        question.action.click()
    assert ("remove_subscription", MAX) in page.program.asked


def test_one_that_overlaps_another_is_refused_on_the_page(show, qtbot):
    page = show()
    page.program.failure = WrongUse("OpenAI is under Max on some of these days.")
    page.view("OpenAI").subscribe.click()
    form = page.findChild(SubscriptionDialog)
    form.name.setText("Pro")
    form.fee.setText("20")
    form.save.click()
    qtbot.waitUntil(page.banner.isVisible, timeout=WAIT)
    assert page.banner.sentence == "OpenAI is under Max on some of these days."
    page.program.failure = None


def test_times_are_exact_until_they_are_written():
    assert cycle().times == Fraction(126, 100)
