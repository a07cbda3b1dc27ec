"""Cells: both sides of one day cut alike, by model, kind and tier, as finely as both of them tell.

A `Sheet` is one day. What can be named without comparing anything is named while the sheets are
made: what is for no tokens, what the bill leaves out by rule, and discounts that are told.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from plimsoll.analysis.bill import (
    CLASSES,
    TOKENS,
    BillLine,
    DayState,
    Quantity,
    Statement,
    Used,
    plus,
)
from plimsoll.analysis.causes import Cause, KnownFrom, Tally, What
from plimsoll.domain.money import shares_of

MILLION = 1_000_000
TOKEN_KINDS = frozenset({*CLASSES, TOKENS})

_ROUNDED = 5_000
"""Nano-units by which the sum of a day's rows, each rounded by itself, may miss the exact sum."""

_DATED = re.compile(r"(?<=.)[-@](\d{4}-\d\d-\d\d|\d{8})$", re.ASCII)

Place = tuple[str, str | None]
"""A kind and a tier."""


class Cell:
    """Money and quantity of one place; the quantity is None where it is not told."""

    __slots__ = ("money", "quantity", "words")

    def __init__(self, money: int, quantity: Quantity | None, words: str = "") -> None:
        self.money = money
        self.quantity = quantity
        self.words = words

    def add(self, other: Cell) -> None:
        """Make two cells one; of words, only those that both say are kept."""
        self.money += other.money
        self.quantity = plus(self.quantity, other.quantity)
        self.words = self.words if self.words == other.words else ""

    def take(self, quantity: Quantity) -> int:
        """Take a part of a told quantity out: its share of the money, rounded once."""
        if not self.quantity:
            raise ValueError("nothing can be taken by quantity where none is told")
        share = round(Fraction(self.money) * quantity / self.quantity)
        self.quantity -= quantity
        self.money -= share
        return share


class Cells(dict[Place, Cell]):
    """The cells of one side of a model."""

    def put(self, place: Place, cell: Cell) -> None:
        """Add a cell to what is there."""
        if place in self:
            self[place].add(cell)
        else:
            self[place] = cell

    def merge(self, places: Iterable[Place], into: Place) -> None:
        """Make several cells one."""
        found = [self.pop(place) for place in sorted(places, key=order) if place in self]
        for cell in found:
            self.put(into, cell)


@dataclass(slots=True)
class ModelSheet:
    """Both sides of one model on one day, and its tokens that have no price, by kind."""

    bill: Cells = field(default_factory=Cells)
    used: Cells = field(default_factory=Cells)
    unpriced: dict[str, int] = field(default_factory=dict)

    def cut_alike(self) -> None:
        """Merge what one of the sides does not tell apart: tiers first, then classes of tokens."""
        blind = {kind for kind, tier in self.bill if tier is None}
        for kind in blind:
            for side in (self.bill, self.used):
                side.merge([place for place in side if place[0] == kind], (kind, None))
        if not any(kind == TOKENS for side in (self.bill, self.used) for kind, _ in side):
            return
        for side in (self.bill, self.used):
            tiers = {tier for kind, tier in side if kind in TOKEN_KINDS}
            for tier in tiers:
                into = TOKENS, None if blind & TOKEN_KINDS else tier
                side.merge([p for p in side if p[1] == tier and p[0] in TOKEN_KINDS], into)


@dataclass(slots=True)
class Sheet:
    """One day, cut alike on both sides."""

    day: date
    state: DayState
    models: dict[str | None, ModelSheet] = field(default_factory=dict)

    def of(self, model: str | None) -> ModelSheet:
        """The sheet of one model, made where there is none."""
        return self.models.setdefault(model, ModelSheet())


def order(place: tuple[str, str | None]) -> tuple[str, bool, str]:
    """Places in one fixed order."""
    return place[0], place[1] is not None, place[1] or ""


def sheets_of(statement: Statement, tally: Tally) -> list[Sheet]:
    """Every day of a statement, in order."""
    names = _common_names(statement)
    lines: dict[date, list[BillLine]] = defaultdict(list)
    used: dict[date, list[Used]] = defaultdict(list)
    for line in statement.lines:
        name = names.get(line.model)
        lines[line.day].append(replace(line, model=name) if name else line)
    for row in statement.used:
        name = names.get(row.model)
        used[row.day].append(replace(row, model=name) if name else row)
    found = []
    for day in sorted(lines.keys() | used.keys() | statement.days.keys()):
        sheet = Sheet(day, statement.days.get(day, DayState.FINAL))
        _put_usage(sheet, used[day], tally, is_net=_tells_list_price(lines[day]))
        _put_bill(sheet, lines[day], tally)
        for model in sheet.models.values():
            model.cut_alike()
        found.append(sheet)
    return found


def _tells_list_price(lines: Iterable[BillLine]) -> bool:
    return any(line.listed is not None for line in lines)


# -- names -------------------------------------------------------------------------------------


def _common_names(statement: Statement) -> Mapping[str | None, str]:
    """One name for a model that the two sides call with and without the date of its snapshot.

    Names are compared whole: only a date at the end may be missing on one side, and only where the
    name itself is not on both.
    """
    billed = {line.model for line in statement.lines if line.model and line.kind in TOKEN_KINDS}
    used = {row.model for row in statement.used if row.model}
    found: dict[str | None, str] = {}
    for mine, other in ((billed, used), (used, billed)):
        short = {_undated(name) for name in other - mine} | other
        for name in mine - other:
            if _undated(name) in short:
                found[name] = _undated(name)
    return found


def _undated(name: str) -> str:
    return _DATED.sub("", name)


# -- usage -------------------------------------------------------------------------------------


def _put_usage(sheet: Sheet, rows: Iterable[Used], tally: Tally, *, is_net: bool) -> None:
    """Tokens and units at what is owed for them; `is_net` where the bill itself tells discounts."""
    groups: dict[tuple[str | None, str | None], list[Used]] = defaultdict(list)
    for row in rows:
        if row.elsewhere:
            what = What(row.model, TOKENS, row.tier)
            quantity, worth = row.tokens.total, row.worth or 0
            tally.add(
                Cause.BILLED_ELSEWHERE,
                what,
                sheet.day,
                -worth,
                quantity=quantity,
                even_nothing=quantity > 0,
            )
        elif row.worth is None:
            unpriced = sheet.of(row.model).unpriced
            for kind in CLASSES:
                unpriced[kind] = unpriced.get(kind, 0) + getattr(row.tokens, kind)
        else:
            groups[row.model, row.tier].append(row)
    for (model, tier), group in groups.items():
        off = 0 if is_net else sum(row.off for row in group)
        cells = _cells(group)
        offs = shares_of(off, [max(cell.money, 0) for _, cell in cells])
        for (kind, cell), taken in zip(cells, offs, strict=True):
            what = What(model, kind, tier, known_from=KnownFrom.CONTRACT)
            tally.add(Cause.DISCOUNT, what, sheet.day, -taken, listed=cell.money)
            cell.money -= taken
            place = (kind, tier) if kind in TOKEN_KINDS else (kind, None)
            sheet.of(model).used.put(place, cell)


def _cells(rows: Iterable[Used]) -> list[tuple[str, Cell]]:
    """One model's and tier's worth by kind, or as a whole where the price does not tell it."""
    worth, tokens = 0, 0
    counts: dict[str, Quantity] = defaultdict(int)
    weights: dict[str, Quantity] = defaultdict(int)
    for row in rows:
        worth += row.worth or 0
        tokens += row.tokens.total
        told = [(kind, getattr(row.tokens, kind)) for kind in CLASSES]
        for kind, count in (*told, *row.units):
            counts[kind] += count
            weights[kind] += count * row.rates.get(kind, 0)
    kinds = [kind for kind, count in counts.items() if count]
    exact = Fraction(sum(weights.values()), MILLION)
    if abs(worth - exact) > max(_ROUNDED, abs(worth) // MILLION):
        return [(TOKENS, Cell(worth, tokens or None))]
    shares = shares_of(worth, [round(weights[kind]) for kind in kinds])
    return [(kind, Cell(money, counts[kind])) for kind, money in zip(kinds, shares, strict=True)]


# -- the bill ----------------------------------------------------------------------------------


def _put_bill(sheet: Sheet, lines: Sequence[BillLine], tally: Tally) -> None:
    """Lines for tokens and for units that usage prices, at their list price where it is told."""
    for kind in {line.kind for line in lines if line.model is None} - TOKEN_KINDS - {""}:
        _pool_units(sheet, kind)
    for line in lines:
        is_token = line.kind in TOKEN_KINDS
        place = (line.kind, line.tier if is_token else None)
        model = line.model
        if not is_token and place in sheet.of(None).used:
            model = None
        if not is_token and place not in sheet.of(model).used:
            is_gap = line.kind and sheet.state is DayState.NO_USAGE
            cause = Cause.GAP if is_gap else Cause.NOT_TOKENS
            what = What(line.model, line.kind, words=line.words)
            tally.add(cause, what, sheet.day, line.nanos, quantity=line.quantity)
            continue
        if line.listed is not None:
            _note_discount(sheet, line, line.listed, tally)
        money = line.nanos if line.listed is None else line.listed
        sheet.of(model).bill.put(place, Cell(money, line.quantity, line.words))


def _pool_units(sheet: Sheet, kind: str) -> None:
    """A line that names no model is for the units of all models."""
    for model in [model for model in sheet.models if model is not None]:
        cell = sheet.models[model].used.pop((kind, None), None)
        if cell is not None:
            sheet.of(None).used.put((kind, None), cell)


def _note_discount(sheet: Sheet, line: BillLine, listed: int, tally: Tally) -> None:
    """What a bill takes off its own list price; all of it is no discount, but a free tier."""
    is_free = not line.nanos and listed > 0
    known_from = None if is_free else KnownFrom.BILL
    tally.add(
        Cause.FREE_TIER if is_free else Cause.DISCOUNT,
        What(line.model, line.kind, line.tier, known_from=known_from),
        sheet.day,
        line.nanos - listed,
        quantity=line.quantity,
        listed=listed,
    )
