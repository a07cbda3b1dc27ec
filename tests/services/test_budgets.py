"""A threshold fires once a period, the highest speaks, and what is crossed when set is silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import NOW, TODAY, Bench, MadeUpAccount, spread

from plimsoll.domain.budget import TOKENS, Budget, BudgetStatus, Threshold, ThresholdKind
from plimsoll.domain.cadence import Rolling, Starting
from plimsoll.domain.calendar import Period, Span
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO
from plimsoll.domain.question import Dimension, Scope
from plimsoll.ledger import budgets as stored
from plimsoll.services import alerts, budgets, proposals
from plimsoll.services.forecasts import forecast_table

MONTH_SO_FAR = 17 * NANO
"""What `spread` bills from the first to the twentieth, a little more: each seventh day is free."""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def actual(*percents: int) -> tuple[Threshold, ...]:
    return tuple(Threshold(ThresholdKind.ACTUAL, Decimal(p)) for p in percents)


def evaluate(bench: Bench, *, quietly: str | None = None) -> list[str]:
    fired = alerts.evaluate(
        bench.ledger, now=bench.clock.now(), table=forecast_table(), quietly=quietly
    )
    return [alert.threshold.id for alert in fired]


def test_of_several_thresholds_crossed_at_once_the_highest_speaks_once(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    stored.save_budget(
        bench.ledger, Budget("Team", 20 * NANO, "USD", thresholds=actual(50, 80, 100))
    )
    assert evaluate(bench) == ["actual:80"]
    assert evaluate(bench) == []
    kept = stored.alerts(bench.ledger, budget="Team")
    assert {alert.threshold.id for alert in kept} == {"actual:50", "actual:80"}


def test_a_new_period_arms_again(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    budget = Budget("Day", NANO // 2, "USD", span=Span.DAY, thresholds=actual(100))
    stored.save_budget(bench.ledger, budget)
    bench.clock.instant = NOW - timedelta(days=1)
    assert evaluate(bench) == ["actual:100"]
    bench.clock.instant = NOW - timedelta(days=2)
    assert evaluate(bench) == ["actual:100"]
    bench.clock.instant = NOW - timedelta(days=1)
    assert evaluate(bench) == [], "a clock set back fires nothing again"


def test_what_is_crossed_when_a_budget_is_set_is_kept_silently(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    stored.save_budget(bench.ledger, Budget("Team", NANO, "USD", thresholds=actual(50)))
    assert evaluate(bench, quietly="Team") == []
    assert evaluate(bench) == []
    [kept] = stored.alerts(bench.ledger, budget="Team")
    assert kept.told_at is None


def test_odds_are_those_of_the_share_that_is_warned_of_with_where_it_will_likely_end() -> None:
    four_fifths = Threshold(ThresholdKind.FORECAST, Decimal(80), Decimal("0.7"))
    status = BudgetStatus(
        Budget("Team", 100 * NANO, "USD", thresholds=(four_fifths,)),
        Period(date(2026, 11, 1), date(2026, 11, 30)),
        40 * NANO,
        median=95 * NANO,
        low80=70 * NANO,
        high80=120 * NANO,
        likely=0.31,
        passes_on=date(2026, 12, 2),
        odds=((four_fifths, 0.72),),
    )
    assert budgets.sentence_of(status, four_fifths) == (
        "Team: 72% likely to pass $80.00 by 30 November; likely total $95 (80% range $70 to $120)."
    )


# -- days that can still change ----------------------------------------------------------------


def test_an_alert_says_where_it_rests_on_days_that_can_still_change(bench: Bench) -> None:
    """Of made up days, those from 17 November on can still change; 14 dollars are settled."""
    bench.sync(MadeUpAccount(spread(60)))
    stored.save_budget(bench.ledger, Budget("Team", 20 * NANO, "USD", thresholds=actual(50)))
    stored.save_budget(bench.ledger, Budget("Tight", 16 * NANO, "USD", thresholds=actual(100)))
    fired = alerts.evaluate(bench.ledger, now=NOW, table=forecast_table())
    sentences = {alert.budget: alert.sentence for alert in fired}
    assert sentences["Team"].endswith("(50% threshold).")
    assert sentences["Tight"].endswith(
        "(100% threshold). It rests on days from 17 November on, which are not final."
    )


def test_what_is_taken_back_later_stays_in_the_list_and_does_not_fire_again(bench: Bench) -> None:
    truth = spread(60)
    bench.sync(MadeUpAccount(truth))
    stored.save_budget(bench.ledger, Budget("Team", 16 * NANO, "USD", thresholds=actual(50, 100)))
    assert evaluate(bench) == ["actual:100"]
    fallen = {day: nanos // 2 for day, nanos in truth.money.items()}
    bench.sync(MadeUpAccount(replace(truth, money=fallen)), since=TODAY - timedelta(days=30))
    assert evaluate(bench) == []
    (card,) = budgets.page(bench.ledger, now=NOW, table=forecast_table(), currency=None).budgets
    assert {alert.threshold.id for alert in card.alerts} == {"actual:50", "actual:100"}
    assert [alert.threshold.id for alert in card.taken_back] == ["actual:100"]
    assert "17." in card.taken_back[0].sentence, "what it said then is kept"
    bench.sync(MadeUpAccount(truth), since=TODAY - timedelta(days=30))
    assert evaluate(bench) == [], "once a period, whatever the figures do"
    (card,) = budgets.page(bench.ledger, now=NOW, table=forecast_table(), currency=None).budgets
    assert card.taken_back == ()


def test_an_alert_of_a_period_that_is_over_is_held_against_its_figures_of_now(bench: Bench) -> None:
    truth = spread(60)
    bench.clock.instant = NOW - timedelta(days=25)
    bench.sync(MadeUpAccount(truth))
    stored.save_budget(bench.ledger, Budget("Team", 10 * NANO, "USD", thresholds=actual(100)))
    assert evaluate(bench) == ["actual:100"]
    bench.clock.instant = NOW
    fallen = dict.fromkeys(truth.money, NANO // 100)
    bench.sync(MadeUpAccount(replace(truth, money=fallen)), since=TODAY - timedelta(days=60))
    (card,) = budgets.page(bench.ledger, now=NOW, table=forecast_table(), currency=None).budgets
    assert len(card.taken_back) == 1


def test_the_scope_and_the_currency_are_the_budgets_own(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    whole = Budget("Whole", 100 * NANO, "USD", thresholds=actual(50))
    other = replace(whole, name="Other", scope=Scope(((Dimension.MODEL, ("another",)),)))
    yuan = replace(whole, name="Yuan", currency="CNY")
    for budget, spent in ((whole, True), (other, False), (yuan, False)):
        status = budgets.standing(bench.ledger, budget, now=NOW, table=forecast_table())
        assert (status.spent > 0) is spent, budget.name


def test_a_forecast_threshold_waits_for_history(bench: Bench) -> None:
    forecast = (Threshold(ThresholdKind.FORECAST, Decimal(100), Decimal("0.7")),)
    tight = Budget("Tight", 18 * NANO, "USD", thresholds=forecast)
    stored.save_budget(bench.ledger, tight)
    bench.sync(MadeUpAccount(spread(3)))
    assert evaluate(bench) == []
    bench.sync(MadeUpAccount(spread(90)), since=TODAY - timedelta(days=90))
    assert evaluate(bench) == ["forecast:100@0.7"]


def test_after_a_long_sleep_the_month_that_ended_speaks_once(bench: Bench) -> None:
    bench.clock.instant = NOW - timedelta(days=30)
    stored.save_budget(bench.ledger, Budget("Team", 20 * NANO, "USD", thresholds=actual(50, 100)))
    bench.clock.instant = NOW
    bench.sync(MadeUpAccount(spread(60)))
    fired = alerts.evaluate(bench.ledger, now=NOW, table=forecast_table())
    assert next(a.sentence for a in fired).startswith("Team: October closed at ")
    assert "50% and 100% were passed." in fired[0].sentence
    assert [a.threshold.id for a in fired] == ["actual:100", "actual:50"]
    assert evaluate(bench) == []


def test_a_snooze_is_until_a_day_begins_where_the_budget_is(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    stored.save_budget(
        bench.ledger,
        Budget("Team", 20 * NANO, "USD", thresholds=actual(50), zone="Asia/Shanghai"),
    )
    until = alerts.snooze(bench.ledger, "Team", until=date(2026, 11, 22), now=NOW)
    assert until == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert evaluate(bench) == []
    assert alerts.alert_list(bench.ledger, now=NOW).snoozed == (("Team", until),)
    bench.clock.instant = until
    assert evaluate(bench) == ["actual:50"]
    assert alerts.alert_list(bench.ledger, now=until).snoozed == ()
    with pytest.raises(WrongUse, match="has begun"):
        alerts.snooze(bench.ledger, "Team", until=date(2026, 11, 22), now=until)
    with pytest.raises(WrongUse, match="no budget and no account called"):
        alerts.snooze(bench.ledger, "Other", until=date(2027, 1, 1), now=NOW)


# -- periods -----------------------------------------------------------------------------------


def standing(bench: Bench, budget: Budget) -> BudgetStatus:
    return budgets.standing(bench.ledger, budget, now=NOW, table=forecast_table())


def test_a_month_may_start_on_another_day(bench: Bench) -> None:
    truth = spread(60)
    bench.sync(MadeUpAccount(truth))
    status = standing(bench, Budget("Team", 100 * NANO, "USD", span=Starting(Span.MONTH, 15)))
    assert status.period == Period(date(2026, 11, 15), date(2026, 12, 14))
    assert status.spent == sum(n for day, n in truth.money.items() if day in status.period)


def test_rolling_days_have_no_forecast(bench: Bench) -> None:
    truth = spread(60)
    bench.sync(MadeUpAccount(truth))
    status = standing(bench, Budget("Team", 100 * NANO, "USD", span=Rolling(14)))
    assert status.spent == sum(n for day, n in truth.money.items() if day in status.period)
    assert (status.likely, status.median) == (None, None)
    assert "no end" in status.reason


@pytest.mark.parametrize(
    ("first", "last", "begun"),
    [
        (date(2026, 12, 1), date(2026, 12, 24), False),
        (date(2026, 10, 1), date(2026, 10, 31), True),
        (date(2026, 11, 11), date(2026, 12, 1), True),
    ],
)
def test_a_fixed_span_is_counted_once(bench: Bench, first: date, last: date, begun: bool) -> None:
    truth = spread(60)
    bench.sync(MadeUpAccount(truth))
    once = Period(first, last)
    stored.save_budget(bench.ledger, Budget("Once", 100 * NANO, "USD", span=once))
    (card,) = budgets.page(bench.ledger, now=NOW, table=forecast_table(), currency=None).budgets
    assert card.status.period == once
    assert card.status.spent == sum(n for day, n in truth.money.items() if day in once)
    assert (card.status.spent > 0) is begun
    assert card.status.reason.startswith("Begins on") is not begun


def test_tokens_are_a_limit_of_their_own(bench: Bench) -> None:
    truth = spread(60)
    bench.sync(MadeUpAccount(truth))
    budget = Budget("Tokens", 2_000, TOKENS, thresholds=actual(50))
    status = standing(bench, budget)
    used = sum(n for day, n in truth.tokens.items() if day in status.period)
    assert status.spent == used > 0
    assert status.low80 is not None
    assert status.low80 > used
    stored.save_budget(bench.ledger, budget)
    assert evaluate(bench) == ["actual:50"]
    assert f"{used:,} tokens spent" in stored.alerts(bench.ledger)[0].sentence


def test_what_the_month_before_left_is_carried_over_and_nothing_older(
    bench: Bench,
) -> None:
    truth = spread(90)
    bench.sync(MadeUpAccount(truth), since=TODAY - timedelta(days=90))
    october = sum(n for day, n in truth.money.items() if (day.year, day.month) == (2026, 10))
    budget = Budget("Team", 40 * NANO, "USD", carries_from=date(2026, 10, 1))
    assert standing(bench, budget).carried == 40 * NANO - october > 0
    assert standing(bench, budget).limit == 80 * NANO - october
    assert standing(bench, replace(budget, nanos=NANO)).carried == 0, "passed: nothing is left"
    assert standing(bench, replace(budget, carries_from=date(2026, 10, 2))).carried == 0


def test_a_proposal_is_last_month_with_a_tenth_on_top(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    [proposal] = proposals.propose(bench.ledger, now=NOW, currencies=("USD",))
    assert 27 * NANO < proposal.budget.nanos <= 30 * NANO
    assert "October" in proposal.sentence
    assert proposals.propose(bench.ledger, now=NOW, currencies=("CNY",)) == ()


@given(st.integers(1, 10**17))
def test_a_round_amount_is_enough_and_round(nanos: int) -> None:
    rounded = proposals.round_up(nanos)
    assert nanos <= rounded <= nanos * 2 + NANO
    assert len(str(rounded // NANO).rstrip("0")) <= 2 or rounded // NANO == 100
