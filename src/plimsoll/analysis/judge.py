"""Judge: what the pairs of a check tell together: free tiers, discounts, other prices, rounding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

from plimsoll.analysis.bill import DayState, Quantity
from plimsoll.analysis.causes import Cause, KnownFrom, Tally, What

_NOISE = 1_000
"""Nano-units by which amounts differ that are the same: each row was rounded by itself."""
_AS_GOOD_AS = 1_000_000
"""Amounts that differ by less than one part in so many are the same,"""
_SAME_RATIO = 100_000
"""and ratios that differ by less than one part in so many."""

_DISCOUNTS = Fraction(3, 5), Fraction(995, 1000)
"""A common share of list price that may be a discount: a lower one is something else, perhaps a
wrong unit, and a higher one is no discount worth the name."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same tokens or units of one day on both sides: nano-units billed, and at list price.

    `is_counted` where the bill tells their quantity, so that they are the same beyond doubt;
    otherwise `quantity` is the usage's. `has_unpriced` where the model has more tokens that have no
    price, which the bill holds too.
    """

    day: date
    state: DayState
    what: What
    billed: int
    listed: int
    quantity: Quantity | None
    is_counted: bool
    has_unpriced: bool = False


def odd_cause(state: DayState) -> Cause:
    """What money without a reason is put down to on a day."""
    if state is DayState.FINAL:
        return Cause.UNEXPLAINED
    return Cause.NOT_FINAL if state is DayState.OPEN else Cause.GAP


def nearly(billed: int, listed: int) -> bool:
    """Whether two amounts are the same but for rounding."""
    return abs(billed - listed) <= _NOISE + abs(listed) // _AS_GOOD_AS


def judge(pairs: Iterable[Pair], tally: Tally) -> None:
    """Put the difference of every pair down to a cause."""
    doubtful = []
    for pair in pairs:
        cause = _cause_by_itself(pair)
        if cause is None:
            doubtful.append(pair)
        else:
            _tell(pair, cause, tally)
    odd = [pair for pair in _without_discounts(doubtful, tally) if pair.billed != pair.listed]
    repeated = _repeated(odd)
    for pair in odd:
        if nearly(pair.billed, pair.listed):
            _tell(replace(pair, what=What()), Cause.ROUNDING, tally)
        elif pair.is_counted or pair in repeated:
            _tell(pair, Cause.PRICE_DIFFERS, tally)
        else:
            _tell(pair, odd_cause(pair.state), tally)


def _cause_by_itself(pair: Pair) -> Cause | None:
    """The cause of a pair that needs no other pair to be judged."""
    if pair.billed == 0 and pair.listed > 0 and (pair.is_counted or pair.state is DayState.FINAL):
        return Cause.FREE_TIER
    if pair.billed <= 0 < pair.listed or pair.billed < 0:
        return odd_cause(pair.state)
    if pair.has_unpriced and not pair.is_counted and pair.billed > pair.listed:
        return None if nearly(pair.billed, pair.listed) else Cause.PRICE_UNKNOWN
    return None


def _tell(pair: Pair, cause: Cause, tally: Tally) -> None:
    tally.add(
        cause,
        pair.what,
        pair.day,
        pair.billed - pair.listed,
        quantity=pair.quantity,
        billed=pair.billed,
        listed=pair.listed,
    )


# -- discounts ---------------------------------------------------------------------------------


def _without_discounts(pairs: Sequence[Pair], tally: Tally) -> list[Pair]:
    """The pairs at list price less the discounts that are likely."""
    shares = _shares(pairs)
    found = []
    for pair in pairs:
        share = shares.get(pair.day)
        if share is None:
            found.append(pair)
            continue
        net = pair.billed if _fits(pair, share) else round(share * pair.listed)
        what = replace(pair.what, known_from=KnownFrom.RATIO)
        _tell(replace(pair, what=what, billed=net), Cause.DISCOUNT, tally)
        found.append(replace(pair, listed=net))
    return found


def _shares(pairs: Iterable[Pair]) -> Mapping[date, Fraction]:
    """The days with a likely discount, and what it leaves of the list price."""
    days: dict[date, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.listed > 0:
            days[pair.day].append(pair)
    found: dict[date, Fraction] = {}
    for day, mine in days.items():
        largest = sorted(mine, key=lambda pair: (-pair.listed, pair.billed))[:3]
        shares = (Fraction(pair.billed, pair.listed) for pair in largest)
        likely = (share for share in shares if _is_common(share, mine, models=2))
        share = next(likely, None)
        if share is not None:
            found[day] = share
    known = sorted(set(found.values()))
    for day in days.keys() - found.keys():
        share = next((share for share in known if _is_common(share, days[day], models=1)), None)
        if share is not None:
            found[day] = share
    return found


def _is_common(share: Fraction, pairs: Sequence[Pair], *, models: int) -> bool:
    """Whether at least three quarters of a day's money are at this share of list price, in so many
    models, and nothing that counts is at list price.
    """
    if not _DISCOUNTS[0] <= share <= _DISCOUNTS[1]:
        return False
    whole = sum(pair.listed for pair in pairs)
    if any(nearly(p.billed, p.listed) and p.listed * 100 > whole for p in pairs):
        return False
    fitting = [pair for pair in pairs if _fits(pair, share)]
    enough = 4 * sum(pair.listed for pair in fitting) >= 3 * whole
    return enough and len({pair.what.model for pair in fitting}) >= models


def _fits(pair: Pair, share: Fraction) -> bool:
    """Whether a pair is billed at this share of its list price."""
    missed = abs(pair.billed * share.denominator - pair.listed * share.numerator)
    return missed <= share.denominator * (_NOISE + abs(pair.listed) // _SAME_RATIO)


# -- other prices ------------------------------------------------------------------------------


def _repeated(pairs: Iterable[Pair]) -> set[Pair]:
    """The pairs whose ratio to list price comes more than once for their model.

    One ratio that comes by itself can be anything; the same one on another day, or in another
    class, is a price.
    """
    models: dict[str | None, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.billed > 0 and pair.listed > 0:
            models[pair.what.model].append(pair)
    found: set[Pair] = set()
    for mine in models.values():
        mine.sort(key=lambda pair: (Fraction(pair.billed, pair.listed), pair.day))
        for one, other in pairwise(mine):
            if _fits(other, Fraction(one.billed, one.listed)):
                found.update((one, other))
    return found
