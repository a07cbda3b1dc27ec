"""Efficiency: what a week's tokens gave for their money, beside the eight weeks before it.

Money and tokens are divided only where both are known of the same source and day, in one currency
and with a price for every token; what is left out is named. List prices of cached tokens are those
of the shortest prompts, so that savings are not told too high.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from plimsoll.analysis.efficiency import (
    CacheHour,
    Kind,
    Measure,
    Standing,
    excess_tokens,
    never_read,
    ratio,
    whole_weeks,
)
from plimsoll.domain.calendar import Period, day_start, utc_day
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension, Question, Row, Scope, Table
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import Attribution, UsageRecord
from plimsoll.domain.work import Work
from plimsoll.ledger import accounts, answers
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.units_of_work import all_work
from plimsoll.services.own_loop import own_loop
from plimsoll.services.price_list import provider_of
from plimsoll.services.pricing import Pricing

_WORTH_WHILE = 100
"""What would save less than a hundredth of the week's spend is not worth a word."""

_HOUR = timedelta(hours=1)
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing to try: by which measure, where, what it would have saved in the latest week
    at list price, and the rows behind it.
    """

    kind: Kind
    source: str
    model: str
    tokens: int
    saving: Money
    question: Question


@dataclass(frozen=True, slots=True)
class Efficiency:
    """The latest whole week by every measure that can be taken; `weeks` has it last.

    `not_final` says that it can still change, `missing` that some of its days are not known;
    `left_out` are sources whose money or whose tokens are not known well enough to be divided.
    """

    weeks: tuple[Period, ...]
    measures: tuple[Measure, ...] = ()
    action: Action | None = None
    not_final: bool = False
    missing: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def latest(self) -> Period:
        """The week that is looked at."""
        return self.weeks[-1]


@dataclass(slots=True)
class _Sums:
    """What is added up of one week, by currency where it is money."""

    output_for: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paid_for_output: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    requests_for: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paid_for_requests: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    spent: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    prompt: int = 0
    cache_read: int = 0
    saved: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    full: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    written: int = 0
    unread: int = 0
    unread_costs: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    reasoning: int = 0
    output: int = 0
    payers: set[str] = field(default_factory=set)


def efficiency(ledger: Ledger, book: Pricing, *, now: datetime) -> Efficiency:
    """The latest whole week and the eight before it."""
    return _Week(ledger, book, today=utc_day(now)).answer()


class _Week:
    """One look at the archive."""

    def __init__(self, ledger: Ledger, book: Pricing, *, today: date) -> None:
        self._ledger = ledger
        self._today = today
        self.weeks = whole_weeks(today)
        self._period = Period(self.weeks[0].first, self.weeks[-1].last)
        self._worth = _Worth(ledger, book)
        self._sums = [_Sums() for _ in self.weeks]
        self._left_out: set[str] = set()

    def answer(self) -> Efficiency:
        """Ask what there is to ask, and divide."""
        by_source = self._ask(Dimension.DAY, Dimension.SOURCE)
        cells = self._ask(
            Dimension.DAY, Dimension.HOUR, Dimension.SOURCE, Dimension.MODEL, Dimension.TIER
        )
        self._add_money(by_source)
        self._add_tokens(cells)
        unread = self._add_unread(cells.rows)
        state = answers.answer(self._ledger, Question(self.weeks[-1]), today=self._today)
        return Efficiency(
            weeks=self.weeks,
            measures=tuple(self._measures()),
            action=self._action(cells.rows, unread),
            not_final=state.not_final_from is not None,
            missing=bool(state.gaps),
            left_out=tuple(sorted(self._left_out)),
        )

    def _ask(self, *by: Dimension) -> Table:
        # A day more: a cache that was written on Sunday evening is read on Monday.
        last = min(self._period.last + timedelta(days=1), self._today)
        period = Period(self._period.first, last)
        return answers.answer(self._ledger, Question(period, by), today=self._today)

    def _place(self, day: str | None) -> int | None:
        """Which of the weeks a day is in."""
        place = (date.fromisoformat(day or "") - self._period.first).days // 7
        return place if place < len(self.weeks) else None

    # --- adding up ---------------------------------------------------------------------------

    def _add_money(self, table: Table) -> None:
        for row in table.rows:
            day, source = row.key
            place = self._place(day)
            if place is None or source is None:
                continue
            sums = self._sums[place]
            paid = {a.currency: a.spent for a in row.amounts if a.spent}
            for currency, nanos in paid.items():
                sums.spent[currency] += nanos
            if paid:
                sums.payers.add(source)
            if not paid or not row.tokens.total:
                continue
            if len(paid) > 1 or row.not_priced_tokens:
                self._left_out.add(source)
                continue
            ((currency, nanos),) = paid.items()
            sums.output_for[currency] += row.tokens.output
            sums.paid_for_output[currency] += nanos
            if row.requests:
                sums.requests_for[currency] += row.requests
                sums.paid_for_requests[currency] += nanos

    def _add_tokens(self, table: Table) -> None:
        by_day: dict[tuple[int, tuple[str | None, ...]], list[Row]] = defaultdict(list)
        tells = {(row.key[2], row.key[3]) for row in table.rows if row.tokens.reasoning}
        for row in table.rows:
            place = self._place(row.key[0])
            if place is None:
                continue
            sums, tokens = self._sums[place], row.tokens
            sums.prompt += tokens.total - tokens.output
            sums.cache_read += tokens.cache_read
            sums.written += tokens.cache_write_5m + tokens.cache_write_1h
            if (row.key[2], row.key[3]) in tells:
                sums.reasoning += tokens.reasoning
                sums.output += tokens.output
            if _cached(tokens) and row.key[2] in sums.payers:
                day, _, *where = row.key
                by_day[place, (day, None, *where)].append(row)
        for (place, key), rows in by_day.items():
            self._add_saved(self._sums[place], key, rows)

    def _add_saved(self, sums: _Sums, key: tuple[str | None, ...], rows: Sequence[Row]) -> None:
        """What the cache saved on a day; hour by hour where the price was not one all day."""
        whole = Row(key, sum((row.tokens for row in rows), Tokens()))
        found = self._saved(whole)
        for part in (found,) if found is not None else map(self._saved, rows):
            if part is not None:
                full, saved = part
                sums.full[full.currency] += full.nanos
                sums.saved[full.currency] += saved

    def _saved(self, row: Row) -> tuple[Money, int] | None:
        """The input of a row at its full price, and how much less it was as it was; None where a
        price is not known.
        """
        plain = Tokens(input=row.tokens.input + _cached(row.tokens))
        full = self._worth.of(row, plain)
        was = self._worth.of(row, replace(row.tokens, output=0, reasoning=0))
        if full is None or was is None or full.currency != was.currency:
            return None
        return full, full.nanos - was.nanos

    def _add_unread(self, rows: Sequence[Row]) -> Mapping[tuple[str, str], tuple[int, Money]]:
        """Writes never read, at least, by source and model: their tokens and what they cost above
        plain input in the latest week, where the source is paid by use.
        """
        by_model: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            if row.key[2] and row.key[3]:
                by_model[row.key[2], row.key[3]].append(row)
        latest: dict[tuple[str, str], tuple[int, Money]] = {}
        for (source, model), own in by_model.items():
            for row, lost in _unread(own):
                place = self._place(row.key[0])
                if place is None:
                    continue
                sums = self._sums[place]
                sums.unread += sum(lost)
                if source not in sums.payers:
                    continue
                written = Tokens(cache_write_5m=lost[0], cache_write_1h=lost[1])
                cost, plain = (
                    self._worth.of(row, written),
                    self._worth.of(row, Tokens(input=sum(lost))),
                )
                if not cost or not plain or cost.currency != plain.currency:
                    continue
                above = Money(cost.currency, cost.nanos - plain.nanos)
                sums.unread_costs[above.currency] += above.nanos
                if sums is self._sums[-1]:
                    tokens, money = latest.get((source, model), (0, Money(above.currency, 0)))
                    if money.currency == above.currency:
                        latest[source, model] = (tokens + sum(lost), money + above)
        return latest

    # --- dividing ----------------------------------------------------------------------------

    def _measures(self) -> Iterable[Measure]:
        sums = self._sums
        currencies = sorted({c for week in sums for c in week.spent})
        for c in currencies:
            values = tuple(
                _per_unit(s.output_for.get(c, 0), s.paid_for_output.get(c, 0)) for s in sums
            )
            yield Measure(Kind.OUTPUT_PER_MONEY, values, c)
        for c in currencies:
            values = tuple(
                ratio(s.paid_for_requests.get(c, 0), s.requests_for.get(c, 0)) for s in sums
            )
            yield Measure(Kind.COST_PER_REQUEST, values, c)
        yield Measure(Kind.CACHE_HITS, tuple(ratio(s.cache_read, s.prompt) for s in sums))
        for c in sorted({c for week in sums for c in week.full}):
            values = tuple(ratio(s.saved.get(c, 0), s.full.get(c, 0)) for s in sums)
            yield Measure(Kind.CACHE_SAVED, values, c, amount=Money(c, sums[-1].saved.get(c, 0)))
        costs = sums[-1].unread_costs
        most = max(costs, key=lambda c: costs[c]) if costs else ""
        yield Measure(
            Kind.WRITES_UNREAD,
            tuple(ratio(s.unread, s.written) for s in sums),
            most,
            amount=Money(most, costs[most]) if most else None,
        )
        yield Measure(Kind.REASONING, tuple(ratio(s.reasoning, s.output) for s in sums))
        yield Measure(Kind.OWN_LOOP, self._own_loop())
        yield from self._per_work(currencies)

    def _own_loop(self) -> tuple[Fraction | None, ...]:
        found = own_loop(self._ledger, Question(self._period), today=self._today)
        own, total = [0] * len(self.weeks), [0] * len(self.weeks)
        for day, loop in found.days if found else ():
            place = (day - self._period.first).days // 7
            own[place] += loop.own
            total[place] += loop.total
        return tuple(map(ratio, own, total))

    def _per_work(self, currencies: Sequence[str]) -> Iterable[Measure]:
        counts = work_by_week(all_work(self._ledger), self.weeks)
        for name, weeks in counts.items():
            for c in currencies:
                spent = [s.spent.get(c, 0) for s in self._sums]
                yield Measure(Kind.COST_PER_UNIT, tuple(map(ratio, spent, weeks)), c, name)

    # --- what to try -------------------------------------------------------------------------

    def _action(
        self, rows: Sequence[Row], unread: Mapping[tuple[str, str], tuple[int, Money]]
    ) -> Action | None:
        """The one that would have saved most, in the currency that most was spent in if it has
        one: amounts of two currencies are not compared.
        """
        found = [*self._beyond_usual(rows)]
        for (source, model), (tokens, money) in unread.items():
            found.append(self._act(Kind.WRITES_UNREAD, source, model, tokens, money))
        spent = self._sums[-1].spent
        found = [
            action
            for action in found
            if action.saving.nanos > 0
            and action.saving.nanos * _WORTH_WHILE >= spent.get(action.saving.currency, 0)
        ]
        return max(
            found,
            key=lambda a: (spent.get(a.saving.currency, 0), a.saving.nanos, a.source, a.model),
            default=None,
        )

    def _beyond_usual(self, rows: Sequence[Row]) -> Iterable[Action]:
        by_model: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            if row.key[2] in self._sums[-1].payers and row.key[3]:
                by_model[row.key[2] or "", row.key[3]].append(row)
        for (source, model), own in by_model.items():
            weeks = [Tokens() for _ in self.weeks]
            last: Row | None = None
            for row in own:
                place = self._place(row.key[0])
                if place is not None:
                    weeks[place] += row.tokens
                    last = row if place == len(self.weeks) - 1 else last
            if last is None:
                continue
            hits = excess_tokens([(t.cache_read, t.total - t.output) for t in weeks], above=False)
            if hits is not None:
                plain = self._worth.of(last, Tokens(input=hits[0]))
                cached = self._worth.of(last, Tokens(cache_read=hits[0]))
                if plain and cached and plain.currency == cached.currency:
                    saving = Money(plain.currency, plain.nanos - cached.nanos)
                    yield self._act(Kind.CACHE_HITS, source, model, hits[0], saving)
            more = excess_tokens([(t.reasoning, t.output) for t in weeks], above=True)
            worth = self._worth.of(last, Tokens(output=more[0])) if more else None
            if more is not None and worth is not None:
                yield self._act(Kind.REASONING, source, model, more[0], worth)

    def _act(self, kind: Kind, source: str, model: str, tokens: int, saving: Money) -> Action:
        scope = Scope(((Dimension.SOURCE, (source,)), (Dimension.MODEL, (model,))))
        question = Question(self.weeks[-1], (Dimension.DAY,), scope)
        return Action(kind, source, model, tokens, saving, question)


def work_by_week(work: Iterable[Work], weeks: Sequence[Period]) -> Mapping[str, tuple[int, ...]]:
    """How many units were done in each week, by their name; names without any are left out."""
    found: dict[str, list[int]] = {}
    for entry in work:
        for place, week in enumerate(weeks):
            if entry.day in week:
                found.setdefault(entry.name, [0] * len(weeks))[place] += entry.count
    return {name: tuple(counts) for name, counts in sorted(found.items())}


def standing_out(answer: Efficiency) -> tuple[Measure, ...]:
    """The measures whose latest week lies outside what is usual."""
    marked = {Standing.ABOVE, Standing.BELOW}
    return tuple(measure for measure in answer.measures if measure.standing in marked)


class _Worth:
    """List prices of tokens as they would have been in a row's place."""

    def __init__(self, ledger: Ledger, book: Pricing) -> None:
        self._ledger = ledger
        self._book = book
        self._sources = {source.name: source for source in accounts.sources(ledger, removed=True)}
        self._providers: dict[tuple[str, str], str] = {}

    def of(self, row: Row, tokens: Tokens) -> Money | None:
        """What these tokens cost at the time, source, model and tier of a row."""
        day, hour, name, model, tier = row.key
        source = self._sources.get(name or "")
        if source is None or model is None:
            return None
        start = _instant(hour) if hour else day_start(date.fromisoformat(day or ""))
        end = start + (_HOUR if hour else timedelta(days=1))
        record = UsageRecord(start, end, Attribution(model=model, tier=tier), tokens)
        return self._book.compute(record, source, provider=self._provider(source, model)).worth

    def _provider(self, source: Source, model: str) -> str:
        key = source.name, model
        if key not in self._providers:
            self._providers[key] = provider_of(self._ledger, source, model)
        return self._providers[key]


def _unread(rows: Sequence[Row]) -> Iterable[tuple[Row, tuple[int, int]]]:
    """Rows of one model, and how many of the writes of their hour were never read.

    Where some rows know only their day, all are looked at by days, and a write may have been read
    on the day after it.
    """
    by_hour = all(row.key[1] for row in rows)
    cells: dict[int, CacheHour] = defaultdict(CacheHour)
    first: dict[int, Row] = {}
    for row in rows:
        day, hour, *_ = row.key
        moment = (
            int(_instant(hour or "").timestamp()) // 3600
            if by_hour
            else (date.fromisoformat(day or "") - _EPOCH).days
        )
        tokens = row.tokens
        cells[moment] += CacheHour(tokens.cache_read, tokens.cache_write_5m, tokens.cache_write_1h)
        if tokens.cache_write_5m or tokens.cache_write_1h:
            first.setdefault(moment, row)
    lost = never_read(cells) if by_hour else never_read(cells, short=1, long=1)
    return [(first[moment], tokens) for moment, tokens in lost.items()]


def _cached(tokens: Tokens) -> int:
    """Tokens of the input that were read from a cache or written to it."""
    return tokens.cache_read + tokens.cache_write_5m + tokens.cache_write_1h


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _per_unit(tokens: int, nanos: int) -> Fraction | None:
    """Tokens for one unit of the currency."""
    return ratio(tokens * NANO, nanos) if nanos > 0 else None
