"""One value that cannot be right costs its own day, window or list only, and stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from made_up import NOW, TODAY, Bench, FlatBook, MadeUpAccount, MadeUpConnector, Truth, spread

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import OddValue, SurprisingAnswer
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.said import say
from plimsoll.domain.usage import BalanceReading, Name, Slice
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.quotas import latest_quotas
from plimsoll.services.sync import Errand, sync_source
from plimsoll.sources.about import About

ODD = TODAY - timedelta(days=33)
"""A settled day in the middle of a month of 31."""

DAYS = 200


@dataclass
class Odd(MadeUpAccount):
    """An account with days that cannot be right: found when the day is reached, or at once."""

    odd: set[date] = field(default_factory=lambda: {ODD})
    at_once: bool = False

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        self.asked.append((endpoint, period))
        for day in period.days():
            found = period.days() if self.at_once else (day,)
            if endpoint == "costs" and self.odd.intersection(found):
                raise OddValue("An amount cannot be right.")
            yield self.truth.slice_of(endpoint, day)

    def questions(self, day: date) -> int:
        """How often the costs of a day were asked for."""
        return sum(day in period for endpoint, period in self.asked if endpoint == "costs")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def money(bench: Bench) -> dict[str | None, int]:
    found = bench.days(TODAY - timedelta(days=DAYS))
    return {day: billed for day, (billed, _) in found.items()}


def expected(truth: Truth, *, without: set[date]) -> dict[str, int]:
    days = {*truth.money, *truth.tokens}
    return {d.isoformat(): 0 if d in without else truth.money.get(d, 0) for d in days}


@pytest.mark.parametrize("at_once", [False, True], ids=["day by day", "a month at once"])
def test_an_odd_day_costs_itself_only(bench: Bench, at_once: bool) -> None:
    truth = spread(DAYS)
    account = Odd(truth, at_once=at_once)
    outcome = bench.sync(account)
    assert outcome.failure == "An amount cannot be right."
    assert money(bench) == expected(truth, without={ODD})
    assert 2 <= account.questions(ODD) <= 7, "by halves, from a month to the day"
    covered = usage.coverage(bench.ledger, bench.source.id)["costs"]
    assert not any(ODD in run for run in covered), "a gap, and not nothing"

    again = Odd(truth, at_once=at_once)
    assert bench.sync(again).failure
    assert [period for _, period in again.asked if ODD in period] == [Period(ODD, ODD)]
    assert bench.sync(Odd(truth, odd=set())).failure == ""
    assert money(bench) == expected(truth, without=set())


def test_what_was_there_of_the_day_stays(bench: Bench) -> None:
    truth = spread(DAYS)
    bench.sync(MadeUpAccount(truth))
    outcome = bench.sync(Odd(truth, at_once=True), since=TODAY - timedelta(days=60))
    assert outcome.failure
    assert money(bench) == expected(truth, without=set())


def test_days_that_are_all_odd_are_not_asked_for_one_by_one(bench: Bench) -> None:
    odd = {TODAY - timedelta(days=back) for back in range(DAYS)}
    account = Odd(spread(DAYS), odd=odd, at_once=True)
    assert bench.sync(account).failure
    assert len([1 for endpoint, _ in account.asked if endpoint == "costs"]) < 15
    assert bench.days(TODAY - timedelta(days=30)), "tokens came all the same"


@dataclass
class Fleeting(Odd):
    """An account whose odd value is gone when it is asked again."""

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        is_odd = endpoint == "costs" and ODD in period and self.questions(ODD) == 0
        self.at_once, self.odd = True, {ODD} if is_odd else set()
        return super().pull(endpoint, period)


def test_an_odd_value_that_goes_away_is_told_and_what_came_whole_is_kept(bench: Bench) -> None:
    truth = spread(DAYS)
    account = Fleeting(truth)
    assert bench.sync(account).failure == "An amount cannot be right."
    assert account.questions(ODD) == 2
    assert money(bench) == expected(truth, without=set())
    assert bench.sync(MadeUpAccount(truth)).failure == ""


@dataclass
class OddTogether(Odd):
    """An account that cannot answer for several days at once, only for single ones."""

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        self.odd = set(period.days()) if period.first < period.last else set()
        return super().pull(endpoint, period)


def test_an_account_that_is_odd_but_day_by_day_is_not_asked_day_by_day(bench: Bench) -> None:
    account = OddTogether(spread(DAYS), at_once=True)
    assert bench.sync(account).failure
    assert len([1 for endpoint, _ in account.asked if endpoint == "costs"]) < 40


class Paid(MadeUpConnector):
    about = About(costs_money=say("A cent a question."))
    setting_names = ()


def test_where_asking_costs_money_nothing_is_asked_twice(bench: Bench) -> None:
    account = Odd(spread(20), odd={TODAY - timedelta(days=9)}, at_once=True)

    @contextmanager
    def opened() -> Iterator[Any]:
        yield account

    outcome = sync_source(
        bench.ledger,
        Errand(bench.source, Paid(), opened),  # type: ignore[arg-type]
        book=FlatBook,  # type: ignore[arg-type]
        clock=bench.clock,
        since=None,
        progress=lambda _progress: None,
        cancelled=lambda: False,
    )
    assert outcome.failure
    assert account.questions(TODAY) == 1


class Beside(MadeUpAccount):
    """An account whose names, and one of whose windows, cannot be right."""

    def names(self) -> tuple[Name, ...]:  # type: ignore[override]
        raise SurprisingAnswer("A name cannot be right.")

    def balances(self) -> tuple[BalanceReading, ...]:  # type: ignore[override]
        return (BalanceReading(NOW, Money("USD", 7 * NANO)),)

    def quotas(self) -> Iterator[QuotaReading]:
        yield QuotaReading(NOW, "Plan", "week", used_percent=Decimal(40))
        raise OddValue("A window cannot be right.")


def test_what_is_told_beside_the_days_comes_each_for_itself(bench: Bench) -> None:
    outcome = bench.sync(Beside(spread(5)))
    assert outcome.failure == "A name cannot be right.", "what failed first"
    assert [b.amount for b in catalog.latest_balances(bench.ledger)] == [Money("USD", 7 * NANO)]
    [reading] = latest_quotas(bench.ledger)[bench.source.id]
    assert reading.window == "week"
