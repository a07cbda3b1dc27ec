"""Sheets: a file of rows under a header, opened, decoded and read row by row, or refused.

A sheet is a CSV file, or one of those in a ZIP archive. What holds for every sheet is held here:
its size, its encoding, its quoting, and that each row has as many cells as the header.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from plimsoll.domain.errors import ImportProblem
from plimsoll.domain.said import say
from plimsoll.sources.fields import FieldError

LARGEST = 100_000_000
"""Bytes of a file that is read: a console's export of a year is a hundredth of it."""

MOST_MEMBERS = 64

LONGEST_CELL = 10_000
"""Characters of a cell. Names, ids and figures are short: what is longer is something else."""

_CSV_ONLY = say("Import the CSV file as the provider's console gave it.")
_LOOKED_AT = 65_536


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: `line` is the line of the file at which it begins, `cells` are its texts without
    spaces around them, by their column.
    """

    line: int
    cells: Mapping[str, str]

    def wrong(self, problem: FieldError) -> ImportProblem:
        """The error for a cell of this row that cannot be right."""
        shown = "" if problem.shown in {"null", "''"} else f": {problem.shown}"
        return ImportProblem(
            say(
                "Line {line}: {name} {problem}{shown}.",
                line=self.line,
                name=problem.name,
                problem=problem.problem,
                shown=shown,
            ),
            line=self.line,
            remedy=say(
                "Nothing of the file was taken. If a spreadsheet saved it, take the console's."
            ),
        )


@dataclass(slots=True)
class Sheet:
    """One opened sheet, its rows still to be read, as lists of cells with the lines they begin at.

    Close the rows when you leave them. `read_bytes` tells how much of `size` has been read.
    """

    name: str
    size: int
    rows: Generator[tuple[int, list[str]]]
    _raw: IO[bytes]

    @property
    def read_bytes(self) -> int:
        """How much of the file has been read so far; for a member of an archive, unpacked."""
        return self._raw.tell()


@contextmanager
def opened(path: Path) -> Iterator[Iterator[Sheet]]:
    """The sheets of a file, one after the other: one, or those of an archive.

    Raises `ImportProblem` for what cannot be one.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise ImportProblem(say("{name} is a folder.", name=path.name), remedy=_CSV_ONLY)
        if size > LARGEST:
            raise _too_large(path.name, size)
        with path.open("rb") as raw:
            if raw.read(4) == b"PK\x03\x04":
                raw.seek(0)
                yield _members(path.name, raw)
            else:
                raw.seek(0)
                yield iter([_sheet(path.name, size, raw)])
    except OSError as error:
        reason = error.strerror or say("it is not readable")
        raise ImportProblem(
            say("{name} cannot be read: {reason}.", name=path.name, reason=reason)
        ) from error


def table(sheet: Sheet, header: Sequence[str], *, may_be_short: bool = False) -> Iterator[SheetRow]:
    """The rows that are left of a sheet, by their columns; empty rows and repeated headers are
    none. Raises `ImportProblem` for a row that is longer than the header or, unless it
    `may_be_short`, shorter.
    """
    width = len(header)
    for line, cells in sheet.rows:
        if len(cells) > width or (len(cells) < width and not may_be_short):
            raise ImportProblem(
                say(
                    "Line {line} has {count} cells, and the header {width}.",
                    line=line,
                    count=len(cells),
                    width=width,
                ),
                line=line,
                remedy=say("The file is damaged or cut off. Export it again."),
            )
        texts = [cell.strip() for cell in cells] + [""] * (width - len(cells))
        if texts == list(header):
            continue  # two exports put into one file
        for name, text in zip(header, texts, strict=True):
            if text.startswith("="):
                raise ImportProblem(
                    say("Line {line}: {name} holds a formula, not a value.", line=line, name=name),
                    line=line,
                    remedy=_CSV_ONLY,
                )
            if len(text) > LONGEST_CELL:
                raise ImportProblem(
                    say(
                        "Line {line}: {name} is {count} characters.",
                        line=line,
                        name=name,
                        count=len(text),
                    ),
                    line=line,
                )
        yield SheetRow(line, dict(zip(header, texts, strict=True)))


def _members(name: str, raw: IO[bytes]) -> Iterator[Sheet]:
    """The CSV files of an archive; anything else in it is passed over."""
    try:
        with zipfile.ZipFile(raw) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if any(info.filename == "[Content_Types].xml" for info in infos):
                raise ImportProblem(
                    say("{name} is a workbook, not a CSV file.", name=name), remedy=_CSV_ONLY
                )
            sheets = [info for info in infos if info.filename.lower().endswith(".csv")]
            if not sheets:
                raise ImportProblem(
                    say("There is no CSV file in {name}.", name=name), remedy=_CSV_ONLY
                )
            if len(sheets) > MOST_MEMBERS:
                raise ImportProblem(
                    say(
                        "{name} holds {count} CSV files, which are too many.",
                        name=name,
                        count=len(sheets),
                    )
                )
            if (size := sum(info.file_size for info in sheets)) > LARGEST:
                raise _too_large(name, size)
            for info in sheets:
                with archive.open(info) as member:
                    inside = f"{name}: {Path(info.filename).name}"
                    yield _sheet(inside, info.file_size, member)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise ImportProblem(
            say("{name} is a damaged or locked archive.", name=name), remedy=_CSV_ONLY
        ) from error


def _sheet(name: str, size: int, raw: IO[bytes]) -> Sheet:
    start = raw.read(_LOOKED_AT)
    raw.seek(0)
    if not start.strip():
        raise ImportProblem(say("{name} is empty.", name=name), remedy=_CSV_ONLY)
    encoding = "utf-8-sig"
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encoding = "utf-16"
    elif b"\0" in start:
        raise ImportProblem(say("{name} is not a text file.", name=name), remedy=_CSV_ONLY)
    return Sheet(name, size, _rows(name, raw, encoding), raw)


def _rows(name: str, raw: IO[bytes], encoding: str) -> Generator[tuple[int, list[str]]]:
    """Rows that hold something, each with the line at which it begins."""
    text = io.TextIOWrapper(raw, encoding=encoding, newline="")
    line = 0
    try:
        begun = [text.readline()]
        while begun[-1] and not begun[-1].strip():
            begun.append(text.readline())
        # What separates the cells is what comes most often in the first line; a comma if nothing.
        delimiter = max(",;\t", key=begun[-1].count)
        reader = csv.reader(chain(begun, text), delimiter=delimiter, strict=True)
        for cells in reader:
            begin, line = line + 1, reader.line_num
            if any(cell and not cell.isspace() for cell in cells):
                yield begin, cells
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ImportProblem(
            say("{name} is damaged after line {line}.", name=name, line=line), remedy=_CSV_ONLY
        ) from error
    except UnicodeError as error:
        raise ImportProblem(
            say("{name} is not UTF-8 text, somewhere after line {line}.", name=name, line=line),
            remedy=_CSV_ONLY,
        ) from error
    except csv.Error as error:
        raise ImportProblem(
            say(
                "Line {line}: the cells cannot be told apart ({error}).",
                line=line + 1,
                error=str(error),
            ),
            line=line + 1,
            remedy=_CSV_ONLY,
        ) from error
    finally:
        text.detach()  # the file belongs to whoever opened it


def _too_large(name: str, size: int) -> ImportProblem:
    return ImportProblem(
        say(
            "{name} holds {size:,} MB, and at most {largest} are read.",
            name=name,
            size=size // 1_000_000,
            largest=LARGEST // 1_000_000,
        ),
        remedy=say("Export fewer days at a time."),
    )
