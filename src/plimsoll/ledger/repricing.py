"""Repricing: stored rows computed again by another price book, in one transaction, and logged.

Looking is apart from writing: the rows are read and computed on a snapshot, while others may write,
and only the slices that come out differently (or changed meanwhile) are computed once more and
written under the lock. A dry run does exactly the same and lets go of it at the end.
"""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from operator import sub

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.calls import Call, Priced
from plimsoll.domain.effect import Effect, MonthEffect
from plimsoll.domain.errors import Cancelled
from plimsoll.domain.question import Dimension, Question
from plimsoll.domain.said import say
from plimsoll.domain.usage import Computed, UsageRecord
from plimsoll.ledger import answers, price_log, rollups
from plimsoll.ledger.accounts import CALLS, FALLS, Source, sources
from plimsoll.ledger.canonical import Rows, UsageRow, call_of, clean, record_of, whole
from plimsoll.ledger.cuts import CUT_OF
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, number_of
from plimsoll.ledger.price_log import first_of
from plimsoll.ledger.slices import Kept, RowWriter

Compute = Callable[[UsageRecord, Source], Computed]
"""What a price book makes of a record of a source; safe to be asked twice."""

CallPrices = Callable[[Source], Callable[[Call], Priced]]
"""The same for the single calls of an agent, of which there may be millions: quicker."""

_BY_MODEL = CUT_OF[Dimension.MODEL]


@dataclass(frozen=True, slots=True)
class Which:
    """Which stored rows may come out differently: all of them, unless it is narrower.

    `models` are those of each source, by its id (None for rows without one); `period` are provider
    days (UTC); `stale` leaves out what the same edition computed.
    """

    models: Mapping[int, frozenset[str | None]] | None = None
    period: Period | None = None
    stale: bool = False


ALL = Which()


def _nothing() -> None:
    """Nothing else belongs to the transaction."""


def _never() -> bool:
    return False


def reprice(
    ledger: Ledger,
    compute: Compute,
    *,
    calls: CallPrices | None = None,
    edition: str,
    sentence: str,
    which: Which = ALL,
    instead_of: str | None = None,
    together: Callable[[], None] = _nothing,
    log_idle: bool = False,
    dry_run: bool = False,
    cancelled: Callable[[], bool] = _never,
) -> Effect:
    """Compute stored rows again and tell what that changes; all of it is kept, or nothing.

    Only rows in `which` are asked for, agents' calls by `calls` where it is given. `edition` is the
    price book's; the slices of `instead_of`, from which it differs nowhere else, count as computed
    by it too. `together` runs at the end of the transaction, so that prices and what they bring
    about are kept as one. `sentence` says in the log what changed; `log_idle` logs it even where no
    amount does.

    Raises what `compute` and `together` raise, `Cancelled`, or a `LedgerProblem`; nothing is
    changed then, nor by a `dry_run`.
    """
    known = {source.id: source for source in sources(ledger, removed=True)}
    look = _Look(compute, calls, which, edition, known, cancelled)
    with ledger.reading() as connection:
        judged = look.judge(connection)
    with suppress(_NotKept), ledger.writing() as connection:
        now = ledger.clock.now()
        again = _Again(ledger, connection, look, judged)
        effect = again.everything()
        again.mark(instead_of)
        if effect or log_idle:
            price_log.add_entry(connection, now, sentence, edition, effect)
        together()
        if dry_run:
            raise _NotKept
    return effect


class _NotKept(Exception):
    """A dry run ends: everything in its transaction is let go."""


def make_stale(ledger: Ledger, source_id: int) -> None:
    """Let a source's rows be computed again the next time, though the price book is the same."""
    with ledger.writing() as connection:
        connection.execute("UPDATE slice SET edition = 0 WHERE source = ?", (source_id,))


def models_in_use(ledger: Ledger) -> dict[int, frozenset[str | None]]:
    """The models that each source has rows of, by its id."""
    query = f"""
        SELECT DISTINCT r.source, t.text FROM usage_by_day r LEFT JOIN term t ON t.id = r.value
        WHERE r.cut = {_BY_MODEL}
    """
    found: dict[int, set[str | None]] = defaultdict(set)
    with ledger.reading() as connection:
        for source_id, model in connection.execute(query):
            found[source_id].add(model)
    return {source_id: frozenset(models) for source_id, models in found.items()}


def provider_of_calls(ledger: Ledger, source_id: int, model: str) -> str | None:
    """Whose prices count for the calls that an agent made of a model lately; None for no agent."""
    query = """
        SELECT json_extract(p.text, '$[0][1]') FROM slice s JOIN usage u ON u.slice = s.id
        JOIN attribution a ON a.id = u.attribution JOIN phrase p ON p.id = u.details
        WHERE s.source = ? AND s.endpoint = ?
            AND a.model = (SELECT id FROM term WHERE text = ?)
        ORDER BY s.day DESC LIMIT 1
    """
    with ledger.reading() as connection:
        row = connection.execute(query, (source_id, CALLS, model)).fetchone()
    return row[0] if row else None


def tokens_by_model(ledger: Ledger, since: date) -> dict[tuple[int, str], int]:
    """How many tokens each source's models had from a day on, by the source's id."""
    query = f"""
        SELECT r.source, t.text,
            sum(r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h + r.output)
        FROM usage_by_day r JOIN term t ON t.id = r.value
        WHERE r.cut = {_BY_MODEL} AND r.day >= ? GROUP BY r.source, t.text
    """
    with ledger.reading() as connection:
        rows = connection.execute(query, (number_of(since),)).fetchall()
    return {(source_id, model): tokens for source_id, model, tokens in rows}


@dataclass(frozen=True, slots=True)
class _Slice:
    """One slice that may come out differently."""

    id: int
    source: Source
    day: int
    digest: bytes
    models: frozenset[str | None] | None

    def has(self, row: UsageRow) -> bool:
        """Whether a row of it is asked for."""
        return self.models is None or row.attribution[0] in self.models


Judged = Mapping[int, tuple[bytes, bool]]
"""The digest that a slice had when it was looked at, and whether it came out differently."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What to compute again, and how; on one connection after the other."""

    compute: Compute
    calls: CallPrices | None
    which: Which
    edition: str
    sources: Mapping[int, Source]
    cancelled: Callable[[], bool]
    prices: dict[int, Callable[[Call], Priced]] = field(default_factory=dict)

    def judge(self, connection: sqlite3.Connection) -> Judged:
        """Look at every row that is asked for, one slice after the other."""
        kept = Kept(connection)
        terms = {
            source_id: _terms(connection, models)
            for source_id, models in (self.which.models or {}).items()
        }
        return {
            one.id: (
                one.digest,
                any(
                    self._differs(row, one.source)
                    for row in kept.usage(one.id, models=terms.get(one.source.id))
                ),
            )
            for one in self.slices(connection)
        }

    def slices(self, connection: sqlite3.Connection) -> Iterator[_Slice]:
        """The slices that may come out differently, oldest first."""
        period = self.which.period
        days = (number_of(period.first), number_of(period.last)) if period else (-(10**9), 10**9)
        query = "SELECT id FROM phrase WHERE text = ?"
        known = connection.execute(query, (self.edition,)).fetchone()
        same = known[0] if known and self.which.stale else -1
        for source in self.sources.values():
            models = None
            if self.which.models is not None:
                models = self.which.models.get(source.id)
                if not models:
                    continue
            found = self._of_source(connection, source.id, models, (*days, same))
            for slice_id, day, digest in found:
                if self.cancelled():
                    raise Cancelled(say("Stopped; prices and amounts are as they were."))
                yield _Slice(slice_id, source, day, digest, models)

    @staticmethod
    def _of_source(
        connection: sqlite3.Connection,
        source_id: int,
        models: frozenset[str | None] | None,
        bounds: tuple[int, int, int],
    ) -> list[tuple[int, int, bytes]]:
        query = """
            SELECT s.id, s.day, s.digest FROM slice s
            WHERE s.source = ? AND s.endpoint <> ? AND s.records > 0
                AND s.day BETWEEN ? AND ? AND s.edition <> ?
        """
        given: list[int | str] = [source_id, FALLS, *bounds]
        if models is not None:
            query += """
                AND s.day IN (SELECT day FROM usage_by_day WHERE cut = ? AND source = ?
                    AND value IN (SELECT value FROM json_each(?)))
            """
            terms = json.dumps(sorted(_terms(connection, models)))
            given += [_BY_MODEL, source_id, terms]
        return connection.execute(f"{query} ORDER BY s.day", given).fetchall()

    def _differs(self, row: UsageRow, source: Source) -> bool:
        """Whether a row comes out differently, or cannot be read back and needs a closer look."""
        try:
            return self._outcome(row, source) != (row.currency, row.worth, row.basis, row.off)
        except ValueError:
            return True

    def computed(self, row: UsageRow, source: Source) -> UsageRow:
        """A row as the price book makes it."""
        currency, worth, basis, off = self._outcome(row, source)
        return row._replace(currency=currency, worth=worth, basis=basis, off=off)

    def _outcome(self, row: UsageRow, source: Source) -> Priced:
        """What is kept of what a row comes to: currency, worth, basis, and what is off."""
        if row.call and self.calls is not None:
            price = self.prices.get(source.id)
            if price is None:
                price = self.prices[source.id] = self.calls(source)
            currency, nanos, words, off = price(call_of(row))
            return currency, nanos, clean(words), off
        computed = self.compute(record_of(row), source)
        worth, basis = computed.worth, clean(computed.basis)
        return (worth.currency, worth.nanos, basis, computed.off) if worth else ("", None, basis, 0)


Sums = dict[tuple[str, str], list[int]]
"""Estimated, plan, worth and tokens not priced, by month and currency."""


class _Again:
    """The writing half: slices that come out differently, inside the caller's transaction."""

    def __init__(
        self, ledger: Ledger, connection: sqlite3.Connection, look: _Look, judged: Judged
    ) -> None:
        self._ledger = ledger
        self._connection = connection
        self._look = look
        self._judged = judged
        self._writer = RowWriter(connection)
        self._rotten: list[int] = []
        self._records = 0
        self._days: list[int] = []

    def everything(self) -> Effect:
        """Write what differs, sum its days up again, and tell what that changes in the answers."""
        differing = self._differing()
        if not differing:
            return Effect()
        whole_time = _period([one.day for one in differing])
        before = self._sums(whole_time)
        kept = Kept(self._connection)
        changed: dict[int, set[int]] = defaultdict(set)
        for one in differing:
            rows = kept.rows(one.id)
            if rows.digest != one.digest:
                self._rotten.append(one.id)  # a new digest would hide it from the doctor
            elif self._write(one, rows):
                changed[one.source.id].add(one.day)
        for source_id, days in changed.items():
            rollups.rebuild(self._connection, source_id, days)
        return self._effect(before, self._sums(whole_time))

    def _differing(self) -> list[_Slice]:
        """What came out differently, and what has changed since it was looked at."""
        return [
            one
            for one in self._look.slices(self._connection)
            if self._judged.get(one.id) != (one.digest, False)
        ]

    def _write(self, one: _Slice, rows: Rows) -> bool:
        """Compute one slice again; whether any of its amounts came out differently."""
        usage = [
            self._look.computed(row, one.source) if one.has(row) else row for row in rows.usage
        ]
        new = whole(usage, rows.charges, rows.bills_by)
        if new.digest != rows.digest:
            self._writer.reprice(one.id, new)
        others = sum(map(_other_amount, rows.usage, usage))
        if others:
            self._records += others
            self._days.append(one.day)
        return others > 0

    def _sums(self, period: Period) -> Sums:
        """The sums as every answer tells them, those of the transaction so far."""
        question = Question(period, by=(Dimension.MONTH,))
        today = utc_day(self._ledger.clock.now())
        sums: Sums = defaultdict(lambda: [0, 0, 0, 0])
        for row in answers.answer(self._ledger, question, today=today).rows:
            month = str(row.key[0])
            sums[month, ""][3] += row.not_priced_tokens
            for amounts in row.amounts:
                sums[month, amounts.currency][:3] = amounts.estimated, amounts.plan, amounts.worth
        return sums

    def _effect(self, before: Sums, after: Sums) -> Effect:
        months, not_priced = [], 0
        for month, currency in sorted({*before, *after}):
            old, new = before[month, currency], after[month, currency]
            *money, tokens = map(sub, new, old)
            not_priced += tokens
            if any(money):
                months.append(MonthEffect(first_of(month), currency, *money))
        return Effect(
            records=self._records,
            slices=len(self._days),
            period=_period(self._days) if self._days else None,
            months=tuple(months),
            not_priced=not_priced,
        )

    def mark(self, instead_of: str | None) -> None:
        """Say of the slices that were looked at which edition computed them."""
        edition = self._writer.edition(self._look.edition)
        given = {"new": edition, "old": instead_of, "rotten": json.dumps(self._rotten)}
        only = "1"
        if self._look.which.models is not None or self._look.which.period is not None:
            only = "edition = (SELECT id FROM phrase WHERE text = :old)"
        self._connection.execute(
            f"UPDATE slice SET edition = :new WHERE {only} "
            "AND id NOT IN (SELECT value FROM json_each(:rotten))",
            given,
        )


def _other_amount(old: UsageRow, new: UsageRow) -> bool:
    return (old.currency, old.worth, old.off) != (new.currency, new.worth, new.off)


def _period(days: Collection[int]) -> Period:
    return Period(day_of(min(days)), day_of(max(days)))


def _terms(connection: sqlite3.Connection, models: Collection[str | None]) -> frozenset[int]:
    """The terms of some models; 0 for None."""
    texts = json.dumps(sorted(model for model in models if model is not None))
    rows = connection.execute(
        "SELECT id FROM term WHERE text IN (SELECT value FROM json_each(?))", (texts,)
    )
    return frozenset({term for (term,) in rows} | ({0} if None in models else set()))
