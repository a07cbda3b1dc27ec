"""The arithmetic of axes: round ticks for money, labels for days, positions. No Qt in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from plimsoll.domain.budget import TOKENS
from plimsoll.domain.money import NANO, amount_of, shown
from plimsoll.ui.moments import brief, grouped
from plimsoll.ui.words import short_day, short_month, tr

_STEPS = (10, 20, 25, 50)
"""Tenths of the round steps 1, 2, 2.5 and 5."""

_THOUSAND, _MIO = 1_000, 1_000_000
_MILLION = _MIO * NANO


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of an axis: where (nano-units) and what stands beside it."""

    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """The words under one day: its index in the days asked for, and the text."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps nano-units to pixels, straight: `low` lies at `bottom`, `high` at `top`."""

    low: int
    high: int
    bottom: float
    top: float

    def position(self, value: int) -> float:
        """The pixel of a value; values beyond the ends lie beyond them."""
        share = (value - self.low) / (self.high - self.low)
        return self.bottom + share * (self.top - self.bottom)


def money_ticks(low: int, high: int, *, currency: str, most: int = 6) -> tuple[Tick, ...]:
    """Round ticks from at or below `low` to at or above `high`, zero always among them.

    Nano-units; steps are 1, 2, 2.5 or 5 times a power of ten; at most `most` steps.
    """
    low, high = min(low, 0), max(high, 0)
    if low == high:
        high = NANO
    step = _round_step(high - low, most)
    first, last = low // step * step, -(-high // step) * step
    return tuple(
        Tick(value, money_text(value, currency, step=step))
        for value in range(first, last + step, step)
    )


def ticks_between(low: int, high: int, *, currency: str, most: int = 6) -> tuple[Tick, ...]:
    """Round ticks inside `low` and `high`, nano-units, for an axis that does not begin at zero."""
    step = _round_step(max(high - low, 1), most)
    first = -(-low // step) * step
    return tuple(
        Tick(value, money_text(value, currency, step=step))
        for value in range(first, high + 1, step)
    )


def money_text(nanos: int, currency: str, *, step: int = NANO) -> str:
    """An amount beside an axis, with no more decimals than its `step` needs: `$2,000`, `$0.04`.

    In millions where the step is large: `$1.5M`. Nothing is always `$0`. Tokens are counted, with
    no more figures than their step needs: `250 k`, `1.5 M`.
    """
    if currency == TOKENS:
        return _count_text(nanos, step)
    if nanos == 0:
        return shown(0, currency, places=0)
    if step >= _MILLION // 4:
        places = next(p for p in range(4) if step % (_MILLION // 10**p) == 0)
        return shown(nanos // 1_000_000, currency, places=places) + "M"
    return shown(nanos, currency, places=_places_of(step))


def _count_text(count: int, step: int) -> str:
    if count == 0 or step < _THOUSAND:
        return grouped(count)
    size, text = (_MIO, "{number} M") if step >= _MIO // 4 else (_THOUSAND, "{number} k")
    number = (Decimal(count) / size).normalize()
    return tr(text, number=f"{number:,f}".replace(",", "\u202f"))


def brief_money(nanos: int, currency: str) -> str:
    """An amount as a label on a chart: whole units from a hundred on, else with its decimals."""
    if currency == TOKENS:
        return f"−{brief(-nanos)}" if nanos < 0 else brief(nanos)
    return shown(nanos, currency, places=0 if abs(nanos) >= 100 * NANO else None)


def day_labels(
    days: Sequence[date], *, width: float, text_width: Callable[[str], float], space: float = 14.0
) -> tuple[Label, ...]:
    """The days that get words under an axis of `width` pixels, none touching another.

    Every day up to ten, then weekly (the 1st, 8th, 15th ... within one month, else Mondays), then
    the 1st and 15th, then months; fewer where the words would touch.
    """
    if not days:
        return ()
    slot = width / len(days)
    placed: list[Label] = []
    for candidates in _candidates(days):
        placed = []
        edge = float("-inf")
        for label in candidates:
            half = text_width(label.text) / 2
            centre = (label.index + 0.5) * slot
            if centre - half < edge:
                break
            edge = centre + half + space
            placed.append(label)
        else:
            return tuple(placed)
    return tuple(placed)


def _candidates(days: Sequence[date]) -> list[list[Label]]:
    """Sets of labels, the one that suits the span first, then sparser ones."""
    span = len(days)
    one_month = span <= 31 and days[0].day == 1 and days[0].month == days[-1].month
    daily = [_day(i, day) for i, day in enumerate(days)]
    weekly = [
        _day(i, day)
        for i, day in enumerate(days)
        if ((day.day - 1) % 7 == 0 if one_month else day.weekday() == 0)
    ]
    halves = [_day(i, day) for i, day in enumerate(days) if day.day in {1, 15}]
    firsts = [_day(i, day) for i, day in enumerate(days) if day.day == 1]
    months = [_month(i, day) for i, day in enumerate(days) if day.day == 1]
    quarters = [label for label in months if days[label.index].month in {1, 4, 7, 10}]
    years = [label for label in months if days[label.index].month == 1]
    ends = [daily[0], daily[-1]] if span > 1 else daily
    ladder: list[list[Label]] = []
    if span <= 10:
        ladder.append(daily)
    if span <= 14:
        ladder.append(daily[::2])
    if span <= 45:
        ladder += [weekly, weekly[::2]]
    if span <= 125:
        ladder += [halves, firsts]
    ladder += [months, quarters, years, ends, daily[:1]]
    return [labels for labels in ladder if labels]


def _day(index: int, day: date) -> Label:
    return Label(index, short_day(day))


def _month(index: int, day: date) -> Label:
    return Label(index, str(day.year) if day.month == 1 else short_month(day))


def nearest_index(count: int, *, x: float, left: float, width: float) -> int | None:
    """Which of `count` equal slots holds the pixel `x`; None outside."""
    if count == 0 or width <= 0 or not left <= x < left + width:
        return None
    return min(count - 1, int((x - left) / width * count))


def _round_step(span: int, most: int) -> int:
    """The smallest round step that needs at most `most` steps for `span`."""
    least = -(-span // most)
    power = 1
    while True:
        for tenths in _STEPS:
            if (tenths * power) % 10 == 0 and tenths * power // 10 >= least:
                return tenths * power // 10
        power *= 10


def _places_of(step: int) -> int:
    exponent = amount_of(step).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
