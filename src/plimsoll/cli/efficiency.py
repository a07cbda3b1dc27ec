"""`plimsoll efficiency`: what a week's tokens gave for their money, against the user's own past."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from plimsoll.cli.session import common, print_out, session_of, tell
from plimsoll.domain.calendar import spoken, utc_day
from plimsoll.domain.money import NANO, Money, decimal_text, shown

if TYPE_CHECKING:
    from fractions import Fraction

    from plimsoll.analysis.efficiency import Measure
    from plimsoll.domain.work import Work
    from plimsoll.services.efficiency_answers import Action, Efficiency

_DAY = click.DateTime(["%Y-%m-%d"])
_PLACES = 4
"""Decimals of a cost for one request."""

_MONEY = frozenset({"cost_per_request", "cost_per_unit"})
_WORDS = {
    "output_per_money": "Output tokens per {currency}",
    "cost_per_request": "Cost per request",
    "cache_hits": "Cache hit rate",
    "cache_saved": "Saved by the cache, of the full input price",
    "writes_unread": "Cache writes never read, at least",
    "reasoning": "Reasoning in the output",
    "own_loop": "Own loop",
    "cost_per_unit": "Cost per unit of {name}",
}
_TRY = {
    "cache_hits": "less of the input of {model} ({source}) came from the cache than usual: look at"
    " what changes at the beginning of its prompts",
    "writes_unread": "{model} ({source}) wrote to the cache what nobody read in time: write less,"
    " or for longer",
    "reasoning": "{model} ({source}) reasoned more than usual: ask for less where it is not needed",
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
    """List the units of work that were entered."""
    session = session_of(context)
    with session.program(who="efficiency") as program:
        entries = program.work()
    if session.as_json:
        session.answer({"schema": 1, "work": [_entry(entry) for entry in entries]})
        return
    for entry in entries:
        print_out(_line(entry))
    if not entries:
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
    Money for each request or unit is in units of its currency, shares are from 0 to 1.
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
        "measures": [_measure(measure) for measure in answer.measures],
        "action": None if answer.action is None else _action(answer.action),
    }


def _measure(measure: Measure) -> dict[str, object]:
    usual = measure.baseline
    return {
        "measure": measure.kind.value,
        "currency": measure.currency or None,
        "unit": measure.name or None,
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
    }


def _action(action: Action) -> dict[str, object]:
    period = action.question.period
    return {
        "measure": action.kind.value,
        "source": action.source,
        "model": action.model,
        "tokens": action.tokens,
        "saving": decimal_text(action.saving.nanos),
        "currency": action.saving.currency,
        "rows": {
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "where": [f"source={action.source}", f"model={action.model}"],
        },
    }


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


def _line(entry: Work) -> str:
    return f"{entry.id:>4}  {entry.day}  {entry.count:,} {entry.name}"


def _print(answer: Efficiency) -> None:
    week = answer.latest
    print_out(f"The week from {spoken(week.first)} to {spoken(week.last)} (UTC)")
    for measure in answer.measures:
        if measure.latest is not None:
            print_out(f"  {_sentence(measure)}")
    if answer.action is not None:
        action = answer.action
        what = _TRY[action.kind.value].format(model=action.model, source=action.source)
        saving = _shown(action.saving)
        print_out(f"To try: {what}. It would have saved {saving} in that week, at list price.")
        print_out(
            f"  The rows: plimsoll spend --from {week.first} --to {week.last} "
            f"--where source='{action.source}' --where model='{action.model}'"
        )
    if answer.not_final:
        tell("Some of these days can still change.")
    if answer.missing:
        tell("Some of these days are missing.")
    if answer.left_out:
        tell(f"Not divided, not all of its money or tokens is known: {', '.join(answer.left_out)}")


def _sentence(measure: Measure) -> str:
    name = _WORDS[measure.kind.value].format(currency=measure.currency, name=measure.name)
    said = f"{name}: {_figure(measure, measure.latest)}"
    if measure.amount is not None and measure.amount.nanos:
        said += f" ({_shown(measure.amount)} at list price)"
    usual = measure.baseline
    if usual is None:
        return f"{said}; too few weeks to say what is usual"
    low, high = _figure(measure, usual.low), _figure(measure, usual.high)
    mark = {"above": ", higher than usual", "below": ", lower than usual"}
    return f"{said}{mark.get(measure.standing.value, '')}; usually {low} to {high}"


def _figure(measure: Measure, value: Fraction | None) -> str:
    if value is None:
        return "–"
    if measure.kind in _MONEY:
        return _shown(Money(measure.currency, round(value)))
    if measure.kind.value == "output_per_money":
        return f"{round(value):,}"
    return f"{float(value):.1%}"


def _shown(money: Money) -> str:
    places = _PLACES if abs(money.nanos) < NANO else None
    return shown(money.nanos, money.currency, places=places)
