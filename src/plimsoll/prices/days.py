"""Days: which price holds at which instants of one UTC day, cut wherever it can change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from plimsoll.domain.tariff import PriceRow
from plimsoll.prices.rates import Bands, NotPriced


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, `[start, end)`, over which one price holds, or none for one reason."""

    start: datetime
    end: datetime
    price: Bands | NotPriced

    @property
    def bands(self) -> Bands:
        """The bands of the price; raises `NotPriced` with the reason where there is none."""
        if isinstance(self.price, NotPriced):
            raise NotPriced(*self.price.args)
        return self.price


def stretches_of(
    first: datetime,
    until: datetime,
    *,
    rows: Iterable[PriceRow],
    price_at: Callable[[datetime], Bands],
) -> tuple[Stretch, ...]:
    """All of `[first, until)` in stretches, in order.

    `rows` are the price rows that may hold there, `price_at` is the price at an instant.
    """
    starts = sorted({first, *_edges(rows, first, until)})
    found: list[Stretch] = []
    for start, end in zip(starts, [*starts[1:], until], strict=True):
        price = _tried(price_at, start)
        begun = found.pop().start if found and _same(found[-1].price, price) else start
        found.append(Stretch(begun, end, price))
    return tuple(found)


def over(stretches: Sequence[Stretch], start: datetime, end: datetime) -> Iterator[Stretch]:
    """The stretches that a record over `[start, end)` lies in; an instant lies in one."""
    for stretch in stretches:
        if stretch.start <= start < stretch.end or start < stretch.start < end:
            yield stretch


def _edges(rows: Iterable[PriceRow], first: datetime, until: datetime) -> Iterator[datetime]:
    for row in rows:
        for edge in (row.effective_from, row.effective_to):
            if edge is not None and first < edge < until:
                yield edge
        if row.schedule is not None:
            yield from row.schedule.edges(first, until)


def _tried(price_at: Callable[[datetime], Bands], instant: datetime) -> Bands | NotPriced:
    try:
        return price_at(instant)
    except NotPriced as unknown:
        return NotPriced(*unknown.args)


def _same(one: Bands | NotPriced, other: Bands | NotPriced) -> bool:
    if isinstance(one, NotPriced) or isinstance(other, NotPriced):
        return (
            isinstance(one, NotPriced) and isinstance(other, NotPriced) and one.args == other.args
        )
    return one == other


__all__ = ["Stretch", "over", "stretches_of"]
