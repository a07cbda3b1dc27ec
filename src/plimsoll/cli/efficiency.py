"""`plimsoll efficiency`: what a week's tokens gave for their money, against the user's own past."""

from __future__ import annotations

import shlex
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from plimsoll.cli.session import common, print_out, session_of, tell
from plimsoll.domain.calendar import spoken, utc_day
from plimsoll.domain.money import Money, decimal_text
from plimsoll.services.efficiency_words import (
    action_words,
    divided_words,
    quiet_words,
    small_money,
    unit_cost_words,
)

if TYPE_CHECKING:
    from fractions import Fraction

    from plimsoll.analysis.efficiency import Measure
    from plimsoll.domain.work import Work
    from plimsoll.services.efficiency_answers import Action, Efficiency, Finding
    from plimsoll.services.work_counts import WorkByWeek, WorkReported

_DAY = click.DateTime(["%Y-%m-%d"])

_MONEY = frozenset({"cost_per_request", "cost_per_unit"})
_TOLD = "agents_and_programs"
_WORDS = {
    "output_per_money": "Output tokens per {currency}",
    "cost_per_request": "Cost per request",
    "cache_hits": "Cache hit rate",
    "cache_saved": "Saved by the cache, of the full input price",
    "writes_unread": "Cache writes never read, at least",
    "reasoning": "Reasoning in the output",
    "own_loop": "Own loop",
    "agents_and_programs": "By agents and programs, as {name} tells (an indicator)",
}


@click.group("efficiency", invoke_without_command=True)
@common
@click.pass_context
def command(context: click.Context) -> None:
    """Show the latest whole week (UTC) beside the eight weeks before it.

    A week is marked only where it lies outside of what was usual. No grades, and no comparison
    with anybody else.
    """
    if context.invoked_subcommand is not None:
        return
    session = session_of(context)
    with session.program(who="efficiency") as program:
        answer = program.efficiency()
    if session.as_json:
        session.answer(document(answer))
    else:
        _print(answer)


@command.command("add")
@click.argument("name")
@click.argument("count", type=int)
@click.option("--on", type=_DAY, help="The day (UTC) on which they were done; today.")
@common
@click.pass_context
def add(context: click.Context, name: str, count: int, on: datetime | None) -> None:
    """Enter COUNT units of work, such as "tickets" 12."""
    session = session_of(context)
    day = on.date() if on else utc_day(session.clock.now())
    with session.program(who="efficiency") as program:
        entry = program.add_work(name, count, day=day)
    if session.as_json:
        session.answer({"schema": 1, **_entry(entry)})
    else:
        print_out(_line(entry))


@command.command("work")
@common
@click.pass_context
def work(context: click.Context) -> None:
    """List the units of work that were entered, and what providers and git counted."""
    session = session_of(context)
    with session.program(who="efficiency") as program:
        entries, reported = program.work(), program.work_reported()
    if session.as_json:
        own = [_entry(entry) for entry in entries]
        session.answer({"schema": 1, "work": own, **_reported(reported)})
        return
    for entry in entries:
        print_out(_line(entry))
    if reported.lines:
        first, last = spoken(reported.weeks[0].first), spoken(reported.weeks[-1].last)
        print_out(f"Counted for you, by weeks from {first} to {last} (UTC):")
    for line in reported.lines:
        print_out(f"  {_counted(line)}")
    for note in reported.notes:
        tell(note)
    if not entries and not reported.lines:
        tell("Nothing was entered. Begin with `plimsoll efficiency add NAME COUNT`.")


@command.command("remove")
@click.argument("number", type=int)
@common
@click.pass_context
def remove(context: click.Context, number: int) -> None:
    """Remove the entry of this number."""
    session = session_of(context)
    with session.program(who="efficiency") as program:
        program.remove_work(number)
    if session.as_json:
        session.answer({"schema": 1, "removed": number})


def document(answer: Efficiency) -> dict[str, object]:
    """The document of `efficiency --json`, schema 1: figures are decimal text, null where unknown.
    Money for each request or unit is in units of its currency, shares are from 0 to 1. `source` and
    `not_told` are of `agents_and_programs`, an indicator that its provider tells.
    """
    week = answer.latest
    return {
        "schema": 1,
        "from": week.first.isoformat(),
        "to": week.last.isoformat(),
        "not_final": answer.not_final,
        "missing": answer.missing,
        "left_out": list(answer.left_out),
        "weeks": [period.first.isoformat() for period in answer.weeks],
        "measures": [_found(finding) for finding in answer.findings],
        "action": None if answer.action is None else _action(answer.action),
    }


def _measure(measure: Measure) -> dict[str, object]:
    usual, told = measure.baseline, measure.kind.value == _TOLD
    return {
        "measure": measure.kind.value,
        "currency": measure.currency or None,
        "unit": None if told else measure.name or None,
        "source": measure.name if told else None,
        "origin": measure.origin or None,
        "cost": measure.cost.value if measure.kind.value == "cost_per_unit" else None,
        "values": [_text(measure, value) for value in measure.values],
        "value": _text(measure, measure.latest),
        "usual": None
        if usual is None
        else {
            "median": _text(measure, usual.median),
            "low": _text(measure, usual.low),
            "high": _text(measure, usual.high),
            "weeks": usual.weeks,
        },
        "standing": measure.standing.value.replace(" ", "_"),
        "amount": None if measure.amount is None else decimal_text(measure.amount.nanos),
        "not_told": _text(measure, measure.not_told),
    }


def _found(finding: Finding) -> dict[str, object]:
    """A measure, what to try or why nothing, and its sources in the latest week: the `top` that was
    divided by the `bottom` (whole tokens, requests or units of work, or money as decimal text).
    """
    measure = finding.measure
    over = measure.divided[-1] if measure.divided else None
    return {
        **_measure(measure),
        "action": None if finding.action is None else _action(finding.action),
        "no_action": None if finding.quiet is None else finding.quiet.value.replace(" ", "_"),
        "divided": None if over is None else _divided(measure, *over),
        "sources": [
            {"source": s.source, "days": s.days, **_divided(measure, s.top, s.bottom)}
            for s in finding.shares
        ],
        "left_out": [
            {"source": source, "reason": why.value.replace(" ", "_"), "days": days}
            for source, why, days in finding.left_out
        ],
    }


def _divided(measure: Measure, top: int, bottom: int) -> dict[str, object]:
    from plimsoll.analysis.efficiency import MONEY_BELOW, MONEY_ON_TOP

    return {
        "top": decimal_text(top) if measure.kind in MONEY_ON_TOP else top,
        "bottom": decimal_text(bottom) if measure.kind in MONEY_BELOW else bottom,
    }


def _action(action: Action) -> dict[str, object]:
    period = action.question.period
    return {
        "measure": action.kind.value,
        "unit": action.name or None,
        "source": action.source,
        "part": action.part.value,
        "value": action.value,
        "model": action.model,
        "tokens": action.tokens,
        "saving": decimal_text(action.saving.nanos),
        "currency": action.saving.currency,
        "basis": action.basis.value.replace(" ", "_"),
        "rows": {
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "where": _conditions(action),
        },
    }


def _conditions(action: Action) -> list[str]:
    """The scope of the rows behind, as `--where` takes it."""
    return [
        f"{dimension.value}={value or ''}"
        for dimension, values in action.question.scope.conditions
        for value in values
    ]


def rows_command(action: Action) -> str:
    """The command that shows the rows behind, each word quoted where a shell needs it."""
    period = action.question.period
    words = ["plimsoll", "spend", "--from", str(period.first), "--to", str(period.last)]
    for condition in _conditions(action):
        words += ["--where", condition]
    return shlex.join(words)


def _text(measure: Measure, value: Fraction | None) -> str | None:
    """A value as decimal text: six decimals of a share or a count, nine of money."""
    if value is None:
        return None
    if measure.kind in _MONEY:
        return decimal_text(round(value))
    return f"{Decimal(round(value * 10**6)).scaleb(-6):f}"


def _entry(entry: Work) -> dict[str, object]:
    return {
        "number": entry.id,
        "name": entry.name,
        "day": entry.day.isoformat(),
        "count": entry.count,
    }


def _reported(reported: WorkReported) -> dict[str, object]:
    return {
        "weeks": [week.first.isoformat() for week in reported.weeks],
        "reported": [
            {
                "origin": line.origin,
                "name": line.name,
                "counts": list(line.counts),
                "cost": line.cost.value,
                "currency": line.currency or None,
                "amounts": [None if n is None else decimal_text(n) for n in line.nanos] or None,
            }
            for line in reported.lines
        ],
        "notes": list(reported.notes),
    }


def _counted(line: WorkByWeek) -> str:
    counts = ", ".join("–" if count is None else f"{count:,}" for count in line.counts)
    under = ", under a plan" if line.cost.value == "plan" else ""
    return f"{line.name}, counted by {line.origin}{under}: {counts}"


def _line(entry: Work) -> str:
    return f"{entry.id:>4}  {entry.day}  {entry.count:,} {entry.name}"


def _print(answer: Efficiency) -> None:
    week = answer.latest
    print_out(f"The week from {spoken(week.first)} to {spoken(week.last)} (UTC)")
    for measure in answer.measures:
        if measure.latest is not None:
            print_out(f"  {_sentence(measure)}")
    if not any(measure.latest is not None for measure in answer.measures):
        tell("Nothing of this week is known. Add a source and sync, or wait for a whole week.")
    for action in answer.actions:
        print_out(action_words(action))
        print_out(f"  The rows: {rows_command(action)}")
    for finding in answer.findings:
        if finding.quiet is not None and finding.measure.costs_more:
            print_out(f"{_name(finding.measure)}: {quiet_words(finding.quiet)}")
    if answer.not_final:
        tell("Some of these days can still change.")
    if answer.missing:
        tell("Some of these days are missing.")
    if answer.left_out:
        tell(f"Not divided, not all of its money or tokens is known: {', '.join(answer.left_out)}")


def _sentence(measure: Measure) -> str:
    said = f"{_name(measure)}: {_figure(measure, measure.latest)}"
    if measure.kind.value == "cost_per_unit":
        said += f" ({divided_words(measure)})"
    if measure.amount is not None and measure.amount.nanos:
        said += f" ({small_money(measure.amount)} at list price)"
    if measure.not_told:
        said += f" (not told of {_figure(measure, measure.not_told)})"
    usual = measure.baseline
    if usual is None:
        return f"{said}; too few weeks to say what is usual"
    low, high = _figure(measure, usual.low), _figure(measure, usual.high)
    mark = {
        "above": ", higher than usual; usually",
        "below": ", lower than usual; usually",
    }.get(measure.standing.value, ", as usual,")
    return f"{said}{mark} {low} to {high}"


def _name(measure: Measure) -> str:
    if measure.kind.value == "cost_per_unit":
        return unit_cost_words(measure)
    return _WORDS[measure.kind.value].format(currency=measure.currency, name=measure.name)


def _figure(measure: Measure, value: Fraction | None) -> str:
    if value is None:
        return "–"
    if measure.kind in _MONEY:
        return small_money(Money(measure.currency, round(value)))
    if measure.kind.value == "output_per_money":
        return f"{round(value):,}"
    return f"{float(value):.1%}"
