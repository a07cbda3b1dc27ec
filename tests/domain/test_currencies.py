"""Every amount says whose it is, with the decimals that its currency is written with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.currencies import CODES, USUAL, decimals_of, in_order
from plimsoll.domain.money import MAX_NANOS, NANO, shown


def test_the_codes_are_three_letters_and_the_usual_ones_are_among_them() -> None:
    assert all(len(code) == 3 and code.isupper() for code in CODES)
    assert set(USUAL) <= CODES
    assert in_order(first=("CNY",))[:3] == ("CNY", "USD", "EUR")
    assert sorted(in_order()) == sorted(CODES)


@pytest.mark.parametrize(
    ("nanos", "currency", "text"),
    [
        (1_200 * NANO, "JPY", "JPY 1,200"),
        (412_300_000_000, "CNY", "¥412.30"),
        (-3 * NANO, "CNY", "−¥3.00"),
        (5_000_000, "CNY", "<¥0.01"),
        (400_000_000, "JPY", "<JPY 1"),
        (1_234_567_000, "KWD", "KWD 1.235"),
        (12 * NANO, "TWD", "TWD 12.00"),
    ],
)
def test_yen_are_not_taken_for_yuan_and_have_no_hundredths(
    nanos: int, currency: str, text: str
) -> None:
    assert shown(nanos, currency) == text


@given(st.integers(-MAX_NANOS, MAX_NANOS).filter(bool), st.sampled_from(sorted(CODES)))
def test_no_amount_of_any_currency_reads_as_nothing(nanos: int, currency: str) -> None:
    assert any(digit in shown(nanos, currency) for digit in "123456789")


def test_no_two_currencies_read_the_same() -> None:
    texts = {shown(NANO, code) for code in CODES}
    assert len(texts) == len(CODES)
    assert {decimals_of(code) for code in CODES} == {0, 2, 3}
