"""Cadence: how a budget's period comes round: by the calendar, in rolling days, or only once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from plimsoll.domain.calendar import ONE_DAY, Period, Span, period_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_ROLLING_DAYS = 366


@dataclass(frozen=True, slots=True)
class Starting:
    """Weeks that begin on another weekday than Monday (`on` 1 to 6), or months that begin on
    another day than the first (`on` 2 to 31; a shorter month begins on its last day instead).
    """

    span: Span
    on: int

    def __post_init__(self) -> None:
        usual = {Span.WEEK: range(1, 7), Span.MONTH: range(2, 32)}
        if self.on not in usual.get(self.span, ()):
            raise ValueError("only weeks and months begin on a day of one's own")


@dataclass(frozen=True, slots=True)
class Rolling:
    """The last `days` days, today included: it never begins anew."""

    days: int

    def __post_init__(self) -> None:
        if not 2 <= self.days <= MOST_ROLLING_DAYS:
            raise ValueError(f"rolling days are 2 to {MOST_ROLLING_DAYS}")


Cadence = Span | Starting | Rolling | Period
"""A span of the calendar, one that starts on a day of one's own, rolling days, or just once."""


def period_at(cadence: Cadence, day: date) -> Period:
    """The period that holds `day`; the one there is, where it comes only once."""
    match cadence:
        case Period():
            return cadence
        case Rolling(days):
            return Period(day - timedelta(days=days - 1), day)
        case Starting(Span.WEEK, on):
            return period_of(Span.WEEK, day, week_start=on)
        case Starting(span, on):
            return period_of(span, day, month_start=on)
    return period_of(cadence, day)


def period_before(cadence: Cadence, period: Period) -> Period | None:
    """The period before this one, where periods follow one another."""
    if isinstance(cadence, (Rolling, Period)):
        return None
    return period_at(cadence, period.first - ONE_DAY)


def cadence_text(cadence: Cadence) -> str:
    """A cadence as it is kept and written on the command line: `month`, `month@15`, `week@sun`,
    `30d`, `2026-11-01..2026-12-15`.
    """
    match cadence:
        case Period(first, last):
            return f"{first.isoformat()}..{last.isoformat()}"
        case Rolling(days):
            return f"{days}d"
        case Starting(Span.WEEK, on):
            return f"week@{WEEKDAYS[on]}"
        case Starting(span, on):
            return f"{span}@{on}"
    return cadence.value


def read_cadence(text: str) -> Cadence:
    """The cadence of a text; raises `ValueError` for any other."""
    word, at, on = text.strip().lower().partition("@")
    first, dots, last = word.partition("..")
    if at:
        return _starting(Span(word), on)
    if dots:
        return Period(date.fromisoformat(first), date.fromisoformat(last))
    if re.fullmatch(r"\d{1,3}d", word, re.ASCII):
        return Rolling(int(word[:-1]))
    return Span(word)


def _starting(span: Span, on: str) -> Cadence:
    if span is Span.WEEK and on in WEEKDAYS:
        day = WEEKDAYS.index(on)
        return Starting(span, day) if day else span
    if span is Span.MONTH and re.fullmatch(r"\d{1,2}", on, re.ASCII):
        return span if int(on) == 1 else Starting(span, int(on))
    raise ValueError(f"{span} cannot begin on {on}")
