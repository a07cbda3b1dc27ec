"""Imports: what a format of a console's export is, the registry, and a file read into slices.

A format is one file in `sources/files/` that defines `FORMAT`. It is known by its header, whatever
the file is called. A file is taken whole or not at all: one row that is odd refuses it, with its
line. A row of a console's export is a sum, so that one that comes twice, cell for cell, is one row;
a file of one's own may list calls, and two calls can be alike.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from plimsoll.domain.errors import Cancelled, ImportProblem
from plimsoll.domain.said import say, together
from plimsoll.domain.usage import Charge, Slice, UsageRecord
from plimsoll.sources.cells import Cells
from plimsoll.sources.fields import FieldError
from plimsoll.sources.sheets import Sheet, SheetRow, opened, table

Item = UsageRecord | Charge

MOST_ROWS = 400_000
"""Rows of a sheet: a file of so many takes some 300 MB of memory while it is read."""
_HEADER_WITHIN = 20
"""Rows among which the header is looked for: some exports begin with lines about themselves."""

_EARLIEST = date(2010, 1, 1)
_EVERY = 1_000
"""Rows between two looks at whether the user still wants the file."""


class Entry(NamedTuple):
    """What a row tells: something of a day, or that the day holds nothing (`item` None)."""

    day: date
    item: Item | None


@dataclass(slots=True)
class Given:
    """What a format is told beside a row, and where it says what it noticed.

    `currency` is what the user says the file's ambiguous sign stands for.
    """

    header: tuple[str, ...]
    currency: str | None = None
    accounts: set[str] = field(default_factory=set)
    """The provider's own ids of the accounts that the rows belong to."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Rows that are none of ours, counted by why."""
    notes: dict[str, None] = field(default_factory=dict)

    def leave_out(self, why: str) -> tuple[()]:
        """Count a row that is left out."""
        self.left_out[why] = self.left_out.get(why, 0) + 1
        return ()

    def note(self, sentence: str) -> None:
        """Say something about the file, once."""
        self.notes[sentence] = None


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One format: its header, and what a row of it means.

    `columns` must all be there; `others` may be, and what `named` finds in a header. Any other
    column is passed over, unless its name holds one of `guarded`: that would be figures that we do
    not know how to count. `endpoint` is the provider's own word where its API has the same figures.
    `read` gives what a row tells; `merged` puts usage together that differs in nothing but its
    counts. Where rows are not `sums`, all of them count.
    """

    name: str
    title: str
    provider: str
    provider_title: str
    endpoint: str
    columns: frozenset[str]
    read: Callable[[Cells, Given], Iterable[Entry]]
    others: frozenset[str] = frozenset()
    guarded: tuple[str, ...] = ()
    bills_by: frozenset[str] = frozenset()
    revision_days: int = 3
    merged: bool = False
    sums: bool = True
    may_be_short: bool = False
    fits_also: Callable[[Sequence[str]], bool] = lambda _header: True
    named: Callable[[Sequence[str]], frozenset[str]] = lambda _header: frozenset()

    def fits(self, header: Sequence[str]) -> bool:
        """Whether this is the header of the format."""
        return self.columns <= set(header) and self.fits_also(header)

    def check(self, header: Sequence[str]) -> tuple[str, ...]:
        """The columns that are passed over; raises `ImportProblem` for one that may not be."""
        known = self.columns | self.others | self.named(header)
        strange = [name for name in header if name and name not in known]
        for name in strange:
            if any(word in name.lower() for word in self.guarded):
                raise ImportProblem(
                    say(
                        "This looks like {title}, but the column {name} is not known, so "
                        "that its tokens or money would be missing.",
                        title=self.title,
                        name=name,
                    ),
                    remedy=say("Nothing was taken. Please report the new column."),
                )
        return tuple(strange)


@dataclass(frozen=True, slots=True)
class DayOfFile:
    """One day of one sheet: its slice, and the lines of the sheet that it came from."""

    slice: Slice
    sheet: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class FilePart:
    """One sheet as it was read: its days in order, and what was noticed."""

    sheet: str
    format: FileFormat
    days: tuple[DayOfFile, ...]
    rows: int
    notes: tuple[str, ...] = ()
    account: str | None = None
    """The provider's own id of the account, where the sheet tells it."""


def format_names() -> tuple[str, ...]:
    """Every format there is, by its file name; imports none of them."""
    from plimsoll.sources import files

    return tuple(sorted(module.name for module in pkgutil.iter_modules(files.__path__)))


@cache
def formats() -> tuple[FileFormat, ...]:
    """Every format."""
    found = []
    for name in format_names():
        made: FileFormat = importlib.import_module(f"plimsoll.sources.files.{name}").FORMAT
        found.append(made)
    return tuple(found)


def read_file(
    path: Path,
    *,
    today: date,
    currency: str | None = None,
    mapped: FileFormat | None = None,
    progress: Callable[[float], None] = lambda _share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[FilePart, ...]:
    """All sheets of a file. `mapped` is the format to read it by, whatever its header; `currency`
    what an ambiguous sign in it stands for. Raises `ImportProblem`, or `Cancelled`.
    """
    known = (mapped,) if mapped is not None else formats()
    with opened(path) as sheets:
        parts = tuple(_read(sheet, known, today, currency, progress, cancelled) for sheet in sheets)
    _refuse_days_told_twice(parts)
    providers = {part.format.provider for part in parts}
    if len(providers) > 1:
        raise ImportProblem(
            say(
                "{name} holds exports of several providers ({names}).",
                name=path.name,
                names=", ".join(sorted(providers)),
            ),
            remedy=say("Import the files one by one."),
        )
    return parts


def _refuse_days_told_twice(parts: Sequence[FilePart]) -> None:
    """Of two sheets about one day, neither can take the place of the other."""
    told: dict[tuple[str, date], str] = {}
    for part in parts:
        for day in part.days:
            other = told.setdefault((part.format.endpoint, day.slice.day), part.sheet)
            if other != part.sheet:
                raise ImportProblem(
                    say(
                        "{other} and {sheet} both tell {title} of {day}.",
                        other=other,
                        sheet=part.sheet,
                        title=part.format.title,
                        day=str(day.slice.day),
                    ),
                    remedy=say("Import them one after the other: the later one counts."),
                )


def _read(  # noqa: PLR0917 - as `read_file` was given them
    sheet: Sheet,
    known: Sequence[FileFormat],
    today: date,
    currency: str | None,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> FilePart:
    with closing(sheet.rows):
        return _read_rows(sheet, known, today, currency, progress, cancelled)


def _read_rows(  # noqa: PLR0917 - as `read_file` was given them
    sheet: Sheet,
    known: Sequence[FileFormat],
    today: date,
    currency: str | None,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> FilePart:
    fitting, header = _recognised(sheet, known)
    passed_over = fitting.check(header)
    given = Given(header, currency)
    days = _Days(fitting)
    seen: set[bytes] = set()
    count = 0
    for row in table(sheet, header, may_be_short=fitting.may_be_short):
        if count % _EVERY == 0:
            if cancelled():
                raise Cancelled(say("The import was stopped; nothing of the file was taken."))
            progress(min(sheet.read_bytes / max(sheet.size, 1), 1.0))
        count += 1
        if count > MOST_ROWS:
            raise ImportProblem(
                say(
                    "{name} has more than {most_rows:,} rows.", name=sheet.name, most_rows=MOST_ROWS
                ),
                remedy=say("Export fewer days at a time."),
            )
        mark = hashlib.blake2b("\0".join(row.cells.values()).encode(), digest_size=16).digest()
        if mark in seen and fitting.sums:
            given.leave_out(say("come twice, cell for cell, and count once"))
            continue
        if mark in seen:
            given.note(say("Some rows come twice, cell for cell; all of them count."))
        seen.add(mark)
        _take(row, fitting, given, days, today)
    if not days:
        raise ImportProblem(
            together(
                [say("There is nothing to import in {name}.", name=sheet.name), *_left_out(given)]
            ),
            remedy=say("It has a header, and no row with a figure."),
        )
    notes = [*given.notes, *_left_out(given)]
    if passed_over:
        notes.append(say("Columns that are not read: {names}.", names=", ".join(passed_over)))
    if len(given.accounts) > 1:
        raise ImportProblem(
            say(
                "{name} holds rows of {count} accounts.", name=sheet.name, count=len(given.accounts)
            ),
            remedy=say("Export each account by itself, and import them under two names."),
        )
    account = next(iter(given.accounts), None)
    return FilePart(
        sheet.name,
        fitting,
        days.finished(sheet.name),
        count,
        tuple(notes),
        account,
    )


def _left_out(given: Given) -> list[str]:
    return [
        say("{count:,} rows {why}.", count=count, why=why) for why, count in given.left_out.items()
    ]


def _recognised(sheet: Sheet, known: Sequence[FileFormat]) -> tuple[FileFormat, tuple[str, ...]]:
    """The format of a sheet and its header. Raises `ImportProblem` that says what is known."""
    for place, (line, cells) in enumerate(sheet.rows):
        header = tuple(cell.strip() for cell in cells)
        fitting = next((f for f in known if f.fits(header)), None)
        if fitting is not None:
            named = [name for name in header if name]
            if len(named) != len(set(named)):
                raise ImportProblem(
                    say("Line {line}: a column comes twice in the header.", line=line), line=line
                )
            return fitting, header
        if place + 1 >= _HEADER_WITHIN:
            break
    if len(known) == 1:
        columns = ", ".join(sorted(known[0].columns))
        raise ImportProblem(
            say(
                "{name} has no header with all columns of {title}.",
                name=sheet.name,
                title=known[0].title,
            ),
            remedy=say("These must be there: {columns}.", columns=columns),
        )
    titles = ", ".join(f.title for f in known)
    raise ImportProblem(
        say("{name} is no export that is known.", name=sheet.name),
        remedy=say(
            "Known by their headers: {titles}. Any other CSV comes in with --map.", titles=titles
        ),
    )


def _take(row: SheetRow, fitting: FileFormat, given: Given, days: _Days, today: date) -> None:
    try:
        entries = tuple(fitting.read(row.cells, given))
    except FieldError as problem:
        raise row.wrong(problem) from None
    for entry in entries:
        if not _EARLIEST <= entry.day <= today + timedelta(days=1):
            when = say("still to come") if entry.day > today else say("too long ago")
            raise ImportProblem(
                say(
                    "Line {line} is dated {day}, which is {when}.",
                    line=row.line,
                    day=str(entry.day),
                    when=when,
                ),
                line=row.line,
                remedy=say(
                    "Nothing of the file was taken. If a spreadsheet saved it, take the console's."
                ),
            )
        days.add(row.line, entry)


class _Days:
    """The days of a sheet while it is read."""

    def __init__(self, fitting: FileFormat) -> None:
        self._format = fitting
        self._charges: dict[date, list[Charge]] = {}
        self._records: dict[date, dict[object, UsageRecord]] = {}
        self._lines: dict[date, tuple[int, int]] = {}

    def __bool__(self) -> bool:
        return any(self._charges.values()) or any(self._records.values())

    def add(self, line: int, entry: Entry) -> None:
        """Keep what a line tells of a day."""
        first, last = self._lines.get(entry.day, (line, line))
        self._lines[entry.day] = (min(first, line), max(last, line))
        if isinstance(entry.item, Charge):
            self._charges.setdefault(entry.day, []).append(entry.item)
        elif entry.item is not None:
            records = self._records.setdefault(entry.day, {})
            record = entry.item
            same = (record.start, record.end, record.attribution, record.details)
            key: object = same if self._format.merged else len(records)
            before = records.get(key)
            records[key] = record if before is None else _together(before, record)

    def finished(self, sheet: str) -> tuple[DayOfFile, ...]:
        """Every day, in order."""
        return tuple(
            DayOfFile(
                Slice(
                    self._format.endpoint,
                    day,
                    records=tuple(self._records.get(day, {}).values()),
                    charges=tuple(self._charges.get(day, ())),
                    bills_by=_told_by(self._charges.get(day, ())) & self._format.bills_by,
                ),
                sheet,
                *self._lines[day],
            )
            for day in sorted(self._lines)
        )


def _together(one: UsageRecord, other: UsageRecord) -> UsageRecord:
    """Two rows of one thing, one of which may tell tokens and the other requests."""
    requests = [r for r in (one.requests, other.requests) if r is not None]
    return replace(
        one,
        tokens=one.tokens + other.tokens,
        requests=sum(requests) if requests else None,
        units=(*one.units, *other.units),
    )


def _told_by(charges: Iterable[Charge]) -> frozenset[str]:
    """The dimensions that some charge of a day names: by no other was that day cut."""
    names = ("model", "project", "key", "user", "tier", "line_item")
    return frozenset(
        name
        for charge in charges
        for name in names
        if getattr(charge.attribution, name) is not None
    )


def mapped_format(text: str) -> FileFormat:
    """The format that a mapping of columns describes; raises `MappingProblem`."""
    from plimsoll.sources.mapping import OWNERS, read_sheet_mapping

    told = read_sheet_mapping(text)
    meaning = told.meaning

    def read(cells: Cells, _given: Given) -> Iterable[Entry]:
        return (Entry(day, item) for day, item in meaning.read(cells.get))

    return FileFormat(
        name="mapped",
        title=told.title,
        provider=meaning.provider or "custom",
        provider_title=told.title,
        endpoint="rows",
        columns=frozenset(meaning.places.values()),
        bills_by=frozenset(OWNERS) & meaning.places.keys(),
        read=read,
        sums=False,
    )
