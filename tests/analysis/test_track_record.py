"""The track record: what would have been said then, against how it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from plimsoll.analysis.forecast import load_table
from plimsoll.analysis.outlook import DAYS_AHEAD, days_ahead, doubling
from plimsoll.analysis.track_record import track_record
from plimsoll.domain.calendar import month_of
from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend

TABLE = load_table(
    (Path(__file__).parents[2] / "resources" / "forecast_table.json").read_text(encoding="utf-8")
)
TODAY = date(2026, 11, 18)


def days_before(today: date, *amounts: float) -> list[DaySpend]:
    first = today - timedelta(days=len(amounts))
    return [
        DaySpend(first + timedelta(days=place), billed=round(amount * NANO))
        for place, amount in enumerate(amounts)
    ]


def noisy(count: int) -> list[float]:
    random = Random(7)
    return [random.uniform(5, 15) for _ in range(count)]


class TestTrackRecord:
    def test_six_months_newest_first_each_as_it_ended(self):
        history = days_before(TODAY, *noisy(400))
        record = track_record(history, today=TODAY, table=TABLE)
        assert record is not None
        assert [each.month.first.month for each in record.months] == [10, 9, 8, 7, 6, 5]
        for each in record.months:
            assert each.actual == sum(day.spent for day in history if day.day in each.month)
        assert record.held == sum(m.low80 <= m.actual <= m.high80 for m in record.months)
        assert record.miss < 0.15
        assert record.run_rate_miss < 0.15

    def test_it_knows_nothing_of_what_came_later(self):
        history = days_before(TODAY, *noisy(400))
        october = month_of(date(2026, 10, 1))
        after = [
            replace(day, billed=day.billed * 50) if day.day >= date(2026, 10, 18) else day
            for day in history
        ]
        first, second = (
            track_record(days, today=TODAY, table=TABLE).months[0] for days in (history, after)
        )
        assert first.month == second.month == october
        assert (first.median, first.low80, first.high80) == (
            second.median,
            second.low80,
            second.high80,
        )
        assert second.actual > 10 * first.actual
        assert not second.held

    def test_where_the_run_rate_was_nearer_it_says_so(self):
        dear = [100.0 if day.day.day <= 17 else 0.0 for day in days_before(TODAY, *noisy(400))]
        cheap = [100.0 / each if each else 100.0 for each in dear]
        for amounts in (dear, cheap):
            record = track_record(days_before(TODAY, *amounts), today=TODAY, table=TABLE)
            ours = sum(abs(m.median - m.actual) for m in record.months)
            rate = sum(abs(m.run_rate - m.actual) for m in record.months)
            assert record.beats_run_rate == (ours <= rate)

    @pytest.mark.parametrize("count", [0, 20, 60, 100])
    def test_fewer_than_three_months_say_nothing(self, count: int):
        assert track_record(days_before(TODAY, *noisy(count)), today=TODAY, table=TABLE) is None

    def test_a_month_full_of_holes_is_left_out(self):
        history = [
            replace(day, known=False, billed=0)
            if date(2026, 9, 1) <= day.day <= date(2026, 9, 8)
            else day
            for day in days_before(TODAY, *noisy(400))
        ]
        record = track_record(history, today=TODAY, table=TABLE)
        assert [each.month.first.month for each in record.months] == [10, 8, 7, 6, 5, 4]

    def test_the_last_of_a_long_month_is_that_of_a_short_one(self):
        record = track_record(
            days_before(date(2026, 10, 31), *noisy(400)), today=date(2026, 10, 31), table=TABLE
        )
        assert [each.month.first.month for each in record.months] == [9, 8, 7, 6, 5, 4]


class TestDaysAhead:
    def test_ninety_days_from_tomorrow_each_in_order(self):
        found = days_ahead(days_before(TODAY, *noisy(120)), today=TODAY, table=TABLE)
        assert [day.day for day in found] == [
            TODAY + timedelta(days=ahead) for ahead in range(1, DAYS_AHEAD + 1)
        ]
        for day in found:
            ends = [day.low95, day.low80, day.low50, day.median]
            ends += [day.high50, day.high80, day.high95]
            assert ends == sorted(ends)
            assert day.low95 >= 0

    def test_it_keeps_the_weekdays(self):
        history = days_before(TODAY, *noisy(120))
        free = [replace(d, billed=0) if d.day.weekday() >= 5 else d for d in history]
        found = days_ahead(free, today=TODAY, table=TABLE)[:14]
        weekend = max(day.median for day in found if day.day.weekday() >= 5)
        assert weekend < min(day.median for day in found if day.day.weekday() < 5) / 2

    def test_too_little_history_says_nothing(self):
        assert days_ahead(days_before(TODAY, 1, 2, 3, 4), today=TODAY, table=TABLE) == ()
        idle = days_before(TODAY, *noisy(60), *[0.0] * 60)
        assert days_ahead(idle, today=TODAY, table=TABLE) == ()


class TestDoubling:
    def test_twice_as_much_every_28_days(self):
        found = doubling([2 ** (day / 28) for day in range(112)])
        assert found is not None
        assert found.days == pytest.approx(28, rel=0.01)
        assert found.low <= found.days <= found.high

    def test_noise_widens_its_range_around_the_truth(self):
        random = Random(1)
        held = 0
        for _ in range(100):
            found = doubling([2 ** (day / 28) * random.uniform(0.3, 1.7) for day in range(112)])
            assert found is not None
            held += found.low <= 28 <= found.high
        assert held >= 70

    @pytest.mark.parametrize("factor", [1.0, 0.98])
    def test_what_does_not_grow_does_not_double(self, factor: float):
        random = Random(2)
        assert doubling([factor**day * random.uniform(0.5, 1.5) for day in range(112)]) is None

    def test_a_single_day_before_the_whole_weeks_doubles_nothing(self) -> None:
        assert doubling([1.0, *[0.0] * 60]) is None
        assert doubling([1.0, *[0.0] * 54, -1.0]) is None, "nor does a refund"

    def test_seven_weeks_are_too_few_and_a_late_start_counts_from_there(self):
        assert doubling([2 ** (day / 28) for day in range(55)]) is None
        assert doubling([0.0] * 57 + [2 ** (day / 28) for day in range(55)]) is None

    def test_the_unit_does_not_matter(self):
        days = [2 ** (day / 20) for day in range(112)]
        assert doubling(days).days == pytest.approx(doubling([1e6 * d for d in days]).days)
