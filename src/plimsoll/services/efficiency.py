"""Efficiency: what a week's tokens gave for their money, beside the eight weeks before it.

Money and tokens are divided only where both are known of the same source and day, in one currency
and with a price for every token; what is left out is named. List prices of cached tokens are those
of the shortest prompts, so that savings are not told too high.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from plimsoll.analysis.efficiency import Kind, Measure, measured, whole_weeks
from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension, Question, Table
from plimsoll.domain.work import Work
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.units_of_work import all_work
from plimsoll.services.efficiency_actions import Actions
from plimsoll.services.efficiency_answers import Efficiency
from plimsoll.services.efficiency_sums import Sums
from plimsoll.services.list_worth import ListWorth
from plimsoll.services.own_loop import own_loop
from plimsoll.services.pricing import Pricing


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
        self._worth = ListWorth(ledger, book)
        self._sums = Sums(self.weeks, self._worth)

    def answer(self) -> Efficiency:
        """Ask what there is to ask, and divide."""
        by_source = self._ask(Dimension.DAY, Dimension.SOURCE)
        cells = self._ask(
            Dimension.DAY, Dimension.HOUR, Dimension.SOURCE, Dimension.MODEL, Dimension.TIER
        )
        self._sums.add_money(by_source)
        self._sums.add_tokens(cells)
        unread = self._sums.add_unread(cells.rows)
        state = answers.answer(self._ledger, Question(self.weeks[-1]), today=self._today)
        return Efficiency(
            weeks=self.weeks,
            measures=tuple(self._measures()),
            action=Actions(self.weeks, self._sums, self._worth).best(cells.rows, unread),
            not_final=state.not_final_from is not None,
            missing=bool(state.gaps),
            left_out=tuple(sorted(self._sums.left_out)),
        )

    def _ask(self, *by: Dimension) -> Table:
        # A day more: a cache that was written on Sunday evening is read on Monday.
        last = min(self._period.last + timedelta(days=1), self._today)
        period = Period(self._period.first, last)
        return answers.answer(self._ledger, Question(period, by), today=self._today)

    # --- dividing ----------------------------------------------------------------------------

    def _measures(self) -> Iterable[Measure]:
        sums = self._sums.weeks
        currencies = sorted({c for week in sums for c in week.spent})
        for c in currencies:
            output = [s.output_for.get(c, 0) for s in sums]
            paid = [s.paid_for_output.get(c, 0) for s in sums]
            yield measured(Kind.OUTPUT_PER_MONEY, output, paid, currency=c)
        for c in currencies:
            paid = [s.paid_for_requests.get(c, 0) for s in sums]
            requests = [s.requests_for.get(c, 0) for s in sums]
            yield measured(Kind.COST_PER_REQUEST, paid, requests, currency=c)
        read, prompt = [s.cache_read for s in sums], [s.prompt for s in sums]
        yield measured(Kind.CACHE_HITS, read, prompt)
        for c in sorted({c for week in sums for c in week.full}):
            saved, full = [s.saved.get(c, 0) for s in sums], [s.full.get(c, 0) for s in sums]
            yield measured(
                Kind.CACHE_SAVED, saved, full, currency=c, amount=Money(c, sums[-1].saved.get(c, 0))
            )
        costs = sums[-1].unread_costs
        most = max(costs, key=lambda c: costs[c]) if costs else ""
        yield measured(
            Kind.WRITES_UNREAD,
            [s.unread for s in sums],
            [s.written for s in sums],
            currency=most,
            amount=Money(most, costs[most]) if most else None,
        )
        yield measured(Kind.REASONING, [s.reasoning for s in sums], [s.output for s in sums])
        yield from self._own_loop()
        yield from self._per_work(currencies)

    def _own_loop(self) -> Iterable[Measure]:
        found = own_loop(self._ledger, Question(self._period), today=self._today)
        own, total = [0] * len(self.weeks), [0] * len(self.weeks)
        for day, loop in found.days if found else ():
            place = (day - self._period.first).days // 7
            own[place] += loop.own
            total[place] += loop.total
        yield measured(Kind.OWN_LOOP, own, total)

    def _per_work(self, currencies: Sequence[str]) -> Iterable[Measure]:
        counts = work_by_week(all_work(self._ledger), self.weeks)
        for name, weeks in counts.items():
            for c in currencies:
                spent = [s.spent.get(c, 0) for s in self._sums.weeks]
                yield measured(Kind.COST_PER_UNIT, spent, weeks, currency=c, name=name)


def work_by_week(work: Iterable[Work], weeks: Sequence[Period]) -> Mapping[str, tuple[int, ...]]:
    """How many units were done in each week, by their name; names without any are left out."""
    found: dict[str, list[int]] = {}
    for entry in work:
        for place, week in enumerate(weeks):
            if entry.day in week:
                found.setdefault(entry.name, [0] * len(weeks))[place] += entry.count
    return {name: tuple(counts) for name, counts in sorted(found.items())}
