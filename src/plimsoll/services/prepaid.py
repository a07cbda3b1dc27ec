"""Prepaid: what every balance is, when it runs out, and what is warned of."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial

from plimsoll.analysis.account_book import AccountBook, keep_book
from plimsoll.analysis.forecast import Table
from plimsoll.analysis.past import LEAST_DAYS
from plimsoll.analysis.prepaid import Between, between, falls
from plimsoll.analysis.runout import DAYS_AHEAD, Known, Lasts, RunOut, run_out
from plimsoll.domain.alerting import MOST_TOLD, Moment, MostTold, QuietHours
from plimsoll.domain.calendar import ONE_DAY, Period, day_start, spoken, utc_day
from plimsoll.domain.delivery import Channel
from plimsoll.domain.money import Money
from plimsoll.domain.prepaid import (
    LIKELY,
    Credit,
    LowMark,
    Purse,
    Warned,
    Watch,
    decide,
)
from plimsoll.domain.question import DaySpend, Dimension, Scope
from plimsoll.domain.usage import BalanceReading, Expiring
from plimsoll.ledger import accounts, answers, runs
from plimsoll.ledger import prepaid as stored
from plimsoll.ledger.accounts import AGENT, Source
from plimsoll.ledger.database import Ledger
from plimsoll.services.alert_document import warning_document
from plimsoll.services.forecasts import HISTORY_DAYS

_READ_DAYS = 90
_BURN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Prepaid:
    """One balance of one source, in nano-units.

    `derived` is a balance of the account book; any other one was read from its provider at
    `read_at`. `full` is what there was after the last top-up, first seen at `risen_at`; `burn` what
    a day of the last thirty cost, None where none of them is known.
    """

    source: str
    currency: str
    left: int
    read_at: datetime
    derived: bool
    full: int
    risen_at: datetime | None
    burn: int | None
    run_out: RunOut
    watch: Watch
    book: AccountBook | None = None
    entries: tuple[Credit, ...] = ()
    """What the user entered in the account book."""

    @property
    def is_pressing(self) -> bool:
        """Whether it needs the user: it is gone, low, or likely to run out in the watched days."""
        likely = self.run_out.likely if self.watch.run_out_days else None
        return bool(self.low) or (likely is not None and likely >= LIKELY)

    @property
    def low(self) -> tuple[LowMark, ...]:
        """The marks that the balance is at or below."""
        marks = ((mark, mark.at(self.currency, self.full)) for mark in self.watch.low)
        return tuple(mark for mark, at in marks if at is not None and self.left <= at)

    @property
    def purse(self) -> Purse:
        """What the warnings are decided by."""
        when = spoken(self.run_out.day) if self.run_out.day is not None else ""
        likely = self.run_out.likely
        left = (self.left, self.full, self.risen_at)
        return Purse(self.source, self.currency, *left, likely=likely, when=when)


def balances(ledger: Ledger, *, now: datetime, table: Table) -> tuple[Prepaid, ...]:
    """Every balance of every account that is asked, told by its provider or by its book."""
    watched = stored.watches(ledger)
    return tuple(
        one
        for source in accounts.sources(ledger)
        if source.kind != AGENT
        for one in _of_source(ledger, source, watched.get(source.name, Watch()), now, table)
    )


def _of_source(
    ledger: Ledger, source: Source, watch: Watch, now: datetime, table: Table
) -> Iterator[Prepaid]:
    readings = runs.readings_of(ledger, source.id, since=now - timedelta(days=_READ_DAYS))
    if not readings:
        yield from _of_book(ledger, source, watch, now, table)
        return
    latest = max(reading.at for reading in readings)
    for reading in sorted((r for r in readings if r.at == latest), key=_by_currency):
        currency = reading.amount.currency
        steps = [step for step in between(readings) if step.currency == currency]
        risen = next((step for step in reversed(steps) if step.rise), None)
        yield _standing(
            ledger,
            source,
            watch,
            Money(currency, reading.amount.nanos),
            read_at=reading.at,
            expiring=reading.expiring,
            full=risen.last if risen else _first(readings, currency),
            risen_at=risen.end if risen else None,
            now=now,
            table=table,
            steps=steps,
        )


def _by_currency(reading: BalanceReading) -> str:
    return reading.amount.currency


def _first(readings: tuple[BalanceReading, ...], currency: str) -> int:
    return next(r.amount.nanos for r in readings if r.amount.currency == currency)


def _of_book(
    ledger: Ledger, source: Source, watch: Watch, now: datetime, table: Table
) -> Iterator[Prepaid]:
    entries = stored.credits_of(ledger, source.id)
    for currency in sorted({entry.amount.currency for entry in entries}):
        mine = [entry for entry in entries if entry.amount.currency == currency]
        days = _days(ledger, source, currency, now, since=min(entry.day for entry in mine))
        spent = {day.day: day.spent for day in days if day.known}
        book = keep_book(mine, spent, today=utc_day(now))
        if book is not None:
            yield _standing(
                ledger,
                source,
                watch,
                Money(currency, book.left),
                read_at=now,
                expiring=book.expiring,
                full=book.full,
                risen_at=day_start(book.risen_on),
                now=now,
                table=table,
                book=book,
                entries=tuple(mine),
            )


def _standing(
    ledger: Ledger,
    source: Source,
    watch: Watch,
    left: Money,
    *,
    read_at: datetime,
    expiring: tuple[Expiring, ...],
    full: int,
    risen_at: datetime | None,
    now: datetime,
    table: Table,
    book: AccountBook | None = None,
    entries: tuple[Credit, ...] = (),
    steps: Sequence[Between] = (),
) -> Prepaid:
    today = utc_day(now)
    days = _days(ledger, source, left.currency, now, since=today - timedelta(days=HISTORY_DAYS))
    days = _burnt(days, steps)
    begin = day_start(utc_day(read_at))
    elapsed = min(max((read_at.astimezone(UTC) - begin) / ONE_DAY, 0.0), 1.0)
    known = Known(left.nanos, min(utc_day(read_at), today), elapsed, expiring)
    found = _run_out(days, known, today, max(watch.run_out_days, 1), table)
    return Prepaid(
        source=source.name,
        currency=left.currency,
        left=left.nanos,
        read_at=read_at,
        derived=book is not None,
        full=full,
        risen_at=risen_at,
        burn=_burn(days, today),
        run_out=found,
        watch=watch,
        book=book,
        entries=entries,
    )


@lru_cache(maxsize=64)
def _run_out(
    days: tuple[DaySpend, ...], known: Known, today: date, within: int, table: Table
) -> RunOut:
    return run_out(days, known, today=today, within=within, table=table)


def _days(
    ledger: Ledger, source: Source, currency: str, now: datetime, *, since: date
) -> tuple[DaySpend, ...]:
    today = utc_day(now)
    scope = Scope(((Dimension.SOURCE, (source.name,)),))
    period = Period(min(since, today), today)
    return answers.daily(ledger, period, currency=currency, scope=scope, today=today).days


def _burnt(days: tuple[DaySpend, ...], steps: Sequence[Between]) -> tuple[DaySpend, ...]:
    """The account's days; or what the balance lost on them, where that is more: the balance of a
    cloud pays for other things too, and runs out by all of them.
    """
    if not steps:
        return days
    lost = {fall.day: fall.nanos for fall in falls(steps)}
    first, last = utc_day(steps[0].start) + ONE_DAY, utc_day(steps[-1].end) - ONE_DAY
    both = [day for day in days if first <= day.day <= last]
    told = sum(day.spent for day in both if day.known)
    if len(both) < LEAST_DAYS or sum(lost.get(day.day, 0) for day in both) <= told:
        return days
    return tuple(DaySpend(day.day, estimated=lost.get(day.day, 0)) for day in both)


def _burn(days: tuple[DaySpend, ...], today: date) -> int | None:
    """The mean of the whole days that are known, of the last thirty."""
    known = [day for day in days[-_BURN_DAYS - 1 :] if day.known and day.day < today]
    return sum(day.spent for day in known) // len(known) if known else None


# -- warnings ----------------------------------------------------------------------------------


def warn(
    ledger: Ledger,
    *,
    now: datetime,
    table: Table,
    quietly: str | None = None,
    quiet_hours: QuietHours | None = None,
    most_told: MostTold = MOST_TOLD,
    channels: Collection[Channel] = (),
) -> tuple[Warned, ...]:
    """Fire what is to be warned of and has not been; return what is to be told, and put the same on
    its way through the `channels`. `quietly` names a source whose marks have just been set: it
    alone is looked at, and told nothing of.
    """
    local, silent = now.astimezone().time(), quietly is not None
    at = Moment(now, local, quiet_hours, silent=silent, most_told=most_told)
    told: list[Warned] = []
    for one in balances(ledger, now=now, table=table):
        if quietly in {None, one.source}:
            told += stored.settle(
                ledger,
                one.source,
                one.currency,
                partial(_decided, one, at),
                now=now,
                channels=channels,
                document_of=partial(_document, ledger.id, one, now),
            )
    return tuple(told)


def _decided(one: Prepaid, at: Moment, before: stored.Before) -> tuple[Warned, ...]:
    return decide(one.purse, one.watch, before.warned, at, told=before.told)


def _document(ledger_id: str, one: Prepaid, now: datetime, fired: Warned) -> str:
    found = one.run_out
    return json.dumps(
        warning_document(
            fired,
            left=one.left,
            likely=found.likely,
            days=(found.earliest, found.day, found.latest),
            ledger_id=ledger_id,
            now=now,
        )
    )


def steps(ledger: Ledger, name: str, currency: str) -> tuple[Between, ...]:
    """What happened between the readings of a balance, the newest first; empty after one."""
    source = accounts.source_named(ledger, name)
    found = between(runs.readings_of(ledger, source.id))
    return tuple(step for step in reversed(found) if step.currency == currency)


__all__ = ["DAYS_AHEAD", "Lasts", "Prepaid", "balances", "steps", "warn"]
