"""`plimsoll budget`: limits, and whether they hold."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from plimsoll.cli.session import common, print_out, session_of, tell
from plimsoll.cli.sync import deliver_alerts
from plimsoll.domain.budget import TOKENS, Budget, BudgetStatus, Threshold, ThresholdKind
from plimsoll.domain.cadence import (
    Cadence,
    cadence_text,
    period_at,
    period_before,
    read_cadence,
)
from plimsoll.domain.calendar import Span, spoken
from plimsoll.domain.currencies import CODES
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import (
    NotAnAmount,
    nanos_of,
    read_amount,
    read_currency,
)
from plimsoll.services.budgets import sentence_of
from plimsoll.services.spend import read_scope, read_zone

if TYPE_CHECKING:
    from plimsoll.services.proposals import Proposal

CROSSED = 3


@click.group("budget")
@common
def command() -> None:
    """Set, list, remove and check budgets."""


@command.command("set")
@click.argument("name")
@click.option("--amount", required=True, help="The limit, such as 200 or 99.50.")
@click.option("--currency", help="USD, CNY, …, or tokens; the most spent one unless named.")
@click.option(
    "--period",
    "span",
    metavar="PERIOD",
    default="month",
    show_default=True,
    help="day, week, month, quarter or year; week@sun and month@15 begin on another day;"
    " 30d is the last 30 days; 2026-11-01..2026-12-15 is once.",
)
@click.option("--carry-over", is_flag=True, help="Add what the period before left, from today on.")
@click.option("--where", multiple=True, metavar="K=V", help="Only spend with this value.")
@click.option("--warn", default="50,80,100", show_default=True, help="Shares of the limit, in %.")
@click.option(
    "--warn-forecast",
    default="100@0.7",
    show_default=True,
    help="Shares that the forecast may pass, each with a probability.",
)
@click.option(
    "--warn-burn",
    default="",
    metavar="TIMES",
    help="Times as fast as evenly, over a day and a week.",
)
@click.option("--zone", default="UTC", show_default=True, help="Time zone of the budget's days.")
@common
@click.pass_context
def set_budget(
    context: click.Context,
    name: str,
    amount: str,
    currency: str | None,
    span: str,
    where: tuple[str, ...],
    warn: str,
    warn_forecast: str,
    warn_burn: str,
    zone: str,
    carry_over: bool,
) -> None:
    """Set a budget, or replace the one of that NAME."""
    session = session_of(context)
    with session.program(who="budget") as program:
        budget = read_budget(
            name,
            amount=amount,
            currency=currency or program.most_spent_currency(),
            span=span,
            where=where,
            warn=warn,
            warn_forecast=warn_forecast,
            warn_burn=warn_burn,
            zone=zone,
        )
        if carry_over:
            budget = carrying_over(budget, program.clock.now())
        program.set_budget(budget)
        status = next(s for s in program.budgets() if s.budget.name == budget.name)
    if session.as_json:
        session.answer({"schema": 1, "budget": status_document(status)})
    else:
        print_out(_line(status))


def read_budget(
    name: str,
    *,
    amount: str,
    currency: str,
    span: str,
    where: tuple[str, ...],
    warn: str,
    warn_forecast: str,
    zone: str,
    warn_burn: str = "",
) -> Budget:
    """A budget from the words of the command line; raises `WrongUse` for what cannot be."""
    name = name.strip()
    if not name or len(name) > 60:
        raise WrongUse("A budget's name has 1 to 60 characters.")
    nanos, code = _limit(amount, currency)
    if nanos <= 0:
        raise WrongUse("A budget's amount must be more than zero.")
    cadence = _cadence(span)
    if warn_burn.strip() and cadence is Span.DAY:
        raise WrongUse("A day is too short to warn of how fast it goes.")
    return Budget(
        name=name,
        nanos=nanos,
        currency=code,
        span=cadence,
        scope=read_scope(where),
        thresholds=read_thresholds(warn, warn_forecast, warn_burn),
        zone=read_zone(zone),
    )


def _limit(amount: str, currency: str) -> tuple[int, str]:
    if currency.lower() == TOKENS:
        if not re.fullmatch(r"\d{1,15}", amount, re.ASCII):
            raise WrongUse(f"{amount} is not a whole number of tokens.")
        return int(amount), TOKENS
    try:
        nanos, code = nanos_of(read_amount(amount)), read_currency(currency)
    except NotAnAmount:
        raise WrongUse(f"{amount} {currency} is not an amount of money.") from None
    if code not in CODES:
        raise WrongUse(f"There is no currency called {code}.")
    return nanos, code


def _cadence(text: str) -> Cadence:
    try:
        return read_cadence(text)
    except ValueError:
        raise WrongUse(
            f"There is no period called {text}.",
            remedy="Use day, week, month, quarter or year; month@15 or week@sun; 30d; or"
            " 2026-11-01..2026-12-15.",
        ) from None


def carrying_over(budget: Budget, now: datetime) -> Budget:
    """The same budget, with what is left of a period carried over from the current one on."""
    period = period_at(budget.span, now.astimezone(ZoneInfo(budget.zone)).date())
    if period_before(budget.span, period) is None:
        raise WrongUse("Only periods that follow one another can carry over.")
    return replace(budget, carries_from=period.first)


def read_thresholds(warn: str, warn_forecast: str, warn_burn: str = "") -> tuple[Threshold, ...]:
    """Thresholds from `50,80,100`, `100@0.7` and `3`; raises `WrongUse`."""
    actual = [
        Threshold(ThresholdKind.ACTUAL, _percent(word)) for word in warn.split(",") if word.strip()
    ]
    forecast = []
    for word in warn_forecast.split(","):
        if not word.strip():
            continue
        percent, at, probability = word.partition("@")
        odds = _number(probability) if at else Decimal("0.7")
        if not 0 < odds < 1:
            raise WrongUse(f"A probability lies between 0 and 1, not {probability}.")
        forecast.append(Threshold(ThresholdKind.FORECAST, _percent(percent), odds))
    burn = []
    for word in warn_burn.split(","):
        if not word.strip():
            continue
        times = _number(word)
        if not 1 < times <= 100:
            raise WrongUse(f"A pace is more than 1 and at most 100 times even, not {word.strip()}.")
        burn.append(Threshold(ThresholdKind.BURN, times * 100))
    return tuple(dict.fromkeys([*sorted(actual), *sorted(forecast), *sorted(burn)]))


def _percent(word: str) -> Decimal:
    percent = _number(word)
    if not 0 < percent <= 1000:
        raise WrongUse(f"A threshold is a share in % between 0 and 1000, not {word.strip()}.")
    return percent


def _number(word: str) -> Decimal:
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4})?", word.strip(), re.ASCII):
        raise WrongUse(f"{word.strip() or 'Nothing'} is not a number.")
    return Decimal(word.strip())


@command.command("list")
@common
@click.pass_context
def list_budgets(context: click.Context) -> None:
    """List budgets and where they stand."""
    session = session_of(context)
    with session.program(who="budget") as program:
        statuses = program.budgets()
    if session.as_json:
        session.answer({"schema": 1, "budgets": [status_document(s) for s in statuses]})
        return
    for status in statuses:
        print_out(_line(status))
    if not statuses:
        tell("There is no budget yet. Set one with `plimsoll budget set`.")


@command.command("propose")
@common
@click.pass_context
def propose_budgets(context: click.Context) -> None:
    """List budgets that could be set: from last month, and as the limits set at providers."""
    session = session_of(context)
    with session.program(who="budget") as program:
        proposals = program.proposals()
    if session.as_json:
        session.answer({"schema": 1, "proposals": [_proposal_document(p) for p in proposals]})
        return
    for proposal in proposals:
        print_out(proposal.sentence)
        print_out(f"  {_command_for(proposal.budget)}")
    if not proposals:
        tell("There is nothing to propose: no month to go by and no limit without its budget.")


def _proposal_document(proposal: Proposal) -> dict[str, object]:
    budget = proposal.budget
    return {
        "name": budget.name,
        "amount": budget.text(budget.nanos),
        "currency": budget.currency,
        "period": cadence_text(budget.span),
        "where": _where(budget),
        "from": "provider" if proposal.is_limit else "history",
        "sentence": proposal.sentence,
    }


def _command_for(budget: Budget) -> str:
    """What sets this budget, for a shell."""
    words = ["plimsoll", "budget", "set", budget.name, "--amount", budget.text(budget.nanos)]
    words += ["--currency", budget.currency, "--period", cadence_text(budget.span)]
    for dimension, values in _where(budget).items():
        for value in values:
            words += ["--where", f"{dimension}={value}"]
    return shlex.join(words)


def _where(budget: Budget) -> dict[str, list[str | None]]:
    return {dimension.value: list(values) for dimension, values in budget.scope.conditions}


@command.command("remove")
@click.argument("name")
@common
@click.pass_context
def remove_budget(context: click.Context, name: str) -> None:
    """Remove a budget."""
    session = session_of(context)
    with session.program(who="budget") as program:
        program.remove_budget(name)
    if session.as_json:
        session.answer({"schema": 1, "removed": name})
    else:
        print_out(f"Removed {name}.")


@command.command("check")
@common
@click.pass_context
def check_budgets(context: click.Context) -> None:
    """Exit with 3 when a threshold is crossed, 0 otherwise: for cron and CI."""
    session = session_of(context)
    with session.program(who="budget") as program:
        statuses = program.budgets()
        program.fire_alerts()
        any_crossed = any(status.crossed for status in statuses)
        if session.as_json:
            documents = [status_document(status) for status in statuses]
            session.answer({"schema": 1, "crossed": any_crossed, "budgets": documents})
        else:
            for status in statuses:
                print_out(_line(status))
                for threshold in status.crossed:
                    print_out(f"  {sentence_of(status, threshold)}")
        deliver_alerts(program)
    context.exit(CROSSED if any_crossed else 0)


def status_document(status: BudgetStatus) -> dict[str, object]:
    """A budget and where it stands, as the contract's JSON."""
    budget = status.budget
    in_tokens = budget.currency == TOKENS

    def _text(amount: int | None) -> str | None:
        return None if amount is None else budget.text(amount)

    return {
        "name": budget.name,
        "amount": budget.text(budget.nanos),
        "currency": budget.currency,
        "period": cadence_text(budget.span),
        "zone": budget.zone,
        "where": _where(budget),
        "thresholds": [threshold.id for threshold in budget.thresholds],
        "from": status.period.first.isoformat(),
        "to": status.period.last.isoformat(),
        "carried_over": budget.text(status.carried),
        "spent": budget.text(status.spent),
        "billed": None if in_tokens else budget.text(status.spent - status.estimated),
        "estimated": None if in_tokens else budget.text(status.estimated),
        "not_priced_tokens": status.not_priced_tokens,
        "share": f"{status.share:.2f}",
        "median": _text(status.median),
        "low80": _text(status.low80),
        "high80": _text(status.high80),
        "likely": status.likely,
        "pace": None if status.pace is None else f"{status.pace:.2f}",
        "passes_on": status.passes_on.isoformat() if status.passes_on else None,
        "reason": status.reason or None,
        "crossed": [threshold.id for threshold in status.crossed],
    }


def _line(status: BudgetStatus) -> str:
    budget = status.budget
    spent, limit = budget.words(status.spent), budget.words(status.limit)
    days = f"{spoken(status.period.first)} to {spoken(status.period.last)}"
    odds = "" if status.likely is None else f", {round(status.likely * 100)}% likely to pass"
    kinds = f", {budget.words(status.estimated)} of it estimated" * bool(status.estimated)
    if status.not_priced_tokens:
        kinds += f", {status.not_priced_tokens:,} tokens not priced"
    return f"{budget.name}: {spent} of {limit} ({int(status.share)}%){kinds}, {days}{odds}"
