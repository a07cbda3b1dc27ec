"""Money is read exactly, rounded once and shown plainly."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.money import (
    MAX_NANOS,
    NANO,
    Money,
    NotAnAmount,
    amount_of,
    decimal_text,
    nanos_of,
    read_amount,
    read_currency,
    read_typed,
    shares_of,
    shown,
)

NANOS = st.integers(-MAX_NANOS, MAX_NANOS)


class TestReading:
    @given(st.decimals(-(10**9), 10**9, allow_nan=False, places=12))
    def test_a_decimal_as_text_or_number_is_itself(self, amount):
        assert read_amount(f"{amount:f}") == amount
        assert read_amount(amount) == amount

    @given(st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > 1e-90))
    def test_a_float_is_what_it_prints(self, number):
        assert read_amount(number) == Decimal(str(number))

    @pytest.mark.parametrize("text", ["1", "-1.5", "+0.25", ".5", "2.", "1e-7", "1.5E+3", "0E-10"])
    def test_plain_decimal_forms(self, text):
        assert read_amount(text) == Decimal(text)

    @pytest.mark.parametrize(
        "value",
        [
            *("", " 1", "1 ", "1\n", "1,000", "1_000", "$1", "0x10", "1e", "e5", ".", "-", "--1"),
            *("NaN", "nan", "Infinity", "-inf", "1e999", "1e100", "١", "1²", "½"),
            *("9" * 26, "0." + "1" * 61, 10**25, True, False, None, b"1", [1], {"value": 1}),
            *(float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity")),
        ],
    )
    def test_anything_else_is_refused(self, value):
        with pytest.raises(NotAnAmount):
            read_amount(value)

    def test_a_refusal_quotes_only_the_beginning(self):
        with pytest.raises(NotAnAmount) as caught:
            read_amount("x" * 5000)
        assert len(str(caught.value)) < 80


class TestTyping:
    @pytest.mark.parametrize(
        ("text", "amount"),
        [
            ("200", "200"),
            (" $1,200.50 ", "1200.50"),
            ("¥49.90", "49.90"),
            ("￥２００．５", "200.5"),
            ("49.90元", "49.90"),
            ("1 200", "1200"),
            ("12,345,678", "12345678"),
            ("-3", "-3"),
        ],
    )
    def test_as_people_write_amounts(self, text, amount):
        assert read_typed(text) == Decimal(amount)

    @pytest.mark.parametrize(
        "text", ["", "$", "49,90", "1,20,000", "1.200,50", "12,3456", "twenty", "5 or 6", "1e999"]
    )
    def test_what_could_be_read_two_ways_is_refused(self, text):
        with pytest.raises(NotAnAmount):
            read_typed(text)

    @given(st.integers(0, 10**9 - 1), st.integers(0, 99))
    def test_what_is_shown_can_be_typed(self, whole, cents):
        nanos = whole * NANO + cents * 10_000_000
        for currency in ("USD", "CNY", "EUR"):
            assert nanos_of(read_typed(shown(nanos, currency))) == nanos


class TestRounding:
    @given(st.text("0123456789", min_size=1, max_size=9), st.text("0123456789", max_size=60))
    def test_once_half_to_even_whatever_the_digits(self, whole, part):
        amount = read_amount(f"{whole}.{part}")
        assert nanos_of(amount) == round(Fraction(amount) * NANO)

    @pytest.mark.parametrize(
        ("amount", "nanos"),
        [
            ("0.0000000005", 0),
            ("0.0000000015", 2),
            ("0.0000000025", 2),
            ("-0.0000000015", -2),
            ("0.00000000050000000000000000000000000000001", 1),
            ("999999999.0000000005", 999_999_999 * NANO),
            ("999999999.00000000050000000000000000001", 999_999_999 * NANO + 1),
            ("1e-60", 0),
        ],
    )
    def test_ties_and_all_but_ties(self, amount, nanos):
        assert nanos_of(read_amount(amount)) == nanos

    def test_whatever_the_decimal_context_of_the_thread(self):
        with localcontext(Context(prec=3, rounding=ROUND_HALF_EVEN)):
            assert nanos_of(Decimal("1234.567890123")) == 1_234_567_890_123
            assert amount_of(1_234_567_890_123) == Decimal("1234.567890123")
            assert shown(1_234_567_890_123, "USD") == "$1,234.57"

    @pytest.mark.parametrize("amount", ["1000000000.000000001", "-1000000001", "1e25", "NaN"])
    def test_out_of_range_is_refused(self, amount):
        with pytest.raises(NotAnAmount):
            nanos_of(Decimal(amount))

    def test_the_largest_amount_is_in_range(self):
        assert nanos_of(Decimal(10**9)) == MAX_NANOS

    @given(NANOS)
    def test_there_and_back(self, nanos):
        assert nanos_of(amount_of(nanos)) == nanos
        assert nanos_of(read_amount(decimal_text(nanos))) == nanos


class TestAdding:
    @given(NANOS, NANOS)
    def test_one_currency(self, a, b):
        assert Money("USD", a) + Money("USD", b) == Money("USD", a + b)

    def test_two_currencies_are_never_added(self):
        with pytest.raises(ValueError, match="CNY"):
            Money("USD", 1) + Money("CNY", 1)


class TestText:
    @pytest.mark.parametrize(
        ("nanos", "text"),
        [
            (0, "0"),
            (NANO, "1.00"),
            (400_000_000, "0.40"),
            (1_250_000_000, "1.25"),
            (1, "0.000000001"),
            (-1, "-0.000000001"),
            (-1_500_000_000, "-1.50"),
            (10**27, "1000000000000000000.00"),
        ],
    )
    def test_exact_plain_decimal(self, nanos, text):
        assert decimal_text(nanos) == text

    @pytest.mark.parametrize(
        ("nanos", "currency", "text"),
        [
            (1_284_100_000_000, "USD", "$1,284.10"),
            (-3 * NANO, "CNY", "−¥3.00"),
            (12 * NANO, "CHF", "CHF 12.00"),
            (0, "USD", "$0.00"),
            (1, "USD", "<$0.01"),
            (-1, "USD", ">−$0.01"),
            (5_000_000, "USD", "<$0.01"),
            (5_000_001, "USD", "$0.01"),
            (15_000_000, "USD", "$0.02"),
            (-4_000_000, "EUR", ">−€0.01"),
            (999_995_000_000, "USD", "$1,000.00"),
        ],
    )
    def test_as_a_person_reads_it(self, nanos, currency, text):
        assert shown(nanos, currency) == text

    def test_whole_units(self):
        assert shown(1_284_500_000_000, "USD", places=0) == "$1,284"
        assert shown(400_000_000, "USD", places=0) == "<$1"

    @given(NANOS.filter(bool))
    def test_what_is_not_zero_never_reads_as_zero(self, nanos):
        assert any(digit in shown(nanos, "USD") for digit in "123456789")


class TestCurrency:
    @pytest.mark.parametrize("code", ["usd", "USD", "Usd"])
    def test_upper_case(self, code):
        assert read_currency(code) == "USD"

    @pytest.mark.parametrize(
        "code", ["", "US", "USDT", "U$D", "ÚSD", "usd ", "ßd", None, 840, b"USD"]
    )
    def test_anything_else_is_refused(self, code):
        with pytest.raises(NotAnAmount):
            read_currency(code)


class TestShares:
    @settings(max_examples=200)
    @given(NANOS, st.lists(st.integers(0, 10**12), min_size=1, max_size=12))
    def test_they_add_up_and_none_is_off_by_a_nano(self, total, parts):
        shares = shares_of(total, parts)
        assert sum(shares) == total
        if sum(parts):
            for share, part in zip(shares, parts, strict=True):
                assert abs(share - Fraction(total * part, sum(parts))) < 1

    @given(NANOS, st.lists(st.integers(0, 1000), min_size=1, max_size=8))
    def test_a_refund_is_spread_as_a_charge_is(self, total, parts):
        assert shares_of(-total, parts) == [-share for share in shares_of(total, parts)]

    @given(NANOS, st.lists(st.integers(1, 100), min_size=1, max_size=8))
    def test_nothing_goes_to_a_part_without_weight(self, total, parts):
        assert shares_of(total, [*parts, 0])[-1] == 0

    def test_without_any_weight_the_first_has_it_all(self):
        assert shares_of(7, [0, 0, 0]) == [7, 0, 0]
        assert shares_of(7, []) == []
