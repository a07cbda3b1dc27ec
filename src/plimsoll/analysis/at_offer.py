"""At an offer: what one record's tokens would cost by another list, as a range from low to high.

A price list does not tell everything that a bill depends on: how many tokens the other tokenizer
makes of the same text, how much its cache serves, how long each prompt was, and at which hours
where only days are known. What is certain is exact: the same tokens at the same prices come to the
same worth, to the nano-unit. Nothing is said about what an answer is good for, nor about how long
another model would think.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from plimsoll.domain.tariff import UNITS, Kind

FEWEST_HITS = Fraction(1, 2)
"""Of what the origin read from its cache, the least that another cache is taken to serve. No maker
promises a rate; a cache that keeps prefixes by itself lets go of them when it likes."""

WRITES = (Kind.CACHE_WRITE_12H, Kind.CACHE_WRITE_1H, Kind.CACHE_WRITE_5M)
"""Cache writes, the longest-lived first: one that an offer does not have is a shorter one there."""

PLAIN = frozenset({Kind.INPUT, Kind.CACHE_READ, Kind.OUTPUT, *WRITES})
"""The kinds that every model of text has, one way or another."""

Counts = Mapping[Kind, int | Decimal]
Rates = Mapping[Kind, int]
"""What one token or unit of a kind costs, in equal parts of a nano-unit; a kind that is missing has
no price."""


class NoPrice(Exception):
    """An offer has no price for a kind of token that every text model uses; `kind` says which."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind.value)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Yield:
    """How many tokens of one tokenizer stand for one of another, at the least and at the most."""

    low: Fraction = Fraction(1)
    high: Fraction = Fraction(1)


SAME_TOKENS = Yield()


def yield_of(target: tuple[int, int], origin: tuple[int, int]) -> Yield:
    """The yield of a target's tokenizer, where both are known between percents of a third one."""
    return Yield(Fraction(target[0], origin[1]), Fraction(target[1], origin[0]))


@dataclass(frozen=True, slots=True)
class CacheRules:
    """How an offer's cache works, beside what its price list says.

    One that is `automatic` keeps prefixes without being asked and promises nothing. `minimum` is
    the length, at the fewest and at the most, that a prompt needs to be cached at all.
    """

    automatic: bool = True
    minimum: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Step:
    """The rates of prompts longer than `above` tokens."""

    above: int
    rates: Rates


Price = tuple[Step, ...]
"""One price, the shortest prompts first."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one record holds, by the kinds that are priced apart, and what it was worth.

    Its prompts are from `shortest` to `longest` tokens; `average` is None where nobody counted
    them. `tells_writes` says whether its provider counts what is written to a cache. `worth` is in
    nano-units of `currency` (None: not priced), `apart` how much of that each kind beside plain
    text is worth, None where that is not known.
    """

    counts: Counts
    shortest: int = 0
    longest: int = 0
    average: int | None = None
    tells_writes: bool = True
    worth: int | None = None
    currency: str = ""
    apart: Mapping[Kind, int | None] = field(default_factory=dict)

    @property
    def tokens(self) -> int:
        """All of its tokens, whatever they are priced as."""
        return sum(int(count) for kind, count in self.counts.items() if kind not in UNITS)


@dataclass(frozen=True, slots=True)
class Cost:
    """A record at an offer, in nano-units; and what each kind comes to there at both ends, in parts
    of one, before the yield of the tokenizers.
    """

    low: int
    high: int
    low_by_kind: Mapping[Kind, int | Fraction]
    high_by_kind: Mapping[Kind, int | Fraction]


def cost_of(
    load: Load,
    prices: Sequence[Price],
    rules: CacheRules,
    *,
    parts: int,
    tokens: Yield = SAME_TOKENS,
    same: bool = False,
) -> Cost:
    """What a record would cost where one of `prices` holds, each rounded once, half to even.

    `parts` are how many parts of a rate make a nano-unit. `same` says that the offer is the one
    that the tokens were used at: its cache did what it did. Raises `NoPrice`.
    """
    ends = [
        _ends(by_kind, tokens, parts)
        for price in prices
        for step in _steps(price, load, tokens)
        for by_kind in _ways(load, step.rates, rules, tokens, same=same)
    ]
    low = min(ends, key=lambda end: end[0])
    high = max(ends, key=lambda end: end[1])
    return Cost(low[0], high[1], low[2], high[2])


_Costs = dict[Kind, int | Fraction]


def _ends(by_kind: _Costs, tokens: Yield, parts: int) -> tuple[int, int, _Costs]:
    """The least and the most that these costs are, once the other tokenizer has had its say."""
    texts: int | Fraction = 0
    units: int | Fraction = 0
    for kind, cost in by_kind.items():
        if kind in UNITS:
            units += cost
        else:
            texts += cost
    low = _nanos(texts, units, tokens.low, parts)
    high = low if tokens is SAME_TOKENS else _nanos(texts, units, tokens.high, parts)
    return low, high, by_kind


def _nanos(texts: int | Fraction, units: int | Fraction, share: Fraction, parts: int) -> int:
    """Nano-units, rounded once, half to even; in whole numbers, because there are many records."""
    exact, whole = texts * share.numerator + units * share.denominator, parts * share.denominator
    if isinstance(exact, Fraction):
        return round(exact / whole)
    nanos, rest = divmod(exact, whole)
    return nanos + (2 * rest > whole or (2 * rest == whole and nanos % 2))


def _steps(price: Price, load: Load, tokens: Yield) -> Iterator[Step]:
    """The steps of a price that prompts of these lengths can lie in."""
    if len(price) == 1:
        yield price[0]
        return
    shortest, longest = load.shortest * tokens.low, load.longest * tokens.high
    for place, step in enumerate(price):
        ends = price[place + 1].above if place + 1 < len(price) else None
        if longest > step.above and (ends is None or shortest <= ends):
            yield step


def _ways(
    load: Load, rates: Rates, rules: CacheRules, tokens: Yield, *, same: bool
) -> Iterator[_Costs]:
    """What each kind costs, for every way in which the offer's cache may treat the prompts."""
    reads = load.counts.get(Kind.CACHE_READ, 0)
    cached = bool(reads) or any(load.counts.get(kind) for kind in WRITES)
    if not cached or same:
        yield from _as_told(load.counts, rates)
        return
    if _may_be_long_enough(load, rules, tokens):
        yield from _with_cache(load, rates, rules)
    if _may_be_too_short(load, rules, tokens):
        yield _charged(_without_cache(load.counts), rates)


def _may_be_long_enough(load: Load, rules: CacheRules, tokens: Yield) -> bool:
    longest = load.longest if load.average is None else load.average
    return longest * tokens.high.numerator >= rules.minimum[0] * tokens.high.denominator


def _may_be_too_short(load: Load, rules: CacheRules, tokens: Yield) -> bool:
    """Whether prompts may be too short; where calls are not told apart, the average one decides."""
    length = load.longest if load.average is None else load.average
    return length * tokens.low.numerator < rules.minimum[1] * tokens.low.denominator


def _with_cache(load: Load, rates: Rates, rules: CacheRules) -> Iterator[_Costs]:
    """As if it hit as often as the origin's, and as seldom as we take it to; and where writes cost
    money that the origin did not count, as if all fresh input of cached prompts were written.
    """
    counts = load.counts
    yield from _as_told(counts, rates)
    reads = int(counts.get(Kind.CACHE_READ, 0))
    if not reads:
        return
    missed_as = Kind.CACHE_WRITE_5M if Kind.CACHE_WRITE_5M in rates else Kind.INPUT
    pessimistic = dict(counts)
    if rules.automatic or not load.tells_writes or _lives_shorter(counts, rates):
        hits = int(reads * FEWEST_HITS)
        pessimistic[Kind.CACHE_READ] = hits
        pessimistic[missed_as] = pessimistic.get(missed_as, 0) + reads - hits
        yield _charged(pessimistic, rates)
    if not load.tells_writes and missed_as is Kind.CACHE_WRITE_5M:
        fresh = pessimistic.pop(Kind.INPUT, 0)
        pessimistic[missed_as] = pessimistic.get(missed_as, 0) + fresh
        yield _charged(pessimistic, rates)


def _as_told(counts: Counts, rates: Rates) -> Iterator[_Costs]:
    """With reads at their price; where nobody knows it, at that of input and at nothing."""
    yield _charged(counts, rates)
    if counts.get(Kind.CACHE_READ) and Kind.CACHE_READ not in rates:
        yield _charged({k: count for k, count in counts.items() if k is not Kind.CACHE_READ}, rates)


def _lives_shorter(counts: Counts, rates: Rates) -> bool:
    """Whether something was written for longer than the offer keeps anything."""
    longer = (Kind.CACHE_WRITE_12H, Kind.CACHE_WRITE_1H)
    return any(counts.get(kind) and kind not in rates for kind in longer)


def _without_cache(counts: Counts) -> Counts:
    cached = (Kind.CACHE_READ, *WRITES)
    plain = {kind: count for kind, count in counts.items() if kind not in cached}
    plain[Kind.INPUT] = sum(counts.get(kind, 0) for kind in (Kind.INPUT, *cached))
    return plain


def _charged(counts: Counts, rates: Rates) -> _Costs:
    """What counts cost by the kind that they are charged as."""
    costs: _Costs = {}
    for kind, count in counts.items():
        if count:
            as_kind = _charged_as(kind, rates)
            exact = count if isinstance(count, int) else Fraction(count)
            costs[as_kind] = costs.get(as_kind, 0) + exact * rates[as_kind]
    return costs


_ELSE: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.CACHE_READ: (Kind.INPUT,),
    Kind.CACHE_WRITE_5M: (Kind.INPUT,),
    Kind.CACHE_WRITE_1H: (Kind.CACHE_WRITE_12H, Kind.CACHE_WRITE_5M, Kind.INPUT),
    Kind.CACHE_WRITE_12H: (Kind.CACHE_WRITE_1H, Kind.CACHE_WRITE_5M, Kind.INPUT),
    Kind.CACHE_READ_AUDIO: (Kind.INPUT_AUDIO,),
    Kind.CACHE_READ_IMAGE: (Kind.INPUT_IMAGE,),
}
"""What a kind is charged as where it has no price of its own: what no cache serves is input."""


def _charged_as(kind: Kind, rates: Rates) -> Kind:
    found = next((k for k in (kind, *_ELSE.get(kind, ())) if k in rates), None)
    if found is None:
        raise NoPrice(kind)
    return found


def left_behind(load: Load, prices: Iterable[Price]) -> frozenset[Kind]:
    """The kinds beside plain text that some of the prices do not know: searches, audio, images."""
    rates = [step.rates for price in prices for step in price]
    return frozenset(
        kind
        for kind in load.counts
        if kind not in PLAIN
        and any(not {kind, *_ELSE.get(kind, ())} & known.keys() for known in rates)
    )
