"""`plimsoll report`: a file to share; the ending chooses the format."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from plimsoll.cli.session import common, print_out, session_of
from plimsoll.domain.calendar import utc_day
from plimsoll.services.reporting import save_report
from plimsoll.services.spend import read_period


@click.command("report")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day, included.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day, included.")
@common
@click.pass_context
def command(
    context: click.Context, file: Path, first: datetime | None, last: datetime | None
) -> None:
    """Write the figures of a period to FILE (.csv or .json): the current UTC month by default."""
    session = session_of(context)
    clock = session.clock
    period = read_period(
        first.date() if first else None, last.date() if last else None, today=utc_day(clock.now())
    )
    with session.program(who="report") as program:
        save_report(program.ledger, file, period=period, clock=clock)
    if session.as_json:
        session.answer({"schema": 1, "file": str(file)})
    else:
        print_out(f"Written: {file}")
