"""Windows of plans: plain words for their length, instants in milliseconds, figures from zero."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from plimsoll.sources.fields import FieldError
from plimsoll.sources.rows.plan_windows import amount, starts_anew, window_words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(minutes=300), "5 hours"),
        (timedelta(hours=1), "hour"),
        (timedelta(hours=24), "day"),
        (timedelta(days=7), "week"),
        (timedelta(days=30), "30 days"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(0), None),
        (timedelta(hours=-5), None),
        (timedelta(seconds=61), None),
    ],
)
def test_a_length_has_plain_words_or_none(length: timedelta, words: str | None) -> None:
    assert window_words(length) == words


def test_milliseconds_are_not_seconds() -> None:
    told = starts_anew({"at": 1_795_539_600_000}, "at")
    assert told == datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    for none in (None, 0, -1):
        assert starts_anew({"at": none}, "at") is None
    for odd in (1_795_539_600, "1795539600000", 1.5, True, 10**20):
        with pytest.raises(FieldError):
            starts_anew({"at": odd}, "at")


@pytest.mark.parametrize("odd", [-1, "-0.5", "much", "NaN", True, []])
def test_a_figure_below_zero_or_none_at_all_is_refused(odd: Any) -> None:
    with pytest.raises(FieldError):
        amount({"used": odd}, "used")


def test_a_figure_comes_as_a_number_or_as_text() -> None:
    assert amount({"used": "12.5"}, "used") == amount({"used": 12.5}, "used") == Decimal("12.5")
    assert amount({}, "used") is None
