"""`plimsoll check`: what was billed against what the tokens should have cost, with named causes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import click

from plimsoll.cli.session import common, print_out, session_of
from plimsoll.domain.calendar import spoken, utc_day
from plimsoll.domain.money import decimal_text, shown
from plimsoll.services.change_words import signed
from plimsoll.services.check import read_period
from plimsoll.services.check_answers import AccountCheck, CheckAnswer, CheckThing, Status
from plimsoll.services.check_words import CAUSE_TITLES, token_count

_DATE = click.DateTime(["%Y-%m-%d"])
_STATUSES = {
    Status.AGREES: "agrees within 1%",
    Status.EXPLAINED: "explained",
    Status.UNEXPLAINED: "not explained",
    Status.NOTHING: "nothing to compare",
}


@click.command("check")
@click.option("--from", "first", type=_DATE, help="First day, included.")
@click.option("--to", "last", type=_DATE, help="Last day, included.")
@common
@click.pass_context
def command(context: click.Context, first: datetime | None, last: datetime | None) -> None:
    """Compare each account's bill with its tokens at list price, and name why they differ.

    Without days: this month so far (UTC), and in its first five days the month before.
    """
    session = session_of(context)
    today = utc_day(session.clock.now())
    period = read_period(_day(first), _day(last), today=today)
    with session.program(who="check") as program:
        answer = program.check(period)
    if session.as_json:
        session.answer(check_document(answer))
    else:
        _print(answer)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def check_document(answer: CheckAnswer) -> dict[str, object]:
    """The document of `check --json`, schema 1: amounts as decimal text.

    Differences are billed less computed; `null` is what is not known, which is not zero.
    """
    return {
        "schema": 1,
        "from": answer.period.first.isoformat(),
        "to": answer.period.last.isoformat(),
        "sentence": answer.sentence,
        "accounts": [_account_document(account) for account in answer.accounts],
    }


def _account_document(account: AccountCheck) -> dict[str, object]:
    return {
        "source": account.source,
        "provider": account.provider,
        "currency": account.currency or None,
        "billed": _amount(account.billed),
        "computed": _amount(account.computed),
        "difference": _amount(account.difference),
        "status": account.status.value,
        "sentence": account.sentence,
        "not_priced_tokens": account.not_priced_tokens,
        "unexplained": decimal_text(account.unexplained),
        "causes": [
            {
                "cause": cause.cause.value,
                "amount": decimal_text(cause.amount),
                "sentence": cause.sentence,
                "things": [_thing_document(thing) for thing in cause.things],
            }
            for cause in account.causes
        ],
        "not_final_from": account.not_final_from.isoformat() if account.not_final_from else None,
        "restated_days": account.restated_days,
        "gaps": [
            {
                "source": gap.source,
                "from": gap.period.first.isoformat(),
                "to": gap.period.last.isoformat(),
                "reason": gap.reason,
            }
            for gap in account.gaps
        ],
    }


def _amount(nanos: int | None) -> str | None:
    return None if nanos is None else decimal_text(nanos)


def _thing_document(thing: CheckThing) -> dict[str, object]:
    return {
        "words": thing.words,
        "amount": decimal_text(thing.amount),
        "from": thing.first.isoformat(),
        "to": thing.last.isoformat(),
        "days": thing.days,
        "model": thing.model,
        "line_item": thing.line_item,
        "kind": thing.kind or None,
        "tier": thing.tier,
        "against": thing.against,
        "quantity": _number(thing.quantity),
        "billed_price": _number(thing.billed_price),
        "list_price": _number(thing.list_price),
        "priced_by": thing.priced_by or None,
        "known_from": thing.known_from.value if thing.known_from else None,
        "percent": _number(thing.percent),
    }


def _number(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


# -- text --------------------------------------------------------------------------------------


def _print(answer: CheckAnswer) -> None:
    print_out(answer.sentence)
    for account in answer.accounts:
        print_out("")
        print_out(f"{account.source}: {_STATUSES[account.status]}. {account.sentence}")
        _print_bridge(account)
        _print_days(account)


def _print_bridge(account: AccountCheck) -> None:
    """From the tokens at list price to the bill, a line a cause; nothing that reads as nothing."""
    currency = account.currency
    lines = []
    if account.computed is not None:
        unpriced = account.not_priced_tokens
        more = f"and {token_count(unpriced)} tokens without a list price" if unpriced else ""
        lines.append(("Tokens at list price", shown(account.computed, currency), more))
    lines += [
        (CAUSE_TITLES[cause.cause], signed(cause.amount, currency), cause.sentence)
        for cause in account.causes
    ]
    if account.billed is not None:
        lines.append(("Billed", shown(account.billed, currency), ""))
    widths = [max((len(line[column]) for line in lines), default=0) for column in (0, 1)]
    for words, amount, more in lines:
        print_out(f"  {words:<{widths[0]}}  {amount:>{widths[1]}}  {more}".rstrip())


def _print_days(account: AccountCheck) -> None:
    if account.not_final_from:
        print_out(f"  Not final from {spoken(account.not_final_from)} on.")
    if account.restated_days:
        days = "day was" if account.restated_days == 1 else "days were"
        print_out(f"  {account.restated_days} settled {days} changed by the provider later.")
    for gap in account.gaps:
        first, last = spoken(gap.period.first), spoken(gap.period.last)
        when = first if first == last else f"{first} to {last}"
        print_out(f"  No data: {when}: {gap.reason}")
