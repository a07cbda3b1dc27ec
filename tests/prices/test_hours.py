"""Prices hold by the instant: DeepSeek's peak hours, weekends, holidays, changes at an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from price_kit import at, usage, worth

from plimsoll.domain.calendar import day_start
from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.prices.book import PriceBook
from plimsoll.prices.days import stretches_of
from plimsoll.prices.overlay import holidays, rows

BOOK = PriceBook()
PEAK, OFF_PEAK = "CNY 2", "CNY 1"


def flash(start: str, *, hours: float = 1) -> str | None:
    record = usage("deepseek-flash", start=at(start), hours=hours)
    return worth(BOOK, record, "deepseek", currency="CNY")


class TestPeakHours:
    """Beijing 09:00 to 12:00 and 14:00 to 18:00, the end not included, is UTC 01-04 and 06-10."""

    @pytest.mark.parametrize(
        ("hour", "price"),
        [
            ("00:00", OFF_PEAK),
            ("00:59:59.999999", OFF_PEAK),
            ("01:00", PEAK),
            ("03:59:59.999999", PEAK),
            ("04:00", OFF_PEAK),
            ("05:59:59.999999", OFF_PEAK),
            ("06:00", PEAK),
            ("09:59:59.999999", PEAK),
            ("10:00", OFF_PEAK),
            ("23:59", OFF_PEAK),
        ],
    )
    def test_on_a_working_day_to_the_instant(self, hour, price):
        assert flash(f"2026-11-17 {hour}", hours=0) == price

    @pytest.mark.parametrize(
        ("day", "what"),
        [
            ("2026-11-21", "a Saturday"),
            ("2026-11-22", "a Sunday"),
            ("2026-09-25", "a Friday, Mid-Autumn"),
            ("2026-10-01", "a Thursday, National Day"),
            ("2026-10-07", "a Wednesday, the last day of that holiday"),
            ("2026-09-20", "a Sunday that makes up for a holiday"),
            ("2026-10-10", "a Saturday that makes up for a holiday"),
        ],
    )
    def test_no_hour_of_these_days_is_a_peak_hour(self, day, what):
        assert flash(f"{day} 02:00") == OFF_PEAK, what
        assert flash(f"{day} 08:00") == OFF_PEAK, what

    @pytest.mark.parametrize("day", ["2026-09-24", "2026-09-30", "2026-10-08", "2026-10-09"])
    def test_the_working_days_around_a_holiday_have_their_peak_hours(self, day):
        assert flash(f"{day} 02:00") == PEAK

    def test_the_weekday_is_the_one_in_beijing(self):
        # Sunday 23:00 in London is Monday 07:00 in Beijing, which is no peak hour either; two hours
        # later the peak hours of Monday begin.
        assert flash("2026-11-22 23:00") == OFF_PEAK
        assert flash("2026-11-23 01:00") == PEAK

    def test_before_weekends_were_off_peak_they_had_peak_hours(self):
        def pro(start: str) -> str | None:
            record = usage("deepseek-v4-pro", start=at(start))
            return worth(BOOK, record, "deepseek", currency="USD")

        assert pro("2026-08-22 02:00") == "USD 1.32"  # Saturday, before the clause
        assert pro("2026-08-23 02:00") == "USD 0.66"  # Sunday, with it
        assert pro("2026-08-24 02:00") == "USD 1.32"  # Monday

    def test_a_year_whose_holidays_are_not_known_is_not_guessed(self):
        found = BOOK.compute(
            usage("deepseek-flash", start=at("2027-01-04 02:00")),
            provider="deepseek",
            currency="CNY",
        )
        assert (found.worth, found.basis) == (None, "The holidays of 2027 are not known.")
        assert flash("2027-01-04 12:00") == OFF_PEAK  # no peak hour, whatever the day
        assert flash("2027-01-03 02:00") == OFF_PEAK  # a Sunday

    def test_the_basis_says_which_of_the_two_it_was(self):
        def basis(start: str) -> str:
            record = usage("deepseek-flash", start=at(start))
            return BOOK.compute(record, provider="deepseek", currency="CNY").basis

        assert basis("2026-11-17 02:00") == (
            "list price of deepseek-flash (Plimsoll's list), peak hours: "
            "¥2 input, ¥0.04 cache read, ¥8 output per million tokens"
        )
        assert basis("2026-11-17 20:00").startswith(
            "list price of deepseek-flash (Plimsoll's list), off-peak: ¥1 input, ¥0.02 cache read"
        )


class TestRecordsOverSeveralTariffs:
    def test_a_day_is_cut_where_its_price_changes_and_nowhere_else(self):
        def starts(day: str) -> list[str]:
            cut = stretches_of(
                at(day),
                at(day) + timedelta(days=1),
                rows=[flash_now],
                price_at=lambda instant: (str(schedule.is_peak(instant, holidays())),),
            )
            return [f"{stretch.start:%H:%M}" for stretch in cut]

        (flash_now,) = (
            row
            for row in rows()
            if (row.models[0], row.currency, row.effective_to) == ("deepseek-flash", "CNY", None)
        )
        schedule = flash_now.schedule
        assert starts("2026-11-17") == ["00:00", "01:00", "04:00", "06:00", "10:00"]
        assert starts("2026-11-21") == ["00:00"]

    def test_an_hour_up_to_the_change_has_the_price_before_it(self):
        assert flash("2026-11-17 00:00") == OFF_PEAK
        assert flash("2026-11-17 03:00") == PEAK

    def test_a_record_over_peak_and_off_peak_is_not_priced_and_says_where_it_changes(self):
        record = usage("deepseek-flash", start=at("2026-11-17 00:30"))
        found = BOOK.compute(record, provider="deepseek", currency="CNY")
        assert found.worth is None
        assert found.basis == "The price changes at 01:00 UTC, within the time of this record."
        assert flash("2026-11-17 00:00", hours=24) is None

    @pytest.mark.parametrize("day", ["2026-11-21", "2026-11-22", "2026-10-01"])
    def test_a_daily_record_of_a_day_without_peak_hours_is_priced(self, day):
        assert flash(f"{day} 00:00", hours=24) == OFF_PEAK

    def test_a_record_over_several_days_is_priced_where_all_of_it_costs_the_same(self):
        assert flash("2026-11-21 00:00", hours=48) == OFF_PEAK
        assert flash("2026-11-20 12:00", hours=60) == OFF_PEAK  # Friday night to Monday 00:00
        assert flash("2026-11-21 00:00", hours=72) is None

    def test_only_what_the_record_holds_has_to_cost_the_same(self):
        # Searches got a price at 16:00; tokens cost the same before and after.
        over = {"start": at("2026-10-31 00:00"), "hours": 24}
        tokens, searches = (
            usage("deepseek-flash", **over),
            usage("deepseek-flash", units={"searches": "1"}, **over),
        )
        assert worth(BOOK, tokens, "deepseek", currency="CNY") == OFF_PEAK
        assert worth(BOOK, searches, "deepseek", currency="CNY") is None

    @pytest.mark.parametrize(("currency", "before", "after"), [("USD", 0.44, 0.3), ("CNY", 3, 2)])
    def test_deepseeks_flash_changed_at_noon_in_beijing(self, currency, before, after):
        def told(start: str, **more: float) -> str | None:
            record = usage("deepseek-v4-flash", start=at(start), **more)
            return worth(BOOK, record, "deepseek", currency=currency)

        # Noon is also where the morning's peak hours end.
        assert told("2026-09-10 03:00") == f"{currency} {before}"
        assert told("2026-09-10 04:00") == f"{currency} {after / 2:g}"
        assert told("2026-09-10 06:00") == f"{currency} {after}"
        assert told("2026-09-10 03:00", hours=2) is None

    def test_glm_flash_changed_at_its_hour(self):
        def glm(start: str, **more: float) -> str | None:
            return worth(BOOK, usage("glm-5.3-flash", start=at(start), **more), "zai")

        assert glm("2026-09-09 15:00") == "USD 0.075"
        assert glm("2026-09-09 16:00") == "USD 0.15"
        assert glm("2026-09-09 00:00", hours=24) is None

    def test_an_hour_in_which_a_dated_list_price_changes_at_midnight(self):
        record = usage("gemini-4-argon", start=at("2026-11-30 23:30"))
        assert worth(BOOK, record, "google") is None
        assert (
            worth(BOOK, usage("gemini-4-argon", start=at("2026-11-30 23:00")), "google") == "USD 2"
        )

    @given(st.integers(0, 24 * 90), st.integers(1, 30))
    def test_a_record_is_worth_what_each_of_its_hours_is_worth(self, first, length):
        start = day_start(at("2026-09-10").date()) + timedelta(hours=first)
        parts = {_flash(start + timedelta(hours=hour), 1) for hour in range(length)}
        whole = _flash(start, length)
        assert whole == (parts.pop() if len(parts) == 1 else None)


def _flash(start, hours):
    record = UsageRecord(
        start, start + timedelta(hours=hours), Attribution(model="deepseek-flash"), Tokens(input=7)
    )
    return worth(BOOK, record, "deepseek", currency="USD")
