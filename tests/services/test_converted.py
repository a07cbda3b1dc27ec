"""All together in one currency: each day at its own rate, adding up, and nothing guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import NOW, TODAY
from two_purses import NOVEMBER, TwoPurses

from plimsoll.domain.budget import Budget
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension, Question
from plimsoll.ledger import answers, catalog
from plimsoll.ledger import budgets as stored_budgets
from plimsoll.services.spending import choose, spending_in
from plimsoll.services.stored import stored_figures


@pytest.fixture
def purses(tmp_path: Path) -> Iterator[TwoPurses]:
    made = TwoPurses(tmp_path)
    yield made
    made.ledger.close()


def test_each_days_money_is_converted_at_the_rate_of_that_day(purses: TwoPurses) -> None:
    purses.bill(date(2026, 11, 2), a=10 * NANO)
    purses.use(date(2026, 11, 2), b=14 * NANO)
    purses.use(date(2026, 11, 12), b=16 * NANO)
    purses.rate("7")
    purses.rate("8", date(2026, 11, 10))
    both = purses.seen(together=True, display="USD")
    assert (both.currency, both.spent, both.billed, both.estimated) == (
        "USD",
        14 * NANO,
        10 * NANO,
        4 * NANO,
    )
    assert both.combined is not None
    assert set(both.combined.native) == {Money("USD", 10 * NANO), Money("CNY", 30 * NANO)}
    assert [rate.value for rate in both.combined.rates] == [7, 8]
    assert both.combined.left_out == ()


def test_money_before_the_first_rate_stands_apart_and_is_in_no_figure(purses: TwoPurses) -> None:
    purses.bill(date(2026, 11, 2), a=10 * NANO)
    purses.use(date(2026, 11, 2), b=14 * NANO)
    purses.use(date(2026, 11, 12), b=16 * NANO)
    purses.rate("8", date(2026, 11, 10))
    both = purses.seen(together=True, display="USD")
    assert both.spent == 12 * NANO
    assert both.combined is not None
    assert both.combined.left_out == (Money("CNY", 14 * NANO),)
    assert both.combined.bars is not None
    assert both.combined.bars.left_out == both.combined.left_out
    assert sum(band.total for band in both.stack.series) == 12 * NANO


def test_without_a_rate_there_is_no_such_choice(purses: TwoPurses) -> None:
    purses.bill(date(2026, 11, 2), a=10 * NANO)
    purses.use(date(2026, 11, 2), b=14 * NANO)
    apart = purses.seen(together=True, display="USD", currency="USD")
    assert (apart.display, apart.combined, apart.spent) == ("", None, 10 * NANO)
    purses.rate("7", TODAY + timedelta(days=1))
    assert purses.seen().display == "", "a rate of tomorrow converts nothing yet"
    purses.rate("7")
    assert purses.seen().display == "CNY", "without a choice, the one most spent"


def test_one_currency_needs_no_conversion_unless_another_was_chosen(purses: TwoPurses) -> None:
    purses.use(date(2026, 11, 2), b=14 * NANO)
    purses.rate("7")
    alone = purses.seen()
    assert (alone.currency, alone.display, alone.combined) == ("CNY", "", None)
    dollars = purses.seen(display="USD")
    assert (dollars.currency, dollars.spent) == ("USD", 2 * NANO)
    assert dollars.combined is not None
    assert purses.seen(display="CNY").combined is None


def test_the_chosen_currency_is_what_the_page_begins_with_and_a_named_one_wins(
    purses: TwoPurses,
) -> None:
    purses.bill(date(2026, 11, 2), a=10 * NANO)
    purses.use(date(2026, 11, 2), b=14 * NANO)
    purses.rate("7")
    assert purses.seen(display="CNY").spent == 84 * NANO
    assert purses.seen(display="CNY", currency="USD").spent == 10 * NANO
    assert purses.seen().combined is None, "nobody chose one"
    choice = choose(purses.ledger, today=TODAY, display="CNY")
    first = stored_figures(purses.ledger, now=NOW, choice=choice)
    whole = purses.seen(display="CNY")
    for name in ("currency", "spent", "billed", "estimated", "today", "week_mean", "recent"):
        assert getattr(first, name) == getattr(whole, name), name


def test_budgets_and_forecasts_stay_in_their_own_currency(purses: TwoPurses) -> None:
    for day in NOVEMBER.days():
        purses.bill(day, a=10 * NANO)
        purses.use(day, b=14 * NANO)
    purses.rate("7")
    stored_budgets.save_budget(purses.ledger, Budget("Yuan", 300 * NANO, "CNY"))
    both = purses.seen(together=True, display="USD")
    assert both.month_end is None
    assert both.combined is not None
    assert {end.currency for end in both.combined.ends} == {"USD", "CNY"}
    assert both.budget is not None
    assert (both.budget.budget.currency, both.budget.spent) == ("CNY", 20 * 14 * NANO)
    assert both.curve is not None
    assert both.curve.limit is None
    assert not any(point.median for point in both.curve.points)


def test_plan_is_neither_spent_nor_converted(purses: TwoPurses) -> None:
    purses.bill(date(2026, 11, 2), a=10 * NANO)
    purses.use(date(2026, 11, 2), b=14 * NANO)
    catalog.change_source(
        purses.ledger,
        purses.yuan,
        name="East",
        base_url=None,
        settings=(("money", "plan"),),
        key_tail="",
    )
    purses.rate("7")
    seen = purses.seen(display="USD")
    assert (seen.spent, seen.combined, seen.currencies) == (10 * NANO, None, ("USD",))
    assert seen.plans == (Money("CNY", 14 * NANO),)


def test_an_archive_of_plan_tokens_alone_has_figures(purses: TwoPurses) -> None:
    assert not purses.seen().has_figures
    purses.use(date(2026, 10, 2), b=14 * NANO)
    catalog.change_source(
        purses.ledger,
        purses.yuan,
        name="East",
        base_url=None,
        settings=(("money", "plan"),),
        key_tail="",
    )
    seen = purses.seen()
    assert seen.has_figures
    assert (seen.currencies, seen.spent, seen.plans) == ((), 0, ())


AMOUNTS = st.dictionaries(
    st.sampled_from("abc"), st.integers(-(10**12), 10**13), min_size=1, max_size=3
)
MONTH = st.dictionaries(st.sampled_from(list(NOVEMBER.days())), AMOUNTS, min_size=1, max_size=6)
RATES = st.lists(
    st.tuples(
        st.sampled_from(list(NOVEMBER.days())),
        st.decimals("0.01", 200, allow_nan=False, places=6).filter(bool),
    ),
    max_size=4,
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(bills=MONTH, uses=MONTH, rates=RATES, target=st.sampled_from(["USD", "CNY"]))
def test_converted_figures_add_up_at_every_level(
    tmp_path_factory: pytest.TempPathFactory,
    bills: dict[date, dict[str, int]],
    uses: dict[date, dict[str, int]],
    rates: list[tuple[date, Decimal]],
    target: str,
) -> None:
    purses = TwoPurses(tmp_path_factory.mktemp("purses"))
    try:
        for day, amounts in bills.items():
            purses.bill(day, **amounts)
        for day, amounts in uses.items():
            purses.use(day, **{model: abs(nanos) for model, nanos in amounts.items()})
        for day, value in rates:
            purses.rate(str(value), day)
        choice = choose(purses.ledger, today=TODAY, together=True, display=target)
        spending = spending_in(purses.ledger, choice, today=TODAY)
        days = {d.day.isoformat(): d.spent for d in spending.daily(NOVEMBER).days}
        by_day = spending.by(Question(NOVEMBER, by=(Dimension.DAY,)))
        assert {day: spent for day, spent in days.items() if spent} == {
            day: spent for (day,), spent in by_day.items()
        }
        for by in ((Dimension.MODEL,), (Dimension.DAY, Dimension.MODEL), (Dimension.SOURCE,)):
            parts = spending.by(Question(NOVEMBER, by=by))
            assert sum(parts.values()) == sum(days.values()), by
        table = answers.answer(purses.ledger, Question(NOVEMBER), today=TODAY)
        assert spending.amounts(table).spent == sum(days.values())
        behind = spending.behind(NOVEMBER)
        if behind is None:
            return
        for money in (*behind.native, *behind.left_out):
            assert money.nanos
        everything: dict[str, int] = {}
        for money in (*behind.native, *behind.left_out):
            everything[money.currency] = everything.get(money.currency, 0) + money.nanos
        native = {a.currency: a.spent for a in table.total.amounts}
        for currency, nanos in native.items():
            assert everything.get(currency, 0) == nanos
        if len({rate.value for rate in behind.rates}) == 1 and not behind.left_out:
            rate = behind.rates[0]
            exact = sum(
                money.nanos * (1 if money.currency == target else rate.into(target))
                for money in behind.native
            )
            assert abs(sum(days.values()) - Fraction(exact)) <= len(days)
    finally:
        purses.ledger.close()
