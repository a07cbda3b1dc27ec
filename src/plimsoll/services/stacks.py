"""Stacks: spend per day as bands, cut by one dimension or by the kind of number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import (
    EVERYTHING,
    TIME_DIMENSIONS,
    DaySpend,
    Dimension,
    Question,
    Scope,
)
from plimsoll.domain.usage import Evidence
from plimsoll.services.figures import DailyStack, StackSeries
from plimsoll.services.spending import Spending

STACK_SERIES = 6
"""More than six colours cannot be told apart: the rest becomes Other."""


def daily_stack(
    spending: Spending, period: Period, *, by: Dimension, scope: Scope = EVERYTHING
) -> DailyStack:
    """Spend per provider day (UTC): the six largest bands, the largest first, the rest as Other.

    Days cut by days or months would be one band: there, what is billed and what is estimated stand
    apart.
    """
    days = spending.daily(period, scope).days
    unpriced = spending.not_priced(period, scope)
    estimated: tuple[int, ...] = ()
    if by in TIME_DIMENSIONS:
        bands = _by_evidence(days)
    else:
        bands = _largest(_by_value(spending, Question(period, (Dimension.DAY, by), scope)))
        estimated = tuple(day.estimated for day in days)
    return DailyStack(
        period=period,
        currency=spending.currency,
        days=tuple(day.day for day in days),
        series=bands,
        known=tuple(day.known for day in days),
        final=tuple(day.final for day in days),
        estimated=estimated if any(estimated) else (),
        not_priced=tuple(unpriced.get(day.day, 0) for day in days) if unpriced else (),
    )


def _by_evidence(series: Sequence[DaySpend]) -> tuple[StackSeries, ...]:
    bands = (
        StackSeries(Evidence.BILLED.value, tuple(day.billed for day in series)),
        StackSeries(Evidence.ESTIMATED.value, tuple(day.estimated for day in series)),
    )
    return tuple(band for band in bands if any(band.values))


def _by_value(spending: Spending, question: Question) -> dict[str | None, list[int]]:
    days = tuple(question.period.days())
    place = {day.isoformat(): position for position, day in enumerate(days)}
    bands: dict[str | None, list[int]] = defaultdict(lambda: [0] * len(days))
    for (day, value), spent in spending.by(question).items():
        if day is not None:
            bands[value][place[day]] += spent
    return bands


def _largest(bands: Mapping[str | None, Sequence[int]]) -> tuple[StackSeries, ...]:
    ordered = sorted(bands.items(), key=lambda band: (-sum(band[1]), band[0] or "~"))
    named = [StackSeries(name, tuple(values)) for name, values in ordered]
    if len(named) <= STACK_SERIES:
        return tuple(named)
    kept, rest = named[: STACK_SERIES - 1], named[STACK_SERIES - 1 :]
    other = tuple(sum(values) for values in zip(*(band.values for band in rest), strict=True))
    return (*kept, StackSeries("Other", other, other=True))
