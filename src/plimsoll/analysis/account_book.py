"""Account book: what is left of credit that the user entered, drawn down by what was spent.

For providers that tell no balance. Credit that expires first is used first; what is left of it when
its last day is over lapses. Spending more than there is makes a debt, which later credit pays. The
book adds up to the nano-unit: left is all credit less all spend less what lapsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from plimsoll.domain.calendar import Period
from plimsoll.domain.prepaid import Credit, CreditKind
from plimsoll.domain.usage import Expiring


@dataclass(frozen=True, slots=True)
class AccountBook:
    """One currency of a book, in nano-units: what was `entered` and counts, `spent` and `lapsed`
    since the first day of it, and what is `left`, of which some is `expiring`. `full` is what there
    was after the latest credit came, on `risen_on`.
    """

    since: date
    left: int
    entered: int
    spent: int
    lapsed: int
    full: int
    risen_on: date
    expiring: tuple[Expiring, ...] = ()


def counting(entries: Iterable[Credit]) -> tuple[Credit, ...]:
    """The entries of one currency that count, in order: those from the latest start on."""
    ordered = sorted(entries, key=lambda credit: (credit.day, credit.id))
    starts = [place for place, credit in enumerate(ordered) if credit.kind is CreditKind.START]
    if not starts:
        return tuple(ordered)
    start = ordered[starts[-1]]
    same_day = [c for c in ordered[: starts[-1]] if c.day == start.day and c.kind != start.kind]
    return (start, *same_day, *ordered[starts[-1] + 1 :])


def keep_book(
    entries: Iterable[Credit], spent: Mapping[date, int], *, today: date
) -> AccountBook | None:
    """The book of one currency at some moment of `today`; None before its first entry counts.

    `spent` are the days of the source, those before the book's first day included or not; a refund
    is less than zero, and can be spent again.
    """
    counted = [credit for credit in counting(entries) if credit.day <= today]
    if not counted:
        return None
    since, full, lapsed = counted[0].day, 0, 0
    loose = 0  # what belongs to no credit: refunds, or a debt below zero
    lots: list[tuple[Credit, int]] = []
    for day in Period(since, today).days():
        new = [(credit, credit.amount.nanos) for credit in counted if credit.day == day]
        lots = sorted([*lots, *new], key=_first_expiring)
        full = loose + sum(left for _, left in lots) if new else full
        loose, lots = _paid(loose - spent.get(day, 0), lots)
        if day < today:
            lapsed += sum(max(left, 0) for credit, left in lots if credit.last == day)
            lots = [(credit, left) for credit, left in lots if credit.last != day]
    return AccountBook(
        since=since,
        left=loose + sum(left for _, left in lots),
        entered=sum(credit.amount.nanos for credit in counted),
        spent=sum(amount for day, amount in spent.items() if since <= day <= today),
        lapsed=lapsed,
        full=full,
        risen_on=counted[-1].day,
        expiring=tuple(
            Expiring(credit.last, left) for credit, left in lots if credit.last and left > 0
        ),
    )


def _first_expiring(lot: tuple[Credit, int]) -> tuple[date, date, int]:
    credit, _ = lot
    return credit.last or date.max, credit.day, credit.id


def _paid(loose: int, lots: list[tuple[Credit, int]]) -> tuple[int, list[tuple[Credit, int]]]:
    """A debt paid from credit, as far as there is any; and a start below zero made a debt."""
    rest = []
    for credit, left in lots:
        taken = left if left < 0 else min(max(-loose, 0), left)
        loose += taken
        if left > taken:
            rest.append((credit, left - taken))
    return loose, rest
