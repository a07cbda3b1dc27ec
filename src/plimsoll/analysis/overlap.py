"""Overlap: whether two sources saw the same traffic, told from their accounts' ids and their days.

Looking alike is not enough: two small accounts of one team rise and fall together, and a shared
zero says nothing. So the days of one source are held against the same days of the other, and then
against its days of a week earlier and later. Traffic that is really the same differs on the same
day by almost nothing, and between weeks by as much as any traffic does; accounts that merely look
alike, or that hold the same amount every day, differ on the same day as much as between weeks.

Nor is being near enough to be certain: calls that are shared out evenly over two accounts make two
series within a per cent of each other, and both are owed. What is shared out never comes out equal
to the token day after day; what is seen twice does.

A small account always fits *under* a large one, so a part is never found by size. It is found where
the small one is near to one key or one project of the large one, or to its days in the models that
the small one uses.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import IntEnum, StrEnum

LOOK_BACK = 90
"""Days looked at, the newest settled ones."""

LIKELY_DAYS, LIKELY_EQUAL, LIKELY_DIFFERENCE = 7, 0.90, 0.25
"""From here on a question is worth asking: seven days that hold something, nine tenths of them
equal, and the same day differs by a quarter of what weeks differ by. Of 20,000 pairs of simulated
accounts, made equally large, none came near (benchmarks/overlap.py)."""

CERTAIN_DAYS, CERTAIN_EQUAL = 7, 0.97
"""From here on figures are counted once before anybody has answered: beyond a question's needs,
97 % is equal, and seven days have a count that is equal to the token. A gateway and a provider
differ by what was under way at midnight and by calls that broke off, in all a per cent or two."""

LEAST_NANOS = 10**9
"""The same of money: one unit of any currency."""

TELLING_TOKENS = 1_000
"""A count tells something by being equal from here on, if it comes only once."""

LEAST_TOKENS = 10_000
"""Tokens of the compared days below which nothing is said: single calls of tests look the same."""

WEEK = timedelta(days=7)

Cells = Mapping[tuple[date, str], int]
"""Tokens (or nano-units) by day and model; a model is written as `plain_model` writes it."""


class Relation(StrEnum):
    """How the traffic of one source lies to the other's: all of it, or a part."""

    SAME = "same"
    PART = "part"
    """The first saw a part of what the second saw."""
    WHOLE = "whole"
    """The second saw a part of what the first saw."""

    @property
    def turned(self) -> Relation:
        """The same, told from the other side."""
        return {Relation.PART: Relation.WHOLE, Relation.WHOLE: Relation.PART}.get(self, self)


class Reason(StrEnum):
    """What two sources are thought to see the same traffic by."""

    ORGANISATION = "organisation"
    ROWS = "rows"
    """Every row of every day that both hold is the same."""
    SERIES = "series"
    SAID = "said"
    """The user said so."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one source saw. `days` are the days that it has a settled answer for; `whole` is all of
    them by day and model, `parts` the same of each key and project; `organisation` the provider's
    own id of the account, where it is known.

    Counts are of models that answer: what a model is asked can be the same in two accounts (two
    copies of a corpus embedded every night), what it answers is not. `telling` is False for counts
    of money, which are rounded, so that being equal says less.
    """

    provider: str
    organisation: str | None
    days: frozenset[date]
    whole: Cells
    parts: Mapping[str, Cells] = field(default_factory=dict)
    telling: bool = True


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two sources that seem to see the same traffic, and the evidence.

    `days` are the compared days that hold something, `equal` the share of both together that is
    equal on the same day (1 for the same organisation, whose days need no comparing), `difference`
    how much the same day differs, with that of days a week apart as 1, `to_the_token` the days with
    a count that is equal to the token. `part` names the key or project whose days are compared.
    `certain` is enough to count once before anybody is asked.
    """

    relation: Relation
    reason: Reason
    certain: bool
    days: int = 0
    equal: float = 1.0
    difference: float = 0.0
    to_the_token: int = 0
    part: str = ""

    @property
    def turned(self) -> Likeness:
        """The same, told from the other side."""
        return replace(self, relation=self.relation.turned)


def likeness(one: Seen, other: Seen) -> Likeness | None:
    """How two sources seem to see the same traffic; None where nothing says so.

    Of one provider, the ids decide where both are known: equal is certain, different is apart.
    """
    if one.provider == other.provider and one.organisation and other.organisation:
        if one.organisation == other.organisation:
            return Likeness(Relation.SAME, Reason.ORGANISATION, certain=True)
        return None
    days = one.days & other.days
    a, b = _within(one.whole, days), _within(other.whole, days)
    found = [
        _compared(a, b, days, Relation.SAME),
        *_in_a_part(a, other, days, Relation.PART),
        *_in_a_part(b, one, days, Relation.WHOLE),
    ]
    best = max((f for f in found if f), key=lambda f: (f.certain, f.equal), default=None)
    if best is None or (one.telling and other.telling):
        return best
    return replace(best, certain=False)


def same_rows(
    days: int, *, tokens: int, nanos: int, same_file: bool, more: tuple[bool, bool]
) -> Likeness:
    """That two imported sources hold the same rows on `days`, and which of the two holds `more`
    there besides. One and the same file is certain, and so is enough of it; a line or two of a
    small test may be alike in two accounts. Where both hold more, counting once would lose some.
    """
    enough = same_file or tokens >= LEAST_TOKENS or nanos >= LEAST_NANOS
    relations = {(True, False): Relation.WHOLE, (False, True): Relation.PART}
    return Likeness(relations.get(more, Relation.SAME), Reason.ROWS, enough and not all(more), days)


def _in_a_part(
    small: Cells, large: Seen, days: frozenset[date], relation: Relation
) -> Iterator[Likeness | None]:
    """The whole of one source held against each key and project of the other, and against the
    models that it uses itself.
    """
    models = {model for _, model in small}
    total = sum(small.values())
    for name, cells in (("", large.whole), *large.parts.items()):
        part = {place: count for place, count in _within(cells, days).items() if place[1] in models}
        if _near(total, sum(part.values())):
            yield _compared(small, part, days, relation, part=name)


def _near(one: int, other: int) -> bool:
    """Whether two totals can be alike at all: a quick look before a long one."""
    return min(one, other) >= LIKELY_EQUAL * max(one, other) > 0


def _compared(
    a: Cells, b: Cells, days: frozenset[date], relation: Relation, *, part: str = ""
) -> Likeness | None:
    """Two sets of days by model, compared on the same day and with a week between."""
    places = a.keys() | b.keys()
    least = sum(min(a.get(place, 0), b.get(place, 0)) for place in places)
    most = sum(max(a.get(place, 0), b.get(place, 0)) for place in places)
    held = len({day for day, _ in places})
    if least < LEAST_TOKENS or held < LIKELY_DAYS or least < LIKELY_EQUAL * most:
        return None
    difference = _difference(a, b, days, {model for _, model in places})
    if difference is None or difference > LIKELY_DIFFERENCE:
        return None
    equal, exact = least / most, _to_the_token(a, b)
    certain = equal >= CERTAIN_EQUAL and exact >= CERTAIN_DAYS
    return Likeness(relation, Reason.SERIES, certain, held, equal, difference, exact, part)


def _to_the_token(a: Cells, b: Cells) -> int:
    """The days on which a count that comes only once is the same in both, to the token."""
    often = Counter(a.values())
    return len(
        {
            place[0]
            for place, count in a.items()
            if count >= TELLING_TOKENS and often[count] == 1 and b.get(place) == count
        }
    )


def _difference(a: Cells, b: Cells, days: frozenset[date], models: Iterable[str]) -> float | None:
    """The mean difference on the same day, with that of the same weekday one week apart as 1.

    Weekdays keep their habits, so that only what tells two weeks apart counts. None where no two
    weeks differ: traffic that is the same every day can be anybody's.
    """
    weeks = [(day, day + WEEK) for day in days if day + WEEK in days]
    here = apart = 0
    for model in models:
        for day, later in weeks:
            early_a, early_b = a.get((day, model), 0), b.get((day, model), 0)
            late_a, late_b = a.get((later, model), 0), b.get((later, model), 0)
            here += abs(early_a - early_b) + abs(late_a - late_b)
            apart += abs(early_a - late_b) + abs(late_a - early_b)
    return here / apart if apart else None


def _within(cells: Cells, days: frozenset[date]) -> Cells:
    return {place: count for place, count in cells.items() if place[0] in days and count > 0}


# -- who pays ----------------------------------------------------------------------------------


class Kind(IntEnum):
    """What a source is, the nearest to the bill last."""

    TELLS = 0
    """An agent's log or an imported file."""
    GATEWAY = 1
    """An account that passes calls on to other providers."""
    ACCOUNT = 2
    """A provider's own account."""


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two: `bills` where its provider says what it charged, `asked` unless it was
    removed and only its figures stayed, `added` its place in the order in which they were added.
    """

    provider: str
    kind: Kind
    bills: bool
    added: int
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who pays, by the rule: the first of the two or the second; and whether that is so certain,
    and so harmless, that it holds before anybody has answered.
    """

    first_pays: bool
    assumed: bool


def who_pays(first: Party, second: Party, likely: Likeness) -> Verdict:
    """The rule: provider actuals are the money, everything else is attribution.

    0. Of two that see the same, one that is still asked pays before one that was removed.
    1. What is billed pays before what is computed.
    2. A provider's own account pays before a gateway, and that before a log or a file.
    3. The whole pays before its part.
    4. The older source pays: the same organisation under two keys stays where it was.

    Nothing is assumed, only asked, where the rule would be wrong if things are not as they seem:
    where two providers have both billed (a gateway took credits, and the provider behind it took
    money for calls under somebody's own key: both are owed, whatever the tokens look like); where
    the one that pays saw only a part of the other, of which the rest would be counted nowhere; and
    where the likeness itself is not certain.
    """
    larger = {Relation.PART: (0, 1), Relation.WHOLE: (1, 0)}.get(likely.relation, (0, 0))
    same = likely.relation is Relation.SAME
    ranks = [
        (party.asked or not same, party.bills, party.kind, size, -party.added)
        for party, size in zip((first, second), larger, strict=True)
    ]
    first_pays = ranks[0] > ranks[1]
    both_billed = first.bills and second.bills and first.provider != second.provider
    rest_is_lost = larger[0 if first_pays else 1] < larger[1 if first_pays else 0]
    return Verdict(first_pays, likely.certain and not both_billed and not rest_is_lost)


# -- models ------------------------------------------------------------------------------------

_DATED = re.compile(r"[-@](20\d{2}-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01]))$", re.ASCII)


def plain_model(name: str | None) -> str:
    """A model's name as providers and gateways have it in common; nothing for no name.

    `anthropic/claude-opus-4.5` and `claude-opus-4-5-20251101` are both `claude-opus-4-5`: without
    the maker before the last slash, the variant after a colon and the day at the end, with dots as
    hyphens. What is left is compared whole: `gpt-5` is not a part of `gpt-5-mini`.
    """
    if name is None:
        return ""
    own = name.strip().lower().rpartition("/")[2].partition(":")[0]
    return _DATED.sub("", own).replace(".", "-")


def by_plain_model(cells: Iterable[tuple[date, str | None, int]]) -> dict[tuple[date, str], int]:
    """Counts by day and model, models that have one plain name together."""
    found: dict[tuple[date, str], int] = defaultdict(int)
    for day, model, count in cells:
        found[day, plain_model(model)] += count
    return dict(found)
