"""Reconcile: why a bill differs from its tokens at list price, in causes that add up exactly.

Both sides are cut into cells of day, model, kind (a token class, or a unit such as a search) and
tier, as finely as both of them tell (`cells`). Then, day by day and model by model:

1. What is for no tokens, what the bill leaves out by rule, and discounts that the bill tells or the
   user entered are named by themselves; the rest is compared at list price.
2. Cells that both sides have are *pairs*. Where the bill tells quantities, a pair is only as large
   as the smaller quantity, and takes its share of the money; the other part waits.
3. What waits is paired across tiers (*tier*), then across the classes of input (*cache class*): the
   same tokens under another name. Without quantities it is so where a name is on one side only, and
   the other side has the money missing that it has too much of.
4. What is left has no counterpart: tokens without a price, a model that the bill lists at nothing,
   a day that is not final or has no answer, or nothing that would explain it.
5. Pairs are judged together. A bill of nothing is a *free tier*. Where a day's lines, of two models
   at least, are below list price by one and the same share, that is likely a *discount*; a share
   that was found is looked for on the other days, too. Other pairs differ in *price* where the bill
   tells quantities, or where the same ratio comes again for the model: on another day, or in
   another class. One odd pair alone is no price, but not explained.

Each step takes whole nano-units from one place and puts them into another, so that the causes sum
to the difference by construction, and cells are summed before anything is compared, so that neither
the order of rows nor how they are split can change the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plimsoll.analysis.bill import INPUT_CLASSES, TOKENS, DayState, Quantity, Statement
from plimsoll.analysis.causes import Cause, Reconciled, Tally, What
from plimsoll.analysis.cells import TOKEN_KINDS, Cell, ModelSheet, Place, Sheet, order, sheets_of
from plimsoll.analysis.judge import Pair, judge, nearly, odd_cause

_MISSING = frozenset({DayState.NO_BILL, DayState.NO_USAGE, DayState.NOTHING})


def reconcile(statement: Statement) -> Reconciled:
    """Why a statement's bill differs from its tokens at list price."""
    tally = Tally()
    pairs: list[Pair] = []
    for sheet in sheets_of(statement, tally):
        if sheet.state in _MISSING:
            tally.add(Cause.GAP, What(), sheet.day, 0, even_nothing=True)
        pairs += _matched(sheet, tally)
    judge(pairs, tally)
    return Reconciled(statement.billed, statement.computed, tally.parts())


@dataclass(frozen=True, slots=True)
class _Model:
    """One model on one day, while its two sides are matched."""

    sheet: Sheet
    name: str | None
    both: ModelSheet
    is_free: bool

    def pair(
        self, place: Place, amounts: tuple[int, int], quantity: Quantity | None, *, counted: bool
    ) -> Pair:
        """The same tokens on both sides."""
        return Pair(
            self.sheet.day,
            self.sheet.state,
            What(self.name, *place),
            *amounts,
            quantity,
            is_counted=counted,
            has_unpriced=any(self.both.unpriced.values()),
        )


def _matched(sheet: Sheet, tally: Tally) -> Iterator[Pair]:
    """The pairs of one day; what has no counterpart is told to `tally`.

    Money that the bill puts down to no model is for whatever tokens are left of all of them.
    """
    models = [
        _Model(sheet, name, both, is_free=_is_free(both.bill.values()))
        for name, both in sheet.models.items()
    ]
    for model in sorted(models, key=lambda model: (model.name is None, model.name or "")):
        if model.name is None:
            _take_what_is_left(sheet, model.both)
        yield from _by_quantity(model, tally)
        yield from _by_money(model, tally)
    for model in models:
        _leave(model, tally)


def _is_free(cells: Iterable[Cell]) -> bool:
    """Whether a bill lists something, and all of it at nothing."""
    found = list(cells)
    return bool(found) and not any(cell.money for cell in found)


def _take_what_is_left(sheet: Sheet, unnamed: ModelSheet) -> None:
    mine = [place for place in unnamed.bill if place[0] in TOKEN_KINDS]
    if not mine:
        return
    into = (TOKENS, None)
    unnamed.bill.merge(mine, into)
    unnamed.bill[into].quantity = None
    for both in list(sheet.models.values()):
        for place in [place for place in both.used if place[0] in TOKEN_KINDS]:
            unnamed.used.put(into, both.used.pop(place))
        for kind, count in both.unpriced.items() if both is not unnamed else ():
            unnamed.unpriced[kind] = unnamed.unpriced.get(kind, 0) + count


# -- by quantity -------------------------------------------------------------------------------


def _by_quantity(model: _Model, tally: Tally) -> Iterator[Pair]:
    """Pairs as far as both sides count the same, then the same tokens under another name."""
    both = model.both
    for place in sorted(both.bill.keys() & both.used.keys(), key=order):
        taken = _common(both, place, place)
        if taken:
            yield model.pair(place, taken[1:], taken[0], counted=True)
    for cause, mine, other in _renamed(both):
        taken = _common(both, mine, other)
        if taken:
            _tell_renamed(model, cause, (mine, other), taken, tally)


def _common(both: ModelSheet, mine: Place, other: Place) -> tuple[Quantity, int, int] | None:
    """Take what two places have in common out of both: quantity, money billed and at list price."""
    bill, used = both.bill.get(mine), both.used.get(other)
    if bill is None or used is None or not bill.quantity or not used.quantity:
        return None
    quantity = min(bill.quantity, used.quantity)
    if quantity < 0:
        return None
    amounts = bill.take(quantity), used.take(quantity)
    if not bill.quantity:
        del both.bill[mine]
    if not used.quantity:
        del both.used[other]
    return quantity, *amounts


def _renamed(both: ModelSheet) -> Iterator[tuple[Cause, Place, Place]]:
    """Places of the bill and of the usage that may be the same tokens, the nearest first."""
    places = [
        (mine, other)
        for mine in sorted(both.bill, key=order)
        for other in sorted(both.used, key=order)
    ]
    for mine, other in places:
        if mine[0] == other[0] and mine[1] != other[1]:
            yield Cause.TIER, mine, other
    for mine, other in places:
        if mine[0] != other[0] and mine[1] == other[1] and {mine[0], other[0]} <= _FAMILY:
            yield Cause.CACHE_CLASS, mine, other


_FAMILY = frozenset(INPUT_CLASSES)


def _tell_renamed(
    model: _Model,
    cause: Cause,
    places: tuple[Place, Place],
    taken: tuple[Quantity | None, int, int],
    tally: Tally,
) -> None:
    """The same tokens under two names: the bill's, and what they are against in the usage."""
    (mine, other), (quantity, billed, listed) = places, taken
    what = What(model.name, *mine, against=other[1] if cause is Cause.TIER else other[0])
    if not billed and listed > 0:
        cause, what = Cause.FREE_TIER, What(model.name, *mine)
    tally.add(
        cause,
        what,
        model.sheet.day,
        billed - listed,
        quantity=quantity,
        billed=billed,
        listed=listed,
    )


# -- by money ----------------------------------------------------------------------------------


def _by_money(model: _Model, tally: Tally) -> Iterator[Pair]:
    """The same where the bill does not tell quantities: whole cells, and renamed ones by what is
    missing here and too much there.
    """
    both = model.both
    for kind in sorted({kind for kind, _ in both.bill}):
        _pool(model, Cause.TIER, [place for place in _places(both) if place[0] == kind], tally)
    for tier in sorted({tier for _, tier in both.bill}, key=lambda tier: tier or ""):
        family = [place for place in _places(both) if place[1] == tier and place[0] in _FAMILY]
        _pool(model, Cause.CACHE_CLASS, family, tally)
    for place in sorted(both.bill.keys() & both.used.keys(), key=order):
        if both.bill[place].quantity is None:
            bill, used = both.bill.pop(place), both.used.pop(place)
            yield model.pair(place, (bill.money, used.money), used.quantity, counted=False)


def _places(both: ModelSheet) -> list[Place]:
    """Where either side has money, and the bill no quantity."""
    bill = {place for place, cell in both.bill.items() if cell.money and cell.quantity is None}
    used = {place for place, cell in both.used.items() if cell.money}
    counted = both.bill.keys() - bill
    return sorted(bill | (used - counted), key=order)


def _pool(model: _Model, cause: Cause, places: Iterable[Place], tally: Tally) -> None:
    """Name the money of places that are on one side only, and what they were taken from."""
    both = model.both
    found = list(places)
    mine = [place for place in found if place not in both.used]
    other = [place for place in found if place not in both.bill]
    shared = [place for place in found if place in both.bill and place in both.used]
    if mine and not other:
        other = [place for place in shared if _surplus(both, place) < 0]
    elif other and not mine:
        mine = [place for place in shared if _surplus(both, place) > 0]
    if not mine or not other:
        return
    names = mine[0], other[0]
    bill = [both.bill.pop(place) for place in dict.fromkeys((*mine, *other)) if place in both.bill]
    used = [both.used.pop(place) for place in dict.fromkeys((*mine, *other)) if place in both.used]
    counts = [cell.quantity for cell in used]
    known = [count for count in counts if count is not None]
    quantity = sum(known) if len(known) == len(counts) else None
    sums = sum(cell.money for cell in bill), sum(cell.money for cell in used)
    _tell_renamed(model, cause, names, (quantity, *sums), tally)


def _surplus(both: ModelSheet, place: Place) -> int:
    """What the bill has more than the usage, where it is more than rounding."""
    billed, listed = both.bill[place].money, both.used[place].money
    return 0 if nearly(billed, listed) else billed - listed


# -- without a counterpart ---------------------------------------------------------------------


def _leave(model: _Model, tally: Tally) -> None:
    """Put what only one side has down to a cause."""
    both, sheet = model.both, model.sheet
    has_unpriced = any(both.unpriced.values())
    for place, cell in both.bill.items():
        what = What(model.name, *place, words="" if model.name else cell.words)
        cause = Cause.PRICE_UNKNOWN if has_unpriced else odd_cause(sheet.state)
        quantity = cell.quantity
        if has_unpriced and quantity is None:
            quantity = _unpriced(both, place)
        tally.add(cause, what, sheet.day, cell.money, quantity=quantity, billed=cell.money)
    for place, cell in both.used.items():
        is_free = model.is_free and sheet.state is DayState.FINAL
        cause = Cause.FREE_TIER if is_free else odd_cause(sheet.state)
        what = What(model.name, *place)
        tally.add(cause, what, sheet.day, -cell.money, quantity=cell.quantity, listed=cell.money)


def _unpriced(both: ModelSheet, place: Place) -> int | None:
    """How many tokens without a price a line is for; not known where several lines share them."""
    kind, _ = place
    if sum(1 for other, _ in both.bill if other == kind) > 1:
        return None
    return sum(both.unpriced.values()) if kind == TOKENS else both.unpriced.get(kind, 0)
