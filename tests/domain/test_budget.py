"""Thresholds hold exactly when they should, and one threshold has one name."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.budget import (
    DEFAULT_THRESHOLDS,
    Budget,
    BudgetStatus,
    Threshold,
    ThresholdKind,
    crossed,
)
from plimsoll.domain.calendar import Period, Span
from plimsoll.domain.money import NANO
from plimsoll.domain.question import EVERYTHING

ACTUAL, FORECAST = ThresholdKind.ACTUAL, ThresholdKind.FORECAST
SEVENTY = Threshold(FORECAST, Decimal(100), Decimal("0.7"))
LIMIT = 200 * NANO


def at(percent: str) -> Threshold:
    return Threshold(ACTUAL, Decimal(percent))


class TestNames:
    def test_a_threshold_is_named_by_kind_share_and_odds(self):
        assert at("80").id == "actual:80"
        assert SEVENTY.id == "forecast:100@0.7"

    @pytest.mark.parametrize("written", ["100", "100.0", "1E+2", "1.00e2"])
    def test_the_same_share_has_one_name_however_it_was_written(self, written):
        threshold = Threshold(FORECAST, Decimal(written), Decimal("0.70"))
        assert threshold == SEVENTY
        assert threshold.id == SEVENTY.id
        assert (str(threshold.percent), str(threshold.probability)) == ("100", "0.7")

    def test_a_share_keeps_its_decimals(self):
        assert at("99.50").id == "actual:99.5"


class TestCrossed:
    @given(st.integers(-LIMIT, 3 * LIMIT))
    def test_actual_thresholds_hold_from_their_share_on(self, spent):
        held = crossed(DEFAULT_THRESHOLDS, spent=spent, limit=LIMIT, likely={})
        assert held == tuple(
            t for t in DEFAULT_THRESHOLDS if t.kind is ACTUAL if spent * 100 >= t.percent * LIMIT
        )

    @pytest.mark.parametrize(("spent", "holds"), [(-1, False), (0, True), (1, True)])
    def test_to_the_nano(self, spent, holds):
        limit = 10**18 - 1
        edge = (limit * 80 + 99) // 100
        held = crossed((at("80"),), spent=edge + spent, limit=limit, likely={})
        assert bool(held) is holds

    @pytest.mark.parametrize(("odds", "holds"), [(0.69, False), (0.7, True), (0.98, True)])
    def test_a_forecast_threshold_holds_from_its_odds_on(self, odds, holds):
        held = crossed((SEVENTY,), spent=0, limit=LIMIT, likely={SEVENTY: odds})
        assert bool(held) is holds

    def test_without_odds_it_is_silent(self):
        assert crossed((SEVENTY,), spent=0, limit=LIMIT, likely={}) == ()

    def test_what_has_happened_is_not_foretold(self):
        both = (at("100"), SEVENTY)
        assert crossed(both, spent=LIMIT, limit=LIMIT, likely={SEVENTY: 1.0}) == (at("100"),)
        assert crossed(both, spent=LIMIT - 1, limit=LIMIT, likely={SEVENTY: 0.9}) == (SEVENTY,)


class TestBudget:
    def test_a_plain_budget_is_a_calendar_month_of_everything(self):
        budget = Budget("all", LIMIT, "USD")
        assert budget.span is Span.MONTH
        assert budget.scope == EVERYTHING
        assert budget.thresholds == DEFAULT_THRESHOLDS

    @pytest.mark.parametrize("nanos", [0, -1])
    def test_a_budget_of_nothing_cannot_be(self, nanos):
        with pytest.raises(ValueError, match="more than zero"):
            Budget("none", nanos, "USD")

    def test_the_share_spent_in_percent(self):
        from datetime import date

        month = Period(date(2026, 11, 1), date(2026, 11, 30))
        status = BudgetStatus(Budget("all", LIMIT, "USD"), month, 50 * NANO)
        assert status.share == 25
