"""However a period is divided into syncs, repeated or broken off, the archive says the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import NOW, TODAY, Bench, FlatBook, MadeUpAccount, MadeUpConnector, Truth, spread

from plimsoll.domain.budget import SpendLimit
from plimsoll.domain.calendar import ONE_DAY, Period, Span
from plimsoll.domain.errors import (
    Cancelled,
    NotOffered,
    PlimsollError,
    RateLimited,
    SurprisingAnswer,
)
from plimsoll.domain.money import Money
from plimsoll.domain.question import Question
from plimsoll.domain.said import Said, say
from plimsoll.ledger import answers, catalog, usage
from plimsoll.ledger.spend_limits import kept_limits
from plimsoll.services import pulling
from plimsoll.services.sync import Errand, sync_sources
from plimsoll.sources.base import Endpoint


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def expected(truth: Truth, first: date) -> dict[str, tuple[int, int]]:
    days = {d for d in (*truth.money, *truth.tokens) if first <= d <= TODAY}
    return {d.isoformat(): (truth.money.get(d, 0), truth.tokens.get(d, 0)) for d in days}


START = TODAY - timedelta(days=45)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sinces=st.lists(st.integers(0, 60), min_size=1, max_size=5),
    breaks=st.lists(st.tuples(st.sampled_from(["costs", "calls"]), st.integers(0, 60)), max_size=4),
)
def test_any_division_into_syncs_gives_the_same_archive(
    tmp_path_factory: pytest.TempPathFactory, sinces: list[int], breaks: list[tuple[str, int]]
) -> None:
    truth = spread(46)
    bench = Bench(tmp_path_factory.mktemp("archive"))
    try:
        for since, broken in zip(sinces, [*breaks, *[None] * len(sinces)], strict=False):

            def fail(endpoint: str, day: date, at: Any = broken) -> PlimsollError | None:
                if at and endpoint == at[0] and day == TODAY - timedelta(days=at[1]):
                    return RateLimited("Wait.", until=NOW + timedelta(hours=1))
                return None

            bench.sync(MadeUpAccount(truth, fail), since=TODAY - timedelta(days=since))
        bench.sync(MadeUpAccount(truth), since=START)
        assert bench.days(START) == expected(truth, START)
    finally:
        bench.close()


def test_a_first_fill_that_was_broken_off_goes_on_where_it_stopped(bench: Bench) -> None:
    truth = spread(300)
    stop_at = TODAY - timedelta(days=100)

    def fail(_endpoint: str, day: date) -> PlimsollError | None:
        return RateLimited("Wait.", until=NOW) if day <= stop_at else None

    outcome = bench.sync(MadeUpAccount(truth, fail))
    assert outcome.failure
    assert outcome.slices > 0
    again = MadeUpAccount(truth)
    assert bench.sync(again).failure == ""
    first = TODAY - timedelta(days=299)
    assert bench.days(first) == expected(truth, first)
    recent = [p for _, p in again.asked if p.last >= TODAY - timedelta(days=60)]
    assert all(period.first >= TODAY - timedelta(days=3) for period in recent)


def test_a_first_fill_stops_after_twelve_empty_months(bench: Bench) -> None:
    account = MadeUpAccount(spread(40))
    bench.sync(account)
    oldest = min(period.first for _, period in account.asked)
    assert oldest == date(2025, 10, 1), "twelve empty months before October 2026"
    assert max(period.last for _, period in account.asked) == TODAY
    quiet = MadeUpAccount(spread(40))
    bench.sync(quiet)
    assert {period for _, period in quiet.asked} == {Period(TODAY - timedelta(days=3), TODAY)}


def test_an_empty_account_is_asked_for_twelve_months(bench: Bench) -> None:
    account = MadeUpAccount(Truth())
    bench.sync(account)
    assert min(period.first for _, period in account.asked) == date(2025, 11, 1)


def test_a_server_that_tells_of_months_without_end_is_not_followed_for_ever(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "BEFORE_TOKENS", date(2026, 3, 10))
    endless = MadeUpAccount(spread(4000))
    bench.sync(endless)
    assert min(period.first for _, period in endless.asked) == date(2026, 3, 1)


def test_the_apis_own_limit_ends_the_walk(bench: Bench) -> None:
    reach = date(2026, 8, 10)
    account = MadeUpAccount(spread(300), endpoints=(Endpoint("costs", "costs", reach),))
    bench.sync(account)
    assert min(period.first for _, period in account.asked) == reach
    whole_year = Question(Period(date(2026, 1, 1), TODAY))
    [gap] = answers.answer(bench.ledger, whole_year, today=TODAY).gaps
    assert gap.period == Period(date(2026, 1, 1), reach - ONE_DAY), "unknown, not zero"


def test_days_missed_while_away_are_fetched(bench: Bench) -> None:
    bench.clock.instant = NOW - timedelta(days=20)
    truth = spread(40)
    early = Truth({d: v for d, v in truth.money.items() if d <= date(2026, 10, 31)}, {})
    bench.sync(MadeUpAccount(early))
    bench.clock.instant = NOW
    bench.sync(MadeUpAccount(truth))
    first = TODAY - timedelta(days=22)
    assert bench.days(first) == expected(truth, first)


def test_one_surprising_endpoint_does_not_hide_the_others(bench: Bench) -> None:
    def fail(endpoint: str, _day: date) -> PlimsollError | None:
        return SurprisingAnswer("Not what it documents.") if endpoint == "costs" else None

    outcome = bench.sync(MadeUpAccount(spread(10), fail))
    assert "Not what it documents." in outcome.failure
    assert outcome.slices > 0
    assert usage.coverage(bench.ledger, bench.source.id).get("costs", ()) == ()


def test_an_endpoint_that_the_account_lacks_is_no_failure_and_no_gap(bench: Bench) -> None:
    def fail(endpoint: str, _day: date) -> PlimsollError | None:
        return NotOffered("No such thing.", status=404) if endpoint == "calls" else None

    assert bench.sync(MadeUpAccount(spread(10), fail)).failure == ""
    month = Question(Period(TODAY.replace(day=1), TODAY))
    assert answers.answer(bench.ledger, month, today=TODAY).gaps == ()

    def none_at_all(_endpoint: str, _day: date) -> PlimsollError:
        return NotOffered("No such thing.", status=404)

    assert bench.sync(MadeUpAccount(spread(10), none_at_all)).failure


@pytest.mark.parametrize("before", [True, False], ids=["once there", "in the middle"])
def test_an_endpoint_that_is_gone_after_it_answered_is_told_and_stays_a_gap(
    bench: Bench, before: bool
) -> None:
    gone = TODAY - timedelta(days=2)

    def fail(endpoint: str, day: date) -> PlimsollError | None:
        is_gone = endpoint == "costs" and day >= gone
        return NotOffered("No such thing.", status=404) if is_gone else None

    truth = spread(10)
    if before:
        bench.clock.instant = NOW - timedelta(days=4)
        assert bench.sync(MadeUpAccount(truth)).failure == ""
        bench.clock.instant = NOW
    assert bench.sync(MadeUpAccount(truth, fail)).failure == "No such thing."
    week = Question(Period(TODAY - timedelta(days=6), TODAY))
    assert answers.answer(bench.ledger, week, today=TODAY).gaps


def test_cancelling_keeps_what_came(bench: Bench) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    outcome = bench.sync(MadeUpAccount(spread(90)), cancelled=cancelled)
    assert outcome.cancelled
    assert outcome.slices > 0


def test_several_accounts_run_and_fail_apart(bench: Bench) -> None:
    other = catalog.add_source(
        bench.ledger, name="Other", connector="openai", base_url=None, settings=(), key_tail=""
    )

    def errand(source: Any, account: MadeUpAccount) -> Errand:
        @contextmanager
        def opened() -> Iterator[Any]:
            yield account

        return Errand(source, MadeUpConnector(), opened)  # type: ignore[arg-type]

    def stop(_endpoint: str, _day: date) -> PlimsollError:
        return Cancelled(say("{what} stopped.", what="It"))

    good, bad = sync_sources(
        bench.ledger,
        [
            errand(bench.source, MadeUpAccount(spread(9))),
            errand(other, MadeUpAccount(Truth(), stop)),
        ],
        book=FlatBook,  # type: ignore[arg-type]
        clock=bench.clock,
        progress=lambda _progress: None,
        cancelled=lambda: False,
    )
    assert (good.failure, bad.cancelled) == ("", True)
    run = catalog.last_run(bench.ledger, other.id)
    assert run is not None
    assert run.sentence == bad.failure == "It stopped."
    assert isinstance(run.sentence, Said)  # so that the window can say it in its own language


def test_a_settled_day_that_changes_keeps_its_old_value(bench: Bench) -> None:
    truth = spread(40)
    bench.sync(MadeUpAccount(truth))
    settled = TODAY - timedelta(days=20)
    truth.money[settled] = 5
    bench.sync(MadeUpAccount(truth), since=settled - ONE_DAY)
    kept = usage.restatements(bench.ledger)
    assert [(r.day, r.endpoint) for r in kept] == [(settled, "costs")]


# -- limits at the provider --------------------------------------------------------------------


class Limited(MadeUpAccount):
    """An account that shows a limit, or fails when it is asked for it."""

    problem: PlimsollError | None = None

    def limits(self) -> tuple[SpendLimit, ...]:
        if self.problem is not None:
            raise self.problem
        return (SpendLimit(Money("USD", 7), Span.MONTH),)


def test_a_sync_learns_the_limits_and_what_goes_wrong_with_them_fails_nothing(bench: Bench) -> None:
    account = Limited(spread(5))
    assert bench.sync(account).failure == ""
    assert [kept.limit.amount.nanos for kept in kept_limits(bench.ledger)] == [7]
    account.problem = SurprisingAnswer("Made up sent nonsense.")
    assert bench.sync(account).failure == ""
    assert len(kept_limits(bench.ledger)) == 1
    account.problem = RateLimited("Wait.", until=NOW + timedelta(hours=1))
    assert bench.sync(account).failure
