"""Unusual days: told once, named against what is usual, and never for being ordinary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from plimsoll.analysis.anomaly import QUIET_DAYS, UnusualDay, unusual_days
from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend

TODAY = date(2026, 11, 18)


def days_before(*amounts: float) -> list[DaySpend]:
    first = TODAY - timedelta(days=len(amounts))
    return [
        DaySpend(first + timedelta(days=place), billed=round(amount * NANO))
        for place, amount in enumerate(amounts)
    ]


def steady(count: int) -> list[float]:
    random = Random(3)
    return [random.uniform(8, 12) for _ in range(count)]


def told(*amounts: float) -> tuple[UnusualDay, ...]:
    return unusual_days(days_before(*amounts), today=TODAY)


def test_ordinary_days_are_never_told():
    assert told(*steady(200)) == ()


def test_a_tenfold_day_is_told_with_what_is_usual():
    (found,) = told(*steady(100), 100.0)
    assert found.day == TODAY - timedelta(days=1)
    assert found.spent == 100 * NANO
    assert 9 * NANO < found.usual < 11 * NANO
    assert found.excess == found.spent - found.usual


def test_a_week_is_quiet_after_it():
    run = [100.0] * (QUIET_DAYS + 3)
    found = told(*steady(100), *run)
    assert len(found) == 1
    assert found[0].day == TODAY - timedelta(days=len(run))


def test_a_series_that_often_bursts_raises_its_own_bar():
    bursts = [60.0 if place % 10 == 9 else amount for place, amount in enumerate(steady(150))]
    assert told(*bursts, 70.0)[-1:] != told(*steady(150), 70.0)[-1:]
    assert not any(found.day == TODAY - timedelta(days=1) for found in told(*bursts, 60.0))


def test_cents_are_not_news():
    assert told(*(amount / 1000 for amount in steady(100)), 0.5) == ()


def test_eight_active_days_come_first():
    assert told(*[10.0] * 7, 1000.0) == ()
    assert len(told(*steady(12), 1000.0)) == 1


def test_scale_does_not_matter_above_the_least_amount():
    days = (*steady(100), 90.0, *steady(10))
    assert [f.day for f in told(*days)] == [f.day for f in told(*(100 * each for each in days))]


def test_days_that_say_nothing_are_left_out():
    history = days_before(*steady(100), 100.0)
    unknown = [*history[:-1], replace(history[-1], known=False)]
    partial = [*history[:-1], replace(history[-1], elapsed=0.5)]
    assert unusual_days(unknown, today=TODAY) == unusual_days(partial, today=TODAY) == ()
    assert len(unusual_days(history, today=TODAY - timedelta(days=1))) == 0, "today is not over"
    assert unusual_days(history[::-1], today=TODAY) == unusual_days(history, today=TODAY)
