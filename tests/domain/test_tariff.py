"""What a price may be, and when it holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.tariff import (
    BadPrice,
    Discount,
    HolidaysUnknown,
    Kind,
    PriceRow,
    Schedule,
    Step,
    first_overlap,
)

START = datetime(2026, 11, 1, tzinfo=UTC)
INPUT = ((Kind.INPUT, Decimal(1)),)
NIGHT = Schedule("UTC", ((0, 60),))


def price(**fields):
    return PriceRow(
        **({"provider": "p", "models": ("m",), "currency": "USD", "rates": INPUT} | fields)
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"provider": ""}, "provider"),
        ({"models": ()}, "models"),
        ({"models": ("a", "A")}, "models"),
        ({"models": ("a\nb",)}, "models"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "usd"}, "currency"),
        ({"rates": ((Kind.INPUT, Decimal(-1)),)}, "input"),
        ({"rates": ((Kind.INPUT, Decimal("NaN")),)}, "input"),
        ({"rates": ((Kind.INPUT, Decimal("1e-10")),)}, "input"),
        ({"rates": INPUT + INPUT}, "rates"),
        ({"effective_from": START, "effective_to": START}, "effective_to"),
        ({"effective_from": START.astimezone(timezone(timedelta(hours=8)))}, "effective_from"),
        ({"steps": (Step(2, INPUT), Step(1, INPUT))}, "step"),
        ({"multipliers": (("scale", Decimal(1)),)}, "scale"),
        ({"multipliers": (("batch", Decimal(-1)),)}, "batch"),
        ({"multipliers": (("batch", Decimal(1)),) * 2}, "multipliers"),
        ({"schedule": NIGHT}, "schedule"),
        ({"off_peak_multiplier": Decimal(1)}, "schedule"),
        ({"schedule": NIGHT, "off_peak": INPUT, "off_peak_multiplier": Decimal(1)}, "schedule"),
        ({"schedule": NIGHT, "off_peak": INPUT, "steps": (Step(1, INPUT),)}, "off_peak"),
        ({"schedule": NIGHT, "off_peak": ((Kind.SEARCHES, Decimal(1)),)}, "off_peak"),
        ({"note": "two\nlines"}, "note"),
        ({"source": "two\nlines"}, "source"),
    ],
)
def test_a_price_that_cannot_be_names_its_field(fields, field):
    with pytest.raises(BadPrice) as bad:
        price(**fields)
    assert bad.value.field == field


def test_a_step_and_a_schedule_that_cannot_be():
    for build, field in (
        (lambda: Step(0, INPUT), "above"),
        (lambda: Step(1, ((Kind.SECONDS, Decimal(1)),)), "step"),
        (lambda: Schedule("Mars/Olympus", ((0, 1),)), "zone"),
        (lambda: Schedule("UTC", ()), "peak"),
        (lambda: Schedule("UTC", ((60, 60),)), "peak"),
        (lambda: Schedule("UTC", ((0, 1441),)), "peak"),
        (lambda: Schedule("UTC", ((0, 1),), weekdays=()), "weekdays"),
        (lambda: Schedule("UTC", ((0, 1),), weekdays=(8,)), "weekdays"),
        (lambda: Schedule("UTC", ((0, 1),), holidays="xx"), "holidays"),
    ):
        with pytest.raises(BadPrice) as bad:
            build()
        assert bad.value.field == field


def test_a_price_holds_from_its_first_instant_up_to_its_last():
    later = START + timedelta(days=1)
    row = price(effective_from=START, effective_to=later)
    tick = timedelta(microseconds=1)
    assert [row.holds_at(at) for at in (START - tick, START, later - tick, later)] == [
        False,
        True,
        True,
        False,
    ]
    assert price().holds_at(START)


@given(st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_two_prices_overlap_where_an_instant_has_both(hours):
    a, b, c, d = (START + timedelta(hours=hour) for hour in hours)
    if a < b and c < d:
        rows = [price(effective_from=a, effective_to=b), price(effective_from=c, effective_to=d)]
        both = any(
            rows[0].holds_at(at) and rows[1].holds_at(at)
            for at in (START + timedelta(hours=hour) for hour in range(10))
        )
        assert (first_overlap(rows) is not None) == both


def test_other_models_currencies_accounts_and_providers_do_not_overlap():
    rows = [
        price(),
        price(models=("n",)),
        price(currency="CNY"),
        price(source="a"),
        price(source="b"),
        price(provider="q"),
    ]
    assert first_overlap(rows) is None
    assert first_overlap([*rows, price(models=("x", "N"))]) == (1, 6)


class TestSchedule:
    BERLIN = Schedule("Europe/Berlin", ((120, 180),), holidays="cn", weekdays=(7,))

    def test_the_clock_is_the_one_of_its_zone(self):
        sunday = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 02:00 in Berlin
        assert self.BERLIN.is_peak(sunday, {"cn": {2026: frozenset()}})
        assert not self.BERLIN.is_peak(sunday, {"cn": {2026: frozenset({date(2026, 11, 22)})}})
        assert not self.BERLIN.is_peak(sunday + timedelta(hours=1), {})
        with pytest.raises(HolidaysUnknown):
            self.BERLIN.is_peak(sunday, {"cn": {2025: frozenset()}})

    @pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 22)])
    def test_its_price_changes_at_its_edges_only_though_clocks_change(self, day):
        schedule = Schedule("Europe/Berlin", ((150, 200), (600, 1440)))
        first = datetime(day.year, day.month, day.day, tzinfo=UTC)
        until = first + timedelta(days=1)
        edges = set(schedule.edges(first, until))
        minutes = [first + timedelta(minutes=minute) for minute in range(24 * 60)]
        for before, after in pairwise(minutes):
            if schedule.is_peak(before, {}) != schedule.is_peak(after, {}):
                assert after in edges
        assert all(first <= edge < until for edge in edges)


def test_a_discount_that_cannot_be():
    for percent in ("-1", "100.1", "NaN"):
        with pytest.raises(BadPrice):
            Discount("s", Decimal(percent))
    with pytest.raises(BadPrice):
        Discount("s", Decimal(1), date(2026, 1, 2), date(2026, 1, 1))
