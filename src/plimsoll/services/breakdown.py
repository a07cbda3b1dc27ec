"""Breakdown: the Spend page's answer, what was spent of a period by one dimension, line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from plimsoll.domain.calendar import Period, previous_month, utc_day
from plimsoll.domain.question import Amounts, Dimension, Gap, Question, Row, Table
from plimsoll.domain.tokens import Tokens
from plimsoll.ledger import accounts, answers
from plimsoll.ledger.database import Ledger
from plimsoll.services.agent_work import AgentWork, agent_work
from plimsoll.services.figures import DailyStack
from plimsoll.services.freshness import as_of
from plimsoll.services.own_loop import of_agents
from plimsoll.services.spending import choose, spending_in
from plimsoll.services.stacks import daily_stack

ALWAYS = (
    Dimension.MODEL,
    Dimension.PROJECT,
    Dimension.KEY,
    Dimension.USER,
    Dimension.SOURCE,
    Dimension.PROVIDER,
    Dimension.TIER,
    Dimension.LINE_ITEM,
    Dimension.DAY,
    Dimension.MONTH,
)
"""What spend can always be cut by on the page, in the order of its menu."""

SPANS = {"30d": 30, "90d": 90, "year": 365}


@dataclass(frozen=True, slots=True)
class SpendLine:
    """One value of the dimension in one currency; `value` None is what was not attributed.

    `amounts` is None where nothing is known in any currency. A value in two currencies has two
    lines; its counts stand on the first of them only, so that a column still adds up.
    """

    value: str | None
    amounts: Amounts | None
    tokens: Tokens = field(default_factory=Tokens)
    requests: int | None = None
    not_priced_tokens: int = 0
    counts: bool = True

    @property
    def is_owed(self) -> bool:
        """Whether the line has money, be it zero: worth alone is what its tokens cost at list
        price, while the money stands on the row of what was not attributed, or nothing is owed.
        """
        money = self.amounts
        return money is not None and bool(money.spent or not (money.worth or money.plan))


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Spend of `question` (one dimension, provider days, UTC): lines that sum to the totals.

    `lines` are the most spent first, or in the order of time; `totals` has a line for each
    currency, the page's own first. `stack` is the same per day in `currency`. `dimensions` are
    those that can be asked.
    """

    now: datetime
    question: Question
    currency: str
    currencies: tuple[str, ...]
    has_sources: bool
    lines: tuple[SpendLine, ...]
    totals: tuple[SpendLine, ...]
    stack: DailyStack
    dimensions: tuple[Dimension, ...]
    as_of: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    not_final_from: date | None = None
    sources_count: int = 0
    agents: AgentWork | None = None
    """What coding agents' logs say beside the figures, where calls of theirs are in the answer."""

    @property
    def by(self) -> Dimension:
        """What the lines are cut by."""
        return self.question.by[0]


def period_of_span(span: str, today: date) -> Period:
    """The days of a choice: `month` (so far), `last_month`, `30d`, `90d` or `year`, to today."""
    if span == "month":
        return Period(today.replace(day=1), today)
    if span == "last_month":
        return previous_month(today)
    return Period(today - timedelta(days=SPANS[span] - 1), today)


def breakdown(
    ledger: Ledger, question: Question, *, now: datetime, currency: str | None
) -> Breakdown:
    """Everything the Spend page shows; the chart in one currency, the most spent unless named.

    Cut by sessions it shows agents' calls only, as its question then says: nobody else has any.
    """
    today = utc_day(now)
    by = question.by[0]
    if by is Dimension.SESSION:
        question = replace(question, scope=of_agents(ledger, question.scope) or question.scope)
    table = answers.answer(ledger, question, today=today)
    choice = choose(ledger, today=today, currency=currency, together=False)
    spending = spending_in(ledger, choice, today=today)
    sources = accounts.sources(ledger)
    lines = _lines(table, choice.currency)
    work = agent_work(ledger, question, today=today)
    if work is not None and by is Dimension.SESSION:
        lines = _in_families(lines, work)
    return Breakdown(
        now=now,
        question=question,
        currency=choice.currency,
        currencies=choice.currencies,
        has_sources=bool(sources),
        lines=lines,
        totals=tuple(_lines_of(table.total, choice.currency)),
        stack=daily_stack(spending, question.period, by=by, scope=question.scope),
        dimensions=_dimensions(ledger),
        as_of=as_of(ledger),
        gaps=table.gaps,
        not_final_from=table.not_final_from,
        sources_count=len(sources),
        agents=work,
    )


def _dimensions(ledger: Ledger) -> tuple[Dimension, ...]:
    more = answers.dimensions_used(ledger)
    return (*ALWAYS, *(d for d in Dimension if d in more and d not in ALWAYS))


def _lines(table: Table, currency: str) -> tuple[SpendLine, ...]:
    lines = [line for row in table.rows for line in _lines_of(row, currency)]
    if table.question.by[0] in {Dimension.DAY, Dimension.MONTH}:
        return tuple(lines)
    by_worth = table.question.by[0] is Dimension.SESSION
    return tuple(sorted(lines, key=lambda line: _weight(line, currency, by_worth=by_worth)))


def _in_families(lines: tuple[SpendLine, ...], work: AgentWork) -> tuple[SpendLine, ...]:
    """The lines of sessions, those that a session started after its own, in their order; every
    line once, whatever a log says of who started whom.
    """
    listed = {line.value for line in lines}
    children: dict[str | None, list[SpendLine]] = defaultdict(list)
    for line in lines:
        session = work.sessions.get(line.value or "")
        above = session.parent if session is not None else None
        children[above if above in listed else None].append(line)
    ordered: dict[int, SpendLine] = {}
    for first in (*children[None], *lines):
        waiting = [first]
        while waiting:
            line = waiting.pop()
            if id(line) not in ordered:
                ordered[id(line)] = line
                if line.counts and line.value is not None:
                    waiting += children[line.value][::-1]
    return tuple(ordered.values())


def _weight(line: SpendLine, currency: str, *, by_worth: bool) -> tuple[bool, int, int, int]:
    """The most spent in the page's currency first, then the other currencies, then the tokens.

    Sessions go by what they are worth: whether a plan pays for one says nothing of its size.
    """
    money = line.amounts
    mine = money is not None and money.currency == currency
    spent, worth = (money.spent, money.worth) if money else (0, 0)
    if by_worth:
        spent = 0
    return not mine, -spent, -worth, -line.tokens.total


def _lines_of(row: Row, currency: str) -> Iterator[SpendLine]:
    """A row's lines, that of the page's currency first."""
    value = row.key[0] if row.key else None
    money = sorted(row.amounts, key=lambda amounts: amounts.currency != currency)
    for place, amounts in enumerate(money or (None,)):
        if place:
            yield SpendLine(value, amounts, counts=False)
        else:
            yield SpendLine(value, amounts, row.tokens, row.requests, row.not_priced_tokens)
