"""Provenance: how we know an amount, from the sources to the rows, as one frozen value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.question import Amounts, Gap, Question, Row
from plimsoll.ledger import accounts, answers, behind
from plimsoll.ledger.accounts import FILE
from plimsoll.ledger.behind import Kind, PriceBehind, RowBehind, SourceBehind
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.imports import ImportedFile, imported_files
from plimsoll.services.basis_words import basis_again, editions_again

__all__ = [
    "ImportedFile",
    "Kind",
    "PriceBehind",
    "Provenance",
    "RowBehind",
    "SourceBehind",
    "provenance",
]


@dataclass(frozen=True, slots=True)
class Provenance:
    """How the whole of `question` is known, in one currency, nano-units.

    `total` and `amounts` are what the answer itself says; `sources` sum to them. `prices` say what
    the usage was priced at, and `rows` are the largest rows of `rows_count`. `since` is None where
    every usage record was looked at for prices and rows, else the first day of those that were.
    `gaps` are days without an answer, `not_final_from` the first day that can still change.
    """

    now: datetime
    question: Question
    currency: str
    total: Row
    amounts: Amounts
    sources: tuple[SourceBehind, ...]
    prices: tuple[PriceBehind, ...]
    rows: tuple[RowBehind, ...]
    gaps: tuple[Gap, ...] = ()
    not_final_from: date | None = None
    since: date | None = None
    files: tuple[tuple[str, ImportedFile], ...] = ()
    """Of sources that were imported, the files that their days came from, by the source's name."""

    @property
    def charges(self) -> int:
        """How many charges are in the amount."""
        return sum(source.charges for source in self.sources)

    @property
    def records(self) -> int:
        """How many usage records are in it, or beside it."""
        return sum(source.records for source in self.sources)


def provenance(ledger: Ledger, question: Question, *, currency: str, now: datetime) -> Provenance:
    """How the whole of a question is known; what it is cut by does not matter."""
    whole = replace(question, by=())
    table = answers.answer(ledger, whole, today=utc_day(now))
    found = behind.behind(ledger, whole, currency=currency)
    mine = (amounts for amounts in table.total.amounts if amounts.currency == currency)
    return Provenance(
        now=now,
        question=whole,
        currency=currency,
        total=table.total,
        amounts=next(mine, Amounts(currency)),
        sources=tuple(
            replace(source, editions=tuple(map(editions_again, source.editions)))
            for source in found.sources
        ),
        prices=tuple(replace(price, basis=basis_again(price.basis)) for price in found.prices),
        rows=found.rows,
        gaps=table.gaps,
        not_final_from=table.not_final_from,
        since=found.since,
        files=tuple(_files(ledger, found.sources)),
    )


def _files(ledger: Ledger, sources: Sequence[SourceBehind]) -> Iterator[tuple[str, ImportedFile]]:
    days = {source.name: source.days for source in sources}
    for source in accounts.sources(ledger, removed=True):
        if source.kind == FILE and source.name in days:
            for file in imported_files(ledger, source.id, within=days[source.name]):
                yield source.name, file
