"""The arithmetic of axes: round ticks that hold everything, words that never touch."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.money import NANO
from plimsoll.ui.charts.scale import (
    Scale,
    brief_money,
    day_labels,
    money_text,
    money_ticks,
    nearest_index,
)

AMOUNTS = st.integers(min_value=-(10**18), max_value=10**18)
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 1, 1))


def width_of(text: str) -> float:
    return 7.0 * len(text)


def days_from(first: date, count: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=i) for i in range(count))


@settings(max_examples=300)
@given(AMOUNTS, AMOUNTS, st.integers(min_value=2, max_value=8))
def test_ticks_hold_everything_and_zero_in_few_round_equal_steps(
    one: int, other: int, most: int
) -> None:
    low, high = sorted((one, other))
    ticks = money_ticks(low, high, currency="USD", most=most)
    values = [tick.value for tick in ticks]
    steps = {b - a for a, b in pairwise(values)}
    assert len(steps) == 1
    step = steps.pop()
    assert str(Decimal(step).normalize().as_tuple().digits) in {
        str(digits) for digits in ((1,), (2,), (2, 5), (5,))
    }
    assert values[0] <= min(low, 0)
    assert values[-1] >= max(high, 0)
    assert 0 in values
    assert len(values) <= most + 2
    assert len({tick.text for tick in ticks}) == len(ticks)


@settings(max_examples=200)
@given(st.integers(min_value=1, max_value=10**18))
def test_the_highest_amount_reaches_at_least_half_of_the_axis(high: int) -> None:
    ticks = money_ticks(0, high, currency="USD")
    assert high * 2 >= ticks[-1].value


def test_an_axis_of_nothing_still_has_an_axis() -> None:
    ticks = money_ticks(0, 0, currency="USD")
    assert ticks[0].text == "$0"
    assert ticks[-1].value == NANO


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0, "233.40", ["$0", "$50", "$100", "$150", "$200", "$250"]),
        (0, "3571", ["$0", "$1,000", "$2,000", "$3,000", "$4,000"]),
        (0, "0.043", ["$0", "$0.01", "$0.02", "$0.03", "$0.04", "$0.05"]),
        ("-60", "120", ["−$100", "−$50", "$0", "$50", "$100", "$150"]),
        (0, "2400000", ["$0", "$0.5M", "$1.0M", "$1.5M", "$2.0M", "$2.5M"]),
    ],
)
def test_amounts_beside_an_axis_have_the_decimals_of_its_step(
    low: str, high: str, texts: list[str]
) -> None:
    ticks = money_ticks(int(Decimal(low) * NANO), int(Decimal(high) * NANO), currency="USD")
    assert [tick.text for tick in ticks] == texts


def test_money_reads_in_its_own_currency() -> None:
    assert money_text(1200 * NANO, "CNY", step=100 * NANO) == "¥1,200"
    assert money_text(5 * NANO // 2, "USD", step=NANO // 2) == "$2.5"
    assert brief_money(3571_480_000_000, "USD") == "$3,571"
    assert brief_money(99_994_000_000, "USD") == "$99.99"
    assert brief_money(-120 * NANO, "CHF") == "−CHF 120"


@settings(max_examples=300)
@given(
    DAYS,
    st.integers(min_value=1, max_value=800),
    st.floats(min_value=30, max_value=2400, allow_nan=False),
)
def test_day_labels_never_touch_and_name_their_own_day(
    first: date, count: int, width: float
) -> None:
    days = days_from(first, count)
    labels = day_labels(days, width=width, text_width=width_of)
    assert labels or width < 100
    slot = width / count
    edge = float("-inf")
    for label in labels:
        day = days[label.index]
        names = (f"{day.day} ", day.strftime("%b"), str(day.year))
        assert label.text.startswith(names)
        centre = (label.index + 0.5) * slot
        assert centre - width_of(label.text) / 2 >= edge
        edge = centre + width_of(label.text) / 2


@pytest.mark.parametrize(
    ("first", "count", "texts"),
    [
        (date(2026, 8, 16), 5, "16 Aug, 17 Aug, 18 Aug, 19 Aug, 20 Aug"),
        (date(2026, 7, 22), 30, "27 Jul, 3 Aug, 10 Aug, 17 Aug"),
        (date(2026, 8, 1), 31, "1 Aug, 8 Aug, 15 Aug, 22 Aug, 29 Aug"),
        (date(2026, 5, 23), 90, "1 Jun, 15 Jun, 1 Jul, 15 Jul, 1 Aug, 15 Aug"),
        (
            date(2025, 8, 21),
            365,
            "Sep, Oct, Nov, Dec, 2026, Feb, Mar, Apr, May, Jun, Jul, Aug",
        ),
    ],
)
def test_days_are_named_as_suits_their_span(first: date, count: int, texts: str) -> None:
    labels = day_labels(days_from(first, count), width=1000, text_width=width_of)
    assert ", ".join(label.text for label in labels) == texts


def test_no_days_have_no_labels() -> None:
    assert day_labels((), width=100, text_width=width_of) == ()


@given(
    st.integers(min_value=1, max_value=400), st.floats(min_value=0, max_value=1, exclude_max=True)
)
def test_a_pixel_belongs_to_the_slot_it_lies_in(count: int, share: float) -> None:
    index = nearest_index(count, x=50 + share * 300, left=50, width=300)
    assert index is not None
    assert index == min(count - 1, int(share * count)) or abs(share * count % 1) < 1e-6


def test_beside_the_plot_is_no_day() -> None:
    assert nearest_index(10, x=49.9, left=50, width=300) is None
    assert nearest_index(10, x=350, left=50, width=300) is None
    assert nearest_index(0, x=60, left=50, width=300) is None


def test_a_scale_is_straight_and_begins_at_its_bottom() -> None:
    scale = Scale(0, 100, 200.0, 0.0)
    assert [scale.position(v) for v in (0, 25, 100, 150)] == [200.0, 150.0, 0.0, -100.0]
