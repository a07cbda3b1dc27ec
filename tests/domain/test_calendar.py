"""Days belong to exactly one period of each kind, and begin when the zone says so."""

from __future__ import annotations

import calendar
import locale
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import (
    ONE_DAY,
    Period,
    Span,
    beijing_day,
    by_month,
    day_start,
    month_before,
    month_of,
    next_month,
    period_of,
    previous_month,
    spoken,
    utc_day,
)

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
FROM, TO = datetime(1990, 1, 1), datetime(2099, 1, 1)  # noqa: DTZ001 - local times
SPANS = st.sampled_from(list(Span))
ZONES = (
    *("UTC", "America/New_York", "Europe/Berlin", "Asia/Shanghai", "Asia/Kolkata"),
    *("Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Pacific/Apia"),
)


class TestPeriod:
    @given(DAYS, st.integers(0, 400))
    def test_its_days_are_all_its_days(self, first, more):
        period = Period(first, first + timedelta(days=more))
        days = list(period.days())
        assert len(days) == len(period) == more + 1
        assert days[0] == period.first
        assert days[-1] == period.last
        assert all(day in period for day in days)
        assert first - ONE_DAY not in period
        assert period.last + ONE_DAY not in period

    def test_it_does_not_end_before_it_begins(self):
        with pytest.raises(ValueError, match="ends before"):
            Period(date(2026, 11, 2), date(2026, 11, 1))

    @given(DAYS, DAYS, DAYS, DAYS)
    def test_the_overlap_holds_the_days_of_both(self, a, b, c, d):
        one, two = Period(min(a, b), max(a, b)), Period(min(c, d), max(c, d))
        both = one.overlap(two)
        assert both == two.overlap(one)
        for day in (a, b, c, d):
            assert (both is not None and day in both) == (day in one and day in two)

    def test_only_a_day_can_be_in_it(self):
        november = month_of(date(2026, 11, 1))
        assert "2026-11-02" not in november
        assert datetime(2026, 11, 2, tzinfo=UTC) not in november


class TestMonths:
    @given(DAYS)
    def test_a_month_is_the_calendars(self, day):
        month = month_of(day)
        assert day in month
        assert len(month) == calendar.monthrange(day.year, day.month)[1]
        assert month.last + ONE_DAY == next_month(day)
        assert previous_month(day).last + ONE_DAY == month.first

    @given(DAYS, st.integers(0, 40))
    def test_months_back_are_counted_one_by_one(self, day, months):
        expected = month_of(day)
        for _ in range(months):
            expected = previous_month(expected.first)
        assert month_before(day, months) == expected.first

    @given(DAYS, st.integers(0, 400))
    def test_a_period_is_cut_where_months_end(self, first, more):
        period = Period(first, first + timedelta(days=more))
        parts = list(by_month(period))
        assert [day for part in parts for day in part.days()] == list(period.days())
        assert all(month_of(part.first) == month_of(part.last) for part in parts)
        assert len({month_of(part.first) for part in parts}) == len(parts)
        assert list(by_month(None)) == []

    def test_a_day_in_beijing_begins_eight_hours_earlier(self):
        assert beijing_day(datetime(2026, 11, 30, 15, 59, tzinfo=UTC)) == date(2026, 11, 30)
        assert beijing_day(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == date(2026, 12, 1)

    def test_the_last_month_of_the_calendar(self):
        assert month_of(date.max) == Period(date(9999, 12, 1), date.max)
        assert period_of(Span.QUARTER, date.max).last == date.max
        assert period_of(Span.MONTH, date(9999, 12, 2)).last == date.max


class TestPeriodsOfABudget:
    @given(SPANS, DAYS, st.integers(0, 6), st.integers(1, 31))
    def test_every_day_is_in_exactly_one(self, span, day, week_start, month_start):
        def period(of: date) -> Period:
            return period_of(span, of, week_start=week_start, month_start=month_start)

        here = period(day)
        assert day in here
        assert period(here.first) == here
        assert period(here.last) == here
        assert period(here.last + ONE_DAY).first == here.last + ONE_DAY
        assert period(here.first - ONE_DAY).last == here.first - ONE_DAY

    @given(DAYS, st.integers(1, 31))
    def test_a_month_from_a_late_day_never_drifts(self, day, month_start):
        period = period_of(Span.MONTH, day, month_start=month_start)
        longest = calendar.monthrange(period.first.year, period.first.month)[1]
        assert period.first.day == min(month_start, longest)
        assert 28 <= len(period) <= 31

    def test_the_thirty_first_of_february(self):
        period = period_of(Span.MONTH, date(2027, 2, 28), month_start=31)
        assert period == Period(date(2027, 2, 28), date(2027, 3, 30))

    @given(DAYS, st.integers(0, 6))
    def test_a_week_begins_on_its_day(self, day, week_start):
        period = period_of(Span.WEEK, day, week_start=week_start)
        assert period.first.weekday() == week_start
        assert len(period) == 7

    @given(DAYS)
    def test_four_quarters_are_a_year(self, day):
        year = period_of(Span.YEAR, day)
        quarters = {period_of(Span.QUARTER, each) for each in year.days()}
        assert len(quarters) == 4
        assert sum(len(quarter) for quarter in quarters) == len(year)
        assert all(quarter.first.month % 3 == 1 for quarter in quarters)


class TestInstants:
    @given(st.datetimes(FROM, TO), st.sampled_from(ZONES))
    def test_a_provider_day_is_the_date_in_utc(self, local, zone):
        instant = local.replace(tzinfo=ZoneInfo(zone))
        day = utc_day(instant)
        assert day_start(day) <= instant < day_start(day + ONE_DAY)

    @given(DAYS, st.sampled_from(ZONES))
    def test_days_of_a_zone_follow_each_other(self, day, name):
        zone = ZoneInfo(name)
        start, end = day_start(day, zone=zone), day_start(day + ONE_DAY, zone=zone)
        assert start.utcoffset() == timedelta(0)
        hours = (end - start) / timedelta(hours=1)
        if hours:
            assert 22.5 <= hours <= 25.5
            assert start.astimezone(zone).date() == day
            assert (start - timedelta(microseconds=1)).astimezone(zone).date() < day
        else:
            assert (name, day) == ("Pacific/Apia", date(2011, 12, 30))

    def test_days_of_23_and_25_hours(self):
        zone = ZoneInfo("Europe/Berlin")
        spring = day_start(date(2026, 3, 30), zone=zone) - day_start(date(2026, 3, 29), zone=zone)
        autumn = day_start(date(2026, 10, 26), zone=zone) - day_start(date(2026, 10, 25), zone=zone)
        assert (spring, autumn) == (timedelta(hours=23), timedelta(hours=25))


class TestWords:
    def test_a_day_in_words(self):
        assert spoken(date(2026, 11, 4)) == "4 November"
        assert spoken(date(2026, 3, 24), year=True) == "24 March 2026"

    def test_whatever_locale_the_desktop_has_set(self):
        before = locale.setlocale(locale.LC_TIME)
        for name in ("de_DE.UTF-8", "zh_CN.UTF-8", "fr_FR.UTF-8"):
            try:
                locale.setlocale(locale.LC_TIME, name)
            except locale.Error:
                continue
            try:
                assert spoken(date(2026, 3, 24), year=True) == "24 March 2026"
            finally:
                locale.setlocale(locale.LC_TIME, before)
        assert spoken(date(2026, 12, 1)) == "1 December"
