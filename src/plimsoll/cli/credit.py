"""`plimsoll source top-up`: the account book of a source whose provider tells no balance."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from plimsoll.cli.session import common, print_out, session_of, tell
from plimsoll.domain.calendar import spoken, utc_day
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import decimal_text, shown
from plimsoll.domain.prepaid import Credit, CreditKind
from plimsoll.services.account_book import read_credit
from plimsoll.services.run_out_words import run_out_sentence

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("top-up")
@click.argument("name")
@click.option("--amount", help="How much came in, or was there with --start.")
@click.option("--currency", default="USD", show_default=True, help="Its currency.")
@click.option("--on", type=_DAY, help="The day (UTC) from whose beginning it is there; today.")
@click.option("--expires", type=_DAY, help="The last day (UTC) on which it can be spent.")
@click.option("--grant", is_flag=True, help="It was given, not paid for.")
@click.option("--start", is_flag=True, help="What was there; earlier entries count no more.")
@click.option("--remove", type=int, metavar="NUMBER", help="Remove an entry instead.")
@common
@click.pass_context
def command(
    context: click.Context,
    name: str,
    amount: str | None,
    currency: str,
    on: datetime | None,
    expires: datetime | None,
    grant: bool,
    start: bool,
    remove: int | None,
) -> None:
    """Enter credit in the account book of the source NAME, or list the book.

    For providers that tell no balance (OpenAI, Anthropic, Mistral): begin with --start, enter
    top-ups and grants as they come, and what the source spends draws it down. Credit that expires
    first is used first.
    """
    session = session_of(context)
    if grant and start:
        raise WrongUse("An entry is either a --start or a --grant.")
    if remove is not None and amount is not None:
        raise WrongUse("Either an --amount is entered, or an entry is removed.")
    with session.program(who="source") as program:
        if remove is not None:
            program.remove_credit(name, remove)
        if amount is not None:
            kind = CreditKind.GRANT if grant else CreditKind.START if start else CreditKind.TOP_UP
            day = on.date() if on else utc_day(session.clock.now().astimezone(UTC))
            last = expires.date() if expires else None
            program.add_credit(name, read_credit(kind, amount, currency, day=day, last=last))
        entries = program.credits(name)
        left = [one for one in program.prepaid() if one.source == name and one.derived]
    if session.as_json:
        session.answer(
            {
                "schema": 1,
                "source": name,
                "entries": [credit_document(entry) for entry in entries],
                "derived": [
                    {
                        "currency": one.currency,
                        "left": decimal_text(one.left),
                        "since": one.book.since.isoformat(),
                        "entered": decimal_text(one.book.entered),
                        "spent": decimal_text(one.book.spent),
                        "lapsed": decimal_text(one.book.lapsed),
                    }
                    for one in left
                    if one.book is not None
                ],
            }
        )
        return
    for entry in entries:
        print_out(_line(entry))
    for one in left:
        print_out(f"{name}: {run_out_sentence(one)}")
    if not entries:
        tell(f"The account book of {name} is empty. Begin it with --start --amount.")


def credit_document(entry: Credit) -> dict[str, object]:
    """One entry as JSON."""
    return {
        "number": entry.id,
        "kind": entry.kind.value,
        "currency": entry.amount.currency,
        "amount": decimal_text(entry.amount.nanos),
        "day": entry.day.isoformat(),
        "expires": entry.last.isoformat() if entry.last else None,
    }


def _line(entry: Credit) -> str:
    expires = f", expires after {spoken(entry.last, year=True)}" if entry.last else ""
    money = shown(entry.amount.nanos, entry.amount.currency)
    return f"{entry.id:>4}  {entry.day}  {entry.kind.value:<7}  {money}{expires}"
