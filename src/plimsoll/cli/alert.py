"""`plimsoll alert`: what budgets have fired, and letting one rest for a while."""

from __future__ import annotations

from datetime import datetime

import click

from plimsoll.cli.session import common, print_out, session_of, tell
from plimsoll.domain.calendar import spoken
from plimsoll.services.answers import AlertLine


@click.group("alert")
@common
def command() -> None:
    """List what budgets have fired, and snooze one."""


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
            }
        )
        return
    for line in answer.lines:
        print_out(_line(line))
    for name, until in answer.snoozed:
        print_out(f"{name} is snoozed until {until.isoformat(' ', 'minutes')}.")
    if not answer.lines and not answer.snoozed:
        tell("Nothing has fired yet.")


@command.command("snooze")
@click.argument("name")
@click.option(
    "--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day it wakes, as a date."
)
@common
@click.pass_context
def snooze(context: click.Context, name: str, until: datetime) -> None:
    """Let the budget NAME fire nothing until a day begins."""
    session = session_of(context)
    with session.program(who="alert") as program:
        instant = program.snooze(name, until=until.date())
    if session.as_json:
        session.answer({"schema": 1, "snoozed": {"budget": name, "until": instant.isoformat()}})
    else:
        print_out(f"{name} is snoozed until {spoken(until.date(), year=True)}.")


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
        "sentence": alert.sentence,
    }


def _line(line: AlertLine) -> str:
    more = ", taken back: the figures changed since" if line.taken_back else ""
    if line.alert.recovered_at is not None:
        more = ", back on track since"
    return f"{line.alert.fired_at:%Y-%m-%d %H:%M}  {line.alert.sentence}{more}"
