"""`plimsoll alert`: what budgets have fired, letting one rest, and where alerts go."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import click

from plimsoll.cli.session import common, print_out, session_of, tell
from plimsoll.domain.calendar import spoken
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import decimal_text
from plimsoll.domain.secret import Secret
from plimsoll.services.answers import AlertLine
from plimsoll.services.deliveries import NAME, Ways
from plimsoll.services.environment_keys import variable_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plimsoll.domain.delivery import Delivery
    from plimsoll.domain.prepaid import Warned

_ADDRESS_LIMIT = 8192


@click.group("alert")
@common
def command() -> None:
    """List what budgets have fired, snooze one, and say where alerts go."""


@command.command("list")
@common
@click.pass_context
def list_alerts(context: click.Context) -> None:
    """List what fired, the newest first."""
    session = session_of(context)
    with session.program(who="alert") as program:
        answer = program.alerts()
    if session.as_json:
        session.answer(
            {
                "schema": 1,
                "alerts": [alert_document(line) for line in answer.lines],
                "snoozed": [
                    {"budget": name, "until": until.isoformat()} for name, until in answer.snoozed
                ],
                "balances": [warning_document(one, ways) for one, ways in answer.warned],
            }
        )
        return
    for line in _told_once(answer.lines):
        print_out(_line(line))
    for one, ways in answer.warned:
        print_out(_warning_line(one, ways))
    for name, until in answer.snoozed:
        print_out(f"{name} is snoozed until {until:%Y-%m-%d %H:%M} UTC.")
    if not (answer.lines or answer.warned or answer.snoozed):
        tell("Nothing has fired yet.")


@command.command("snooze")
@click.argument("name")
@click.option(
    "--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day it wakes, as a date."
)
@common
@click.pass_context
def snooze(context: click.Context, name: str, until: datetime) -> None:
    """Let the budget or the account NAME fire nothing until a day begins."""
    session = session_of(context)
    with session.program(who="alert") as program:
        instant = program.snooze(name, until=until.date())
    if session.as_json:
        session.answer({"schema": 1, "snoozed": {"budget": name, "until": instant.isoformat()}})
    else:
        print_out(f"{name} is snoozed until {spoken(until.date(), year=True)}.")


@command.command("deliver")
@click.option("--command", "run", metavar="WORDS", help="Run this program for each alert.")
@click.option("--webhook", is_flag=True, help="Send each alert to an address, which is asked for.")
@click.option(
    "--off",
    is_flag=False,
    flag_value="all",
    type=click.Choice(["command", "webhook", "all"]),
    help="Deliver alerts no more, by one of the two or at all.",
)
@click.option("--test", is_flag=True, help="Send a made-up alert now.")
@common
@click.pass_context
def deliver(
    context: click.Context, run: str | None, webhook: bool, off: str | None, test: bool
) -> None:
    """Say where alerts go besides the window and the desktop, or change it.

    The program gets each alert as JSON on its standard input, the address gets it by POST. The
    address is asked for or read from standard input, and kept in the keyring like a key; without a
    keyring it comes from PLIMSOLL_KEY_ALERT_WEBHOOK.
    """
    session = session_of(context)
    with session.program(who="alert") as program:
        if off in {"command", "all"}:
            program.set_alert_command("")
        if off in {"webhook", "all"}:
            program.set_alert_webhook(None)
        if run is not None:
            program.set_alert_command(run.strip())
        if webhook:
            program.set_alert_webhook(_read_address())
        sent = program.send_test_alert() if test else ()
        ways = program.alert_ways()
    if test and not sent:
        raise WrongUse(
            "There is nothing to test: alerts go nowhere else.",
            remedy="Set --command or --webhook first.",
        )
    failed = [one for one in sent if one.trouble]
    if session.as_json:
        session.answer(
            {
                "schema": 1,
                "command": ways.program or None,
                "webhook": ways.webhook or None,
                "sent": [{"by": s.channel.value, "trouble": s.trouble or None} for s in sent],
            }
        )
    else:
        for line in _way_lines(ways):
            print_out(line)
        for one in sent:
            print_out(f"Test of the {one.channel}: {one.trouble or 'it was taken.'}")
    context.exit(0 if not failed else 1 if len(failed) == len(sent) else 4)


def _way_lines(ways: Ways) -> list[str]:
    lines = []
    if ways.program:
        lines.append(f"Each alert that is told runs {ways.program}.")
    if ways.webhook:
        lines.append(f"Each alert that is told is sent to {ways.webhook}.")
    return lines or ["Alerts are told in the window and on the desktop, and go nowhere else."]


def _read_address() -> Secret:
    """The webhook's address from the environment, the prompt or standard input; never from an
    argument. Raises `WrongUse`.
    """
    text = os.environ.get(variable_of(NAME), "")
    if not text.strip():
        if sys.stdin is not None and sys.stdin.isatty():
            text = click.prompt("Address of the webhook", hide_input=True, err=True)
        else:
            text = sys.stdin.readline(_ADDRESS_LIMIT) if sys.stdin is not None else ""
    with suppress(ValueError):
        return Secret(text)
    raise WrongUse("That is not the address of a webhook.", remedy="Nothing was kept.")


def alert_document(line: AlertLine) -> dict[str, object]:
    """One alert as JSON."""
    alert = line.alert
    return {
        "budget": alert.budget,
        "threshold": alert.threshold.id,
        "from": alert.period.first.isoformat(),
        "to": alert.period.last.isoformat(),
        "fired_at": alert.fired_at.isoformat(),
        "told_at": alert.told_at.isoformat() if alert.told_at else None,
        "state": line.state.value,
        "taken_back": line.taken_back,
        "deliveries": [_delivery_document(delivery) for delivery in line.deliveries],
        "sentence": alert.sentence,
    }


def warning_document(one: Warned, ways: Sequence[Delivery]) -> dict[str, object]:
    """One warning of a balance as JSON."""
    return {
        "source": one.source,
        "currency": one.currency,
        "threshold": f"{one.kind}:{one.mark}",
        "left": decimal_text(one.left),
        "fired_at": one.fired_at.isoformat(),
        "told_at": one.told_at.isoformat() if one.told_at else None,
        "state": one.state.value,
        "deliveries": [_delivery_document(delivery) for delivery in ways],
        "sentence": one.sentence,
    }


def _delivery_document(delivery: Delivery) -> dict[str, object]:
    return {
        "by": delivery.channel.value,
        "state": delivery.state.value,
        "tries": delivery.tries,
        "delivered_at": delivery.delivered_at.isoformat() if delivery.delivered_at else None,
        "next_at": delivery.next_at.isoformat() if delivery.next_at else None,
        "trouble": delivery.trouble or None,
    }


def _told_once(lines: Sequence[AlertLine]) -> list[AlertLine]:
    """The lines without those that say what another says: several thresholds of a period that was
    over have one sentence together, and at most one of them was told.
    """
    found: dict[tuple[datetime, str], AlertLine] = {}
    for line in lines:
        said = line.alert.fired_at, line.alert.sentence
        if said not in found or line.alert.told_at is not None:
            found[said] = line
    return list(found.values())


def _line(line: AlertLine) -> str:
    more = " Taken back: the figures changed since." if line.taken_back else ""
    if line.alert.recovered_at is not None:
        more = " Back on track since."
    more += _troubles(line.deliveries)
    return f"{line.alert.fired_at:%Y-%m-%d %H:%M} UTC  {line.alert.sentence}{more}"


def _warning_line(one: Warned, ways: Sequence[Delivery]) -> str:
    more = " Well again since." if one.rearmed_at is not None else ""
    return f"{one.fired_at:%Y-%m-%d %H:%M} UTC  {one.sentence}{more}{_troubles(ways)}"


def _troubles(ways: Sequence[Delivery]) -> str:
    return "".join(
        f" Not delivered by {delivery.channel}: {delivery.trouble}"
        for delivery in ways
        if delivery.trouble
    )
