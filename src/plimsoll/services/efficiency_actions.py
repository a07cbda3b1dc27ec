"""What to try: for each measure that lies outside of what is usual, the part that costs most more
than its own usual, and what that came to in the week.

A saving is never a guess at what could be: it is what the part would have cost less at the median
of its own eight weeks before, from stored whole numbers, rounded once. Nothing is said of parts
whose money, tokens, prices or weeks are not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from plimsoll.analysis.efficiency import Beyond, Kind, Measure, Standing, beyond_usual
from plimsoll.domain.money import Money
from plimsoll.domain.question import Amounts, Dimension, Question, Row, Scope
from plimsoll.domain.said import say
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.work import Cost
from plimsoll.services.efficiency_answers import Action, Basis, Quiet
from plimsoll.services.efficiency_parts import OWN_CLASSES, LoopPart, Parts
from plimsoll.services.efficiency_sums import Sums
from plimsoll.services.efficiency_tallies import Tally, Where
from plimsoll.services.list_worth import ListWorth

_WORTH_WHILE = 100
"""What would save less than a hundredth of the week's spend is not worth a word."""

_PAID = frozenset({Kind.OUTPUT_PER_MONEY, Kind.COST_PER_REQUEST, Kind.COST_PER_UNIT})
_QUIET = {
    Standing.USUAL: Quiet.USUAL,
    Standing.TOO_SHORT: Quiet.TOO_SHORT,
    Standing.NOT_KNOWN: Quiet.NOT_KNOWN,
}


class Actions:
    """Looks for what to try in the latest of the weeks."""

    def __init__(self, parts: Parts, sums: Sums, worth: ListWorth) -> None:
        self._parts = parts
        self._sums = sums
        self._worth = worth
        self._compared = False
        """Whether a part of the measure that is looked at has a usual of its own."""
        self._without_price = False
        """Whether one lies beyond it, and nobody knows what that cost."""

    def of(self, measure: Measure) -> Action | Quiet:
        """The one thing to try for a measure, or why there is none."""
        if not measure.costs_more and measure.kind is not Kind.WRITES_UNREAD:
            return _quiet_of(measure)
        self._compared = self._without_price = False
        found = list(self._candidates(measure))
        if not measure.costs_more:
            nothing = _quiet_of(measure)
        elif self._compared and not self._without_price:
            nothing = Quiet.NO_PART
        else:
            nothing = Quiet.PARTS_NOT_KNOWN
        return self._chosen(found, otherwise=nothing)

    def best(self, actions: Iterable[Action]) -> Action | None:
        """The one that would have saved most, in the currency that most was spent in if it has
        one: amounts of two currencies are not compared, and what is owed comes before what a plan
        pays for.
        """
        spent = self._sums.latest.spent
        return max(
            actions,
            key=lambda a: (
                a.basis is not Basis.PLAN,
                spent.get(a.saving.currency, 0),
                a.saving.nanos,
                a.part is Dimension.MODEL,
                a.source,
                a.value,
            ),
            default=None,
        )

    def _chosen(self, found: Iterable[Action], *, otherwise: Quiet) -> Action | Quiet:
        """The best of one measure that is worth while."""
        positive = [action for action in found if action.saving.nanos > 0]
        spent = self._sums.latest.spent
        best = self.best(
            action
            for action in positive
            if action.saving.nanos * _WORTH_WHILE >= spent.get(action.saving.currency, 0)
        )
        return best or (Quiet.TOO_SMALL if positive else otherwise)

    def _candidates(self, measure: Measure) -> Iterator[Action]:
        if measure.cost is Cost.WORTH:
            yield from self._commits(measure)
        elif measure.cost in {Cost.ESTIMATED, Cost.PLAN}:
            yield from self._told(measure)
        elif measure.kind in _PAID:
            yield from self._paid(measure)
        elif measure.kind is Kind.CACHE_SAVED:
            yield from self._cache_saved(measure)
        elif measure.kind in {Kind.CACHE_HITS, Kind.REASONING}:
            yield from self._tokens(measure)
        elif measure.kind is Kind.WRITES_UNREAD:
            yield from self._unread()
        elif measure.kind is Kind.OWN_LOOP:
            yield from self._own_loop()

    def _beyond(self, weeks: list[tuple[int, int]], *, above: bool = True) -> Beyond | None:
        """What lies beyond a part's own usual, if it does; and note that there was one to compare
        with.
        """
        found = beyond_usual(weeks, above=above)
        self._compared = self._compared or found is not None
        return found if found is not None and found.amount > 0 else None

    # --- by money paid -----------------------------------------------------------------------

    def _paid(self, measure: Measure) -> Iterator[Action]:
        """By model and by project; by the whole source where no bill tells either."""
        found = [
            *self._paid_by(measure, Dimension.MODEL),
            *self._paid_by(measure, Dimension.PROJECT),
        ]
        if self._compared:
            yield from found
        else:
            yield from self._paid_by(measure, Dimension.SOURCE)

    def _paid_by(self, measure: Measure, part: Dimension) -> Iterator[Action]:
        whole = part is Dimension.SOURCE
        tallies = self._sums.tallies if whole else self._parts.money(part)
        for where, tally in tallies.of(measure.kind, measure.currency).items():
            source, value = where
            if (value is None and not whole) or not measure.is_divided_of(source):
                continue
            weeks = _costs(measure, tally, tallies.unknown(where))
            beyond = self._beyond(weeks)
            if beyond is not None:
                saving = Money(measure.currency, round(beyond.amount))
                action = self._act(measure.kind, source, part, value or source, saving)
                yield replace(
                    action,
                    basis=_evidence(tally),
                    now=beyond.now,
                    usual=beyond.usual,
                    name=_unit(measure),
                )

    def _told(self, measure: Measure) -> Iterator[Action]:
        """Of work whose cost its provider estimates, all of it: no part of that is told."""
        beyond = self._beyond(list(measure.divided))
        if beyond is not None:
            saving = Money(measure.currency, round(beyond.amount))
            action = self._act(
                measure.kind, measure.origin, Dimension.SOURCE, measure.origin, saving
            )
            yield replace(
                action,
                basis=Basis.PLAN if measure.cost is Cost.PLAN else Basis.ESTIMATED,
                now=beyond.now,
                usual=beyond.usual,
                name=_unit(measure),
            )

    # --- by list price -----------------------------------------------------------------------

    def _commits(self, measure: Measure) -> Iterator[Action]:
        """By the project, whose own commits are known."""
        for (source, project), part in self._parts.commits().items():
            weeks = part.weeks.get(measure.currency)
            beyond = self._beyond(weeks) if weeks else None
            if beyond is not None:
                saving = Money(measure.currency, round(beyond.amount))
                action = self._act(measure.kind, source, Dimension.PROJECT, project, saving)
                yield replace(
                    action,
                    basis=_of_plan(part.latest[measure.currency]),
                    now=beyond.now,
                    usual=beyond.usual,
                    name=_unit(measure),
                )

    def _cache_saved(self, measure: Measure) -> Iterator[Action]:
        for (source, model), tally in self._payers(measure.kind, measure.currency):
            beyond = self._beyond(tally.weeks, above=False)
            if beyond is not None:
                saving = Money(measure.currency, round(beyond.amount))
                action = self._act(measure.kind, source, Dimension.MODEL, model, saving)
                yield replace(action, now=beyond.now, usual=beyond.usual)

    def _tokens(self, measure: Measure) -> Iterator[Action]:
        for (source, model), tally in self._payers(measure.kind):
            beyond = self._beyond(tally.weeks, above=measure.kind is Kind.REASONING)
            tokens = int(beyond.amount) if beyond is not None else 0
            saving = self._price(measure.kind, source, model, tokens)
            if beyond is not None and saving is None:
                self._without_price = True
            if beyond is not None and saving is not None:
                action = self._act(measure.kind, source, Dimension.MODEL, model, saving)
                yield replace(action, tokens=tokens, now=beyond.now, usual=beyond.usual)

    def _payers(self, kind: Kind, currency: str = "") -> Iterator[tuple[tuple[str, str], Tally]]:
        """The models of the sources that were paid by use in the latest week."""
        for (source, model), tally in self._sums.tallies.of(kind, currency).items():
            if source in self._sums.latest.payers and model is not None:
                yield (source, model), tally

    def _price(self, kind: Kind, source: str, model: str, tokens: int) -> Money | None:
        """What so many tokens would have saved at the week's latest price, of its tiers the one at
        which it is least; None where a price is not known.
        """
        latest: dict[str | None, Row] = {}
        for row in self._sums.cells[source, model]:
            if self._sums.tallies.is_latest(row.key[0]):
                latest[row.key[4]] = row
        found = []
        for row in latest.values():
            if kind is Kind.REASONING:
                found.append(self._worth.of(row, Tokens(output=tokens)))
                continue
            plain = self._worth.of(row, Tokens(input=tokens))
            cached = self._worth.of(row, Tokens(cache_read=tokens))
            alike = plain and cached and plain.currency == cached.currency
            found.append(
                Money(plain.currency, plain.nanos - cached.nanos)
                if alike and plain and cached
                else None
            )
        prices = [money for money in found if money is not None]
        if len(prices) < len(found) or len({money.currency for money in prices}) != 1:
            return None
        return min(prices, key=lambda money: money.nanos)

    def _unread(self) -> Iterator[Action]:
        for unread in self._sums.unread:
            action = self._act(
                Kind.WRITES_UNREAD, unread.source, Dimension.MODEL, unread.model, unread.cost
            )
            yield replace(action, tokens=unread.tokens)

    def _own_loop(self) -> Iterator[Action]:
        """By project and by agent, else by the whole of a log. Sessions are not looked at: few live
        for eight weeks.
        """
        found = [
            *self._own_loop_by(Dimension.PROJECT),
            *self._own_loop_by(Dimension.AGENT),
        ]
        if self._compared:
            yield from found
        else:
            yield from self._own_loop_by(Dimension.SOURCE)

    def _own_loop_by(self, part: Dimension) -> Iterator[Action]:
        loops: Mapping[Where, LoopPart] = self._parts.own_loop(part)
        for (source, value), loop in loops.items():
            beyond = self._beyond(loop.weeks) if value is not None else None
            if beyond is None or value is None:
                continue
            if loop.not_priced or len(loop.amounts) != 1:
                self._without_price = True
                continue
            own, _ = loop.weeks[-1]
            tokens = int(beyond.amount)
            (money,) = loop.amounts.values()
            saving = Money(money.currency, round(Fraction(money.worth * tokens, own)))
            action = self._act(Kind.OWN_LOOP, source, part, value, saving)
            conditions = (*action.question.scope.conditions, (Dimension.CLASS, OWN_CLASSES))
            yield replace(
                action,
                basis=_of_plan(money),
                tokens=tokens,
                now=beyond.now,
                usual=beyond.usual,
                question=replace(action.question, scope=Scope(conditions)),
            )

    def _act(self, kind: Kind, source: str, part: Dimension, value: str, saving: Money) -> Action:
        own = () if part is Dimension.SOURCE else ((part, (value,)),)
        scope = Scope(((Dimension.SOURCE, (source,)), *own))
        question = Question(self._parts.latest, (Dimension.DAY,), scope)
        return Action(kind, source, part, value, saving, Basis.LIST, question)


def _quiet_of(measure: Measure) -> Quiet:
    told = measure.kind is Kind.AGENTS_AND_PROGRAMS
    return _QUIET.get(measure.standing, Quiet.INDICATOR if told else Quiet.COSTS_NOTHING)


def _unit(measure: Measure) -> str:
    """What was counted: in the reader's words where a provider or git did, else as it was typed."""
    return say(measure.name) if measure.origin else measure.name


def _costs(measure: Measure, tally: Tally, unknown: set[int]) -> list[tuple[int, int]]:
    """What a part cost, and for how many tokens of output, requests or units of work, by week."""
    if measure.kind is Kind.OUTPUT_PER_MONEY:
        return [(paid, output) for output, paid in tally.weeks]
    if measure.kind is Kind.COST_PER_REQUEST:
        return tally.weeks
    weeks = zip(tally.weeks, measure.divided, strict=True)
    return [
        (0, 0) if place in unknown or not any(tally.weeks[place]) else (spent, units)
        for place, ((spent, _), (_, units)) in enumerate(weeks)
    ]


def _evidence(tally: Tally) -> Basis:
    """Which money a saving rests on."""
    if tally.billed and tally.estimated:
        return Basis.BILLED_AND_ESTIMATED
    return Basis.BILLED if tally.billed else Basis.ESTIMATED


def _of_plan(money: Amounts) -> Basis:
    """List price; and whether a plan pays for it, so that it is not owed."""
    if not money.plan:
        return Basis.LIST
    return Basis.PLAN if money.plan == money.worth else Basis.PARTLY_PLAN
