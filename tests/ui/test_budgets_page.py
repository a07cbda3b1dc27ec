"""Forecast & budgets: where the month ends in words, and a budget in one click."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from august import NOW, money, month_end
from fakes import FakeProgram
from limits import alert, budgets_page, status
from PySide6.QtCore import Qt

from plimsoll.analysis.anomaly import UnusualDay
from plimsoll.analysis.outlook import Doubling
from plimsoll.analysis.track_record import PastMonth, TrackRecord
from plimsoll.domain.alerting import AlertState
from plimsoll.domain.budget import DEFAULT_THRESHOLDS, TOKENS, Budget, Threshold, ThresholdKind
from plimsoll.domain.cadence import Rolling, Starting
from plimsoll.domain.calendar import Period, Span, month_of
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO, shown
from plimsoll.domain.question import Dimension, Scope
from plimsoll.services.anomalies import FirstSpend, Unusual, UnusualSpend
from plimsoll.services.answers import AlertLine, AlertList, BudgetsPage
from plimsoll.services.outlook import Outlook
from plimsoll.services.proposals import Proposal
from plimsoll.ui import evidence
from plimsoll.ui.dialogs.budget import BudgetDialog
from plimsoll.ui.dialogs.frame import Confirm
from plimsoll.ui.dimensions import scope_words
from plimsoll.ui.fired import became_words
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.budgets import BudgetsPageView
from plimsoll.ui.widgets.budget_row import state_of

WAIT = 5000

Show = Callable[..., BudgetsPageView]


@pytest.fixture
def show(qtbot, look) -> Iterator[Show]:
    """A page that shows this answer, in both themes."""
    jobs = Jobs()

    def make(answer: BudgetsPage | None = None, **changes: object) -> BudgetsPageView:
        given = answer or replace(budgets_page(), **changes)
        page = BudgetsPageView(FakeProgram(budgets_answer=lambda: given), jobs)
        qtbot.addWidget(page)
        page.resize(1160, 900)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        return page

    yield make
    jobs.close()


@pytest.fixture
def form(qtbot, light) -> BudgetDialog:
    dialog = BudgetDialog(currencies=("CNY",), today=date(2026, 11, 20))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def outlook() -> Outlook:
    """Two months, one of which ended within its range."""
    months = tuple(
        PastMonth(
            month=month_of(date(2026, number, 1)),
            actual=money(actual),
            median=money(2000),
            low80=money(1500),
            high80=money(2500),
            run_rate=money(1500),
        )
        for number, actual in ((7, 2100), (6, 2700))
    )
    return Outlook("USD", TrackRecord(months, 0.09, 0.12), Doubling(41.2, 29.7, 70.4))


def asked_of(page: BudgetsPageView, what: str) -> list[object]:
    return [detail for name, detail in page.program.asked if name == what]


# --- the forecast ---


def test_the_end_of_the_month_is_said_in_words_with_the_run_rate_as_yardstick(show):
    end, page = month_end(), show()
    assert page.headline.text() == f"August will end near {shown(end.median, 'USD', places=0)}"
    words = page.range_words.text()
    for nanos in (end.low80, end.high80, end.run_rate):
        assert shown(nanos, "USD", places=0) in words


def test_the_track_record_stands_beside_the_forecast(show):
    page = show(outlook=outlook())
    assert page.record_words.text() == (
        "In the last 2 months the 80% range held 1 of 2 times; typical miss 9%, the run-rate's 12%."
    )
    lines = dict(evidence.of_forecast(month_end(), outlook=outlook()))
    assert lines["Past months, seen from the same day"].count("forecast $") == 2
    assert lines["Spend doubles"] == "in about 41 days, 80% between 30 and 70"


def test_where_the_run_rate_was_nearer_the_page_says_so(show):
    record = outlook().record
    assert record is not None
    worse = TrackRecord((replace(record.months[0], median=money(9000)),), 0.9, 0.12)
    found = Outlook("USD", worse, None)
    page = show(outlook=found)
    assert page.record_words.text().endswith("Here the run-rate has been the better guess.")
    lines = dict(evidence.of_forecast(month_end(), outlook=found))
    assert lines["Spend doubles"] == "not measurably growing"


def test_without_a_record_there_is_no_line(show):
    assert not show().record_words.isVisible()
    assert not show(outlook=Outlook("USD", None, None)).record_words.isVisible()


def test_the_three_ranges_stand_in_a_table(show):
    page, end = show(), month_end()
    texts = [page.ranges.itemAt(i).widget().text() for i in range(page.ranges.count())]
    for nanos in (end.low50, end.high50, end.low80, end.high80, end.low95, end.high95):
        assert shown(nanos, "USD", places=0) in texts


def test_too_few_days_give_no_range(show):
    ranges = dict.fromkeys(("low50", "high50", "low80", "high80", "low95", "high95"))
    thin = replace(month_end(), **ranges, reason="Only three days are known.")
    page = show(month_end=thin)
    assert page.headline.text().startswith("At this pace August ends near")
    assert page.range_words.text() == "No range yet: Only three days are known."
    assert not page.sureness.isVisible()


def test_nothing_known_says_so_and_leads_to_the_sources(show, qtbot):
    page = show(has_data=False, month_end=None, curve=None, budgets=(), proposals=())
    assert page.empty.isVisible()
    with qtbot.waitSignal(page.page_asked, timeout=WAIT) as asked:
        qtbot.mouseClick(page.empty.button, Qt.MouseButton.LeftButton)
    assert asked.args == ["sources", ""]


# --- the budgets ---


def test_a_budget_says_what_was_spent_what_is_likely_and_what_it_fired(show):
    first, second = show().rows
    assert first.amount.text().endswith(" of $3,400.00")
    assert first.state.text() == "Likely to pass on 30 Aug, 72%"
    assert first.fired.text() == "50% crossed on 14 Aug"
    assert second.state.text() == "On track, 3% that it is passed"
    assert not second.fired.isVisible()


def test_an_alert_that_the_figures_no_longer_bear_out_says_so(show):
    cards = list(budgets_page().budgets)
    cards[0] = replace(cards[0], taken_back=cards[0].alerts)
    row = show(budgets=tuple(cards)).rows[0]
    assert row.fired.text() == "50% crossed on 14 Aug, taken back: the figures changed since"


@pytest.mark.parametrize(
    ("changes", "sentence", "tone"),
    [
        ({"spent": money(3500)}, "Passed: $100.00 over", "bad"),
        ({"likely": None, "passes_on": None}, "Not enough days yet for a forecast", "muted"),
        ({"likely": 0.55}, "May pass, 55%", "warn"),
        ({"likely": 0.02, "passes_on": None}, "On track, 2% that it is passed", "good"),
        ({"likely": 0.0, "passes_on": None}, "On track, 1% that it is passed", "good"),
        ({"likely": 1.0}, "Likely to pass on 30 Aug, 99%", "warn"),
    ],
)
def test_a_state_is_a_word_and_red_only_when_it_is_passed(changes, sentence, tone):
    assert state_of(replace(status(), **changes)) == (sentence, tone)


def test_a_scope_is_said_in_words():
    assert scope_words(Scope()) == "everything"
    scope = Scope(((Dimension.MODEL, ("gpt-5.2",)), (Dimension.PROJECT, (None, "web"))))
    assert scope_words(scope) == "model gpt-5.2; project none, web"


def test_the_proposal_is_set_with_one_click(show, qtbot):
    page = show(budgets=())
    assert page.proposals.isVisible()
    (button,) = page.proposals.buttons
    assert "$3,700 a month" in button.accessibleDescription()
    assert page.proposals.caution.isHidden(), "nothing of a provider's is proposed"
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked_of(page, "set_budget") == [Budget("Month", 3700 * NANO, "USD")]


def test_limits_of_providers_are_offered_three_at_a_time(show, qtbot):
    limits = tuple(
        Proposal(Budget(f"Key {n} limit", n * NANO, "USD"), f"${n} a month: Key {n}", is_limit=True)
        for n in range(1, 6)
    )
    page = show(proposals=limits)
    assert len(page.proposals.buttons) == 3
    assert page.proposals.caution.isVisible()
    qtbot.mouseClick(page.proposals.more, Qt.MouseButton.LeftButton)
    assert len(page.proposals.buttons) == 5
    assert not page.proposals.more.isVisible()
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        qtbot.mouseClick(page.proposals.buttons[4], Qt.MouseButton.LeftButton)
    assert asked_of(page, "set_budget") == [limits[4].budget]


def test_without_a_proposal_there_is_no_card(show):
    assert not show(proposals=()).proposals.isVisible()


def test_a_budget_is_removed_only_after_it_was_confirmed(show, qtbot):
    page = show()
    qtbot.mouseClick(page.rows[0].remove, Qt.MouseButton.LeftButton)
    question = page.findChild(Confirm)
    assert "All models" in question.heading.text()
    assert asked_of(page, "remove_budget") == []
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        qtbot.mouseClick(question.action, Qt.MouseButton.LeftButton)
    assert asked_of(page, "remove_budget") == ["All models"]


def test_a_budget_with_another_name_replaces_the_old_one(show, qtbot):
    page = show()
    qtbot.mouseClick(page.rows[0].edit, Qt.MouseButton.LeftButton)
    dialog = page.findChild(BudgetDialog)
    assert dialog.name.text() == "All models"
    assert dialog.amount.text() == "3400.00"
    dialog.name.setText("Everything")
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert [budget.name for budget in asked_of(page, "set_budget")] == ["Everything"]
    assert asked_of(page, "remove_budget") == ["All models"]


def test_a_pace_is_warned_of_where_it_is_wanted_and_a_day_is_too_short_for_one(form):
    form.name.setText("Month")
    form.amount.setText("300")
    assert not form.fast.isChecked(), "opt-in"
    form.fast.setChecked(True)
    assert [t.id for t in form.budget().thresholds if t.kind is ThresholdKind.BURN] == ["burn:3"]
    form.cadence.show_cadence(Span.DAY)
    form.span.chosen.emit("day")
    assert not form.fast.isEnabled()
    assert not [t for t in form.budget().thresholds if t.kind is ThresholdKind.BURN]


def test_a_pace_that_was_set_on_the_command_line_is_told_and_kept(qtbot, light):
    five = Threshold(ThresholdKind.BURN, Decimal(550))
    budget = Budget("Month", 300 * NANO, "USD", thresholds=(five,))
    dialog = BudgetDialog(currencies=("USD",), today=date(2026, 11, 20), budget=budget)
    qtbot.addWidget(dialog)
    assert dialog.fast.text() == "Warn when it goes 5.5 times as fast as evenly"
    assert dialog.budget().thresholds == (five,)


def test_a_refusal_is_said_on_the_page(show, qtbot):
    page = show(budgets=())
    page.program.failure = WrongUse("There is already a budget of that name.")
    qtbot.mouseClick(page.proposals.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.banner.isVisible, timeout=WAIT)
    assert page.banner.sentence == "There is already a budget of that name."


def test_the_form_opens_when_another_page_asks_for_it(qtbot, light):
    jobs = Jobs()
    page = BudgetsPageView(FakeProgram(), jobs)
    qtbot.addWidget(page)
    page.intend("add")
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.show()
    assert page.findChild(BudgetDialog).isVisible()
    page.findChild(BudgetDialog).close()
    jobs.close()


# --- alerts ---


def test_what_fired_is_listed_with_what_became_of_it(show):
    rows = show(budgets_page()).alerts.rows
    assert rows[0].sentence.text().startswith("All models: 80 % of $3,400.00")
    assert rows[1].became.text() == "taken back: the figures changed since"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"told_at": NOW}, ""),
        ({"waiting": True}, "waits for the end of the quiet hours"),
        ({}, "in the list only"),
    ],
)
def test_the_list_says_what_was_told(changes, words):
    line = AlertLine(replace(alert(80), **changes), AlertState.FIRED, taken_back=False)
    assert became_words(line) == words
    assert became_words(replace(line, state=AlertState.RECOVERED)) == "back on track"


def test_without_an_alert_the_list_says_when_there_will_be_one(show):
    page = show(replace(budgets_page(), alerts=AlertList()))
    assert page.alerts.none_yet.isVisible()
    assert not show(replace(budgets_page(), budgets=())).alerts.isVisible()


def test_a_budget_is_snoozed_and_woken_from_its_row(show, qtbot):
    page = show(budgets_page())
    team, research = page.rows
    assert research.snoozed.text() == "Snoozed until 24 Aug"
    assert not team.snoozed.isVisible()
    for row, words in ((team, "Snooze for a week"), (research, "Wake it now")):
        action = next(a for a in row.choices.actions() if a.text() == words)
        with qtbot.waitSignal(page.data_changed, timeout=WAIT):
            action.trigger()
    assert asked_of(page, "snooze") == [("All models", date(2026, 8, 27))]
    assert asked_of(page, "wake") == ["Research"]
    assert "Wake it now" not in [a.text() for a in team.choices.actions()]


# --- the form ---


def test_a_name_and_an_amount_make_a_monthly_budget_on_everything(form):
    form.name.setText(" Team ")
    form.amount.setText("$2,000.50")
    form.currency.setCurrentText("USD")
    assert form.budget() == Budget(
        "Team", 2000 * NANO + NANO // 2, "USD", thresholds=DEFAULT_THRESHOLDS
    )


@pytest.mark.parametrize("text", ["1,200.50", "¥1,200.50", "￥１２００.50", "1 200.50元"])
def test_yuan_are_typed_as_yuan_are_written(form, text):
    form.name.setText("团队")
    form.amount.setText(text)
    assert form.currency.currentText() == "CNY", "the most spent one stands first"
    assert form.budget() == Budget(
        "团队", 1200 * NANO + NANO // 2, "CNY", thresholds=DEFAULT_THRESHOLDS
    )


def test_every_choice_of_the_form_is_in_the_budget(form):
    form.name.setText("Web")
    form.amount.setText("10")
    form.span.choose("week")
    form.scopes[Dimension.MODEL].setText("gpt-5.2, gpt-5-mini")
    form.thresholds.setText("90 %, 120")
    form.likely.setChecked(False)
    form.zone.setCurrentText("Europe/Berlin")
    made = form.budget()
    assert made.span is Span.WEEK
    assert made.currency == "CNY"
    assert made.scope == Scope(((Dimension.MODEL, ("gpt-5.2", "gpt-5-mini")),))
    assert made.thresholds == (
        Threshold(ThresholdKind.ACTUAL, Decimal(90)),
        Threshold(ThresholdKind.ACTUAL, Decimal(120)),
    )
    assert made.zone == "Europe/Berlin"


CADENCES = (
    Span.DAY,
    Span.YEAR,
    Starting(Span.WEEK, 6),
    Starting(Span.MONTH, 31),
    Rolling(14),
    Period(date(2026, 11, 1), date(2026, 12, 15)),
)


@pytest.mark.parametrize("cadence", CADENCES, ids=str)
def test_every_period_can_be_chosen_and_comes_back(form, cadence):
    form.name.setText("Team")
    form.amount.setText("10")
    form.cadence.show_cadence(cadence)
    assert form.budget().span == cadence


def test_tokens_are_typed_as_a_whole_number(form):
    form.name.setText("Tokens")
    form.amount.setText("5,000,000")
    form.currency.setCurrentText(TOKENS)
    assert (form.budget().nanos, form.budget().currency) == (5_000_000, TOKENS)


def test_what_is_left_is_carried_from_the_current_period_on(form):
    form.name.setText("Team")
    form.amount.setText("10")
    form.carries.setChecked(True)
    assert form.budget().carries_from == date(2026, 11, 1)
    form.span.button("rolling").click()
    assert not form.carries.isEnabled()
    assert form.budget().carries_from is None


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("name", " ", "A budget needs a name."),
        ("amount", "a lot", "The amount is a number above zero"),
        ("amount", "49,50", "The amount is a number above zero"),
        ("amount", "-5", "The amount is a number above zero"),
        ("amount", "0", "The amount is a number above zero"),
        ("amount", "nan", "The amount is a number above zero"),
        ("thresholds", "often", "Thresholds are percents"),
        ("thresholds", "0", "Thresholds are percents"),
        ("zone", "Mars/Olympus", "There is no time zone called Mars/Olympus."),
    ],
)
def test_what_cannot_be_a_budget_is_said_and_the_form_stays(form, qtbot, field, text, sentence):
    form.name.setText("Team")
    form.amount.setText("10")
    control = getattr(form, field)
    control.setCurrentText(text) if field == "zone" else control.setText(text)
    with qtbot.assertNotEmitted(form.chosen):
        form._save()
    assert sentence in form.trouble.text()
    assert form.isVisible()


def test_a_budget_that_is_only_looked_at_stays_as_it_is(qtbot, light):
    kept = Budget(
        "Odd",
        1_234_567_891,
        "CHF",
        span=Span.QUARTER,
        scope=Scope(((Dimension.TIER, ("batch",)), (Dimension.SOURCE, ("A", "B")))),
        thresholds=(
            Threshold(ThresholdKind.ACTUAL, Decimal("33.3")),
            Threshold(ThresholdKind.FORECAST, Decimal(110), Decimal("0.9")),
        ),
        zone="UTC",
    )
    dialog = BudgetDialog(currencies=("CHF",), today=date(2026, 11, 20), budget=kept)
    qtbot.addWidget(dialog)
    assert dialog.budget() == kept


# -- what is left of one of them -----------------------------------------------------------------


def test_the_budget_nearest_to_its_limit_is_shown_first_and_a_click_shows_another(show, qtbot):
    page = show()
    first, second = page.rows
    assert (first.is_chosen, second.is_chosen) == (True, False)
    assert page.burn.title == "All models: what is left"
    qtbot.mouseClick(second.limits, Qt.MouseButton.LeftButton)  # any of its words
    assert (first.is_chosen, second.is_chosen) == (False, True)
    assert page.burn.title == "Research: what is left"
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert page.burn.title == "All models: what is left"


def test_what_was_chosen_stays_chosen_when_the_figures_come_anew(show, qtbot):
    page = show()
    qtbot.mouseClick(page.rows[1], Qt.MouseButton.LeftButton)
    page.show_answer(budgets_page())
    assert page.rows[1].is_chosen
    gone = replace(budgets_page(), budgets=budgets_page().budgets[:1])
    page.show_answer(gone)
    assert page.burn.title == "All models: what is left"
    assert not page.rows[0].is_chosen, "there is no choice"


def test_without_a_budget_there_is_nothing_left_to_show(show):
    assert show(budgets=(), worst="").burn.isHidden()


def test_both_charts_are_seen_whole_beside_a_long_list(show, qtbot):
    page = show()
    many = tuple(
        replace(card, status=replace(card.status, budget=replace(card.status.budget, name=f"{n}")))
        for n in range(9)
        for card in budgets_page().budgets[:1]
    )
    page.show_answer(replace(budgets_page(), budgets=many, worst="3"))
    qtbot.waitUntil(lambda: page.content.height() > page.scroller.viewport().height())
    bottom = page.burn.mapTo(page.content, page.burn.rect().bottomLeft()).y()
    assert bottom <= page.scroller.viewport().height()


# -- unusual spend -------------------------------------------------------------------------------


def unusual(expected: bool | None = None) -> UnusualSpend:
    """A day of one project that stood out, and a model that is new."""
    day = UnusualDay(date(2026, 8, 17), money(90), money(9), (Dimension.PROJECT, "Small"))
    first = FirstSpend((Dimension.MODEL, "sonnet"), date(2026, 8, 18), money(7))
    return UnusualSpend("USD", (Unusual(day, "USD", (), expected),), (first,))


def test_an_unusual_day_is_judged_where_it_is_told(show, qtbot):
    page = show(unusual=unusual())
    assert page.unusual.isVisible()
    expected, not_expected = page.unusual.buttons
    assert "Project Small on 17 August cost $90.00" in expected.accessibleDescription()
    assert page.unusual.first.text().startswith("New since 18 August: model sonnet")
    for button in (expected, not_expected):
        with qtbot.waitSignal(page.data_changed, timeout=WAIT):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    day = date(2026, 8, 17)
    assert asked_of(page, "judge_unusual") == [(day, "USD", True), (day, "USD", False)]


def test_what_was_said_of_a_day_can_be_taken_back(show, qtbot):
    page = show(unusual=unusual(expected=False))
    (back,) = page.unusual.buttons
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert asked_of(page, "judge_unusual") == [(date(2026, 8, 17), "USD", None)]


def test_where_nothing_stood_out_there_is_no_card(show):
    assert not show(unusual=UnusualSpend("USD")).unusual.isVisible()
    assert not show(unusual=None).unusual.isVisible()
