"""The forecast: its golden figures, what a range must always be, and every odd period."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.analysis.forecast import Forecast, Table, forecast_period, load_table
from plimsoll.analysis.pattern import pattern_of
from plimsoll.domain.calendar import Period, month_of
from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend

TABLE_FILE = Path(__file__).parents[2] / "resources" / "forecast_table.json"
TABLE = load_table(TABLE_FILE.read_text(encoding="utf-8"))

GOLDEN_DAYS = [
    *(0, 3.2, 4.1, 2.8, 5, 3.9, 0),
    *(0, 4.4, 6.1, 0, 5.2, 4.8, 1),
    *(0, 5.5, 4.9, 7.2, 3.3, 0, 0),
    *(0, 6, 5.1, 4.7, 8.8, 5.9, 0),
    *(0, 6.6, 21.4, 5),
]
"""A month of days from a Sunday on; level and base were made by the reference implementation."""

GOLDEN_MONTH_END = [101.56, 147.25, 235.44]

GOLDEN_WEEKDAYS = [(6 + place) % 7 for place in range(len(GOLDEN_DAYS))]

TODAY = date(2026, 11, 18)
NOVEMBER = month_of(TODAY)


def days_before(today: date, *amounts: float, unknown: tuple[int, ...] = ()) -> list[DaySpend]:
    """Days of dollars ending yesterday, and an empty today; `unknown` are places without answer."""
    first = today - timedelta(days=len(amounts))
    days = [
        DaySpend(
            first + timedelta(days=place),
            billed=0 if place in unknown else round(amount * NANO),
            known=place not in unknown,
        )
        for place, amount in enumerate(amounts)
    ]
    return [*days, DaySpend(today)]


def forecast(
    history: list[DaySpend],
    *,
    period: Period = NOVEMBER,
    today: date = TODAY,
    day_elapsed: float = 0.5,
    spent: int | None = None,
    table: Table = TABLE,
) -> Forecast:
    so_far = sum(d.spent for d in history if d.day in period) if spent is None else spent
    return forecast_period(
        history,
        period=period,
        today=today,
        day_elapsed=day_elapsed,
        spent_so_far=so_far,
        table=table,
    )


def random_amounts(seed: int, count: int) -> list[float]:
    random = Random(seed)
    return [random.expovariate(0.1) if random.random() < 0.7 else 0.0 for _ in range(count)]


STEADY = random_amounts(1, 90)


class TestGolden:
    """Figures of a whole month: they move with the learned table, and with nothing else."""

    def test_the_pattern_of_the_golden_days(self):
        pattern = pattern_of(GOLDEN_DAYS, GOLDEN_WEEKDAYS)
        assert pattern.level == pytest.approx(5.0043, abs=5e-5)
        assert pattern.base == pytest.approx(5.4055, abs=5e-5)
        assert len(pattern.figures) == 30
        assert sum(pattern.profile) == pytest.approx(7)

    def test_a_whole_forecast_stays_as_it_is(self):
        found = forecast(days_before(TODAY, *GOLDEN_DAYS))
        cents = [round(end / NANO, 2) for end in (found.low80, found.median, found.high80)]
        assert cents == GOLDEN_MONTH_END

    def test_the_end_alone_is_the_end_of_the_curve(self):
        history = days_before(TODAY, *STEADY)
        alone = forecast_period(
            history,
            period=NOVEMBER,
            today=TODAY,
            day_elapsed=0.5,
            spent_so_far=0,
            table=TABLE,
            with_curve=False,
        )
        assert alone == replace(forecast(history, spent=0), curve=())


class TestSameInputSameBytes:
    def test_in_another_process_with_other_hashes(self):
        program = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from test_forecast import *\n"
            "print(hashlib.sha256(repr(forecast(days_before(TODAY, *STEADY))).encode())"
            ".hexdigest())\n"
        )
        found = subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": "77", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=True,
        )
        here = repr(forecast(days_before(TODAY, *STEADY))).encode()
        assert found.stdout.strip() == hashlib.sha256(here).hexdigest()

    def test_whatever_the_order_of_the_days(self):
        history = days_before(TODAY, *STEADY)
        assert forecast(history) == forecast(history[::-1])


AMOUNTS = st.lists(
    st.one_of(st.just(0.0), st.floats(0.01, 5000), st.floats(-50, -0.01)), min_size=0, max_size=100
)


class TestWhatARangeAlwaysIs:
    @settings(max_examples=60)
    @given(AMOUNTS, st.integers(0, 29), st.floats(0, 1))
    def test_ends_are_in_order_and_the_curve_runs_into_them(self, amounts, day, elapsed):
        today = NOVEMBER.first + timedelta(days=day)
        found = forecast(days_before(today, *amounts), today=today, day_elapsed=elapsed)
        if found.low80 is None:
            assert found.quality in {"thin", "idle"}
            assert found.reason
            assert found.curve == ()
            return
        ends = [found.low95, found.low80, found.low50, found.median]
        ends += [found.high50, found.high80, found.high95]
        assert ends == sorted(ends)
        assert found.low95 >= found.spent
        assert [point.day for point in found.curve] == list(Period(today, NOVEMBER.last).days())
        last = found.curve[-1]
        assert (last.low80, last.median, last.high80) == (found.low80, found.median, found.high80)
        for before, after in zip(found.curve, found.curve[1:], strict=False):
            assert before.low80 <= after.low80
            assert before.median <= after.median
            assert before.high80 <= after.high80
        for point in found.curve:
            assert found.spent <= point.low80 <= point.median <= point.high80

    @settings(max_examples=40)
    @given(AMOUNTS, st.lists(st.integers(0, 400_000), min_size=2, max_size=6))
    def test_odds_fall_as_the_limit_rises(self, amounts, limits):
        found = forecast(days_before(TODAY, *amounts))
        odds = [found.probability_above(limit * NANO) for limit in sorted(limits)]
        if found.low80 is not None:
            assert all(0.02 <= p <= 0.98 or p == 1.0 for p in odds)
            assert odds == sorted(odds, reverse=True)

    @settings(max_examples=30)
    @given(AMOUNTS, st.integers(-(10**12), 10**12))
    def test_money_already_spent_is_added_whole(self, amounts, more):
        history = days_before(TODAY, *amounts)
        without, with_more = forecast(history, spent=0), forecast(history, spent=more)
        assert with_more.median - without.median == more
        if without.low80 is not None:
            assert with_more.low80 - without.low80 == more
            assert with_more.high95 - without.high95 == more

    def test_scale_does_not_matter(self):
        dollars = forecast(days_before(TODAY, *STEADY))
        cents = forecast(days_before(TODAY, *(amount / 100 for amount in STEADY)))
        assert cents.median == pytest.approx(dollars.median / 100, rel=1e-6)
        assert cents.high95 == pytest.approx(dollars.high95 / 100, rel=1e-6)


class TestTooLittle:
    @pytest.mark.parametrize("count", [0, 1, 4])
    def test_below_five_complete_days_there_is_only_the_run_rate(self, count):
        found = forecast(days_before(TODAY, *[10.0] * count))
        assert found.quality == "thin"
        assert found.reason == f"Not enough days yet: {count} of 5 complete days."
        assert found.median == found.run_rate
        assert found.low80 is found.high80 is found.low50 is found.high95 is None
        assert found.probability_above(10**15) is None
        assert found.passes_on(1) is None

    def test_the_run_rate_is_the_pace_of_the_days_used_so_far(self):
        # 4 full days and half of today at $10 a day: 12.5 days are left
        history = [*days_before(TODAY, 10, 10, 10, 10)[:-1], DaySpend(TODAY, billed=5 * NANO)]
        assert forecast(history).median == (45 + 125) * NANO

    def test_days_before_the_first_spend_are_no_history(self):
        assert forecast(days_before(TODAY, *[0.0] * 40, 10, 10, 10)).quality == "thin"

    def test_five_days_give_a_rough_range_and_twenty_one_a_normal_one(self):
        assert forecast(days_before(TODAY, *[10.0] * 5)).quality == "rough"
        assert forecast(days_before(TODAY, *[10.0] * 20)).quality == "rough"
        assert forecast(days_before(TODAY, *[10.0] * 21)).quality == "normal"

    def test_too_much_already_spent_is_certain_even_then(self):
        found = forecast(days_before(TODAY, 10.0, 30.0))
        assert found.probability_above(40 * NANO) == 1.0


class TestIdle:
    def test_sixty_days_without_spend_expect_nothing(self):
        found = forecast(days_before(TODAY, *STEADY, *[0.0] * 60))
        assert found.quality == "idle"
        assert found.median == found.spent == 0
        assert found.low80 is None
        assert "No recent use" in found.reason
        assert found.probability_above(NANO) is None

    def test_hundreds_of_days_too(self):
        assert forecast(days_before(TODAY, 5.0, *[0.0] * 300)).quality == "idle"

    def test_fifty_days_still_have_a_range(self):
        found = forecast(days_before(TODAY, *STEADY, *[0.0] * 50))
        assert found.quality == "normal"
        assert found.median < sum(STEADY[-30:]) * NANO / 4

    def test_spend_today_ends_it(self):
        history = days_before(TODAY, *STEADY, *[0.0] * 60)
        history[-1] = DaySpend(TODAY, billed=NANO)
        assert forecast(history).quality == "normal"

    def test_days_without_an_answer_are_not_idle(self):
        amounts = [*STEADY, *[0.0] * 70]
        unknown = tuple(range(len(STEADY), len(amounts)))
        assert forecast(days_before(TODAY, *amounts, unknown=unknown)).quality == "normal"


class TestUnknownDays:
    def test_unknown_days_are_not_zero(self):
        amounts = [10.0] * 60
        gap = tuple(range(20, 30))
        with_gap = forecast(days_before(TODAY, *amounts, unknown=gap), spent=0)
        without = forecast(days_before(TODAY, *amounts), spent=0)
        assert with_gap.median == pytest.approx(without.median, rel=0.02)

    def test_weekdays_stay_aligned(self):
        workdays = [
            0.0 if (TODAY - timedelta(days=70 - place)).weekday() >= 5 else 10.0
            for place in range(70)
        ]
        found = forecast(days_before(TODAY, *workdays, unknown=(30, 31, 32)), spent=0)
        saturday = next(p for p in found.curve if p.day.weekday() == 5)
        friday = next(p for p in found.curve if p.day.weekday() == 4)
        monday = next(p for p in found.curve if p.day.weekday() == 0)
        assert saturday.median - friday.median < (monday.median - saturday.median) / 2

    def test_an_unknown_day_of_the_period_is_still_to_come(self):
        gap = forecast(days_before(TODAY, *[10.0] * 60, unknown=(58, 59)))
        whole = forecast(days_before(TODAY, *[10.0] * 60))
        assert gap.spent == whole.spent - 20 * NANO
        assert gap.median == pytest.approx(whole.median, rel=0.03)
        assert gap.run_rate == pytest.approx(whole.run_rate, rel=0.01)

    def test_an_unknown_day_that_holds_some_money_is_left_as_it_is(self):
        history = days_before(TODAY, *[10.0] * 60, unknown=(59,))
        history[59] = DaySpend(history[59].day, billed=4 * NANO, known=False)
        whole = forecast(days_before(TODAY, *[10.0] * 60))
        assert forecast(history).median == pytest.approx(whole.median - 6 * NANO, rel=0.01)

    def test_a_today_without_an_answer_is_wholly_to_come(self):
        history = days_before(TODAY, *[10.0] * 60)
        history[-1] = DaySpend(TODAY, known=False)
        late = forecast(history, day_elapsed=0.9)
        assert late.curve[0].median == pytest.approx(late.spent + 10 * NANO, rel=0.05)

    def test_many_unknown_days_are_said(self):
        amounts = [10.0] * 60
        assert forecast(days_before(TODAY, *amounts, unknown=(55, 56))).reason == ""
        found = forecast(days_before(TODAY, *amounts, unknown=tuple(range(50, 56))))
        assert found.reason == "Incomplete data: 6 of the last 28 days have no answer."
        found = forecast(days_before(TODAY, *amounts, unknown=tuple(range(20, 60))))
        assert found.reason == "Incomplete data: 28 of the last 28 days have no answer."

    def test_days_that_are_not_final_count(self):
        history = days_before(TODAY, *STEADY)
        moving = [
            DaySpend(day.day, billed=day.billed, final=day.day < TODAY - timedelta(days=3))
            for day in history
        ]
        assert forecast(moving) == forecast(history)


class TestOddPeriods:
    def test_a_period_that_is_over_is_what_was_spent(self):
        october = Period(date(2026, 10, 1), date(2026, 10, 31))
        found = forecast(days_before(TODAY, *[10.0] * 60), period=october)
        assert found.spent == found.median == found.low95 == found.high95 == 310 * NANO
        assert found.probability_above(311 * NANO) == 0.0
        assert found.probability_above(310 * NANO) == 1.0
        assert found.curve == ()

    def test_a_period_in_the_future_holds_only_its_own_days(self):
        december = Period(date(2026, 12, 1), date(2026, 12, 31))
        found = forecast(days_before(TODAY, *[10.0] * 60), period=december)
        assert found.spent == 0
        assert found.median == pytest.approx(310 * NANO, rel=0.05)
        assert found.curve[0].day == date(2026, 12, 1)
        assert found.run_rate == pytest.approx(310 * NANO, rel=0.02)

    def test_the_last_day_at_its_end_has_nothing_to_come(self):
        today = date(2026, 11, 30)
        found = forecast(days_before(today, *STEADY), today=today, day_elapsed=1.0)
        assert found.low95 == found.median == found.high95 == found.spent
        assert found.run_rate == found.spent

    def test_a_period_of_one_day(self):
        today = Period(TODAY, TODAY)
        found = forecast(days_before(TODAY, *STEADY), period=today, day_elapsed=0.25)
        assert len(found.curve) == 1
        assert found.low80 < found.median < found.high80

    def test_less_of_today_is_left_as_it_goes_by(self):
        history = days_before(TODAY, *STEADY)
        medians = [
            forecast(history, period=Period(TODAY, TODAY), day_elapsed=elapsed).median
            for elapsed in (0.0, 0.3, 0.6, 0.9, 1.0)
        ]
        assert medians == sorted(medians, reverse=True)
        assert medians[-1] == 0

    def test_ninety_two_days_and_a_year_ahead(self):
        for length in (92, 365):
            ahead = Period(TODAY, TODAY + timedelta(days=length - 1))
            found = forecast(days_before(TODAY, *[10.0] * 200), period=ahead)
            assert found.median == pytest.approx(length * 10 * NANO, rel=0.35)
            assert len(found.curve) == length

    def test_nothing_but_zeros(self):
        found = forecast(days_before(TODAY, *[0.0] * 100))
        assert found.quality == "thin"
        assert found.median == 0

    def test_two_hundred_equal_days_have_a_narrow_range(self):
        found = forecast(days_before(TODAY, *[10.0] * 200))
        assert found.median == pytest.approx(300 * NANO, rel=0.02)
        assert found.high80 - found.low80 < 70 * NANO

    def test_one_huge_day_does_not_become_a_habit(self):
        amounts = [10.0] * 90
        amounts[60] = 5000.0
        found = forecast(days_before(TODAY, *amounts))
        assert found.median < 900 * NANO

    def test_refunds_are_subtracted_and_are_no_pattern(self):
        amounts = [10.0] * 90
        amounts[-3] = -40.0
        found = forecast(days_before(TODAY, *amounts))
        assert found.spent == (14 * 10 + 2 * 10 - 40) * NANO
        assert found.low95 >= found.spent

    def test_a_share_of_the_day_that_is_none_is_refused(self):
        for share in (-0.1, 1.1, float("nan")):
            with pytest.raises(ValueError, match="share"):
                forecast(days_before(TODAY, *STEADY), day_elapsed=share)


class TestOdds:
    FOUND = forecast(days_before(TODAY, *STEADY))

    def test_half_the_odds_lie_above_the_median(self):
        assert self.FOUND.probability_above(self.FOUND.median) == pytest.approx(0.5, abs=0.01)
        assert self.FOUND.probability_above(self.FOUND.high80) == pytest.approx(0.1, abs=0.01)
        assert self.FOUND.probability_above(self.FOUND.low80) == pytest.approx(0.9, abs=0.01)

    def test_odds_are_never_certain_while_days_are_left(self):
        assert self.FOUND.probability_above(10**18) == 0.02
        assert self.FOUND.probability_above(self.FOUND.spent + 1) == 0.98

    def test_what_is_already_spent_is_certain(self):
        assert self.FOUND.probability_above(self.FOUND.spent) == 1.0

    def test_the_day_of_passing_is_the_first_that_reaches_the_limit(self):
        limit = (self.FOUND.spent + self.FOUND.median) // 2
        day = self.FOUND.passes_on(limit)
        reached = {point.day: point.median for point in self.FOUND.curve}
        assert reached[day] >= limit
        assert all(median < limit for other, median in reached.items() if other < day)
        assert self.FOUND.passes_on(self.FOUND.median) is not None
        assert self.FOUND.passes_on(self.FOUND.median + 1) is None


class TestTable:
    def test_a_table_for_other_probabilities_is_refused(self):
        text = TABLE_FILE.read_text(encoding="utf-8").replace('"ps": [0.025', '"ps": [0.05')
        with pytest.raises(ValueError, match="probabilities"):
            load_table(text)

    @pytest.mark.parametrize("name", ["centres", "layers", "by_horizon"])
    def test_a_table_that_is_not_whole_is_refused(self, name: str):
        raw = json.loads(TABLE_FILE.read_text(encoding="utf-8"))
        part = raw[name]
        if name == "centres":
            part.pop()
        elif name == "layers":
            part[1]["weights"][3].pop()
        else:
            part["shifts"][0].pop()
        with pytest.raises(ValueError, match="not whole"):
            load_table(json.dumps(raw))

    @given(
        st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e9)), min_size=5, max_size=40),
        st.floats(0.1, 400),
        st.floats(0, 400),
    )
    def test_there_are_quantiles_everywhere(self, amounts, horizon, lead):
        pattern = pattern_of([1.0, *amounts], [place % 7 for place in range(len(amounts) + 1)])
        reading = TABLE.reading(pattern, history=len(amounts) + 1)
        found = reading.quantiles(horizon=horizon, weight=horizon, lead=lead)
        assert list(found) == sorted(found)
        most = max(*amounts, 1.0) * horizon
        assert all(0 <= quantile < 1000 * most for quantile in found)


class TestDaysSeenInPart:
    """A day that was last asked for while it lasted is provably not all there."""

    def half_seen(self, *, back: int = 1, share: float = 0.25) -> list[DaySpend]:
        """Steady days, one of which was asked for early and holds only that share of its spend."""
        days = days_before(TODAY, *STEADY)
        at = len(days) - 1 - back
        whole = days[at]
        days[at] = replace(whole, billed=int(whole.billed * share), elapsed=share)
        return days

    def test_it_does_not_drag_the_pattern_down(self):
        days = days_before(TODAY, *([10.0] * 40))
        cut = [
            replace(day, billed=4 * NANO, elapsed=0.4) if (TODAY - day.day).days < 5 else day
            for day in days[:-1]
        ]
        december = month_of(date(2026, 12, 1))
        whole, seen, naive = (
            forecast([*history, days[-1]], period=december, spent=0)
            for history in (days[:-1], cut, [replace(day, elapsed=1.0) for day in cut])
        )
        assert seen.median == whole.median
        assert naive.median < 0.95 * whole.median, "as complete days they would"

    def test_a_burst_in_its_first_hour_is_not_a_whole_day_of_it(self):
        days = days_before(TODAY, *([10.0] * 40))
        days[-2] = replace(days[-2], elapsed=0.02)
        december = month_of(date(2026, 12, 1))
        plain = forecast(days_before(TODAY, *([10.0] * 40)), period=december, spent=0)
        assert forecast(days, period=december, spent=0).median < 1.5 * plain.median

    def test_the_rest_of_it_is_forecast_inside_the_period(self):
        days = days_before(TODAY, *([10.0] * 40))
        at = len(days) - 2
        days[at] = replace(days[at], billed=int(2.5 * NANO), elapsed=0.25)
        found = forecast(days)
        whole = forecast(days_before(TODAY, *([10.0] * 40)))
        assert found.spent == whole.spent - 7.5 * NANO
        assert found.median == pytest.approx(whole.median, rel=0.01)
        assert len(found.curve) == len(whole.curve), "on no day of the curve"

    @pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
    def test_it_never_breaks_the_order_of_the_ranges(self, share: float):
        found = forecast(self.half_seen(share=share))
        ranges = [found.low95, found.low80, found.low50, found.median]
        ranges += [found.high50, found.high80, found.high95]
        assert ranges == sorted(ranges)
