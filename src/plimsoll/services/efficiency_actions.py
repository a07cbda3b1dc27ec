"""What to try: the one thing that would have saved most in a week, at list price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from plimsoll.analysis.efficiency import Kind, excess_tokens
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension, Question, Row, Scope
from plimsoll.domain.tokens import Tokens
from plimsoll.services.efficiency_answers import Action
from plimsoll.services.efficiency_sums import Sums
from plimsoll.services.list_worth import ListWorth

_WORTH_WHILE = 100
"""What would save less than a hundredth of the week's spend is not worth a word."""


class Actions:
    """Looks for what to try in the latest of the weeks."""

    def __init__(self, weeks: Sequence[Period], sums: Sums, worth: ListWorth) -> None:
        self._weeks = weeks
        self._sums = sums
        self._worth = worth

    def best(
        self, rows: Sequence[Row], unread: Mapping[tuple[str, str], tuple[int, Money]]
    ) -> Action | None:
        """The one that would have saved most, in the currency that most was spent in if it has
        one: amounts of two currencies are not compared.
        """
        found = [*self._beyond_usual(rows)]
        for (source, model), (tokens, money) in unread.items():
            found.append(self._act(Kind.WRITES_UNREAD, source, model, tokens, money))
        spent = self._sums.latest.spent
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
            if row.key[2] in self._sums.latest.payers and row.key[3]:
                by_model[row.key[2] or "", row.key[3]].append(row)
        for (source, model), own in by_model.items():
            weeks = [Tokens() for _ in self._weeks]
            last: Row | None = None
            for row in own:
                place = self._sums.place(row.key[0])
                if place is not None:
                    weeks[place] += row.tokens
                    last = row if place == len(self._weeks) - 1 else last
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
        question = Question(self._weeks[-1], (Dimension.DAY,), scope)
        return Action(kind, source, model, tokens, saving, question)
