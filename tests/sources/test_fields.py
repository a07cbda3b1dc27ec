"""One field is read exactly or refused; its text never tells more than it should."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.money import Money
from plimsoll.domain.usage import Name, NameKind
from plimsoll.sources import fields
from plimsoll.sources.fields import FieldError

# --- counters ---


@pytest.mark.parametrize("value", [0, 1, 10**15, Decimal("12.0"), Decimal("1.2E+3")])
def test_whole_numbers_are_counters(value: object) -> None:
    count = fields.counter({"n": value}, "n")
    assert type(count) is int
    assert count == value


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, False, -1, 10**15 + 1, 10**400, "12", "", [], {}),
        *(Decimal("1.5"), Decimal(-1), Decimal("1E+300"), Decimal("NaN"), Decimal("Infinity")),
        *(12.0, float("nan")),
    ],
    ids=repr,
)
def test_everything_else_is_no_counter(value: object) -> None:
    with pytest.raises(FieldError) as caught:
        fields.counter({"n": value}, "n")
    assert caught.value.name == "n"
    assert len(caught.value.shown) < 60


def test_a_counter_may_be_unknown_only_where_it_is_optional() -> None:
    assert fields.optional_counter({}, "n") is None
    assert fields.optional_counter({"n": None}, "n") is None
    assert fields.optional_counter({"n": 0}, "n") == 0
    with pytest.raises(FieldError, match="n: is missing"):
        fields.counter({}, "n")
    with pytest.raises(FieldError):
        fields.optional_counter({"n": "0"}, "n")


# --- text ---


@given(st.text())
def test_words_can_be_shown_and_stored_and_keep_apart(text: str) -> None:
    word = fields.word({"w": text}, "w")
    if not text:
        assert word is None
        return
    assert word
    assert word.isprintable()
    assert len(word) <= fields.LONGEST_WORD
    assert (word == text) is (text.isprintable() and len(text) <= fields.LONGEST_WORD)


def test_two_words_that_look_alike_when_cleaned_stay_two() -> None:
    words = {fields.word({"w": text}, "w") for text in ("a\x00", "a\x01", "a", "a\ud800")}
    assert len(words) == 4


@pytest.mark.parametrize("value", [0, False, 5, [], {"id": "x"}], ids=repr)
def test_what_is_no_text_is_no_word(value: object) -> None:
    with pytest.raises(FieldError):
        fields.word({"w": value}, "w")


def test_a_name_falls_back_to_the_next_field_and_then_to_the_id() -> None:
    named = fields.named
    assert named(NameKind.KEY, {"id": "k", "name": "n"}, "name") == Name(NameKind.KEY, "k", "n")
    entry = {"id": "k", "name": "", "hint": "sk-…", "other": 7}
    assert named(NameKind.KEY, entry, "other", "name", "hint").name == "sk-…"
    assert named(NameKind.KEY, entry, "name").name == "k"


# --- time ---


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-01T00:00:00Z", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T00:00:00+00:00", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T08:00:00+08:00", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T00:00:00.000000Z", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01t00:00:00z", datetime(2026, 11, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_utc(text: str, instant: datetime) -> None:
    read = fields.rfc3339_instant({"t": text}, "t")
    assert read == instant
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        *("2026-11-01T00:00:00", "2026-11-01", "2026-11-01 00:00:00Z", "2026-11-01T24:00:00Z"),
        *("2026-11-01T23:59:60Z", "2026-02-30T00:00:00Z", "２０２６-11-01T00:00:00Z", ""),
        *("2026-11-01T00:00:00+99:00", "0001-01-01T00:00:00+14:00", 1793491200, None),
    ],
    ids=repr,
)
def test_a_time_without_its_offset_or_off_the_clock_is_refused(value: object) -> None:
    with pytest.raises(FieldError):
        fields.rfc3339_instant({"t": value}, "t")


@pytest.mark.parametrize("value", [-1, 0, 10**12, 1.5, "1793491200", True, None], ids=repr)
def test_unix_seconds_are_of_this_century(value: object) -> None:
    with pytest.raises(FieldError):
        fields.unix_instant({"t": value}, "t")


# --- money ---


def test_money_is_counted_in_the_provider_s_unit_and_rounded_once() -> None:
    row = {"dollars": "1.5", "cents": "150", "tie": "0.00000005", "more": "0.000000050000000001"}
    one, cent = Decimal(1), Decimal("0.01")
    assert fields.money(row, "dollars", "usd", unit=one) == (Money("USD", 1_500_000_000), "1.5")
    assert fields.money(row, "cents", "USD", unit=cent) == (Money("USD", 1_500_000_000), "150")
    assert fields.money(row, "tie", "USD", unit=cent)[0].nanos == 0
    assert fields.money(row, "more", "USD", unit=cent)[0].nanos == 1


@pytest.mark.parametrize("currency", [None, "", "dollar", 5, "USDT"], ids=repr)
def test_money_without_a_currency_is_none(currency: object) -> None:
    with pytest.raises(FieldError):
        fields.money({"a": "1"}, "a", currency, unit=Decimal(1))


# --- what an error shows ---


def test_free_text_is_never_shown() -> None:
    key = "sk-admin-0123456789abcdef"
    for value in (key, {"key": key}, [key], f"1 {key}"):
        assert "sk" not in fields.shown(value)
    assert fields.shown("12,5") == "'12,5'"
    assert fields.shown(None) == "null"
    assert fields.shown(True) == "true"
    assert fields.shown(Decimal("-0.5")) == "-0.5"
