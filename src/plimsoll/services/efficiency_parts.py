"""Parts: the weeks' money by model and by project, and the own loop by project and agent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Amounts, Dimension, Question, Scope, Table
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.services.efficiency_answers import Share
from plimsoll.services.efficiency_tallies import Tallies, Where
from plimsoll.services.own_loop import Loop, of_agents
from plimsoll.services.priced_part import Priced, priced_parts
from plimsoll.services.work_counts import CommitsPart, projects_of_git

OWN_CLASSES = ("tool_loop", "subagent", "headless", "auto")
"""What a call answers that answers no person."""


@dataclass(slots=True)
class LoopPart:
    """One part of the own loop: week by week its own tokens and all; and of the latest week's own
    tokens the amounts, and how many have no price.
    """

    weeks: list[tuple[int, int]]
    amounts: dict[str, Amounts] = field(default_factory=dict)
    not_priced: int = 0


class Parts:
    """What is asked only where a measure lies outside of what is usual, and only once."""

    def __init__(self, ledger: Ledger, weeks: Sequence[Period], *, today: date) -> None:
        self._ledger = ledger
        self._weeks = weeks
        self._today = today
        self._money: dict[Dimension, Tallies] = {}

    @property
    def latest(self) -> Period:
        """The week that is looked at."""
        return self._weeks[-1]

    def money(self, dimension: Dimension) -> Tallies:
        """The money by source and a dimension. Each week is a question of its own: an account whose
        bill names no models in one of them does name them in the others.
        """
        if dimension not in self._money:
            tallies = Tallies(self._weeks)
            for week in self._weeks:
                by = (Dimension.DAY, Dimension.SOURCE, dimension)
                table = answers.answer(self._ledger, Question(week, by), today=self._today)
                priced = self._priced(table)
                for row in table.rows:
                    day, source, value = row.key
                    if day is not None and source is not None:
                        tallies.add_money(row, (source, value), day, priced.get(row.key))
                tallies.add_gaps(table.gaps)
            self._money[dimension] = tallies
        return self._money[dimension]

    def _priced(self, table: Table) -> Mapping[tuple[str | None, ...], Priced | None]:
        """What has a price of the rows of a table, where some tokens have none."""
        if not table.total.not_priced_tokens:
            return {}
        by = dict.fromkeys((*table.question.by, Dimension.MODEL, Dimension.TIER))
        question = replace(table.question, by=tuple(by))
        rows = answers.answer(self._ledger, question, today=self._today).rows
        return priced_parts(rows, tuple(range(len(table.question.by))))

    def commits(self) -> dict[tuple[str, str], CommitsPart]:
        """Commits and the list price of agents' tokens, by source and project."""
        return projects_of_git(self._ledger, self._weeks, today=self._today)

    def loop_shares(self) -> tuple[Share, ...]:
        """What each log gave to the own loop of the latest week, and on how many days."""
        scope = of_agents(self._ledger, Scope())
        if scope is None:
            return ()
        by = (Dimension.SOURCE, Dimension.DAY, Dimension.CLASS)
        table = answers.answer(self._ledger, Question(self.latest, by, scope), today=self._today)
        loops: dict[str, Loop] = defaultdict(Loop)
        days: dict[str, set[str | None]] = defaultdict(set)
        for row in table.rows:
            source, day, answered = row.key
            if source is not None and answered is not None:
                loops[source] += Loop(**{answered: row.tokens.total})
                days[source].add(day)
        return tuple(Share(s, loop.own, loop.total, len(days[s])) for s, loop in loops.items())

    def own_loop(self, dimension: Dimension) -> dict[Where, LoopPart]:
        """The own loop of agents' logs by source and a dimension; those that another source pays
        for count too.
        """
        scope = of_agents(self._ledger, Scope())
        found: dict[Where, LoopPart] = {}
        if scope is None:
            return found
        by = tuple(dict.fromkeys((Dimension.SOURCE, dimension, Dimension.CLASS)))
        for place, week in enumerate(self._weeks):
            table = answers.answer(self._ledger, Question(week, by, scope), today=self._today)
            loops: dict[Where, Loop] = defaultdict(Loop)
            for row in table.rows:
                source, *rest, answered = row.key
                if source is None or answered is None:
                    continue
                where = source, rest[0] if rest else source
                loops[where] += Loop(**{answered: row.tokens.total})
                if week is self.latest and answered in OWN_CLASSES:
                    part = found.setdefault(where, LoopPart([(0, 0)] * len(self._weeks)))
                    part.not_priced += row.not_priced_tokens
                    for money in row.amounts:
                        before = part.amounts.get(money.currency, Amounts(money.currency))
                        part.amounts[money.currency] = before + money
            for where, loop in loops.items():
                part = found.setdefault(where, LoopPart([(0, 0)] * len(self._weeks)))
                part.weeks[place] = loop.own, loop.total
        return found
