"""Efficiency: what a week's tokens gave for their money, beside the eight weeks before it.

Money and tokens are divided only where both are known of the same source and day, in one currency
and as far as the tokens have a price; what is left out is named. List prices of cached tokens are
those of the shortest prompts, so that savings are not told too high.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from plimsoll.analysis.efficiency import OF_MONEY, Kind, Measure, measured, whole_weeks
from plimsoll.domain.actors import Actors
from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension, Question, Table
from plimsoll.domain.work import Cost
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.overlaps import days_paid_elsewhere
from plimsoll.ledger.units_of_work import all_work
from plimsoll.services.actors import told_actors
from plimsoll.services.efficiency_actions import Actions
from plimsoll.services.efficiency_answers import Action, Efficiency, Finding, LeftOut, Quiet, Share
from plimsoll.services.efficiency_parts import Parts
from plimsoll.services.efficiency_sums import Sums
from plimsoll.services.list_worth import ListWorth
from plimsoll.services.own_loop import own_loop
from plimsoll.services.pricing import Pricing
from plimsoll.services.work_counts import entered, reported


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
        self._parts = Parts(ledger, self.weeks, today=today)
        self._paid_elsewhere = days_paid_elsewhere(ledger, self.weeks[-1])

    def answer(self) -> Efficiency:
        """Ask what there is to ask, divide, and look for what to try."""
        by_source = self._ask(Dimension.DAY, Dimension.SOURCE)
        cells = self._ask(
            Dimension.DAY, Dimension.HOUR, Dimension.SOURCE, Dimension.MODEL, Dimension.TIER
        )
        self._sums.add_money(by_source, cells)
        self._sums.add_tokens(cells)
        self._sums.add_unread()
        state = answers.answer(self._ledger, Question(self.weeks[-1]), today=self._today)
        actions = Actions(self._parts, self._sums, self._worth)
        findings = tuple(self._found(measure, actions) for measure in self._measures())
        return Efficiency(
            weeks=self.weeks,
            findings=findings,
            action=actions.best(f.action for f in findings if f.action is not None),
            not_final=state.not_final_from is not None,
            missing=bool(state.gaps),
            left_out=tuple(sorted(self._sums.tallies.not_divided)),
        )

    def _ask(self, *by: Dimension) -> Table:
        # A day more: a cache that was written on Sunday evening is read on Monday.
        last = min(self._period.last + timedelta(days=1), self._today)
        period = Period(self._period.first, last)
        return answers.answer(self._ledger, Question(period, by), today=self._today)

    def _found(self, measure: Measure, actions: Actions) -> Finding:
        kind, tallies = measure.kind, self._sums.tallies
        found = actions.of(measure)
        left_out = (*tallies.left_out(kind), *self._elsewhere(kind))
        return Finding(
            measure,
            action=found if isinstance(found, Action) else None,
            quiet=found if isinstance(found, Quiet) else None,
            shares=self._shares(measure),
            left_out=left_out if measure.cost is Cost.SPENT else (),
        )

    def _shares(self, measure: Measure) -> tuple[Share, ...]:
        """The sources in the latest week; a unit of work is paid for by all of them together, or
        by the one that counted it.
        """
        kind = measure.kind
        if kind is Kind.OWN_LOOP:
            return self._parts.loop_shares()
        if kind is Kind.AGENTS_AND_PROGRAMS and measure.latest is not None:
            return (Share(measure.name, *measure.divided[-1], days=len(self.weeks[-1])),)
        currency = measure.currency if kind in OF_MONEY else ""
        shares = self._sums.tallies.shares(kind, currency)
        if kind is not Kind.COST_PER_UNIT or not measure.divided:
            return shares
        _, units = measure.divided[-1]
        paying = (share for share in shares if measure.is_divided_of(share.source))
        return tuple(replace(share, bottom=units) for share in paying)

    def _elsewhere(self, kind: Kind) -> Iterator[tuple[str, LeftOut, int]]:
        """Sources that another one pays for; whom a call answered, only they know."""
        if kind not in {Kind.OWN_LOOP, Kind.AGENTS_AND_PROGRAMS}:
            for name, days in self._paid_elsewhere.items():
                yield name, LeftOut.PAID_ELSEWHERE, days

    # --- dividing ----------------------------------------------------------------------------

    def _measures(self) -> Iterable[Measure]:
        sums = self._sums.weeks
        currencies = sorted({c for week in sums for c in week.spent})
        for kind in (Kind.OUTPUT_PER_MONEY, Kind.COST_PER_REQUEST):
            for c in currencies:
                yield self._measure(kind, currency=c)
        yield self._measure(Kind.CACHE_HITS)
        for c in self._sums.tallies.currencies(Kind.CACHE_SAVED):
            saved, _ = self._sums.tallies.total(Kind.CACHE_SAVED, c).weeks[-1]
            yield self._measure(Kind.CACHE_SAVED, currency=c, amount=Money(c, saved))
        yield self._unread()
        yield self._measure(Kind.REASONING)
        yield from self._own_loop()
        yield from self._per_work(currencies)

    def _measure(self, kind: Kind, *, currency: str = "", amount: Money | None = None) -> Measure:
        weeks = self._sums.tallies.total(kind, currency).weeks
        tops, bottoms = zip(*weeks, strict=True)
        return measured(kind, tops, bottoms, currency=currency, amount=amount)

    def _unread(self) -> Measure:
        """With what it cost in the currency in which it cost most."""
        costs: dict[str, int] = {}
        for unread in self._sums.unread:
            cost = unread.cost
            costs[cost.currency] = costs.get(cost.currency, 0) + cost.nanos
        most = max(costs, key=lambda c: costs[c], default="")
        amount = Money(most, costs[most]) if most else None
        return replace(self._measure(Kind.WRITES_UNREAD, amount=amount), currency=most)

    def _own_loop(self) -> Iterable[Measure]:
        found = own_loop(self._ledger, Question(self._period), today=self._today)
        own, total = [0] * len(self.weeks), [0] * len(self.weeks)
        for day, loop in found.days if found else ():
            place = (day - self._period.first).days // 7
            own[place] += loop.own
            total[place] += loop.total
        yield measured(Kind.OWN_LOOP, own, total)
        for told in told_actors(self._ledger, self.weeks):
            weeks = [week or Actors() for week in told.weeks]
            asked, all_of_it = [w.agent + w.program for w in weeks], [w.total for w in weeks]
            share = measured(Kind.AGENTS_AND_PROGRAMS, asked, all_of_it, name=told.source)
            yield replace(share, not_told=weeks[-1].not_told_share)

    def _per_work(self, currencies: Sequence[str]) -> Iterable[Measure]:
        for name, weeks in entered(all_work(self._ledger), self.weeks).items():
            for c in currencies:
                spent = [s.spent.get(c, 0) for s in self._sums.weeks]
                yield measured(Kind.COST_PER_UNIT, spent, weeks, currency=c, name=name)
        for told in reported(self._ledger, self.weeks, today=self._today):
            if not told.currency:
                continue
            money, units = zip(*told.divided, strict=True)
            yield replace(
                measured(Kind.COST_PER_UNIT, money, units, currency=told.currency, name=told.name),
                origin=told.origin,
                cost=told.cost,
            )
