"""The first screen adds up, compares like with like, and asks for attention only where it must."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from made_up import NOW, TODAY, Bench, MadeUpAccount, Truth, spread

from plimsoll.domain.budget import Budget, Threshold, ThresholdKind
from plimsoll.domain.errors import PlimsollError, SurprisingAnswer
from plimsoll.domain.money import NANO
from plimsoll.ledger import budgets as stored
from plimsoll.services.answers import Overview
from plimsoll.services.forecasts import forecast_table
from plimsoll.services.overview import overview
from plimsoll.services.stored import stored_figures


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def seen(bench: Bench, *, span: str = "30d") -> Overview:
    return overview(
        bench.ledger, now=bench.clock.now(), table=forecast_table(), currency=None, span=span
    )


def test_before_the_first_sync_nothing_is_claimed(bench: Bench) -> None:
    empty = seen(bench)
    assert empty.has_sources
    assert (empty.month_end, empty.curve, empty.as_of, empty.before_same_days) == (None,) * 4
    assert empty.today is None, "unknown is not zero"
    assert not any(empty.stack.known)
    assert empty.gaps


def test_the_figures_shown_first_are_those_of_the_whole_answer(bench: Bench) -> None:
    assert not stored_figures(bench.ledger, now=NOW).currencies
    bench.sync(MadeUpAccount(spread(100)))
    first, whole = stored_figures(bench.ledger, now=bench.clock.now()), seen(bench)
    for name in ("currency", "currencies", "month", "spent", "billed", "estimated", "today"):
        assert getattr(first, name) == getattr(whole, name), name
    assert (first.week_mean, first.recent) == (whole.week_mean, whole.recent)
    assert first.spent > 0


@pytest.mark.parametrize("span", ["7d", "30d", "90d", "month", "year"])
def test_the_bands_of_the_stack_sum_to_the_days(bench: Bench, span: str) -> None:
    bench.sync(MadeUpAccount(spread(100)))
    shown = seen(bench, span=span)
    bands = [sum(values) for values in zip(*(b.values for b in shown.stack.series), strict=True)]
    whole = {d.day: d.spent for d in shown.recent.days}
    for day, height in zip(shown.stack.days, bands, strict=True):
        if day in whole:
            assert height == whole[day]


def test_the_month_on_the_card_is_the_month_of_the_curve(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(100)))
    shown = seen(bench)
    assert shown.curve is not None
    assert shown.month_end is not None
    today = next(p for p in shown.curve.points if p.day == TODAY)
    assert today.actual == shown.spent == shown.month_end.spent
    assert shown.curve.points[-1].median == shown.month_end.median
    assert shown.billed + shown.estimated == shown.spent


def test_last_month_is_compared_up_to_the_same_moment(bench: Bench) -> None:
    truth = Truth()
    for back in range(70):
        truth.money[TODAY - timedelta(days=back)] = 24 * NANO
    bench.sync(MadeUpAccount(truth))
    bench.clock.instant = NOW.replace(hour=6, minute=0)
    assert seen(bench).before_same_days == 19 * 24 * NANO + 6 * NANO


def test_last_month_is_not_compared_where_it_is_unknown(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(10)), since=date(2026, 11, 5))
    shown = seen(bench)
    assert shown.before_same_days is None
    assert "Nothing to compare with yet" in shown.change


def test_what_changed_names_the_thing_that_moved_most(bench: Bench) -> None:
    truth = spread(60)
    for day in list(truth.money):
        if day.month == 11:
            truth.money[day] *= 3
    bench.sync(MadeUpAccount(truth))
    shown = seen(bench)
    assert shown.movers[0].name == "m"
    assert shown.movers[0].change > 0
    assert shown.change.startswith("m cost $")
    assert "more than in the same days of October" in shown.change


def test_a_failed_source_comes_before_everything_else(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(40)))
    limit = Budget("Small", NANO, "USD")
    stored.save_budget(bench.ledger, limit)

    def fail(_endpoint: str, _day: date) -> PlimsollError:
        return SurprisingAnswer("Not what it documents.")

    bench.sync(MadeUpAccount(spread(40), fail))
    needs = seen(bench).needs
    assert len(needs) <= 3
    assert needs[0].kind == "failed"
    assert "Made up: Not what it documents." in {need.sentence for need in needs}


def test_half_a_budget_needs_nobody_and_four_fifths_do(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    actual = tuple(Threshold(ThresholdKind.ACTUAL, Decimal(p)) for p in (50, 80))
    roomy = Budget("Team", 30 * NANO, "USD", thresholds=actual)
    stored.save_budget(bench.ledger, roomy)
    assert not [need for need in seen(bench).needs if need.page == "budgets"]
    stored.save_budget(bench.ledger, replace(roomy, nanos=20 * NANO))
    [need] = [need for need in seen(bench).needs if need.page == "budgets"]
    assert need.kind == "warning"
    assert "$20.00" in need.sentence
