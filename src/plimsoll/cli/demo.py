"""`plimsoll demo`: a year of made-up but realistic spend, pulled through the real path."""

from __future__ import annotations

import os
from pathlib import Path

import click

from plimsoll.cli.forecast import month_end_document, sentence
from plimsoll.cli.session import Session, common, print_out, session_of, tell
from plimsoll.cli.sync import exit_code, outcome_document, progress_line, tell_failures
from plimsoll.domain.calendar import spoken
from plimsoll.domain.money import decimal_text, shown
from plimsoll.services.answers import Overview
from plimsoll.services.program import Program

SHOTS = Path("plimsoll-shots")


@click.command("demo")
@click.option(
    "--shots",
    type=click.Path(path_type=Path, file_okay=False),
    help="Save a picture of every page in this folder instead of opening the window.",
)
@common
@click.pass_context
def command(context: click.Context, shots: Path | None) -> None:
    """Show a year of made-up spend, served by simulated providers on this machine.

    Where there is no display, pictures of every page are saved and the month is summed up.
    """
    from plimsoll.services.demonstration import demonstration

    session = session_of(context)
    folder = session.data_dir or _folder_of_the_environment() or _own_folder()
    tell("Starting simulated providers and pulling a year of their figures …")
    with (
        progress_line() as say,
        demonstration(folder, clock=session.clock, progress=say) as (program, outcome),
    ):
        tell_failures(outcome)
        if shots is None and session.hooks.has_display():
            _summarise(session, program, ())
            context.exit(session.hooks.open_window(program))
        pictures = session.hooks.save_pictures(program, shots or SHOTS)
        if session.as_json:
            summary = _document(program, pictures)
            session.answer({**summary, "sync": outcome_document(outcome)})
        else:
            _summarise(session, program, pictures)
        code = exit_code(outcome)
    context.exit(code)


def _folder_of_the_environment() -> Path | None:
    """Where `PLIMSOLL_DATA_DIR` points to, unless somebody's real figures are there."""
    from plimsoll.services.demonstration import is_free

    chosen = os.environ.get("PLIMSOLL_DATA_DIR")
    folder = Path(chosen).expanduser() if chosen else None
    return folder if folder and is_free(folder) else None


def _own_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("plimsoll-demo", appauthor=False)


def _summarise(session: Session, program: Program, pictures: tuple[Path, ...]) -> None:
    if session.as_json:
        return
    for line in summary(program.overview()):
        print_out(line)
    print_out(f"Archive: {program.ledger.path}")
    if pictures:
        print_out(f"{len(pictures)} pictures: {pictures[0].parent.resolve()}")


def summary(seen: Overview) -> list[str]:
    """The month in a few lines, from the same answer as the first screen."""
    currency = seen.currency
    kinds = [
        f"{shown(nanos, currency)} {word}"
        for word, nanos in (("billed", seen.billed), ("estimated", seen.estimated))
        if nanos
    ]
    spent = f"{shown(seen.spent, currency)} spent ({', '.join(kinds) or 'nothing yet'})"
    lines = [f"{seen.month.first:%B %Y}: {spent}, {seen.tokens:,} tokens"]
    if seen.month_end is not None:
        lines.append(f"Month end: {sentence(seen.month_end)}")
    lines.append(f"Change: {seen.change}")
    if seen.budget is not None:
        budget = seen.budget.budget
        lines.append(
            f"Budget {budget.name}: {int(seen.budget.share)}% of "
            f"{budget.words(seen.budget.limit)} used"
        )
    if seen.not_final_from is not None:
        lines.append(f"Not final from {spoken(seen.not_final_from)} on.")
    return lines


def _document(program: Program, pictures: tuple[Path, ...]) -> dict[str, object]:
    seen = program.overview()
    return {
        "schema": 1,
        "month": f"{seen.month.first:%Y-%m}",
        "currency": seen.currency,
        "billed": decimal_text(seen.billed),
        "estimated": decimal_text(seen.estimated),
        "tokens": seen.tokens,
        "month_end": month_end_document(seen.month_end) if seen.month_end else None,
        "archive": str(program.ledger.path),
        "pictures": [str(path.resolve()) for path in pictures],
    }
