"""`plimsoll change`: why spend differs between two periods."""

from __future__ import annotations

from datetime import date, datetime

import click

from plimsoll.analysis.change import Part
from plimsoll.cli.session import common, print_out, session_of
from plimsoll.domain.calendar import spoken, utc_day
from plimsoll.domain.money import decimal_text, shown
from plimsoll.domain.question import Amounts
from plimsoll.domain.usage import Tokens
from plimsoll.reports.document import amounts_document, tokens_document
from plimsoll.services.change import Change, CurrencyChange, read_periods
from plimsoll.services.change_words import part_words, signed, thing_words
from plimsoll.services.spend import read_scope

_DATE = click.DateTime(["%Y-%m-%d"])
_THINGS = 3


@click.command("change")
@click.option("--from", "first", type=_DATE, help="First day, included.")
@click.option("--to", "last", type=_DATE, help="Last day, included.")
@click.option("--against-from", type=_DATE, help="First day of the period to compare with.")
@click.option("--against-to", type=_DATE, help="Last day of the period to compare with.")
@click.option("--where", multiple=True, metavar="K=V", help="Only rows with this value.")
@common
@click.pass_context
def command(
    context: click.Context,
    first: datetime | None,
    last: datetime | None,
    against_from: datetime | None,
    against_to: datetime | None,
    where: tuple[str, ...],
) -> None:
    """Explain why spend differs between two periods, in parts that add up exactly.

    Without the second period: the same days of the month before, or as many days directly before.
    """
    session = session_of(context)
    period, against = read_periods(
        _day(first),
        _day(last),
        _day(against_from),
        _day(against_to),
        today=utc_day(session.clock.now()),
    )
    scope = read_scope(where)
    with session.program(who="change") as program:
        answer = program.change(period, against, scope)
    if session.as_json:
        session.answer(change_document(answer))
    else:
        _print(answer)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def change_document(answer: Change) -> dict[str, object]:
    """The document of `change --json`, schema 1: amounts as decimal text, parts that sum exactly.

    `amounts` and `tokens` are what the two periods hold by evidence and by class; `reasoning` is a
    part of `output`.
    """
    return {
        "schema": 1,
        "from": answer.period.first.isoformat(),
        "to": answer.period.last.isoformat(),
        "against_from": answer.against.first.isoformat(),
        "against_to": answer.against.last.isoformat(),
        "sentence": answer.sentence,
        "changes": [_change_document(change) for change in answer.changes],
        "gaps": [
            {
                "source": gap.source,
                "from": gap.period.first.isoformat(),
                "to": gap.period.last.isoformat(),
                "reason": gap.reason,
            }
            for gap in answer.gaps
        ],
        "not_final_from": answer.not_final_from.isoformat() if answer.not_final_from else None,
    }


def _change_document(change: CurrencyChange) -> dict[str, object]:
    explained = change.explained
    return {
        "currency": change.currency,
        "before": decimal_text(explained.before),
        "after": decimal_text(explained.after),
        "difference": decimal_text(explained.difference),
        "parts": [_part_document(part) for part in explained.parts],
        "amounts": {
            "before": amounts_document(change.before),
            "after": amounts_document(change.after),
        },
        "tokens": {
            "before": tokens_document(change.tokens_before),
            "after": tokens_document(change.tokens_after),
        },
    }


def _part_document(part: Part) -> dict[str, object]:
    return {
        "cause": part.cause.value,
        "amount": decimal_text(part.amount),
        "things": [
            {
                "dimension": thing.dimension,
                "name": thing.name,
                "amount": decimal_text(thing.amount),
            }
            for thing in part.things
        ],
    }


def _print(answer: Change) -> None:
    print_out(answer.sentence)
    for change in answer.changes:
        print_out("")
        _print_bridge(answer, change)
    for change in answer.changes[:1]:
        print_out("")
        _print_shares(answer, change)
    if answer.not_final_from:
        print_out(f"Not final from {spoken(answer.not_final_from)} on.")
    for gap in answer.gaps:
        first, last = spoken(gap.period.first), spoken(gap.period.last)
        print_out(f"No data: {gap.source}, {first} to {last}: {gap.reason}")


def _print_bridge(answer: Change, change: CurrencyChange) -> None:
    """From the one amount to the other, a line a cause."""
    currency, explained = change.currency, change.explained
    lines = [(answer.against_words, explained.before, change.before)]
    told = [
        (_capital(part_words(part)), signed(part.amount, currency), _things(part, currency))
        for part in explained.parts
        if part.amount or part.things
    ]
    lines.append((answer.period_words, explained.after, change.after))
    ends = [(words, shown(nanos, currency), _evidence(amounts)) for words, nanos, amounts in lines]
    table = [ends[0], *told, ends[1]]
    widths = [max(len(line[column]) for line in table) for column in (0, 1)]
    for words, amount, more in table:
        print_out(f"{words:<{widths[0]}}  {amount:>{widths[1]}}  {more}".rstrip())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _things(part: Part, currency: str) -> str:
    named = [
        f"{thing_words(thing, part)} {signed(thing.amount, currency)}"
        for thing in part.things[:_THINGS]
    ]
    more = len(part.things) - _THINGS
    return ", ".join([*named, *([f"{more} more"] if more > 0 else [])])


def _evidence(amounts: Amounts) -> str:
    told = (("billed", amounts.billed), ("estimated", amounts.estimated))
    return ", ".join(f"{shown(nanos, amounts.currency)} {word}" for word, nanos in told if nanos)


def _print_shares(answer: Change, change: CurrencyChange) -> None:
    """Tokens, and the shares of cache reads, output and, where it is told, reasoning in them."""
    for words, tokens in (
        (answer.against_words, change.tokens_before),
        (answer.period_words, change.tokens_after),
    ):
        print_out(f"{words}: {tokens.total:,} tokens{_shares(tokens)}")


def _shares(tokens: Tokens) -> str:
    if not tokens.total:
        return ""
    told = (
        (tokens.cache_read, "cache reads"),
        (tokens.output, "output"),
        (tokens.reasoning, "reasoning (within output)"),
    )
    shares = [f"{count / tokens.total:.1%} {word}" for count, word in told if count]
    return "; ".join(["", ", ".join(shares)]) if shares else ""
