"""Peak hours: exact where the hour is known, and said to be unknown where only the day is."""

from __future__ import annotations

from fractions import Fraction

from plimsoll.analysis.time_of_use import Timed, time_of_use


def test_share_and_saving_are_of_the_hours_that_are_known() -> None:
    used = [
        Timed("deepseek", "flash", "CNY", peak=True, tokens=100, worth=30, off_peak=15),
        Timed("deepseek", "flash", "CNY", peak=True, tokens=50, worth=10, off_peak=5),
        Timed("deepseek", "flash", "CNY", peak=False, tokens=450, worth=60, off_peak=60),
        Timed("deepseek", "flash", "CNY", peak=None, tokens=1000),
        Timed("deepseek", "flash", "CNY", peak=True, tokens=7),
    ]
    (use,) = time_of_use(used)
    assert (use.peak_worth, use.off_peak_worth, use.saving) == (40, 60, 20)
    assert (use.peak_tokens, use.off_peak_tokens) == (150, 450)
    assert (use.unknown_tokens, use.unpriced) == (1000, 7)
    assert use.peak_share == Fraction(2, 5)
    assert use.peak_share_of_tokens == Fraction(1, 4)


def test_currencies_and_models_stay_apart_and_nothing_known_has_no_share() -> None:
    used = [
        Timed("deepseek", "flash", "CNY", peak=None, tokens=10),
        Timed("deepseek", "flash", "USD", peak=True, tokens=10, worth=4, off_peak=2),
        Timed("deepseek", "pro", "USD", peak=True, tokens=10, worth=8, off_peak=4),
    ]
    pro, flash, unknown = time_of_use(used)
    assert (pro.model, pro.saving) == ("pro", 4)
    assert (flash.currency, flash.saving) == ("USD", 2)
    assert (unknown.currency, unknown.peak_share, unknown.peak_share_of_tokens) == (
        "CNY",
        None,
        None,
    )
