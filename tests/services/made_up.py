"""A made-up provider and an archive of its own, for the tests of the services."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension, Question
from plimsoll.domain.usage import Attribution, Charge, Computed, Slice, Tokens, UsageRecord
from plimsoll.ledger import answers, catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.services.sync import Errand, sync_source
from plimsoll.sources.base import Endpoint

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that stands where it was put."""

    instant: datetime = NOW

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


class FlatBook:
    """A price book in which every token costs a nano-dollar."""

    edition = "flat"

    def compute(self, record: UsageRecord, source: Source) -> Computed:
        return Computed(Money("USD", record.tokens.total), "flat")


@dataclass
class Truth:
    """What a made-up provider holds: nano-dollars and tokens by day."""

    money: dict[date, int] = field(default_factory=dict)
    tokens: dict[date, int] = field(default_factory=dict)

    def slice_of(self, endpoint: str, day: date) -> Slice:
        if endpoint == "costs":
            nanos = self.money.get(day)
            charge = Charge(Attribution(model="m"), Money("USD", nanos or 0), str(nanos))
            return Slice(endpoint, day, charges=(charge,) if nanos else (), bills_by=BILLS_BY)
        count = self.tokens.get(day, 0)
        record = UsageRecord(
            start=day_start(day) + timedelta(hours=9),
            end=day_start(day) + timedelta(hours=10),
            attribution=Attribution(model="m"),
            tokens=Tokens(input=count),
            requests=1,
        )
        return Slice(endpoint, day, records=(record,) if count else ())


BILLS_BY = frozenset({"model"})


@dataclass
class MadeUpAccount:
    """An account that answers from a truth, counts what it was asked, and fails on demand."""

    truth: Truth
    fail: Callable[[str, date], PlimsollError | None] = lambda _endpoint, _day: None
    endpoints: tuple[Endpoint, ...] = (Endpoint("costs", "costs"), Endpoint("calls", "calls"))
    asked: list[tuple[str, Period]] = field(default_factory=list)
    whose: str | None = None

    def test(self) -> tuple[()]:
        return ()

    def names(self) -> tuple[()]:
        return ()

    def balances(self) -> tuple[()]:
        return ()

    def organisation(self) -> str | None:
        return self.whose

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        self.asked.append((endpoint, period))
        for day in period.days():
            error = self.fail(endpoint, day)
            if error is not None:
                raise error
            yield self.truth.slice_of(endpoint, day)


class MadeUpConnector:
    name = "openai"
    revision_days = 3


class Bench:
    """One archive with one source, and syncs against a made-up account."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.ledger = Ledger.open(folder, clock=self.clock)
        self.source = catalog.add_source(
            self.ledger, name="Made up", connector="openai", base_url=None, settings=(), key_tail=""
        )

    def sync(self, account: MadeUpAccount, *, since: date | None = None, **more: Any) -> Any:
        @contextmanager
        def opened() -> Iterator[Any]:
            yield account

        return sync_source(
            self.ledger,
            Errand(self.source, MadeUpConnector(), opened),  # type: ignore[arg-type]
            book=FlatBook,  # type: ignore[arg-type]
            clock=self.clock,
            since=since,
            progress=more.get("progress", lambda _progress: None),
            cancelled=more.get("cancelled", lambda: False),
        )

    def days(self, first: date) -> dict[str | None, tuple[int, int]]:
        table = answers.answer(
            self.ledger, Question(Period(first, TODAY), by=(Dimension.DAY,)), today=TODAY
        )
        return {
            row.key[0]: (sum(a.billed for a in row.amounts), row.tokens.total)
            for row in table.rows
            if row.amounts or row.tokens.total
        }

    def close(self) -> None:
        self.ledger.close()


def spread(days: int, *, until: date = TODAY) -> Truth:
    """Money and tokens on every day but each seventh."""
    truth = Truth()
    for back in range(days):
        day = until - timedelta(days=back)
        if back % 7:
            truth.money[day], truth.tokens[day] = 1_000_000_000 + back, 100 + back
    return truth
