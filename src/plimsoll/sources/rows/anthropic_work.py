"""What Claude Code did for an Anthropic organisation, day by day: the Claude Code analytics report.

API facts: https://platform.claude.com/docs/en/manage-claude/claude-code-analytics-api. One UTC day
a question, a row for each actor and terminal. Lines are those that Claude Code *added* to files,
so that is what they are called here. `estimated_cost` is cents, as a number, and overlaps the cost
report. Of a `subscription` it is the worth of use that is paid by a flat plan: those customers'
work and worth are kept apart from what is paid by use (`api`). Use by way of Bedrock, Vertex and
Foundry is not in it, and figures come within an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from plimsoll.domain.calendar import ONE_DAY, Period, day_start
from plimsoll.domain.errors import REFUSED
from plimsoll.domain.money import Money
from plimsoll.domain.said import say
from plimsoll.domain.work import COMMITS, LINES_ADDED, PULL_REQUESTS, Done, WorkDay
from plimsoll.sources import fields
from plimsoll.sources.base import Finding
from plimsoll.sources.fields import FieldError, Row, counter, row_of
from plimsoll.sources.paging import Pager, Request
from plimsoll.sources.rows.anthropic import CENTS

PATH = "/v1/organizations/usage_report/claude_code"

CURRENCY = "USD"
"""Of every estimate; the report documents no other."""

_IS_PLAN = {"api": False, "subscription": True}
_ROWS_ON_A_PAGE = 1000
_MOST = 2**63 - 1
"""What the archive can hold of one day, in units and in nano-units."""

_NOT_OFFERED = say(
    "It is told to admins of a Console organisation. Nothing is missing from the "
    "totals: commits, pull requests and lines are only what money is divided by."
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One actor's day: its counts, and what its models are estimated to have cost."""

    is_plan: bool
    counts: tuple[tuple[str, int], ...]
    nanos: int | None


@dataclass(slots=True)
class _Sum:
    """All actors of one kind of customer on a day; `nanos` is None once a cost is not told."""

    counts: dict[str, int] = field(default_factory=dict)
    nanos: int | None = 0

    def add(self, row: _Row) -> None:
        for name, count in row.counts:
            self.counts[name] = self.counts.get(name, 0) + count
        known = self.nanos is not None and row.nanos is not None
        self.nanos = (self.nanos or 0) + (row.nanos or 0) if known else None

    @property
    def cost(self) -> Money | None:
        return None if self.nanos is None else Money(CURRENCY, self.nanos)


def claude_code_days(pager: Pager, period: Period) -> Iterator[WorkDay]:
    """Every day of a period, one question each, as `base.Works` promises."""
    for day in period.days():
        yield WorkDay(day, _day(pager, day))


def claude_code_finding(pager: Pager, day: date) -> Finding:
    """A line of *Test*: whether this key may read what Claude Code did."""
    what = say("What Claude Code did (commits, pull requests, lines)")
    try:
        next(pager.open([_request(day, limit=1)], most=1)[1])
    except REFUSED:
        return fields.readable(what, ok=False, remedy=_NOT_OFFERED, essential=False)
    return fields.readable(what, ok=True, essential=False)


def _request(day: date, *, limit: int = _ROWS_ON_A_PAGE) -> Request:
    return Request(PATH, (("starting_at", day.isoformat()), ("limit", str(limit))))


def _day(pager: Pager, day: date) -> tuple[Done, ...]:
    sums: dict[bool, _Sum] = {}
    for batch in pager.rows(_request(day), Period(day, day), width=ONE_DAY, read=_read):
        for _, row in batch.found:
            sums.setdefault(row.is_plan, _Sum()).add(row)
    for found in sums.values():
        if max(found.nanos or 0, *found.counts.values()) > _MOST:
            raise pager.refuse(FieldError("data", say("is out of range")), day.isoformat())
    return tuple(
        Done(tuple(sorted(found.counts.items())), found.cost, is_plan)
        for is_plan, found in sorted(sums.items())
    )


def _read(row: Row) -> tuple[datetime, datetime, object, _Row]:
    """One row as the pager wants it; all of it is its identity."""
    start = day_start(fields.calendar_day(row, "date"))
    kind = row.get("customer_type")
    if not isinstance(kind, str) or kind not in _IS_PLAN:
        raise FieldError("customer_type", say("is neither api nor subscription"), kind)
    core = row_of(row.get("core_metrics"), "core_metrics")
    lines = row_of(core.get("lines_of_code"), "lines_of_code")
    counts = (
        (COMMITS, counter(core, "commits_by_claude_code")),
        (PULL_REQUESTS, counter(core, "pull_requests_by_claude_code")),
        (LINES_ADDED, counter(lines, "added")),
    )
    return start, start + ONE_DAY, repr(row), _Row(_IS_PLAN[kind], counts, _nanos(row))


def _nanos(row: Row) -> int | None:
    """What all models of a row are estimated to have cost; None where that is not told."""
    if row.get("model_breakdown") is None:
        return None
    models = fields.list_of(row, "model_breakdown")
    return sum(_cost(row_of(model, "model_breakdown")).nanos for model in models)


def _cost(model: Row) -> Money:
    """What one model is estimated to have cost; documented as dollars, and nothing else is read."""
    told = row_of(model.get("estimated_cost"), "estimated_cost")
    cost, _ = fields.money(told, "amount", told.get("currency"), unit=CENTS)
    if cost.currency != CURRENCY:
        raise FieldError("currency", say("is not USD"), cost.currency)
    if cost.nanos < 0:
        raise FieldError("amount", say("is below zero"), told.get("amount"))
    return cost
