"""`plimsoll spend`: what was spent, cut and filtered as asked."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime

import click

from plimsoll.cli.session import common, print_out, session_of
from plimsoll.domain.calendar import spoken, utc_day
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import shown
from plimsoll.domain.question import Dimension, Question, Row, Table
from plimsoll.reports.document import csv_header, csv_rows, table_document
from plimsoll.services.spend import read_dimensions, read_period, read_scope, read_zone


@click.command("spend")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day, included.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day, included.")
@click.option("--by", default="", help="Dimensions, such as day,model.")
@click.option("--where", multiple=True, metavar="K=V", help="Only rows with this value.")
@click.option("--zone", default="UTC", help="Time zone of the days, where hours are known.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@common
@click.pass_context
def command(
    context: click.Context,
    first: datetime | None,
    last: datetime | None,
    by: str,
    where: tuple[str, ...],
    zone: str,
    as_csv: bool,
) -> None:
    """Show spend of a period: the current UTC month without dates."""
    session = session_of(context)
    if as_csv and session.as_json:
        raise WrongUse("Choose one of --json and --csv.")
    clock = session.clock
    period = read_period(
        first.date() if first else None, last.date() if last else None, today=utc_day(clock.now())
    )
    question = Question(period, read_dimensions(by), read_scope(where), read_zone(zone))
    with session.program(who="spend") as program:
        table = program.spend(question)
        titles = program.session_titles(table)
    if session.as_json:
        session.answer(table_document(table))
    elif as_csv:
        _print_csv(table)
    else:
        _print_table(table, titles)


def _print_csv(table: Table) -> None:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(csv_header(table.question.by))
    for row in table.rows:
        writer.writerows(csv_rows(row))
    print_out(lines.getvalue().rstrip("\n"))


def _print_table(table: Table, titles: Mapping[str, str]) -> None:
    period = table.question.period
    print_out(f"{spoken(period.first, year=True)} to {spoken(period.last, year=True)}")
    rows = table.rows if table.question.by else ()
    lines = [(_name(table, row, titles), *_figures(row)) for row in rows]
    total = ("Total", *_figures(table.total))
    widths = [max(len(line[i]) for line in [*lines, total]) for i in range(3)]
    for line in [*lines, total]:
        print_out(f"{line[0]:<{widths[0]}}  {line[1]:>{widths[1]}}  {line[2]:>{widths[2]}}")
    if table.not_final_from:
        print_out(f"Not final from {spoken(table.not_final_from)} on.")
    for gap in table.gaps:
        years = gap.period.first.year != gap.period.last.year
        first, last = spoken(gap.period.first, year=years), spoken(gap.period.last, year=years)
        print_out(f"No data: {gap.source}, {first} to {last}: {gap.reason}")


def _name(table: Table, row: Row, titles: Mapping[str, str]) -> str:
    """A row's values; a session's title stands before its id, where its log has one."""
    values = []
    for dimension, value in zip(table.question.by, row.key, strict=True):
        title = titles.get(value or "") if dimension is Dimension.SESSION else None
        values.append(f"{title} ({value})" if title else value or "(not attributed)")
    return " · ".join(values)


def _figures(row: Row) -> tuple[str, str]:
    money = ", ".join(_money(row)) or "no amount"
    if not row.tokens.total:  # nobody counted any: of some things only the calls are told
        return money, f"{row.requests:,} requests" if row.requests else ""
    unknown = f", {row.not_priced_tokens:,} not priced" if row.not_priced_tokens else ""
    return money, f"{row.tokens.total:,} tokens{unknown}"


def _money(row: Row) -> list[str]:
    texts = []
    for amounts in row.amounts:
        for word in ("billed", "estimated", "plan"):
            nanos = getattr(amounts, word)
            if nanos:
                texts.append(f"{shown(nanos, amounts.currency)} {word}")
    return texts
