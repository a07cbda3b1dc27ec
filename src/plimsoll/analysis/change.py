"""Change: why one period cost more or less than another, in parts that add up to the nano-unit.

The money that tokens explain, in both periods, is Σ N · s · t · k · p over models, tiers and token
classes: all tokens N, a model's share s of them, a tier's share t of the model's tokens, a class's
share k of the tier's, and the effective price p there (spent ÷ tokens). The difference is split
among the five by the Shapley value (L. S. Shapley, "A value for n-person games", 1953): each
factor's effect, averaged over all orders in which the five can pass from one period to the other.
N is *volume*, s *model mix*, t and k together *class mix*, p *price*. As a decomposition of changes
it is J. W. Sun's complete decomposition (Energy Economics 20, 1998, 85-100), in the form of
J. Albrecht, D. François and K. Schoors (Energy Policy 30, 2002, 727-736); B. W. Ang, F. L. Liu and
E. P. Chew (Energy Policy 31, 2003, 1561-1566) show that the two are one. It is exact, symmetrical
in the periods (exchanging them negates every part), and needs no logarithm: zeros are only zeros,
and the arithmetic is in fractions until one rounding by the largest remainder.

Reasoning is a part of the output and has its price. Where both periods tell of a model's reasoning
it is a class of its own here, and `output` the rest; a period that tells of none may have had none
or been told of none, so that it stays within the output.

What is in one period only is a part of its own: *new* and *ended* projects first, then models
within the projects that go on. A tier or class that a model used in one period only has its price
of that period in both, so that it is mix and not price. Money that no tokens explain is the
*residual*: charges without tokens, models whose tokens had no price in one of the periods, and
sources of which one period is unknown.

Money here is what was spent, billed and estimated together, in nano-units of one currency. Bills by
model are shared out over the model's token classes by the classes' worth; where that is unknown, by
the worth that the model's classes had elsewhere in the two periods; where nothing is known, every
token of the model counts alike, so that its classes can explain nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from plimsoll.analysis.shapley import shapley_of_product, whole
from plimsoll.domain.usage import Tokens

CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
"""The five disjoint token classes, in the order of every tuple of them here."""

REASONING = "reasoning"
"""The part of the output that is told apart, where it can be."""


class Cause(StrEnum):
    """Why spend differs, in the order in which the parts are told."""

    VOLUME = "volume"
    PRICE = "price"
    MODEL_MIX = "model_mix"
    CLASS_MIX = "class_mix"
    NEW = "new"
    ENDED = "ended"
    RESIDUAL = "residual"


@dataclass(frozen=True, slots=True)
class Spent:
    """Nano-units spent (billed and estimated) by one project on one model or other line item.

    `on_tokens` is False for a model's money that is known to be for something else than tokens.
    """

    nanos: int
    source: str = ""
    project: str | None = None
    model: str | None = None
    line_item: str | None = None
    on_tokens: bool = True


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens of one project and model. `worths` are the worths of the five `CLASSES`, in any one
    unit, None where they are not known; `priced` is False for tokens whose money is not known.
    """

    tokens: Tokens
    source: str = ""
    project: str | None = None
    model: str | None = None
    tier: str | None = None
    worths: tuple[int | Fraction, ...] | None = None
    priced: bool = True


@dataclass(frozen=True, slots=True)
class Side:
    """One period in one currency; `unknown` are sources of which no day of it is known."""

    spent: Sequence[Spent] = ()
    used: Sequence[Used] = ()
    unknown: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        """Nano-units spent."""
        return sum(row.nanos for row in self.spent)


@dataclass(frozen=True, slots=True)
class Thing:
    """What a part is made of: nano-units of one thing, `name` None for what was not attributed.

    `dimension` is model, project, source, line_item, token_class (one of `CLASSES`, or `REASONING`,
    which is then not in `output`) or tier.
    """

    dimension: str
    name: str | None
    amount: int


@dataclass(frozen=True, slots=True)
class Part:
    """One cause and its nano-units, which its things sum to; the largest thing first."""

    cause: Cause
    amount: int
    things: tuple[Thing, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """Nano-units before and after, and a part for every cause: they sum to the difference."""

    before: int
    after: int
    parts: tuple[Part, ...]

    @property
    def difference(self) -> int:
        """More is positive."""
        return self.after - self.before


Leaf = tuple[Cause, str, str | None]
"""A cause, a dimension and a name."""

_Project = tuple[str, str | None]
_Money = dict[Leaf, int]


def explain(before: Side, after: Side) -> Explained:
    """Why `after` differs from `before`: every cause's part, in whole nano-units that add up."""
    sides = (before, after)
    money: _Money = defaultdict(int)
    lasting = _without_new_and_ended_projects(sides, money)
    old, new = _models(lasting[0], money, -1), _models(lasting[1], money, 1)
    shared = {name for name in old.keys() & new.keys() if old[name].tokens and new[name].tokens}
    for sign, mine, other in ((-1, old, new), (1, new, old)):
        for name in mine.keys() - shared:
            money[_outside(name, sign, lasting=name in other)] += sign * mine[name].spent
    exact = _shapley([{name: side[name] for name in shared} for side in (old, new)])
    for leaf, nanos in whole(exact, sorted(exact, key=_order)).items():
        money[leaf] += nanos
    return Explained(before.total, after.total, _parts(money))


# -- what is new, and what has ended -----------------------------------------------------------


def _without_new_and_ended_projects(sides: Sequence[Side], money: _Money) -> tuple[Side, Side]:
    """The rows of projects that both periods have; the money of the others goes into `money`.

    What was not attributed to a project is no project that could be new, unless its source is; and
    nothing is new, or has ended, where the other period of its source is unknown.
    """
    seen = [_projects(side) for side in sides]
    sources = [{source for source, _ in projects} for projects in seen]
    kept = []
    for place, side in enumerate(sides):
        sign, other = (1 if place else -1), 1 - place
        cause = Cause.NEW if place else Cause.ENDED
        lasting = {
            key
            for key in seen[place]
            if key[0] not in sides[other].unknown
            and (key in seen[other] or (key[1] is None and key[0] in sources[other]))
        }
        for row in side.spent:
            if row.source in sides[other].unknown:
                money[Cause.RESIDUAL, "source", row.source] += sign * row.nanos
            elif (row.source, row.project) not in lasting:
                dimension = "source" if row.project is None else "project"
                money[cause, dimension, row.project or row.source] += sign * row.nanos
        kept.append(
            Side(
                [row for row in side.spent if (row.source, row.project) in lasting],
                [row for row in side.used if (row.source, row.project) in lasting],
            )
        )
    return kept[0], kept[1]


def _projects(side: Side) -> set[_Project]:
    used = {(row.source, row.project) for row in side.used if row.tokens.total}
    return used | {(row.source, row.project) for row in side.spent if row.nanos}


def _outside(name: str | None, sign: int, *, lasting: bool) -> Leaf:
    """Where the money of a model stands that tokens of both periods do not explain."""
    if name is None or lasting:
        return Cause.RESIDUAL, "model", name
    return (Cause.NEW if sign > 0 else Cause.ENDED), "model", name


# -- models, their tiers and classes -----------------------------------------------------------


class _Tier:
    """The tokens of one tier of a model in one period, by class, while they are summed up."""

    __slots__ = ("known", "reasoning", "tokens", "worths")

    def __init__(self) -> None:
        self.tokens = [0] * len(CLASSES)
        self.known = [0] * len(CLASSES)
        """Those of them whose worth is known."""
        self.worths = [Fraction(0)] * len(CLASSES)
        self.reasoning = 0
        """Those of the output that are told to be reasoning."""

    def add(self, row: Used) -> None:
        self.reasoning += min(row.tokens.reasoning, row.tokens.output)
        for place, name in enumerate(CLASSES):
            count = getattr(row.tokens, name)
            self.tokens[place] += count
            if row.worths is not None:
                self.known[place] += count
                self.worths[place] += row.worths[place]


class _Model:
    """The money of one model in one period, and its tokens whose money is known, by tier."""

    __slots__ = ("spent", "tiers")

    def __init__(self) -> None:
        self.spent = 0
        self.tiers: dict[str | None, _Tier] = {}

    @property
    def tokens(self) -> int:
        return sum(sum(tier.tokens) for tier in self.tiers.values())

    @property
    def reasons(self) -> bool:
        return any(tier.reasoning for tier in self.tiers.values())


_Models = dict[str | None, _Model]


def _models(side: Side, money: _Money, sign: int) -> _Models:
    """Models by name; charges that name no model but say what they are for go into `money`."""
    models: _Models = defaultdict(_Model)
    for row in side.spent:
        if row.model is None and row.line_item is not None:
            money[Cause.RESIDUAL, "line_item", row.line_item] += sign * row.nanos
        elif not row.on_tokens:
            money[Cause.RESIDUAL, "model", row.model] += sign * row.nanos
        elif row.nanos:
            models[row.model].spent += row.nanos
    for used in side.used:
        if used.tokens.total:
            model = models[used.model]
            if used.priced:
                model.tiers.setdefault(used.tier, _Tier()).add(used)
    return dict(models)


_Prices = dict[tuple[str | None, int], Fraction]
"""Nano-units a token, by tier and the place of the class."""


def _prices(both: Sequence[_Model]) -> list[_Prices]:
    """The effective prices of each of the two periods, where it has tokens.

    The model's money is shared out over them by their worth.
    """
    usual = _UsualWorths(both)
    found = []
    for model in both:
        weights = {
            (name, place): tier.worths[place] + (count - tier.known[place]) * usual.of(name, place)
            for name, tier in model.tiers.items()
            for place, count in enumerate(tier.tokens)
            if count
        }
        if not sum(weights.values()):
            weights = {cell: Fraction(model.tiers[cell[0]].tokens[cell[1]]) for cell in weights}
        each = Fraction(model.spent) / sum(weights.values())
        found.append(
            {
                (name, place): each * weight / model.tiers[name].tokens[place]
                for (name, place), weight in weights.items()
            }
        )
    return found


class _UsualWorths:
    """What a token of a model is worth where that is known, both periods together."""

    def __init__(self, both: Sequence[_Model]) -> None:
        self._sums: dict[tuple[object, ...], tuple[Fraction, int]] = {}
        for model in both:
            for name, tier in model.tiers.items():
                for place, count in enumerate(tier.known):
                    for level in ((name, place), (place,), ()):
                        worth, counted = self._sums.get(level, (Fraction(0), 0))
                        self._sums[level] = (worth + tier.worths[place], counted + count)

    def of(self, tier: str | None, place: int) -> Fraction:
        """Of this class in this tier, else in any, else of any token; else all count alike."""
        for level in ((tier, place), (place,), ()):
            worth, counted = self._sums.get(level, (Fraction(0), 0))
            if counted:
                return worth / counted
        return Fraction(1)


# -- the factors -------------------------------------------------------------------------------


def _shapley(sides: Sequence[_Models]) -> dict[Leaf, Fraction]:
    """The exact part of each factor in the change of Σ N · s · t · k · p, by what it is made of."""
    exact: dict[Leaf, Fraction] = defaultdict(Fraction)
    volumes = [sum(model.tokens for model in side.values()) for side in sides]
    for name in sides[0]:
        both = [side[name] for side in sides]
        prices = _prices(both)
        for tier in both[0].tiers.keys() | both[1].tiers.keys():
            tiers = [model.tiers.get(tier, _Tier()) for model in both]
            used = [sum(t.tokens) for t in tiers]
            for token_class, place, counts in _cells(tiers, apart=all(m.reasons for m in both)):
                price = [prices[i].get((tier, place)) for i in (0, 1)]
                share = [Fraction(counts[i], used[i]) if used[i] else None for i in (0, 1)]
                before, after = (
                    (
                        Fraction(volumes[i]),
                        Fraction(both[i].tokens, volumes[i]),
                        Fraction(used[i], both[i].tokens),
                        _known(share[i], share[1 - i]),
                        _known(price[i], price[1 - i]),
                    )
                    for i in (0, 1)
                )
                leaves: tuple[Leaf, ...] = (
                    (Cause.VOLUME, "model", name),
                    (Cause.MODEL_MIX, "model", name),
                    (Cause.CLASS_MIX, "tier", tier),
                    (Cause.CLASS_MIX, "token_class", token_class),
                    (Cause.PRICE, "model", name),
                )
                for leaf, part in zip(leaves, shapley_of_product(before, after), strict=True):
                    exact[leaf] += part
    return exact


def _cells(tiers: Sequence[_Tier], *, apart: bool) -> Iterator[tuple[str, int, tuple[int, int]]]:
    """The classes that a tier has tokens of in either period: their names, their places among the
    prices, and how many in each; reasoning, where it is told `apart`, at the output's price.
    """
    before, after = tiers
    for place, whole_class in enumerate(CLASSES):
        reasoning = (0, 0)
        if apart and whole_class == "output":
            reasoning = (before.reasoning, after.reasoning)
        rest = (before.tokens[place] - reasoning[0], after.tokens[place] - reasoning[1])
        for name, counts in ((whole_class, rest), (REASONING, reasoning)):
            if any(counts):
                yield name, place, counts


def _known(mine: Fraction | None, other: Fraction | None) -> Fraction:
    """A figure of a period, or of the other one where this has no tokens to have it of."""
    return next((figure for figure in (mine, other) if figure is not None), Fraction(0))


# -- the parts ---------------------------------------------------------------------------------


def _parts(money: Mapping[Leaf, int]) -> tuple[Part, ...]:
    things: dict[Cause, list[Thing]] = {cause: [] for cause in Cause}
    for leaf in sorted(money, key=_order):
        cause, dimension, name = leaf
        if money[leaf]:
            things[cause].append(Thing(dimension, name, money[leaf]))
    return tuple(
        Part(cause, sum(t.amount for t in found), tuple(sorted(found, key=_largest_first)))
        for cause, found in things.items()
    )


def _largest_first(thing: Thing) -> int:
    return -abs(thing.amount)


def _order(leaf: Leaf) -> tuple[str, str, bool, str]:
    cause, dimension, name = leaf
    return cause, dimension, name is None, name or ""
