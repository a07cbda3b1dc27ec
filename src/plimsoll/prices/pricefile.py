"""Price files: prices as text that a person can read and write, refused as a whole when wrong.

The text is TOML. Each price is a table `[[price]]` with the fields of `PriceRow`; its prices stand
under their kinds' words, as numbers: tokens and characters per million, searches and fetches per
thousand, seconds of audio per hour.

    [[price]]
    provider = "deepseek"
    models = ["deepseek-flash"]
    currency = "CNY"
    effective_from = 2026-09-09T16:00:00Z
    input = 2
    cache_read = 0.04
    output = 8

    [price.schedule]
    zone = "Asia/Shanghai"
    peak = ["09:00-12:00", "14:00-18:00"]
    weekdays = [1, 2, 3, 4, 5]
    holidays = "cn"
    off_peak_multiplier = 0.5

`[price.off_peak]` gives off-peak prices in place of a multiplier, `[price.multipliers]` what tiers
multiply token prices by, `[[price.step]]` the prices `above` a length of the prompt. Instants say
their offset; `checked` is a date.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn, TypeVar

from plimsoll.domain.errors import PriceFileProblem
from plimsoll.domain.said import say
from plimsoll.domain.tariff import (
    EVERY_DAY,
    TIERS,
    Kind,
    PriceRow,
    Rates,
    Schedule,
    Step,
    first_overlap,
)
from plimsoll.prices.fields import Table
from plimsoll.prices.places import Places

T = TypeVar("T")

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)")
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d(?!\d)", re.ASCII)
_WINDOW = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", re.ASCII)

_KINDS = frozenset(kind.value for kind in Kind)
_FIELDS = _KINDS | {
    *("provider", "models", "currency", "effective_from", "effective_to", "source", "link"),
    *("checked", "note", "schedule", "off_peak", "multipliers", "step"),
}
_SCHEDULE = frozenset({"zone", "peak", "weekdays", "holidays", "off_peak_multiplier"})


def read_prices(text: str, *, name: str) -> tuple[PriceRow, ...]:
    """The prices of a file's text, in its order; `name` is the file's, for the error.

    Raises `PriceFileProblem`, which names the line, for anything that is not right; then nothing of
    the file is used.
    """
    text = text.removeprefix("\ufeff")
    entries, places = _entries(text, name), Places(text)

    def refuse(line: int, what: str) -> NoReturn:
        _refuse(name, line, what)

    rows = tuple(
        _row(Table(entry, fields=_FIELDS, line=places.lines_of(number), refuse=refuse))
        for number, entry in enumerate(entries)
    )
    overlap = first_overlap(rows)
    if overlap is not None:
        earlier, later = (places.entries[number] for number in overlap)
        refuse(later, f"it prices a model at a time that the one in line {earlier} prices, too")
    return rows


def _entries(text: str, name: str) -> Sequence[Mapping[str, object]]:
    """The tables of the text, each of which has its line [[price]]."""
    places = Places(text)
    try:
        whole = tomllib.loads(text, parse_float=_number)
    except _NoNumber as error:
        line = text[: text.index(str(error))].count("\n") + 1
        _refuse(name, line, "a number is out of range")
    except (ValueError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else max(len(text.split("\n")), 1)
        _refuse(name, line, _syntax(text.split("\n")[line - 1 :], _AT_LINE.sub("", str(error))))
    for key in whole:
        if key != "price":
            _refuse(name, places.top(key), f"there is no field {key}")
    entries = whole.get("price", [])
    if not isinstance(entries, list) or len(entries) != len(places.entries):
        _refuse(name, places.top("price"), "each price stands under a line [[price]]")
    return entries


class _NoNumber(Exception):
    """A number beyond what can be read; it says the number."""


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise _NoNumber(text) from None


def _syntax(lines: Sequence[str], message: str) -> str:
    """What is wrong with the first of these lines, in plain words where it is a date."""
    for found in _DAY.finditer(lines[0] if lines else ""):
        try:
            date.fromisoformat(found[0])
        except ValueError:
            return f"there is no day {found[0]}"
    return f"this is not TOML ({message})"


def _refuse(name: str, line: int, what: str) -> NoReturn:
    raise PriceFileProblem(
        say(
            "The prices in {name} cannot be used; line {line}: {what}.",
            name=name,
            line=line,
            what=what,
        ),
        line=line,
        remedy=say("Nothing of the file was taken. Mend that line and read it again."),
    )


def _row(table: Table) -> PriceRow:
    schedule = table.table("schedule", _SCHEDULE)
    multipliers = table.table("multipliers", frozenset(TIERS))
    off_peak = table.table("off_peak", _KINDS)
    return table.made(
        lambda: PriceRow(
            provider=table.text("provider"),
            models=tuple(table.texts("models")),
            currency=table.text("currency"),
            rates=_rates(table),
            effective_from=table.instant("effective_from"),
            effective_to=table.instant("effective_to"),
            steps=tuple(_step(step) for step in table.tables("step", _KINDS | {"above"})),
            multipliers=tuple(multipliers.numbers(TIERS)) if multipliers else (),
            schedule=_schedule(schedule) if schedule else None,
            off_peak_multiplier=schedule.number("off_peak_multiplier") if schedule else None,
            off_peak=_rates(off_peak) if off_peak else (),
            source=table.text("source") if "source" in table else None,
            link=table.text("link", ""),
            checked=table.day("checked"),
            note=table.text("note", ""),
        )
    )


def _rates(table: Table) -> Rates:
    return tuple((Kind(word), price) for word, price in table.numbers(Kind))


def _step(table: Table) -> Step:
    return table.made(lambda: Step(table.whole("above"), _rates(table)))


def _schedule(table: Table) -> Schedule:
    return table.made(
        lambda: Schedule(
            zone=table.text("zone"),
            peak=tuple(_window(table, hours) for hours in table.texts("peak")),
            weekdays=tuple(table.wholes("weekdays", EVERY_DAY)),
            holidays=table.text("holidays", ""),
        )
    )


def _window(table: Table, hours: str) -> tuple[int, int]:
    found = _WINDOW.fullmatch(hours)
    if found is None:
        table.wrong("peak", 'hours are written "09:00-12:00"')
    start, start_minute, end, end_minute = map(int, found.groups())
    return start * 60 + start_minute, end * 60 + end_minute


# -- writing -------------------------------------------------------------------------------------


def write_prices(rows: Sequence[PriceRow]) -> str:
    """The text of a price file that `read_prices` reads back as these rows."""
    return "\n".join("".join(f"{line}\n" for line in _lines(row)) for row in rows)


def _lines(row: PriceRow) -> Iterator[str]:
    yield "[[price]]"
    yield f"provider = {_quoted(row.provider)}"
    yield f"models = [{', '.join(map(_quoted, row.models))}]"
    yield f"currency = {_quoted(row.currency)}"
    yield from _if_any("source", row.source, _quoted)
    yield from _if_any("effective_from", row.effective_from, _instant)
    yield from _if_any("effective_to", row.effective_to, _instant)
    yield from _prices(row.rates)
    yield from _if_any("link", row.link or None, _quoted)
    yield from _if_any("checked", row.checked, date.isoformat)
    yield from _if_any("note", row.note or None, _quoted)
    for step in row.steps:
        yield from ("", "[[price.step]]", f"above = {step.above}", *_prices(step.rates))
    if row.multipliers:
        yield from ("", "[price.multipliers]")
        yield from (f"{tier} = {share:f}" for tier, share in row.multipliers)
    if row.schedule is not None:
        yield from ("", "[price.schedule]", *_hours(row.schedule))
        yield from _if_any("off_peak_multiplier", row.off_peak_multiplier, "{:f}".format)
    if row.off_peak:
        yield from ("", "[price.off_peak]", *_prices(row.off_peak))


def _if_any(field: str, value: T | None, written: Callable[[T], str]) -> Iterator[str]:
    if value is not None:
        yield f"{field} = {written(value)}"


def _prices(rates: Rates) -> Iterator[str]:
    return (f"{kind} = {price:f}" for kind, price in rates)


def _hours(schedule: Schedule) -> Iterator[str]:
    windows = (f'"{_clock(start)}-{_clock(end)}"' for start, end in schedule.peak)
    yield f"zone = {_quoted(schedule.zone)}"
    yield f"peak = [{', '.join(windows)}]"
    if schedule.weekdays != EVERY_DAY:
        yield f"weekdays = [{', '.join(map(str, schedule.weekdays))}]"
    if schedule.holidays:
        yield f"holidays = {_quoted(schedule.holidays)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _instant(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


__all__ = ["read_prices", "write_prices"]
