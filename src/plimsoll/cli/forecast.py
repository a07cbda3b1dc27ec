"""`plimsoll forecast`: where the month will end."""

from __future__ import annotations

import click

from plimsoll.cli.session import common, print_out, session_of
from plimsoll.domain.calendar import spoken
from plimsoll.domain.money import decimal_text, shown
from plimsoll.services.answers import MonthEnd
from plimsoll.services.spend import read_scope


@click.command("forecast")
@click.option("--where", multiple=True, metavar="K=V", help="Only spend with this value.")
@common
@click.pass_context
def command(context: click.Context, where: tuple[str, ...]) -> None:
    """Show the range in which the calendar month (UTC) will end, by currency."""
    session = session_of(context)
    scope = read_scope(where)
    with session.program(who="forecast") as program:
        ends = program.month_ends(scope)
    if session.as_json:
        session.answer({"schema": 1, "month_end": [month_end_document(end) for end in ends]})
        return
    if not ends:
        print_out("Nothing was spent yet, so there is nothing to forecast.")
    for end in ends:
        print_out(sentence(end))


def month_end_document(end: MonthEnd) -> dict[str, object]:
    """One currency's month end: decimal text, None for ranges that history is too thin for."""
    document: dict[str, object] = {
        "currency": end.currency,
        "from": end.period.first.isoformat(),
        "to": end.period.last.isoformat(),
        "spent": decimal_text(end.spent),
        "median": decimal_text(end.median),
        "run_rate": decimal_text(end.run_rate),
    }
    for name in ("low50", "high50", "low80", "high80", "low95", "high95"):
        nanos = getattr(end, name)
        document[name] = None if nanos is None else decimal_text(nanos)
    document["reason"] = end.reason or None
    return document


def sentence(end: MonthEnd) -> str:
    """A month end in words."""
    day, currency = spoken(end.period.last), end.currency
    likely = shown(end.median, currency)
    so_far = f"spent so far {shown(end.spent, currency)}, billed and estimated"
    if end.low80 is None or end.high80 is None:
        return f"{likely} by {day} at today's pace, {so_far}. {end.reason}"
    low, high = shown(end.low80, currency), shown(end.high80, currency)
    rough = " (rough)" if end.quality == "rough" else ""
    return f"{likely} by {day}{rough}, 80% between {low} and {high}; {so_far}."
