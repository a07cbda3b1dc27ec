"""Behind: the rows of the archive behind an amount, and the prices that made it.

Rows and amounts follow the same rules as the answers (`asking`): what is summed up here are the
very rows that the rollups sum up, one by one.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Dimension, Question
from plimsoll.domain.tokens import Tokens
from plimsoll.ledger.asking import Asking, sources_in
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.gaps import Asked
from plimsoll.ledger.instants import MS_PER_HOUR, day_of, instant_of, instant_of_millis
from plimsoll.ledger.rollups import NOT_PRICED, TOKENS, measured
from plimsoll.ledger.sums import Days, Wanted

MOST_RECORDS = 100_000
"""More usage records than these are not looked at one by one: the newest days have to do."""

_SHOWN = (
    Dimension.MODEL,
    Dimension.PROJECT,
    Dimension.KEY,
    Dimension.TIER,
    Dimension.LINE_ITEM,
)
_IDS = tuple(f"a.{dimension.value}" for dimension in _SHOWN)
_CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")


class Kind(StrEnum):
    """What a row is for an amount: part of it by one kind of evidence, or beside it."""

    BILLED = "billed"
    ESTIMATED = "estimated"
    PLAN = "plan"
    BESIDE = "beside"
    """Usage whose money is in a bill, or stands on another row: only its worth is told."""
    NOT_PRICED = "not priced"


_OWED = (Kind.ESTIMATED, Kind.PLAN)


@dataclass(frozen=True, slots=True)
class RowBehind:
    """One charge or usage record. `nanos` is what it adds to the amount of its kind (of usage
    `beside`, its worth, which is in no amount; None where nobody knows it).

    `start` is None for what is told by the day. `text` is the provider's own writing of a charge;
    for usage, the price that was used, or why there is none.
    """

    kind: Kind
    source: str
    day: date
    nanos: int | None
    text: str
    start: datetime | None = None
    model: str | None = None
    project: str | None = None
    key: str | None = None
    tier: str | None = None
    line_item: str | None = None
    tokens: Tokens = field(default_factory=Tokens)


@dataclass(frozen=True, slots=True)
class PriceBehind:
    """One price, in words, and the usage that it explains, of one kind: `records` of them, their
    tokens, their `worth` (None where nobody knows) and what is `owed` for them by it, nano-units.
    """

    kind: Kind
    basis: str
    records: int
    tokens: int
    worth: int | None
    owed: int


@dataclass(frozen=True, slots=True)
class SourceBehind:
    """What one source gives to an amount, nano-units by kind, and from when its slices are.

    `charges` and `records` count the rows; `days` are the first and last provider day with any;
    `not_final` counts the days that can still change. `editions` are the price books that were
    used. `fetched` is the oldest and the newest time of fetching.
    """

    name: str
    connector: str
    billed: int
    estimated: int
    plan: int
    worth: int
    charges: int
    records: int
    not_priced_tokens: int
    days: Period
    not_final: int
    fetched: tuple[datetime, datetime]
    editions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """What is behind the answer to a question in one currency.

    `prices` have the most money first, then the most tokens; `rows` are the largest ones of the
    amount, or of the worth where there is no amount. `since` is None where every usage record was
    looked at, else the first day of those that were: prices and rows before it are left out.
    """

    sources: tuple[SourceBehind, ...]
    prices: tuple[PriceBehind, ...]
    rows: tuple[RowBehind, ...]
    since: date | None = None


def behind(
    ledger: Ledger,
    question: Question,
    *,
    currency: str,
    most_rows: int | None = 12,
    most_records: int = MOST_RECORDS,
) -> Behind:
    """What is behind the whole of `question` (what it is cut by does not matter) in a currency."""
    whole = replace(question, by=())
    with ledger.reading() as connection:
        row = connection.execute("SELECT id FROM phrase WHERE text = ?", (currency,)).fetchone()
        phrase = -1 if row is None else int(row[0])
        found = [
            _Looker(ledger, connection, source, whole, phrase=phrase, most_records=most_records)
            for source in sources_in(connection, question.scope)
        ]
        sources = tuple(s for looker in found if (s := looker.source()) is not None)
        prices = _together([price for looker in found for price in looker.prices()])
        rows = [r for looker in found for r in looker.money_rows(most_rows)]
        if not rows:
            rows = [r for looker in found for r in looker.other_rows(most_rows)]
    rows.sort(key=lambda r: (-abs(r.nanos or 0), -r.tokens.total, r.day, r.source))
    return Behind(
        sources=sources,
        prices=prices,
        rows=tuple(rows[:most_rows]),
        since=max((looker.since for looker in found if looker.since), default=None),
    )


def _together(prices: Sequence[PriceBehind]) -> tuple[PriceBehind, ...]:
    """The same price of several sources is one price."""
    sums: dict[tuple[Kind, str], PriceBehind] = {}
    for price in prices:
        key = (price.kind, price.basis)
        known = sums.get(key)
        sums[key] = price if known is None else _added(known, price)
    return tuple(
        sorted(sums.values(), key=lambda p: (-abs(p.owed), -abs(p.worth or 0), -p.tokens, p.basis))
    )


def _added(one: PriceBehind, other: PriceBehind) -> PriceBehind:
    worths = [p.worth for p in (one, other) if p.worth is not None]
    return replace(
        one,
        records=one.records + other.records,
        tokens=one.tokens + other.tokens,
        worth=sum(worths) if worths else None,
        owed=one.owed + other.owed,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of the usage rows: `such` is a condition on them. Kinds in `apart` are only beside the
    amount, because their money stands elsewhere.
    """

    wanted: Wanted
    such: str
    is_owed: bool = False
    apart: frozenset[Kind] = frozenset()

    def kind_of(self, word: str) -> Kind:
        kind = Kind(word)
        return Kind.BESIDE if kind in self.apart else kind


class _Looker:
    """One source, one question, one currency (its phrase), within one snapshot."""

    def __init__(
        self,
        ledger: Ledger,
        connection: sqlite3.Connection,
        source: Asked,
        question: Question,
        *,
        phrase: int,
        most_records: int,
    ) -> None:
        self._connection = connection
        self._source = source
        self._phrase = phrase
        self._asking = Asking(ledger, connection, source, question)
        self._names = Asking(ledger, connection, source, replace(question, by=_SHOWN)).key
        self._sums = self._asking.sums
        self._plan = self._sums.plan
        self.since: date | None = None
        """The first day that is looked at row by row, where not all are."""
        self._looked = self._bounded(most_records)

    def source(self) -> SourceBehind | None:
        """What the source gives in all; None where it gives nothing."""
        wanted = self._asking.wanted
        if wanted is None:
            return None
        figures = self._figures()
        *counts, charges = (figures[n] for n in ("records", "not_priced", "charges"))
        slices = self._slices(wanted.provider_days)
        if slices is None or not (any(counts) or charges):
            return None
        first, last, oldest, newest, not_final, editions = slices
        return SourceBehind(
            name=self._source.name,
            connector=self._source.connector,
            billed=figures["billed"],
            estimated=figures["estimated"],
            plan=figures["plan"],
            worth=figures["worth"],
            charges=charges,
            records=figures["records"],
            not_priced_tokens=figures["not_priced"],
            days=Period(day_of(first), day_of(last)),
            not_final=not_final,
            fetched=(instant_of(oldest), instant_of(newest)),
            editions=editions,
        )

    def prices(self) -> Iterator[PriceBehind]:
        """The prices of what is owed, then those of what only explains, then what has none."""
        columns = [
            self._kind,
            "ifnull((SELECT text FROM phrase WHERE id = u.basis), '')",
            "count(*)",
            f"sum({TOKENS})",
            "sum(u.worth)",
            f"sum({measured('estimated', plan=self._plan)} + {measured('plan', plan=self._plan)})",
        ]
        for part in self._parts():
            found = self._sums.usage_rows(
                part.wanted, columns, such=part.such, tail="GROUP BY 1, u.basis"
            )
            for kind, basis, records, tokens, worth, owed in found:
                told = part.kind_of(kind)
                money = owed if told in _OWED else 0
                yield PriceBehind(told, basis, records, tokens, worth, money)

    def money_rows(self, most: int | None) -> Iterator[RowBehind]:
        """The largest charges, and the largest records of what is owed without a bill."""
        charges = self._asking.wanted_charges
        if charges is not None:
            yield from self._charge_rows(charges, most)
        for part in self._parts():
            if part.is_owed:
                yield from self._usage_rows(part, most)

    def other_rows(self, most: int | None) -> Iterator[RowBehind]:
        """The usage with the largest worth, or tokens, of an amount that nothing is owed for."""
        for part in self._parts():
            if not part.is_owed:
                yield from self._usage_rows(part, most)

    # --- which rows --------------------------------------------------------------------------

    @property
    def _kind(self) -> str:
        return (
            f"CASE WHEN {NOT_PRICED} THEN '{Kind.NOT_PRICED}' "
            f"WHEN c.day IS NOT NULL THEN '{Kind.BESIDE}' "
            f"WHEN {self._plan} THEN '{Kind.PLAN}' ELSE '{Kind.ESTIMATED}' END"
        )

    def _parts(self) -> Iterator[_Part]:
        """The usage rows, each in one part: those that are owed for first."""
        mine = f"u.currency = {self._phrase:d}"
        mine_or_none = f"({mine} OR u.worth IS NULL)"
        owed = f"{self._kind} IN ('{Kind.ESTIMATED}', '{Kind.PLAN}')"
        asking = self._asking
        if asking.wanted_owed is not None:
            wanted = self._within(asking.wanted_owed)
            yield _Part(wanted, f"{mine} AND {owed}", is_owed=True)
        if asking.wanted is not None and asking.owes_apart:
            # What is owed for these tokens stands on other rows: here they only explain.
            yield _Part(self._within(asking.wanted), mine_or_none, apart=frozenset(_OWED))
        elif asking.wanted is not None:
            yield _Part(self._within(asking.wanted), f"{mine_or_none} AND NOT ({owed})")
        if asking.wanted_explained is not None:
            wanted = self._within(asking.wanted_explained)
            yield _Part(wanted, mine_or_none, apart=frozenset(Kind))

    def _within(self, wanted: Wanted) -> Wanted:
        return wanted if self.since is None else replace(wanted, days=self._looked)

    def _bounded(self, most: int) -> Days:
        """The newest days that have no more usage records than can be looked at."""
        wanted = self._asking.wanted
        if wanted is None or wanted.by_rows:
            return () if wanted is None else wanted.days
        days: dict[int, int] = defaultdict(int)
        by_day = replace(wanted, by=(), by_day=True, zone=UTC)
        for day, _, records in self._sums.usage(by_day, ("records",)):
            days[day] += records
        looked, left = wanted.days[-1][1], most - sum(days.values())
        if left >= 0:
            return wanted.days
        left = most
        for day in sorted(days, reverse=True):
            left -= days[day]
            if left < 0 and day < max(days):
                break
            looked = day
        self.since = day_of(looked)
        return tuple((max(a, looked), b) for a, b in wanted.days if b >= looked)

    # --- reading -----------------------------------------------------------------------------

    def _figures(self) -> dict[str, int]:
        figures: dict[str, int] = defaultdict(int)
        for currency, records, worth, not_priced in self._asking.usage(
            ("records", "worth", "not_priced")
        ):
            if currency in {0, self._phrase}:
                figures["records"] += records
                figures["not_priced"] += not_priced
                figures["worth"] += worth
        for _, currency, (estimated, plan) in self._asking.owed(("estimated", "plan")):
            if currency == self._phrase:
                figures["estimated"] += estimated
                figures["plan"] += plan
        charges = self._asking.wanted_charges
        if charges is not None:
            ((count, billed),) = self._sums.charge_rows(
                charges, ["count(*)", "sum(g.nanos)"], such=f"g.currency = {self._phrase:d}"
            )
            figures["charges"], figures["billed"] = count, billed or 0
        return figures

    def _slices(self, days: Days) -> tuple[int, int, int, int, int, tuple[str, ...]] | None:
        """First and last day, oldest and newest fetching, days not final, editions of prices."""
        runs = " OR ".join("day BETWEEN ? AND ?" for _ in days)
        given = [self._source.id, *(number for run in days for number in run)]
        where = f"WHERE source = ? AND ({runs}) AND records + charges > 0"
        row = self._connection.execute(
            "SELECT min(day), max(day), min(fetched_at), max(fetched_at), "  # noqa: S608 - our words
            f"count(DISTINCT iif(final, NULL, day)) FROM slice {where}",
            given,
        ).fetchone()
        if row[0] is None:
            return None
        editions = self._connection.execute(
            "SELECT DISTINCT p.text FROM slice JOIN phrase p ON p.id = edition "  # noqa: S608
            f"{where} AND records > 0 ORDER BY p.text",
            given,
        )
        return (*row, tuple(text for (text,) in editions))

    def _charge_rows(self, wanted: Wanted, most: int | None) -> Iterator[RowBehind]:
        rows = self._sums.charge_rows(
            wanted,
            [*_IDS, "s.day", "g.nanos", "g.text"],
            such=f"g.currency = {self._phrase:d}",
            tail=f"ORDER BY abs(g.nanos) DESC, s.day, g.n LIMIT {-1 if most is None else most:d}",
        )
        for *ids, day, nanos, text in rows:
            yield self._row(Kind.BILLED, ids, day, nanos, text)

    def _usage_rows(self, part: _Part, most: int | None) -> Iterator[RowBehind]:
        owed = f"{measured('estimated', plan=self._plan)} + {measured('plan', plan=self._plan)}"
        rows = self._sums.usage_rows(
            part.wanted,
            [
                *_IDS,
                self._kind,
                owed,
                "u.worth",
                "s.day",
                "u.start",
                "u.until",
                "ifnull((SELECT text FROM phrase WHERE id = u.basis), '')",
                *(f"u.{name}" for name in _CLASSES),
            ],
            such=part.such,
            tail=f"ORDER BY abs({owed}) DESC, abs(ifnull(u.worth, 0)) DESC, {TOKENS} DESC, "
            f"s.day, u.n LIMIT {-1 if most is None else most:d}",
        )
        for row in rows:
            ids, (kind, nanos, worth, day, start, until, text, *counts) = row[:5], row[5:]
            told = part.kind_of(kind)
            hourly = until - start <= MS_PER_HOUR
            yield self._row(
                told,
                ids,
                day,
                nanos if told in _OWED else worth,
                text,
                start=instant_of_millis(start) if hourly else None,
                tokens=Tokens(*counts),
            )

    def _row(
        self, kind: Kind, ids: Sequence[Any], day: int, nanos: int | None, text: str, **more: Any
    ) -> RowBehind:
        model, project, key, tier, line_item = self._names(ids)
        return RowBehind(
            kind=kind,
            source=self._source.name,
            day=day_of(day),
            nanos=nanos,
            text=text,
            model=model,
            project=project,
            key=key,
            tier=tier,
            line_item=line_item,
            **more,
        )
