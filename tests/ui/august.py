"""A believable August for the window's tests: its days, its models, and where it will end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from plimsoll.domain.calendar import ONE_DAY, Period, month_of, previous_month
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO
from plimsoll.services.answers import CurvePoint, DailyStack, MonthCurve, MonthEnd, StackSeries

NOW = datetime(2026, 8, 20, 14, 5, tzinfo=UTC)
TODAY = NOW.date()
MONTH = month_of(TODAY)

MODELS = (
    ("claude-opus-4.5", 42.0),
    ("claude-sonnet-4.5", 30.0),
    ("gpt-5.2", 26.0),
    ("gpt-5-mini", 8.0),
    ("gemini-3-pro", 12.0),
    ("deepseek-v4", 5.0),
)

_WEEK = (1.0, 1.12, 1.2, 1.08, 0.98, 0.34, 0.28)


class FixedClock:
    """A wall clock that stands still."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        return None


def money(amount: float | str) -> int:
    """Dollars as nano-units."""
    return int(Decimal(str(amount)) * NANO)


def day_amount(model: int, day: date) -> int:
    """A believable amount of one model on one day: weekdays, growth, a little unrest, a peak."""
    base = MODELS[model][1]
    growth = 1.0 + max(0, (day - date(2026, 1, 1)).days) / 700
    unrest = 0.78 + ((day.toordinal() * 37 + model * 53) % 101) / 200
    peak = 1.9 if day == date(2026, 8, 4) else 1.0
    part_of_day = 0.55 if day == TODAY else 1.0
    return money(f"{base * _WEEK[day.weekday()] * growth * unrest * peak * part_of_day:.4f}")


def day_total(day: date) -> int:
    """All models of one day."""
    return sum(day_amount(i, day) for i in range(len(MODELS)))


def total(period: Period) -> int:
    """All models of the days of `period` up to today."""
    return sum(day_total(d) for d in period.days() if d <= TODAY)


def span_of(span: str) -> Period:
    match span:
        case "7d" | "30d" | "90d":
            return Period(TODAY - (int(span[:-1]) - 1) * ONE_DAY, TODAY)
        case "month":
            return MONTH
        case "year":
            return Period(date(TODAY.year, 1, 1), TODAY)
    raise WrongUse(f"There is no period called {span}.")


def stack(span: str = "30d", *, scale: int = 1, currency: str = "USD") -> DailyStack:
    """Spend per day and model over one of the page's periods."""
    period = span_of(span)
    days = tuple(period.days())
    gap = {date(2026, 7, 9), date(2026, 7, 10)}
    return DailyStack(
        period=period,
        currency=currency,
        days=days,
        series=tuple(
            StackSeries(
                name,
                tuple(0 if d in gap or d > TODAY else day_amount(i, d) * scale for d in days),
            )
            for i, (name, _) in enumerate(MODELS)
        ),
        known=tuple(d not in gap and d <= TODAY for d in days),
        final=tuple(d < TODAY - ONE_DAY for d in days),
    )


def curve(*, limit: int | None = money(3400), name: str = "All models") -> MonthCurve:
    """August so far, its forecast fan, July behind it and the budget's line."""
    points, running, median = [], 0, 0
    spread = 0
    for day in MONTH.days():
        if day <= TODAY:
            running += day_total(day)
            median = running
            if day < TODAY:
                points.append(CurvePoint(day, actual=running))
            else:
                points.append(CurvePoint(day, running, running, running, running))
            continue
        median += day_total(day - timedelta(days=7)) if day.day < 27 else money(128)
        spread += money(16)
        points.append(CurvePoint(day, None, median, median - spread, median + spread))
    july, before = 0, []
    for day in previous_month(TODAY).days():
        july += day_total(day)
        before.append(july)
    return MonthCurve(
        period=MONTH,
        currency="USD",
        today=TODAY,
        points=tuple(points),
        previous=tuple(before),
        limit=limit,
        limit_name=name,
    )


def month_end() -> MonthEnd:
    """The end of August as the curve has it."""
    last = curve().points[-1]
    assert last.median is not None
    spent = total(MONTH)
    return MonthEnd(
        currency="USD",
        period=MONTH,
        spent=spent,
        median=last.median,
        run_rate=spent * 31 // 20,
        low50=last.median - money(92),
        high50=last.median + money(92),
        low80=last.low80,
        high80=last.high80,
        low95=last.median - money(288),
        high95=last.median + money(288),
    )
