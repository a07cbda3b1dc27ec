"""Imports: a file of a provider's console looked at, and then taken into the archive.

A file is first read whole and compared with what is kept (`preview_import`): nothing is changed.
Taken (`take_import`), its days replace the same days of the same endpoint, all of them or none.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.errors import Cancelled, ImportProblem, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.said import say
from plimsoll.domain.usage import PricedSlice
from plimsoll.ledger import account_changes, accounts, usage
from plimsoll.ledger.accounts import FILE, Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.imports import DayLines, imported_files, save_import
from plimsoll.ledger.repricing import make_stale
from plimsoll.ledger.runs import finish_run, start_run
from plimsoll.services.account_words import CURRENCY, checked_name
from plimsoll.sources.imports import DayOfFile, FileFormat, FilePart, mapped_format, read_file

if TYPE_CHECKING:
    from plimsoll.domain.budget import Alert
    from plimsoll.services.overlaps import Overlap
    from plimsoll.services.pricing import Pricing

_BLOCK = 1 << 20
_AT_ONCE = 31
"""Days that are stored between two looks at whether the user still wants them."""


@dataclass(frozen=True, slots=True)
class SheetPreview:
    """What one sheet of a file brings: `billed` is what its charges sum to by currency, `tokens`
    those of its usage. Of its days, `new` are not kept yet, and `changed` are kept with other sums:
    what those come to stands in `before` and `after`. The rest are kept as the sheet tells them.
    """

    sheet: str
    title: str
    days: Period
    count: int
    rows: int
    billed: tuple[Money, ...]
    tokens: int
    new: int
    changed: int
    before: tuple[Money, ...] = ()
    tokens_before: int = 0
    after: tuple[Money, ...] = ()
    tokens_after: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """A file that was read and not yet taken: what would come in, into which source, and what is
    worth knowing first. `live` are accounts of the same provider that are asked.
    """

    path: Path
    size: int
    sha256: str
    provider: str
    provider_title: str
    source: str
    is_new: bool
    sheets: tuple[SheetPreview, ...]
    imported_at: datetime | None = None
    """When the very same file was imported before."""
    live: tuple[str, ...] = ()
    parts: tuple[FilePart, ...] = field(default=(), repr=False)

    @property
    def changes_nothing(self) -> bool:
        """Whether every day is kept already as the file tells it."""
        return not any(sheet.new or sheet.changed for sheet in self.sheets)


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of a file: how many days were stored in which source, what they are found to
    share with others, and what they let fire.
    """

    source: str
    days: int
    overlaps: tuple[Overlap, ...] = ()
    alerts: tuple[Alert, ...] = ()


def preview_import(
    ledger: Ledger,
    path: Path,
    *,
    name: str | None = None,
    currency: str | None = None,
    mapping: Path | None = None,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> ImportPreview:
    """Read a file and compare it with what is kept; nothing is changed.

    Raises `ImportProblem` for a file that cannot be taken, `WrongUse` for a name, `Cancelled`.
    """
    today = utc_day(ledger.clock.now())
    mapped = mapped_format(_text_of(mapping)) if mapping is not None else None
    parts = read_file(
        path,
        today=today,
        currency=currency,
        mapped=mapped,
        progress=progress,
        cancelled=cancelled,
    )
    told = parts[0].format
    wanted = (name or f"{told.provider_title} export").strip()
    source = _source_for(ledger, wanted, told, parts)
    sha256 = _hash_of(path)
    before = imported_files(ledger, source.id) if source else ()
    return ImportPreview(
        path=path,
        size=path.stat().st_size,
        sha256=sha256,
        provider=told.provider,
        provider_title=told.provider_title,
        source=wanted,
        is_new=source is None,
        sheets=tuple(_sheet(ledger, source, part) for part in parts),
        imported_at=next((file.at for file in before if file.sha256 == sha256), None),
        live=tuple(
            other.name
            for other in accounts.sources(ledger)
            if other.kind == "provider" and other.connector == told.provider
        ),
        parts=parts,
    )


def take_import(
    ledger: Ledger,
    preview: ImportPreview,
    *,
    book: Callable[[], Pricing],
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> ImportOutcome:
    """Store what was read, in one transaction: all of it, or nothing where it is `cancelled`."""
    pricing = book()
    with ledger.writing():
        told = preview.parts[0].format
        source = _source_for(ledger, preview.source, told, preview.parts) or accounts.add_source(
            ledger,
            name=checked_name(ledger, preview.source),
            connector=preview.provider,
            kind=FILE,
        )
        run = start_run(ledger, source.id)
        source = _with_currency(ledger, source, preview.parts)
        account = _account_of(preview.parts)
        if account is not None:
            account_changes.note_organisation(ledger, source.id, account)
        days = [(part, day) for part in preview.parts for day in part.days]
        for begin in range(0, len(days), _AT_ONCE):
            if cancelled():
                raise Cancelled(say("The import was stopped; nothing of the file was taken."))
            progress(begin / len(days))
            for part, chunk in _by_part(days[begin : begin + _AT_ONCE]):
                usage.replace_slices(
                    ledger,
                    source.id,
                    [_priced(day, source, pricing) for day in chunk],
                    revision_days=part.format.revision_days,
                    edition=pricing.edition,
                )
        save_import(
            ledger,
            source.id,
            [_lines(day) for _, day in days],
            name=preview.path.name,
            sha256=preview.sha256,
            size=preview.size,
        )
        finish_run(ledger, run, ok=True, slices=len(days))
    return ImportOutcome(source.name, len(days))


def _source_for(
    ledger: Ledger, name: str, told: FileFormat, parts: Sequence[FilePart]
) -> Source | None:
    """The source of that name that a file may go into, None for a new one; raises `WrongUse`."""
    found = next((s for s in accounts.sources(ledger) if s.name == name), None)
    if found is None:
        checked_name(ledger, name)
        return None
    if found.kind != FILE or found.connector != told.provider:
        raise WrongUse(
            say(
                "{name} is another source, which is not made of exports of {provider_title}.",
                name=name,
                provider_title=told.provider_title,
            ),
            remedy=say("Choose another name (--name)."),
        )
    account = _account_of(parts)
    if account and found.organisation and account != found.organisation:
        raise WrongUse(
            say(
                "This file is of another account of {provider_title} than {name}.",
                provider_title=told.provider_title,
                name=name,
            ),
            remedy=say("Import it under another name (--name)."),
        )
    return found


def _account_of(parts: Iterable[FilePart]) -> str | None:
    """The provider's id of the account; raises `ImportProblem` where sheets tell two."""
    told = {part.account for part in parts if part.account is not None}
    if len(told) > 1:
        raise ImportProblem(
            say("The file holds exports of {count} accounts.", count=len(told)),
            remedy=say("Import them one by one."),
        )
    return next(iter(told), None)


def _sheet(ledger: Ledger, source: Source | None, part: FilePart) -> SheetPreview:
    kept = usage.slice_totals(ledger, source.id, part.format.endpoint) if source else {}
    sums = [(day, kept.get(day.slice.day)) for day in part.days]
    changed = [
        (day, before)
        for day, before in sums
        if before is not None and usage.totals_of(day.slice) != before
    ]
    told = [day for day, _ in changed]
    return SheetPreview(
        sheet=part.sheet,
        title=part.format.title,
        days=Period(part.days[0].slice.day, part.days[-1].slice.day),
        count=len(part.days),
        rows=part.rows,
        billed=_billed(part.days),
        tokens=_tokens(part.days),
        new=sum(before is None for _, before in sums),
        changed=len(changed),
        before=_added(money for _, before in changed for money in before.billed),
        tokens_before=sum(before.tokens for _, before in changed),
        after=_billed(told),
        tokens_after=_tokens(told),
        notes=part.notes,
    )


def _billed(days: Iterable[DayOfFile]) -> tuple[Money, ...]:
    return _added(charge.amount for day in days for charge in day.slice.charges)


def _tokens(days: Iterable[DayOfFile]) -> int:
    return sum(record.tokens.total for day in days for record in day.slice.records)


def _added(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Sums by currency, in the order of their codes."""
    sums: dict[str, int] = defaultdict(int)
    for money in amounts:
        sums[money.currency] += money.nanos
    return tuple(Money(currency, nanos) for currency, nanos in sorted(sums.items()))


def _by_part(
    days: Sequence[tuple[FilePart, DayOfFile]],
) -> Iterator[tuple[FilePart, list[DayOfFile]]]:
    parts = {id(part): part for part, _ in days}
    for number, part in parts.items():
        yield part, [day for other, day in days if id(other) == number]


def _priced(day: DayOfFile, source: Source, pricing: Pricing) -> PricedSlice:
    return PricedSlice(
        day.slice, tuple(pricing.compute(record, source) for record in day.slice.records)
    )


def _lines(day: DayOfFile) -> DayLines:
    return DayLines(day.slice.endpoint, day.slice.day, day.sheet, day.first_line, day.last_line)


def _with_currency(ledger: Ledger, source: Source, parts: Iterable[FilePart]) -> Source:
    """The source, which remembers the one currency that its provider bills it in, if it is one."""
    told = {money.currency for part in parts for money in _billed(part.days)}
    settings = dict(source.settings)
    if len(told) != 1 or settings.get(CURRENCY) in told:
        return source
    changed = account_changes.change_source(
        ledger,
        source.id,
        name=source.name,
        base_url=None,
        settings=tuple(sorted({**settings, CURRENCY: told.pop()}.items())),
        key_tail="",
    )
    make_stale(ledger, source.id)  # another price list holds for what is stored
    return changed


def _text_of(mapping: Path) -> str:
    try:
        return mapping.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise WrongUse(
            say("The mapping {name} cannot be read: {reason}.", name=mapping.name, reason=reason)
        ) from None


def _hash_of(path: Path) -> str:
    made = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            made.update(block)
    return made.hexdigest()
