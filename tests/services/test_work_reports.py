"""Reports of work in a sync: few questions, whole days, and never at the cost of the money."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import NOW, TODAY, Bench, MadeUpAccount, spread

from plimsoll.analysis.efficiency import whole_weeks
from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import (
    Cancelled,
    KeyRejected,
    MissingScope,
    NoAnswer,
    NotOffered,
    OddValue,
    PlimsollError,
    RateLimited,
    SurprisingAnswer,
)
from plimsoll.domain.work import Done, WorkDay
from plimsoll.ledger import reported_work
from plimsoll.services.work_reports import days_wanted

FIRST = whole_weeks(TODAY)[0].first
YESTERDAY = TODAY - timedelta(days=1)
WHOLE = Period(FIRST, YESTERDAY)
AT = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass
class Counting(MadeUpAccount):
    """An account that also counts a commit for each day's number, and fails on demand."""

    stumbles: Callable[[date], PlimsollError | None] = lambda _day: None
    wanted: list[Period] = field(default_factory=list)

    def work(self, period: Period) -> Iterator[WorkDay]:
        self.wanted.append(period)
        for day in period.days():
            if (error := self.stumbles(day)) is not None:
                raise error
            yield WorkDay(day, (Done((("commits", day.day),)),))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def known(bench: Bench) -> dict[date, WorkDay]:
    return reported_work.work_reported(bench.ledger, Period(FIRST, TODAY)).get("Made up", {})


def test_the_first_sync_asks_for_nine_whole_weeks_and_the_days_since(bench: Bench) -> None:
    account = Counting(spread(5))
    assert bench.sync(account).failure == ""
    assert account.wanted == [WHOLE], "today is not over"
    assert list(known(bench)) == list(WHOLE.days())


def test_on_one_day_nothing_is_asked_twice_and_on_the_next_what_could_still_change(
    bench: Bench,
) -> None:
    bench.sync(Counting(spread(5)))
    again = Counting(spread(5))
    bench.sync(again)
    assert again.wanted == []
    bench.clock.instant = NOW + timedelta(days=1)
    later = Counting(spread(5))
    bench.sync(later)
    moving = Period(TODAY - timedelta(days=3), TODAY)
    assert later.wanted == [moving], "three days of revision, and the one that is new"


@pytest.mark.parametrize(
    "error",
    [
        NotOffered("No such report.", status=404),
        NotOffered("Not like this.", status=400),
        MissingScope("Not for this key."),
        KeyRejected("Refused."),
        SurprisingAnswer("Odd."),
    ],
    ids=repr,
)
def test_a_report_that_cannot_be_read_fails_no_sync_and_leaves_a_note(
    bench: Bench, error: PlimsollError
) -> None:
    outcome = bench.sync(Counting(spread(5), stumbles=lambda _: error))
    assert (outcome.failure, outcome.not_before) == ("", None)
    assert outcome.slices > 0
    assert known(bench) == {}, "unknown, not zero"
    (trouble,) = reported_work.work_troubles(bench.ledger)
    assert trouble.sentence == str(error)
    assert trouble.is_offered is not isinstance(error, NotOffered | MissingScope)
    bench.clock.instant = NOW + timedelta(days=1)
    bench.sync(Counting(spread(5)))
    assert reported_work.work_troubles(bench.ledger) == ()
    assert len(known(bench)) == len(WHOLE) + 1


@pytest.mark.parametrize(
    "error", [NoAnswer("Silence."), RateLimited("Wait.", until=AT)], ids=["silence", "wait"]
)
def test_an_account_that_is_waited_for_fails_the_sync_here_too_and_keeps_its_money(
    bench: Bench, error: PlimsollError
) -> None:
    outcome = bench.sync(Counting(spread(5), stumbles=lambda _: error))
    assert outcome.failure == str(error)
    assert outcome.not_before == (AT if isinstance(error, RateLimited) else None)
    assert outcome.slices > 0
    (trouble,) = reported_work.work_troubles(bench.ledger)
    assert trouble.sentence == str(error)


def test_a_day_that_cannot_be_right_costs_itself_only_and_is_noted(bench: Bench) -> None:
    bad = {FIRST + timedelta(days=10), YESTERDAY}
    odd = OddValue("Odd.")
    account = Counting(spread(5), stumbles=lambda day: odd if day in bad else None)
    assert bench.sync(account).failure == ""
    assert set(WHOLE.days()) - set(known(bench)) == bad
    assert [trouble.sentence for trouble in reported_work.work_troubles(bench.ledger)] == ["Odd."]
    again = Counting(spread(5))
    bench.sync(again)
    assert again.wanted == [Period(day, day) for day in sorted(bad)]
    assert reported_work.work_troubles(bench.ledger) == ()


def test_a_report_of_which_no_day_can_be_right_is_not_asked_day_by_day(bench: Bench) -> None:
    account = Counting(spread(5), stumbles=lambda _: OddValue("Odd."))
    bench.sync(account)
    assert len(account.wanted) == 3


def test_an_account_without_a_report_is_asked_again_on_another_day_only(bench: Bench) -> None:
    error = NotOffered("No such report.", status=404)
    bench.sync(Counting(spread(5), stumbles=lambda _: error))
    again = Counting(spread(5))
    bench.sync(again)
    assert again.wanted == []


def test_days_that_came_before_a_stumble_are_kept_and_the_rest_is_asked_for(bench: Bench) -> None:
    bad = FIRST + timedelta(days=10)
    silence = NoAnswer("Silence.")
    bench.sync(Counting(spread(5), stumbles=lambda day: silence if day == bad else None))
    assert list(known(bench)) == list(Period(FIRST, bad - timedelta(days=1)).days())
    again = Counting(spread(5))
    bench.sync(again)
    assert again.wanted == [Period(bad, YESTERDAY)]


def test_a_sync_that_is_stopped_stops_here_too_and_keeps_whole_days(bench: Bench) -> None:
    stopped = Cancelled("Stopped.")
    bad = FIRST + timedelta(days=9)
    outcome = bench.sync(Counting(spread(5), stumbles=lambda day: stopped if day == bad else None))
    assert outcome.cancelled
    assert len(known(bench)) == 9
    assert reported_work.work_troubles(bench.ledger) == ()


DAYS = st.integers(0, len(WHOLE) - 1).map(lambda n: FIRST + timedelta(days=n))


@given(
    asked=st.dictionaries(DAYS, st.integers(1, 70), max_size=70),
    revision=st.integers(0, 5),
)
def test_what_is_wanted_is_what_is_unknown_or_could_still_change(
    asked: dict[date, int], revision: int
) -> None:
    when = {day: min(day + timedelta(days=after), TODAY) for day, after in asked.items()}
    periods = days_wanted(WHOLE, when, revision_days=revision, today=TODAY)
    wanted = [day for period in periods for day in period.days()]
    assert wanted == sorted(set(wanted))
    for one, next_one in pairwise(periods):
        assert one.last + timedelta(days=1) < next_one.first, "neighbours are one period"
    for day in WHOLE.days():
        last = when.get(day)
        settled = last is not None and (last - day).days > revision
        assert (day in wanted) is not (settled or last == TODAY)
