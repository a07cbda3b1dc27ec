"""Mappings: a small TOML text that says what the columns of a sheet, or the paths of a JSON answer,
mean in our words.

    title = "Team gateway"          what it is called
    provider = "openai"             whose list prices its tokens have, if any
    currency = "USD"                of all amounts, unless a row tells its own
    unit = "0.01"                   what amounts count in, as a share of the currency: here cents
    day_form = "%d.%m.%Y"           how days are written: date (2026-08-05, the usual), instant,
                                    unix, unix_ms, or a pattern of these signs
    input_holds_cache = true        input counts what was read from and written to the cache, too

A sheet has `[columns]`, with a column for each of our words (`FIELDS`). An answer has an `address`,
a `header` and `scheme` for the key, and one or both of `[rows]` and `[balance]`, whose words stand
for paths; `ask` is what is asked below the address, in which `{first}` and `{last}` (days, both
included), `{first_unix}` and `{end_unix}` stand for the days that are wanted; `in` is where the
rows are. `next` is the path of a cursor, and `next_param` the parameter that it goes back as.

How paths are written stands in `paths`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from plimsoll.domain.calendar import ONE_DAY, day_start, utc_day
from plimsoll.domain.errors import MappingProblem
from plimsoll.domain.money import NotAnAmount, read_amount, read_currency
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, Charge, Tokens, UsageRecord
from plimsoll.sources import cells as cell
from plimsoll.sources.fields import LONGEST_WORD, FieldError, money, optional_counter
from plimsoll.sources.paths import Path, parse_path

COUNTS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
OWNERS = ("model", "project", "key", "user", "tier", "line_item")
FIELDS = ("day", "cost", "currency", *OWNERS, *COUNTS, "requests")
"""Our words, each of which a column or a path can stand for."""

_HEAD = ("title", "provider", "currency", "unit", "day_form", "input_holds_cache")
_OF_ANSWERS = ("address", "header", "scheme")
_OF_ROWS = ("ask", "in", "next", "next_param")
_OF_BALANCE = ("ask", "amount", "currency")
_FORMS = ("date", "instant", "unix", "unix_ms")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}", re.ASCII)
_PLACE = re.compile(r"\{(\w+)\}")
PLACES = ("first", "last", "first_unix", "end_unix")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a row means: `places` are the columns or paths of our words."""

    places: Mapping[str, str]
    provider: str = ""
    currency: str | None = None
    unit: Decimal = Decimal(1)
    day_form: str = "date"
    input_holds_cache: bool = False

    def read(self, told: Callable[[str], object]) -> Iterator[tuple[date, UsageRecord | Charge]]:
        """The usage and the charge of one row; `told` gives what stands at a column or a path.

        Raises `FieldError`, which names that column or path.
        """
        row = {place: told(place) for place in self.places.values()}
        row = {place: None if value == "" else value for place, value in row.items()}
        day = self._day(row)
        owners = Attribution(**{name: self._word(row, name) for name in OWNERS})
        details = (("provider", self.provider),) if self.provider else ()
        counted = {name: self._count(row, name) for name in (*COUNTS, "requests")}
        if any(count is not None for count in counted.values()):
            requests = counted.pop("requests")
            tokens = self._tokens({name: count or 0 for name, count in counted.items()})
            start, end = day_start(day), day_start(day + ONE_DAY)
            yield day, UsageRecord(start, end, owners, tokens, requests=requests, details=details)
        if cost := self.places.get("cost"):
            currency = self._word(row, "currency") or self.currency
            billed, text = money(row, cost, currency, unit=self.unit)
            yield day, Charge(owners, billed, text)

    def _day(self, row: Mapping[str, Any]) -> date:
        place = self.places["day"]
        value = row[place]
        text = "" if value is None else str(value)
        told = {place: text}
        if self.day_form == "date":
            return cell.day(told, place)
        if self.day_form in {"instant", "unix"}:
            return utc_day(cell.instant(told, place))
        try:
            if self.day_form == "unix_ms":
                return datetime.fromtimestamp(int(text) // 1000, UTC).date()
            return datetime.strptime(text, self.day_form).replace(tzinfo=UTC).date()
        except (ValueError, OverflowError, OSError):
            raise FieldError(
                place, say("is not a day written as {day_form}", day_form=self.day_form), value
            ) from None

    def _word(self, row: Mapping[str, Any], name: str) -> str | None:
        place = self.places.get(name)
        value = row[place] if place is not None else None
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise FieldError(place or name, say("is not text"), value)
        return "".join(sign for sign in str(value) if sign.isprintable())[:LONGEST_WORD] or None

    def _count(self, row: Mapping[str, Any], name: str) -> int | None:
        place = self.places.get(name)
        if place is None or row[place] is None:
            return None
        if isinstance(row[place], str):
            return cell.maybe_count(row, place)
        return optional_counter(row, place)

    def _tokens(self, counts: dict[str, int]) -> Tokens:
        if self.input_holds_cache:
            cached = sum(counts[name] for name in COUNTS[1:4])
            if cached > counts["input"]:
                raise FieldError(
                    self.places.get("input", "input"), say("is less than its cached parts")
                )
            counts["input"] -= cached
        if counts["reasoning"] > counts["output"]:
            raise FieldError(
                self.places.get("reasoning", "reasoning"), say("is more than all output")
            )
        return Tokens(**counts)


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """A mapping of a sheet's columns."""

    title: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class RowsMapping:
    """Where an answer has rows of usage and cost, and how further pages are asked for."""

    ask: str
    rows: Path
    paths: Mapping[str, Path]
    meaning: Meaning
    next: Path | None = None
    next_param: str = ""

    @property
    def by_day(self) -> bool:
        """Whether days can be asked for."""
        return bool(_PLACE.search(self.ask))


@dataclass(frozen=True, slots=True)
class BalanceMapping:
    """Where an answer has what is left of a prepaid balance."""

    ask: str
    amount: Path
    currency_at: Path | None
    currency: str | None
    unit: Decimal


@dataclass(frozen=True, slots=True)
class AnswerMapping:
    """A mapping of a JSON answer's paths."""

    title: str
    address: str
    header: str
    scheme: str
    rows: RowsMapping | None
    balance: BalanceMapping | None


def read_sheet_mapping(text: str) -> SheetMapping:
    """Read the mapping of a sheet; raises `MappingProblem`, which names the line."""
    read = _Reader(text)
    head = read.table("", (*_HEAD, "columns"))
    columns = read.table("columns", FIELDS)
    title = read.text(head, "title", needed=True)
    return SheetMapping(title, read.meaning(head, columns, "columns"))


def read_answer_mapping(text: str) -> AnswerMapping:
    """Read the mapping of an answer; raises `MappingProblem`, which names the line."""
    read = _Reader(text)
    head = read.table("", (*_HEAD, *_OF_ANSWERS, "rows", "balance"))
    title = read.text(head, "title", needed=True)
    address = read.text(head, "address", needed=True)
    header = read.text(head, "header") or "Authorization"
    if not _HEADER.fullmatch(header):
        raise read.problem("header", say("is not the name of a header"))
    scheme = "Bearer" if "header" not in head else ""
    if "scheme" in head:
        scheme = read.text(head, "scheme")
    if not ("rows" in head or "balance" in head):
        raise MappingProblem(say("The mapping has neither [rows] nor [balance]: it maps nothing."))
    rows = _rows(read, head) if "rows" in head else None
    balance = _balance(read, head) if "balance" in head else None
    return AnswerMapping(title, address, header, scheme, rows, balance)


def _rows(read: _Reader, head: Mapping[str, Any]) -> RowsMapping:
    table = read.table("rows", (*_OF_ROWS, *FIELDS))
    fields = {name: value for name, value in table.items() if name in FIELDS}
    meaning = read.meaning(head, fields, "rows")
    if bool(table.get("next")) != bool(table.get("next_param")):
        raise read.problem("next", say("and next_param belong together"), where="rows")
    return RowsMapping(
        ask=read.asked(table, "rows"),
        rows=read.path(table, "in", "rows", each=True),
        paths={place: parse_path(place) for place in meaning.places.values()},
        meaning=meaning,
        next=read.path(table, "next", "rows") if table.get("next") else None,
        next_param=read.text(table, "next_param", where="rows"),
    )


def _balance(read: _Reader, head: Mapping[str, Any]) -> BalanceMapping:
    table = read.table("balance", (*_OF_BALANCE, "unit"))
    currency = read.currency(head)
    if currency is None and "currency" not in table:
        raise read.problem("balance", say("tells no currency: say one, or its path"))
    return BalanceMapping(
        ask=read.asked(table, "balance", days=False),
        amount=read.path(table, "amount", "balance"),
        currency_at=read.path(table, "currency", "balance") if "currency" in table else None,
        currency=currency,
        unit=read.unit(table if "unit" in table else head),
    )


class _Reader:
    """Reads one mapping; every problem names the line of its word."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        try:
            self._told = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise MappingProblem(
                say("The mapping is not TOML: {error}.", error=str(error))
            ) from None

    def problem(self, word: str, what: str, *, where: str = "") -> MappingProblem:
        """What is wrong with a word, in its table."""
        line = self._line(word, where)
        told = say("{word} {what}.", word=word, what=what)
        if line:
            told = say("Line {line}: {what}", line=line, what=told)
        return MappingProblem(told, line=line)

    def _line(self, word: str, where: str) -> int | None:
        within = ""
        for number, line in enumerate(self._lines, start=1):
            told = line.strip()
            if told.startswith("["):
                within = told.strip("[] ")
                if within == word:
                    return number
            elif within == where and told.partition("=")[0].strip().strip('"') == word:
                return number
        return None

    def table(self, name: str, known: tuple[str, ...]) -> dict[str, Any]:
        """A table, which holds no other words than the known ones."""
        told = self._told.get(name) if name else self._told
        if not isinstance(told, dict):
            raise MappingProblem(say("The mapping has no [{name}].", name=name))
        for word in told:
            if word not in known:
                words = ", ".join(known)
                raise self.problem(
                    word, say("is no word of a mapping; there are {words}", words=words), where=name
                )
        return told

    def text(
        self, table: Mapping[str, Any], word: str, *, needed: bool = False, where: str = ""
    ) -> str:
        """A text, empty where there is none."""
        value = table.get(word, "")
        if not isinstance(value, str) or not value.isprintable():
            raise self.problem(word, say("is not a line of text"), where=where)
        if needed and not value.strip():
            raise MappingProblem(say("The mapping does not tell its {word}.", word=word))
        return value.strip()

    def path(self, table: Mapping[str, Any], word: str, where: str, *, each: bool = False) -> Path:
        """A path that must be there."""
        text = self.text(table, word, where=where)
        if not text and not each:
            raise self.problem(where, say("does not tell its {word}", word=word))
        try:
            path = parse_path(text)
        except ValueError as error:
            raise self.problem(word, str(error), where=where) from None
        if each is not (None in path.steps):
            what = (
                say("does not end with [] for each row")
                if each
                else say("has [] in it, which is for in")
            )
            raise self.problem(word, what, where=where)
        return path

    def asked(self, table: Mapping[str, Any], where: str, *, days: bool = True) -> str:
        """What is asked below the address."""
        ask = self.text(table, "ask", where=where)
        if not ask.startswith("/"):
            raise self.problem(where, say("does not tell what to ask, which begins with a slash"))
        for place in _PLACE.findall(ask):
            if place not in PLACES or not days:
                raise self.problem(
                    "ask", say("has no {{{place}}} to put in", place=place), where=where
                )
        return ask

    def meaning(self, head: Mapping[str, Any], fields: Mapping[str, Any], where: str) -> Meaning:
        """What a row means."""
        places = {name: self.text(fields, name, where=where) for name in fields}
        for name in ("day", *places):
            if not places.get(name):
                raise self.problem(where, say("does not tell its {name}", name=name))
        counted = set(places) & {*COUNTS, "requests"}
        if not counted and "cost" not in places:
            raise self.problem(where, say("tells neither a cost nor tokens"))
        currency = self.currency(head)
        if "cost" in places and currency is None and "currency" not in places:
            raise self.problem(
                "cost", say("has no currency: say one, or where it stands"), where=where
            )
        if where == "rows":
            for name in places:
                self.path(fields, name, where)
        form = self.text(head, "day_form") or "date"
        if form not in _FORMS and "%" not in form:
            raise self.problem(
                "day_form", say("is none of {names}, and no pattern", names=", ".join(_FORMS))
            )
        holds = head.get("input_holds_cache", False)
        if not isinstance(holds, bool):
            raise self.problem("input_holds_cache", say("is neither true nor false"))
        provider = self.text(head, "provider")
        return Meaning(places, provider, currency, self.unit(head), form, holds)

    def currency(self, head: Mapping[str, Any]) -> str | None:
        """The currency of all amounts, None where the mapping tells none."""
        text = self.text(head, "currency")
        try:
            return read_currency(text) if text else None
        except NotAnAmount:
            raise self.problem(
                "currency", say("is not a code of three letters, like USD")
            ) from None

    def unit(self, table: Mapping[str, Any]) -> Decimal:
        """What amounts count in, as a share of the currency: text, so that it is exact."""
        value = table.get("unit", "1")
        try:
            unit = read_amount(value if isinstance(value, str | int) else "")
        except NotAnAmount:
            raise self.problem("unit", "is not a number in quotes, like “0.01” for cents") from None
        if not 0 < unit <= 1_000_000:
            raise self.problem("unit", say("is no share of a currency"))
        return unit
