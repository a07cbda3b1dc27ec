"""`plimsoll forecast`: where the month will end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plimsoll.cli.session import common, print_out, session_of
from plimsoll.domain.calendar import spoken
from plimsoll.domain.money import decimal_text, shown
from plimsoll.services.answers import MonthEnd
from plimsoll.services.run_out_words import run_out_sentence
from plimsoll.services.spend import read_scope

if TYPE_CHECKING:
    from plimsoll.analysis.outlook import DayAhead, Doubling
    from plimsoll.analysis.track_record import TrackRecord
    from plimsoll.services.outlook import Outlook
    from plimsoll.services.prepaid import Prepaid


@click.command("forecast")
@click.option("--where", multiple=True, metavar="K=V", help="Only spend with this value.")
@click.option("--daily", is_flag=True, help="With --json, the next 90 days one by one, too.")
@common
@click.pass_context
def command(context: click.Context, where: tuple[str, ...], daily: bool) -> None:
    """Show the range in which the calendar month (UTC) will end, by currency."""
    session = session_of(context)
    scope = read_scope(where)
    with session.program(who="forecast") as program:
        ends = program.month_ends(scope)
        outlooks = [program.outlook(end.currency, scope, daily=daily) for end in ends]
        tokens = program.tokens_doubling(scope)
        balances = () if scope else program.prepaid()
    if session.as_json:
        documents = []
        for end, outlook in zip(ends, outlooks, strict=True):
            documents.append({**month_end_document(end), **outlook_document(outlook)})
            if daily:
                documents[-1]["daily"] = [day_document(day) for day in outlook.days]
        session.answer(
            {
                "schema": 1,
                "month_end": documents,
                "tokens_doubling_days": doubling_document(tokens),
                "run_out": [run_out_document(one) for one in balances],
            }
        )
        return
    if not ends:
        print_out("Nothing was spent yet, so there is nothing to forecast.")
    for end, outlook in zip(ends, outlooks, strict=True):
        print_out(sentence(end))
        if outlook.record is not None:
            print_out(record_sentence(outlook.record))
        print_out(growth_sentence(f"Spend in {end.currency}", outlook.doubling))
    if ends:
        print_out(growth_sentence("Tokens", tokens))
    for one in balances:
        print_out(f"{one.source}: {run_out_sentence(one)}")


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


def run_out_document(one: Prepaid) -> dict[str, object]:
    """When a balance runs out: days, None beyond three months or where nothing can be said."""
    found = one.run_out
    earliest, likeliest, latest = (
        None if day is None else day.isoformat()
        for day in (found.earliest, found.day, found.latest)
    )
    return {
        "source": one.source,
        "currency": one.currency,
        "left": decimal_text(one.left),
        "read_at": one.read_at.isoformat(),
        "derived": one.derived,
        "burn_per_day": None if one.burn is None else decimal_text(one.burn),
        "state": found.lasts.value,
        "median": likeliest,
        "low80": earliest,
        "high80": latest,
        "within_days": one.watch.run_out_days,
        "probability": found.likely if one.watch.run_out_days else None,
        "lapsing": [
            {"last_day": credit.last.isoformat(), "amount": decimal_text(credit.nanos)}
            for credit in found.lapsing
        ],
        "reason": found.reason or None,
    }


def outlook_document(outlook: Outlook) -> dict[str, object]:
    """What stands beside a month end: shares and days as numbers, None where nothing is said."""
    record = outlook.record
    return {
        "track_record": None
        if record is None
        else {
            "months": len(record.months),
            "held80": record.held,
            "typical_miss": _rounded(record.miss),
            "run_rate_miss": _rounded(record.run_rate_miss),
            "beats_run_rate": record.beats_run_rate,
        },
        "doubling_days": doubling_document(outlook.doubling),
    }


def doubling_document(found: Doubling | None) -> dict[str, object] | None:
    """Days in which it doubles, and the 80 % range; None where it does not measurably grow."""
    if found is None:
        return None
    return {"days": round(found.days), "low": round(found.low), "high": round(found.high)}


def day_document(day: DayAhead) -> dict[str, object]:
    """One day to come: decimal text."""
    names = ("median", "low50", "high50", "low80", "high80", "low95", "high95")
    amounts = {name: decimal_text(getattr(day, name)) for name in names}
    return {"day": day.day.isoformat(), **amounts}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)


def record_sentence(record: TrackRecord) -> str:
    """What the forecast did in past months, in words; where the run-rate did better, that, too."""
    held = f"{record.held} of {len(record.months)} times"
    words = f"In the last {len(record.months)} months the 80% range held {held}"
    if record.miss is not None and record.run_rate_miss is not None:
        words += f"; typical miss {record.miss:.0%}, the run-rate's {record.run_rate_miss:.0%}"
    if not record.beats_run_rate:
        words += "; here the run-rate has been the better guess"
    return f"{words}."


def growth_sentence(what: str, found: Doubling | None) -> str:
    """How fast something doubles, in words."""
    if found is None:
        return f"{what}: not growing measurably."
    return f"{what}: doubles in about {found.days:.0f} days ({found.low:.0f} to {found.high:.0f})."
