"""`plimsoll import`: take in a file of a provider's console, or see what it would bring."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plimsoll.cli.overlaps import overlap_document
from plimsoll.cli.session import common, on_terminal, print_out, session_of, tell
from plimsoll.domain.money import Money, decimal_text, shown
from plimsoll.services.price_words import count_of

if TYPE_CHECKING:
    from plimsoll.services.imports import ImportOutcome, ImportPreview, SheetPreview


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="The source's name; the provider's with “export” unless given.")
@click.option("--currency", help="What a sign in the file stands for that several share: USD.")
@click.option(
    "--map",
    "mapping",
    type=click.Path(path_type=Path),
    help="A mapping of any other CSV's columns (TOML); the README has an example.",
)
@click.option("--dry-run", is_flag=True, help="Say what would come in, and change nothing.")
@common
@click.pass_context
def command(
    context: click.Context,
    file: Path,
    name: str | None,
    currency: str | None,
    mapping: Path | None,
    dry_run: bool,
) -> None:
    """Take FILE, an export of a provider's console, into the archive.

    A file is known by its header. Its days replace the same days of earlier imports under the same
    name, so that importing a file twice is importing it once.
    """
    session = session_of(context)
    with session.program(who="import") as program:
        preview = program.preview_import(
            file.expanduser(),
            name=name,
            currency=currency,
            mapping=mapping,
            progress=_said("Reading"),
        )
        for line in preview_lines(preview):
            tell(line)
        outcome = None if dry_run else program.take_import(preview, progress=_said("Storing"))
    for overlap in outcome.overlaps if outcome else ():
        tell(f"{overlap.sentence} {overlap.evidence} See `plimsoll source list`.")
    for alert in outcome.alerts if outcome else ():
        tell(alert.sentence)
    if session.as_json:
        session.answer(_document(preview, outcome))
    elif outcome is None:
        print_out("Nothing was changed: this was only a look.")
    else:
        print_out(
            f"Imported {preview.path.name} into {outcome.source}: {count_of(outcome.days, 'day')}."
        )


def preview_lines(preview: ImportPreview) -> list[str]:
    """What a file would bring, a line for each thing worth knowing."""
    into = "a new source" if preview.is_new else "the source"
    lines = [f"{preview.path.name}: {preview.provider_title}, into {into} {preview.source}."]
    for sheet in preview.sheets:
        lines += [f"{sheet.title}: {_brings(sheet)}.", *_replaces(sheet), *sheet.notes]
    if preview.imported_at is not None:
        lines.append(f"This very file was imported on {preview.imported_at:%Y-%m-%d}.")
    if preview.changes_nothing:
        lines.append("Every day is kept already as this file tells it.")
    if preview.live:
        live = " and ".join(preview.live)
        lines.append(
            f"{live} is asked for the same provider: where both see the same traffic, it counts "
            "once."
        )
    return lines


def _brings(sheet: SheetPreview) -> str:
    sums = [shown(money.nanos, money.currency) + " billed" for money in sheet.billed]
    if sheet.tokens:
        sums.append(f"{sheet.tokens:,} tokens")
    told = ", ".join(sums) or "nothing spent"
    days = f"{count_of(sheet.count, 'day')} from {sheet.days.first} to {sheet.days.last}"
    return f"{days}, {count_of(sheet.rows, 'row')}, {told}; {count_of(sheet.new, 'new day')}"


def _replaces(sheet: SheetPreview) -> list[str]:
    if not sheet.changed:
        return []
    before, after = _sums(sheet.before), _sums(sheet.after)
    if sheet.tokens_before or sheet.tokens_after:
        before.append(f"{sheet.tokens_before:,} tokens")
        after.append(f"{sheet.tokens_after:,} tokens")
    kept, told = (", ".join(sums) or "nothing" for sums in (before, after))
    return [f"It replaces {count_of(sheet.changed, 'day')} kept otherwise: {kept} becomes {told}."]


def _sums(amounts: tuple[Money, ...]) -> list[str]:
    return [shown(money.nanos, money.currency) for money in amounts]


def _document(preview: ImportPreview, outcome: ImportOutcome | None) -> dict[str, object]:
    """The document of `import --json`, schema 1."""
    return {
        "schema": 1,
        "file": preview.path.name,
        "sha256": preview.sha256,
        "provider": preview.provider,
        "source": preview.source,
        "new_source": preview.is_new,
        "taken": outcome is not None,
        "sheets": [_sheet(sheet) for sheet in preview.sheets],
        "overlaps": [overlap_document(o) for o in outcome.overlaps] if outcome else [],
    }


def _sheet(sheet: SheetPreview) -> dict[str, object]:
    return {
        "sheet": sheet.sheet,
        "format": sheet.title,
        "from": sheet.days.first.isoformat(),
        "to": sheet.days.last.isoformat(),
        "days": sheet.count,
        "rows": sheet.rows,
        "billed": _amounts(sheet.billed),
        "tokens": sheet.tokens,
        "days_new": sheet.new,
        "days_replaced": sheet.changed,
        "replaced": _amounts(sheet.before),
        "replaced_by": _amounts(sheet.after),
        "notes": list(sheet.notes),
    }


def _amounts(amounts: tuple[Money, ...]) -> list[dict[str, str]]:
    return [{"currency": m.currency, "amount": decimal_text(m.nanos)} for m in amounts]


def _said(doing: str) -> Callable[[float], None]:
    """A line on the terminal that says how far a file is; silent where nobody sees it."""
    if not on_terminal():
        return lambda _share: None
    return lambda share: click.echo(f"\r{doing} … {share:4.0%}\r", err=True, nl=False)
