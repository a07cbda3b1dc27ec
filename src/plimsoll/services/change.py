"""Change: why spend differs between two periods, by currency, as one frozen value.

The basis of money is what was spent: billed and estimated together, never plan. A model's effective
price is its money ÷ its tokens; its token classes share its money by their worth at the prices that
the rows keep. Where a provider bills by account only (or not by project), its charges are
shared out over the tokens of the charged days by their worth: attribution, not a bill.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from plimsoll.analysis.change import CLASSES, Explained, Side, Spent, Used, explain
from plimsoll.domain.calendar import ONE_DAY, Period, month_of
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import shares_of
from plimsoll.domain.question import (
    EVERYTHING,
    Amounts,
    Dimension,
    Gap,
    Question,
    Scope,
    Table,
)
from plimsoll.domain.said import say
from plimsoll.domain.usage import Tokens
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.priced import PricedTokens, priced_tokens
from plimsoll.prices.words import class_rates
from plimsoll.services import change_words

_BY = (Dimension.SOURCE, Dimension.PROJECT, Dimension.MODEL, Dimension.LINE_ITEM)

_Place = tuple[str, str | None, str | None]
"""A source, a project and a model."""


@dataclass(frozen=True, slots=True)
class CurrencyChange:
    """The change in one currency: `explained` has a part for every cause, in nano-units.

    `before` and `after` are what the two periods hold by evidence; the tokens are all of theirs,
    whatever they were paid in, for their shares (cache, output, reasoning) to be shown.
    """

    currency: str
    explained: Explained
    before: Amounts
    after: Amounts
    tokens_before: Tokens
    tokens_after: Tokens


@dataclass(frozen=True, slots=True)
class Change:
    """Why `period` differs from `against` (provider days, UTC), the most changed currency first.

    `changes` is empty where one of the periods is `unknown` as a whole, which the sentence says:
    what is unknown is not zero. `gaps` are the days without an answer in either period. The words
    are English; `change_words` says the same in another language.
    """

    period: Period
    against: Period
    today: date
    changes: tuple[CurrencyChange, ...]
    scope: Scope = EVERYTHING
    unknown: tuple[Period, ...] = ()
    gaps: tuple[Gap, ...] = ()
    not_final_from: date | None = None

    @property
    def period_words(self) -> str:
        """The period as it is spoken of beside the other."""
        return change_words.period_words(self.period, beside=self.against, today=self.today)

    @property
    def against_words(self) -> str:
        """The other period as it is spoken of beside this one."""
        return change_words.period_words(self.against, beside=self.period, today=self.today)

    @property
    def sentence(self) -> str:
        """What differs and why, in one or two plain sentences."""
        return change_words.sentence_of(self)


def read_periods(
    first: date | None,
    last: date | None,
    against_first: date | None,
    against_last: date | None,
    *,
    today: date,
) -> tuple[Period, Period]:
    """The two periods, both ends included; without dates this month's complete days.

    Without the second, the same days of the month before where the first begins a month and stays
    inside it, otherwise as many days directly before. Raises `WrongUse`.
    """
    if first is None and last is None:
        last = today - ONE_DAY
    first = first or month_of(last or today).first
    last = last or max(first, min(month_of(first).last, today - ONE_DAY))
    period = _period(first, last)
    if against_first is None and against_last is None:
        return period, usual_comparison(period)
    if against_first is None or against_last is None:
        raise WrongUse(
            say("The other period needs both its days: --against-from and --against-to.")
        )
    return period, _period(against_first, against_last)


def _period(first: date, last: date) -> Period:
    if last < first:
        raise WrongUse(
            say(
                "The period ends on {last}, before it begins on {first}.",
                last=str(last),
                first=str(first),
            )
        )
    return Period(first, last)


class Comparison(StrEnum):
    """What a period can be compared with."""

    MONTH = "month"
    DAYS = "days"
    YEAR = "year"


def usual_comparison(period: Period) -> Period:
    """What a period is compared with unless said otherwise."""
    return compared_with(period, usual_way(period))


def usual_way(period: Period) -> Comparison:
    """With the month before, what begins a month and stays inside it; else with the days before."""
    month = month_of(period.first)
    begins = period.first == month.first and period.last <= month.last
    return Comparison.MONTH if begins else Comparison.DAYS


def compared_with(period: Period, way: Comparison) -> Period:
    """The days to compare a period with: as many directly before it, or the same ones of the month
    or the year before. A whole month is compared with a whole month, and a day that the other month
    does not have is its last one.
    """
    if way is Comparison.DAYS:
        return Period(period.first - timedelta(days=len(period)), period.first - ONE_DAY)
    months = 12 if way is Comparison.YEAR else 1
    first = _earlier(period.first, months)
    whole = period.last == month_of(period.last).last and period.first.day == 1
    last = _earlier(period.last, months)
    return Period(first, month_of(last).last if whole else last)


def _earlier(day: date, months: int) -> date:
    """The same day so many months before, or the last one of its month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    there = month_of(date(year, month + 1, 1))
    return there.first.replace(day=min(day.day, there.last.day))


def complete_days(period: Period, today: date) -> Period:
    """A period without today, which is not over, unless that is all there is of it."""
    last = min(period.last, today - ONE_DAY)
    return Period(period.first, last) if last >= period.first else period


def change(
    ledger: Ledger,
    *,
    period: Period,
    against: Period,
    scope: Scope = EVERYTHING,
    today: date,
) -> Change:
    """Why `period` cost more or less than `against`, within a scope.

    What is told there is what the scope's rows cost: money that a provider bills as a whole stands
    on the row of what is not attributed, and is spread over tokens only where all are asked for.
    """
    tables = [
        answers.answer(ledger, Question(p, by=_BY, scope=scope), today=today)
        for p in (against, period)
    ]
    gaps = tuple(dict.fromkeys(gap for table in tables for gap in table.gaps))
    unknown = tuple(t.question.period for t in tables if _is_unknown(ledger, t, today))
    not_final = [table.not_final_from for table in tables if table.not_final_from]
    return Change(
        period=period,
        against=against,
        scope=scope,
        today=today,
        changes=() if unknown else _changes(ledger, tables, today),
        unknown=unknown,
        gaps=gaps,
        not_final_from=min(not_final, default=None),
    )


def _is_unknown(ledger: Ledger, table: Table, today: date) -> bool:
    """Whether no day of a period is known, and nothing of it is held either."""
    if any(row.amounts or row.tokens.total for row in table.rows):
        return False
    asked = table.question
    days = answers.daily(ledger, asked.period, currency="USD", scope=asked.scope, today=today).days
    return not any(day.known for day in days)


def _unknown_sources(table: Table, today: date) -> frozenset[str]:
    """The sources of which every day of a period up to today is missing, and nothing is held."""
    period, missing = table.question.period, Counter[str]()
    for gap in table.gaps:
        missing[gap.source] += len(gap.period)
    days = (min(period.last, today) - period.first).days + 1
    held = {row.key[0] for row in table.rows if row.amounts or row.tokens.total}
    return frozenset(s for s, count in missing.items() if count >= days and s not in held)


def _changes(ledger: Ledger, tables: Sequence[Table], today: date) -> tuple[CurrencyChange, ...]:
    sides = [
        _sides(table, priced_tokens(ledger, table.question.period, table.question.scope))
        for table in tables
    ]
    unknown = [_unknown_sources(table, today) for table in tables]
    before, after = tables[0].total, tables[1].total
    found = []
    for currency in sorted({a.currency for row in (before, after) for a in row.amounts if a.spent}):
        both = [
            replace(side.get(currency, Side()), unknown=gone)
            for side, gone in zip(sides, unknown, strict=True)
        ]
        found.append(
            CurrencyChange(
                currency=currency,
                explained=explain(both[0], both[1]),
                before=_amounts(before.amounts, currency),
                after=_amounts(after.amounts, currency),
                tokens_before=before.tokens,
                tokens_after=after.tokens,
            )
        )
    return tuple(sorted(found, key=lambda c: -max(abs(c.before.spent), abs(c.after.spent))))


def _amounts(amounts: Iterable[Amounts], currency: str) -> Amounts:
    return next((a for a in amounts if a.currency == currency), Amounts(currency))


# -- one period, by currency -------------------------------------------------------------------


def _sides(table: Table, groups: Sequence[PricedTokens]) -> dict[str, Side]:
    """A period's money and tokens by currency, as the analysis wants them."""
    spent: dict[str, list[Spent]] = defaultdict(list)
    charges: dict[tuple[str, str], list[Spent]] = defaultdict(list)
    for row in table.rows:
        source, project, model, line_item = row.key
        for amounts in row.amounts:
            for nanos, rows in (
                (amounts.estimated, spent[amounts.currency]),
                (amounts.billed, charges[amounts.currency, source or ""]),
            ):
                if nanos:
                    rows.append(Spent(nanos, source or "", project, model, line_item))
    worths = _charged_worths(groups)
    for (currency, source), rows in charges.items():
        spent[currency].extend(_spread(rows, worths.get(source, {})))
    _set_units_apart(groups, spent)
    used = _used(groups, spent)
    return {currency: Side(rows, used.get(currency, ())) for currency, rows in spent.items()}


def _set_units_apart(groups: Sequence[PricedTokens], spent: Mapping[str, list[Spent]]) -> None:
    """Estimated money of units beside a model's tokens (searches) is not the tokens' price.

    What a provider bills for such units stands on line items of its own.
    """
    with_tokens = {(g.source, g.project, g.model) for g in groups if g.tokens.total}
    for group in groups:
        place = (group.source, group.project, group.model)
        owed = None if group.worth is None else group.worth - group.off
        estimated = owed if group.priced and not group.charged else None
        if estimated and not group.tokens.total and place in with_tokens:
            spent[group.currency].append(Spent(-estimated, *place))
            spent[group.currency].append(Spent(estimated, *place, on_tokens=False))


def _charged_worths(groups: Iterable[PricedTokens]) -> dict[str, dict[_Place, int]]:
    """What the tokens of charged days are worth, by source and place."""
    worths: dict[str, dict[_Place, int]] = defaultdict(lambda: defaultdict(int))
    for group in groups:
        if group.charged and group.priced and group.worth:
            worths[group.source][group.source, group.project, group.model] += group.worth
    return worths


def _spread(rows: Sequence[Spent], worths: Mapping[_Place, int]) -> list[Spent]:
    """One source's charges; those that it does not bill by model, or by project, by worth.

    A source bills by model when one of its charges names one. A line item that names no model is
    for something else than a model's tokens, and stays as it is.
    """
    by_model = any(row.model is not None for row in rows)
    by_project = any(row.project is not None for row in rows)
    found = []
    for row in rows:
        places = sorted(
            (
                place
                for place in worths
                if (not by_project or place[1] == row.project)
                and (not by_model or place[2] == row.model)
            ),
            key=lambda place: [(name is None, name or "") for name in place],
        )
        stays = (by_model and by_project) or (row.model is None and row.line_item is not None)
        if stays or not places:
            found.append(row)
            continue
        for place, nanos in zip(
            places, shares_of(row.nanos, [worths[p] for p in places]), strict=True
        ):
            found.append(Spent(nanos, *place, row.line_item))
    return found


def _used(
    groups: Iterable[PricedTokens], spent: Mapping[str, Iterable[Spent]]
) -> dict[str, list[Used]]:
    """Tokens by the currency of their money: of their place's, else of their source's."""
    by_place: dict[_Place, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    by_source: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for currency, rows in spent.items():
        for row in rows:
            by_place[row.source, row.project, row.model][currency] += abs(row.nanos)
            by_source[row.source][currency] += abs(row.nanos)
    used: dict[str, list[Used]] = defaultdict(list)
    for group in groups:
        place = (group.source, group.project, group.model)
        money = by_place.get(place) or by_source.get(group.source) or {}
        if group.currency in money or not money:
            currency = group.currency
        else:
            currency = min(money, key=lambda c: (-money[c], c))
        rates = class_rates(group.basis)
        worths = tuple(_worth(group.tokens, name, rates) for name in CLASSES) if rates else None
        used[currency].append(Used(group.tokens, *place, group.tier, worths, priced=group.priced))
    return used


def _worth(tokens: Tokens, name: str, rates: Mapping[str, Fraction]) -> Fraction:
    count: int = getattr(tokens, name)
    return count * rates.get(name, Fraction(0))
