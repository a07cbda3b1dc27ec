"""Origin: what is behind an amount, its sources, prices and rows, as sections that can be shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from plimsoll.domain.money import shown
from plimsoll.services.change_words import signed
from plimsoll.services.provenance import Kind, Provenance
from plimsoll.ui.moments import at, brief
from plimsoll.ui.widgets.provenance import Section
from plimsoll.ui.words import clock_time, counted, in_words, short_day, tr

if TYPE_CHECKING:
    from plimsoll.analysis.prepaid import Between
    from plimsoll.services.provenance import PriceBehind, RowBehind, SourceBehind

MOST_PRICES = 8
MOST_STEPS = 12


def sections_of(answer: Provenance, *, named: bool = False) -> tuple[Section, ...]:
    """Sources, files, prices and rows; with the currency in the titles where there are several."""
    told = (_sources(answer), _files(answer), _prices(answer), _rows(answer))
    return tuple(
        Section(
            f"{section.title} · {answer.currency}" if named else section.title,
            section.heads,
            section.rows,
            section.note,
            section.numeric,
        )
        for section in told
        if section.rows
    )


def steps_of(steps: Sequence[Between], now: datetime) -> tuple[Section, ...]:
    """The latest readings of a balance: what each found spent since the one before, and what had
    come in.
    """
    rows = tuple(
        (
            at(step.end, now),
            shown(step.last, step.currency),
            shown(step.spent, step.currency) if step.spent else "",
            _came_in(step),
        )
        for step in steps[:MOST_STEPS]
    )
    heads = (tr("Read"), tr("Balance"), tr("Spent since"), tr("Came in or expired"))
    note = (
        ""
        if all(not step.added for step in steps)
        else tr("Between readings with a rise that has no parts, more may have been spent.")
    )
    section = Section(tr("Readings"), heads, rows, note, frozenset({1, 2, 3}))
    return (section,) if rows else ()


def _came_in(step: Between) -> str:
    """What came in between two readings, or expired, each by what it was."""
    kinds = (
        (step.topped_up, tr("{amount} top-up")),
        (step.granted, tr("{amount} grant")),
        (step.added, tr("{amount} top-up or grant")),
        (-step.lapsed, tr("{amount} expired")),
    )
    return tr(", ").join(
        text.format(amount=signed(nanos, step.currency)) for nanos, text in kinds if nanos
    )


# --- sources ---------------------------------------------------------------------------------


def _sources(answer: Provenance) -> Section:
    return Section(
        tr("Sources"),
        (tr("Source"), tr("Amount"), tr("Fetched"), tr("Days")),
        tuple(_source_row(source, answer) for source in answer.sources),
        numeric=frozenset({1}),
    )


def _source_row(source: SourceBehind, answer: Provenance) -> tuple[str, ...]:
    oldest, newest = (at(instant, answer.now) for instant in source.fetched)
    fetched = newest if oldest == newest else tr("{first} to {last}", first=oldest, last=newest)
    first, last = source.days.first, source.days.last
    days = (
        short_day(first)
        if first == last
        else tr("{first} to {last}", first=short_day(first), last=short_day(last))
    )
    if source.not_final:
        days = f"{days}\n{counted(source.not_final, '1 not final', '{count} not final')}"
    return source.name, _kinds(source, answer.currency), fetched, days


def _kinds(source: SourceBehind, currency: str) -> str:
    """Every kind of number with its own amount, never added."""
    told = [
        words.format(amount=shown(nanos, currency))
        for nanos, words in (
            (source.billed, tr("{amount} billed")),
            (source.estimated, tr("{amount} estimated")),
            (source.plan, tr("{amount} plan")),
        )
        if nanos
    ]
    if not told and source.worth:
        told = [tr("{amount} worth", amount=shown(source.worth, currency))]
    if source.not_priced_tokens:
        told.append(tr("{count} tokens not priced", count=brief(source.not_priced_tokens)))
    return "\n".join(told) or "–"


def _files(answer: Provenance) -> Section:
    """The files of imported sources, with the lines that the days came from."""
    return Section(
        tr("Files"),
        (tr("Source"), tr("File"), tr("Lines"), tr("Imported")),
        tuple(
            (
                name,
                "\n".join(file.sheets) or file.name,
                tr("{first} to {last}", first=file.lines[0], last=file.lines[1]),
                at(file.at, answer.now),
            )
            for name, file in answer.files
            if file.lines is not None
        ),
    )


# --- prices ----------------------------------------------------------------------------------


def _prices(answer: Provenance) -> Section:
    kept = answer.prices[:MOST_PRICES]
    notes = []
    editions = sorted({edition for source in answer.sources for edition in source.editions})
    if editions:
        notes.append(tr("Price book: {editions}.", editions=tr("; ").join(map(in_words, editions))))
    left = len(answer.prices) - len(kept)
    if left:
        notes.append(
            counted(left, "1 smaller one is left out.", "{count} smaller ones are left out.")
        )
    if answer.since is not None:
        notes.append(tr("Of the days from {day} on.", day=short_day(answer.since)))
    return Section(
        tr("Prices used"),
        (tr("For"), tr("Price"), tr("Tokens"), tr("Worth")),
        tuple(_price_row(price, answer.currency) for price in kept),
        tr(" ").join(notes),
        frozenset({2, 3}),
    )


def _price_row(price: PriceBehind, currency: str) -> tuple[str, ...]:
    worth = "–" if price.worth is None else shown(price.worth, currency)
    return kind_words(price.kind), in_words(price.basis) or "–", brief(price.tokens), worth


def kind_words(kind: Kind) -> str:
    """A kind as one word, or nearly."""
    return {
        Kind.BILLED: tr("Billed"),
        Kind.ESTIMATED: tr("Estimated"),
        Kind.PLAN: tr("Plan"),
        Kind.BESIDE: tr("Beside a bill"),
        Kind.NOT_PRICED: tr("Not priced"),
    }[kind]


# --- rows ------------------------------------------------------------------------------------


def _rows(answer: Provenance) -> Section:
    charges = counted(answer.charges, "1 charge", "{count} charges")
    records = counted(answer.records, "1 usage record", "{count} usage records")
    note = tr("{charges} and {records}; the largest:", charges=charges, records=records)
    return Section(
        tr("Rows behind it"),
        (tr("When"), tr("What"), tr("Kind"), tr("Tokens"), tr("Amount"), tr("As written")),
        tuple(_row(row, answer.currency) for row in answer.rows),
        note,
        frozenset({3, 4, 5}),
    )


def _row(row: RowBehind, currency: str) -> tuple[str, ...]:
    when = short_day(row.day)
    if row.start is not None:
        when = tr("{day}, {time} UTC", day=short_day(row.day), time=clock_time(row.start))
    what = [row.line_item or row.model or tr("Not attributed")]
    owners = [word for word in (row.project, row.key) if word]
    if owners:
        what.append(" · ".join(owners))
    amount = "–" if row.nanos is None else shown(row.nanos, currency)
    tokens = brief(row.tokens.total) if row.tokens.total else ""
    text = row.text if row.kind is Kind.BILLED else ""
    return when, "\n".join(what), kind_words(row.kind), tokens, amount, text
