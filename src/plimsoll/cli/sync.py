"""`plimsoll sync`: pull what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click

from plimsoll.cli.overlaps import overlap_document
from plimsoll.cli.session import (
    Session,
    common,
    on_terminal,
    print_out,
    session_of,
    tell,
    tell_where,
)
from plimsoll.services.outcomes import SyncOutcome, SyncProgress

if TYPE_CHECKING:
    from plimsoll.services.program import Program


@click.command("sync")
@click.argument("names", nargs=-1)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Ask for every day from DATE on.")
@common
@click.pass_context
def command(context: click.Context, names: tuple[str, ...], since: datetime | None) -> None:
    """Pull usage, cost and balance of the named sources, or of all."""
    session = session_of(context)
    with session.program(who="sync") as program:
        with progress_line() as say:
            once_each = tuple(dict.fromkeys(names))
            outcome = program.sync(once_each, since=since.date() if since else None, progress=say)
        _show(session, outcome)
        deliver_alerts(program)
    context.exit(exit_code(outcome))


def deliver_alerts(program: Program) -> None:
    """Bring new alerts to the user's command and webhook, and say what went wrong with that."""
    for sent in program.deliver_alerts():
        if sent.trouble:
            tell(f"An alert did not reach the {sent.channel}: {sent.trouble}")


def exit_code(outcome: SyncOutcome) -> int:
    """0 all came; 4 some came; 1 nothing came."""
    if not outcome.failed:
        return 0
    return 1 if all(source.brought_nothing for source in outcome.sources) else 4


def tell_failures(outcome: SyncOutcome) -> None:
    """A line for each source that did not come through whole, and of bugs of ours how to report
    them.
    """
    for source in outcome.failed:
        tell(f"{source.source}: {source.failure}")
    for source in outcome.failed:
        if source.mistake is not None:
            tell_where(source.mistake)


@contextmanager
def progress_line() -> Iterator[Callable[[SyncProgress], None]]:
    """One line on the terminal that follows a sync; silent where nobody sees it."""
    if not on_terminal():
        yield lambda _progress: None
        return
    width = 0

    def say(progress: SyncProgress) -> None:
        nonlocal width
        text = f"{progress.source}: {progress.sentence}"[:100]
        click.echo(f"\r{text.ljust(width)}", err=True, nl=False)
        width = len(text)

    try:
        yield say
    finally:
        click.echo("\r" + " " * width + "\r", err=True, nl=False)


def _show(session: Session, outcome: SyncOutcome) -> None:
    tell_failures(outcome)
    for overlap in outcome.overlaps:
        tell(f"{overlap.sentence} {overlap.evidence} See `plimsoll source list`.")
    for alert in outcome.alerts:
        tell(alert.sentence)
    for warning in outcome.warnings:
        tell(warning.sentence)
    for name in outcome.left_out:
        tell(f"{name}: asked today already, and asking costs money. Name it to ask again.")
    if session.as_json:
        session.answer(outcome_document(outcome))
        return
    for source in outcome.sources:
        if not source.failure:
            fetched = f", {source.slices:,} slices fetched" if source.slices else ""
            print_out(f"{source.source}: up to date{fetched}")
    if not outcome.sources and not outcome.left_out:
        tell("There is no source yet. Add one with `plimsoll source add`.")


def outcome_document(outcome: SyncOutcome) -> dict[str, object]:
    """The document of `sync --json`, schema 1."""
    return {
        "schema": 1,
        "sources": [
            {
                "source": source.source,
                "ok": not source.failure,
                "slices": source.slices,
                "failure": source.failure or None,
                "not_before": source.not_before.isoformat() if source.not_before else None,
            }
            for source in outcome.sources
        ],
        "alerts": [
            {"budget": alert.budget, "threshold": alert.threshold.id, "sentence": alert.sentence}
            for alert in outcome.alerts
        ],
        "balances": [
            {
                "source": warning.source,
                "currency": warning.currency,
                "threshold": f"{warning.kind}:{warning.mark}",
                "sentence": warning.sentence,
            }
            for warning in outcome.warnings
        ],
        "overlaps": [overlap_document(overlap) for overlap in outcome.overlaps],
        "left_out": list(outcome.left_out),
    }
