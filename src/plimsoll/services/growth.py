"""Growth: how fast consumption doubles, whose models it is of, and whom it is bought from, over the
last thirty days and week by week.

Tokens are all that were used, those of plans too; money is what was billed and estimated in one
currency. A charge for a whole account is shared out over its models by their worth, as everywhere.
The rules are in docs/decisions, 0029.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from plimsoll.domain.calendar import ONE_DAY, Period, utc_day
from plimsoll.domain.question import EVERYTHING, DaySpend, Dimension, Question, Row
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.services.dialogue import dialogue
from plimsoll.services.makers import region_of
from plimsoll.services.market_answers import Growth, Loops, Part, Use
from plimsoll.services.outlook import tokens_doubling
from plimsoll.services.own_loop import own_loop
from plimsoll.services.purchases import shared_out
from plimsoll.services.sellers import Sellers
from plimsoll.services.spending import USUAL

MONTH_DAYS = 30
YEAR_WEEKS = 52
"""Whole weeks that the series look back; the one under way stands behind them."""

LOOP_WEEKS = 13

_WEEK = 7
_BY = (Dimension.DAY, Dimension.SOURCE, Dimension.MODEL, Dimension.LINE_ITEM)


def growth(ledger: Ledger, *, now: datetime, currency: str | None = None) -> Growth:
    """How consumption grows, and from whom it is bought, with money of one currency: the most spent
    one unless another is known and named.
    """
    today = utc_day(now)
    known = answers.currencies(ledger)
    chosen = chosen_currency(known, currency)
    month, before = thirty_days(today)
    weeks = _weeks(today)
    desk = _Desk(ledger, Period(weeks[0].first, today - ONE_DAY), chosen, today)
    begun = [
        Period(max(week.first, desk.begin), week.last) for week in weeks if week.last >= desk.begin
    ]
    used = [desk.use(week) for week in begun]
    first = next((place for place, use in enumerate(used) if use.parts), len(used))
    return Growth(
        now=now,
        currency=chosen,
        currencies=known,
        doubling=tokens_doubling(ledger, now=now, scope=EVERYTHING),
        use=desk.use(month),
        before=desk.use(before),
        weeks=tuple(used[first:]),
        loops=_loops(ledger, today),
        titles=desk.sellers.titles,
        dialogue=dialogue(ledger, today=today),
    )


def chosen_currency(known: Sequence[str], wanted: str | None) -> str:
    """The wanted one if it is known, else the one that most was spent in."""
    return wanted if wanted is not None and wanted in known else next(iter(known), USUAL)


def thirty_days(today: date) -> tuple[Period, Period]:
    """The thirty complete days, and the thirty before them."""
    last = today - ONE_DAY
    month = Period(last - timedelta(days=MONTH_DAYS - 1), last)
    return month, Period(month.first - timedelta(days=MONTH_DAYS), month.first - ONE_DAY)


def _weeks(today: date) -> list[Period]:
    """A year of weeks from Monday to Sunday, and the complete days of the one under way."""
    monday = today - timedelta(days=today.weekday())
    starts = [monday - timedelta(weeks=back) for back in range(YEAR_WEEKS, 0, -1)]
    weeks = [Period(start, start + timedelta(days=_WEEK - 1)) for start in starts]
    return weeks if monday == today else [*weeks, Period(monday, today - ONE_DAY)]


class _Desk:
    """One look at a year of days; `begin` is the first that anything is known of."""

    def __init__(self, ledger: Ledger, period: Period, currency: str, today: date) -> None:
        self._currency = currency
        self._rows: dict[str, list[Row]] = defaultdict(list)
        for row in answers.answer(ledger, Question(period, _BY), today=today).rows:
            self._rows[row.key[0] or ""].append(row)
        series = answers.daily(ledger, period, currency=currency, today=today)
        self._days: Mapping[date, DaySpend] = {day.day: day for day in series.days}
        self.begin = next((day.day for day in series.days if day.known), today)
        self.sellers = Sellers(ledger)

    def use(self, period: Period) -> Use:
        """What was used in a period."""
        days = [self._days[day] for day in period.days()]
        by_source: dict[str, list[Row]] = defaultdict(list)
        for day in days:
            for row in self._rows.get(day.day.isoformat(), ()):
                by_source[row.key[1] or ""].append(row)
        tokens: dict[tuple[str, str | None], int] = defaultdict(int)
        money: dict[tuple[str, str | None], int] = defaultdict(int)
        for source, rows in by_source.items():
            for row in rows:
                tokens[self.sellers.of(source, row.key[2]), row.key[2]] += row.tokens.total
            for model, nanos in self._spent(rows).items():
                money[self.sellers.of(source, model), model] += nanos
        found = (
            Part(
                seller=seller,
                model=model,
                region=region_of(model, seller=seller),
                tokens=tokens.get((seller, model), 0),
                nanos=money.get((seller, model)),
            )
            for seller, model in {**tokens, **money}
        )
        parts = [part for part in found if part.tokens or part.nanos]
        parts.sort(key=lambda part: (-part.tokens, -(part.nanos or 0), part.seller))
        return Use(
            period=period,
            parts=tuple(parts),
            missing=sum(not day.known and day.day >= self.begin for day in days),
            not_final=sum(not day.final for day in days),
        )

    def _spent(self, rows: Iterable[Row]) -> Mapping[str | None, int]:
        """What was billed and estimated of one source, by model; None for what names none."""
        found: dict[str | None, int] = defaultdict(int)
        charges: list[tuple[str | None, str | None, int]] = []
        worths: dict[str, dict[str | None, int]] = defaultdict(lambda: defaultdict(int))
        charged: set[str] = set()
        for row in rows:
            day, _, model, line_item = row.key
            for amounts in row.amounts:
                if amounts.currency != self._currency:
                    continue
                found[model] += amounts.estimated
                worths[day or ""][model] += amounts.worth
                if amounts.billed:
                    charges.append((model, line_item, amounts.billed))
                    charged.add(day or "")
        worth: dict[str | None, int] = defaultdict(int)
        for day in charged:
            for model, nanos in worths[day].items():
                worth[model] += nanos
        billed, aside = shared_out(charges, {m: nanos for m, nanos in worth.items() if nanos})
        for model, nanos in billed.items():
            found[model] += nanos
        found[None] += aside
        return {model: nanos for model, nanos in found.items() if nanos}


def _loops(ledger: Ledger, today: date) -> tuple[Loops, ...]:
    last = today - ONE_DAY
    period = Period(last - timedelta(days=_WEEK * LOOP_WEEKS - 1), last)
    loop = own_loop(ledger, Question(period), today=today)
    if loop is None:
        return ()
    days = [day for _, day in loop.days]
    return tuple(
        Loops(
            period.first + timedelta(days=place),
            sum(day.own for day in days[place : place + _WEEK]),
            sum(day.total for day in days[place : place + _WEEK]),
        )
        for place in range(0, len(days), _WEEK)
    )
