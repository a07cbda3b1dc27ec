"""Own loop: how many of an agent's tokens answered nobody, by day, project, agent, session, model.

The share of tokens that agents spend on their own going on is what drives consumption: a person
asks once, and the loop goes on by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.ledger import accounts, answers
from plimsoll.ledger.accounts import AGENT
from plimsoll.ledger.database import Ledger


@dataclass(frozen=True, slots=True)
class Loop:
    """Tokens by what the calls answered: a person (`human`), the agent's own loop (`tool_loop`),
    the agent that started this one (`subagent`), a program that started the agent (`headless`), or
    the agent's own upkeep (`auto`).
    """

    human: int = 0
    tool_loop: int = 0
    subagent: int = 0
    headless: int = 0
    auto: int = 0

    @property
    def total(self) -> int:
        """All tokens of calls whose class is known."""
        return self.human + self.own

    @property
    def own(self) -> int:
        """Tokens that answered no person."""
        return self.tool_loop + self.subagent + self.headless + self.auto

    @property
    def share(self) -> float | None:
        """The own-loop share, 0 to 1; None where there are no tokens to share out."""
        return self.own / self.total if self.total else None

    @property
    def part(self) -> Fraction | None:
        """The same, exact."""
        return Fraction(self.own, self.total) if self.total else None

    def __add__(self, other: Loop) -> Loop:
        return Loop(
            self.human + other.human,
            self.tool_loop + other.tool_loop,
            self.subagent + other.subagent,
            self.headless + other.headless,
            self.auto + other.auto,
        )


@dataclass(frozen=True, slots=True)
class OwnLoop:
    """The own loop of a question: all together, by the values of its dimension, and day by day
    (every day of `period`; an empty `Loop` where no agent worked).
    """

    period: Period
    total: Loop
    by_value: Mapping[str | None, Loop]
    days: tuple[tuple[date, Loop], ...]


_NO_LOOPS: Mapping[str | None, Loop] = MappingProxyType({})


def own_loop(ledger: Ledger, question: Question, *, today: date) -> OwnLoop | None:
    """The own loop of a question, by its first dimension; None where no agent's call is in it.

    Only calls count whose class a log tells: providers' accounts do not know whom a call answered.
    Those that another source pays for count too: the share is one of tokens, not of money.
    """
    scope = of_agents(ledger, question.scope)
    if scope is None:
        return None
    question = replace(question, scope=scope)
    by_day = _loops(ledger, question, Dimension.DAY, today)
    if not by_day:
        return None
    dimension = question.by[0] if question.by else Dimension.DAY
    days = [(day, by_day.get(day.isoformat(), Loop())) for day in question.period.days()]
    return OwnLoop(
        period=question.period,
        total=sum(by_day.values(), Loop()),
        by_value=by_day
        if dimension is Dimension.DAY
        else _loops(ledger, question, dimension, today),
        days=tuple(days),
    )


def of_agents(ledger: Ledger, scope: Scope) -> Scope | None:
    """A scope within the logs of agents, whether they pay or only explain; None where there are
    none. One that names its sources stays as it is.
    """
    known = accounts.sources(ledger, removed=True)
    names = tuple(dict.fromkeys(source.name for source in known if source.kind == AGENT))
    if not names:
        return None
    if any(dimension is Dimension.SOURCE for dimension, _ in scope.conditions):
        return scope
    return Scope((*scope.conditions, (Dimension.SOURCE, names)))


def _loops(
    ledger: Ledger, question: Question, dimension: Dimension, today: date
) -> Mapping[str | None, Loop]:
    """By the values of a dimension; a class cut by itself is nothing to share out."""
    if dimension is Dimension.CLASS:
        return _NO_LOOPS
    asked = replace(question, by=(dimension, Dimension.CLASS))
    found: dict[str | None, Loop] = {}
    for row in answers.answer(ledger, asked, today=today).rows:
        value, answered = row.key
        if answered is not None:
            here = Loop(**{answered: row.tokens.total})
            found[value] = found.get(value, Loop()) + here
    return found
