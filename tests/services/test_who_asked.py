"""Who asked, from the account to the answers: learnt once, kept apart, and no sync fails by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from made_up import NOW, TODAY, Bench, MadeUpAccount, Truth

from plimsoll.analysis.efficiency import whole_weeks
from plimsoll.domain.actors import ActorDay, Actors
from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import MissingScope, PlimsollError, ProviderDown, RateLimited
from plimsoll.ledger.actors import kept_actors, save_actors
from plimsoll.services.actors import Told, told_actors
from plimsoll.services.dialogue import WEEKS, dialogue

YEAR = Period(TODAY - timedelta(days=364), TODAY)
A_DAY = Actors(person=60, agent=20, program=10, not_told=10)


@dataclass
class Asked(MadeUpAccount):
    """An account that tells who asked, every day the same, and fails after so many days."""

    told: Actors = A_DAY
    wanted: list[Sequence[Period]] = field(default_factory=list)
    trouble: PlimsollError | None = None
    after: int = 0

    def actors(self, periods: Sequence[Period]) -> Iterator[ActorDay]:
        self.wanted.append(periods)
        days = [day for period in reversed(periods) for day in reversed(list(period.days()))]
        for place, day in enumerate(days):
            if self.trouble is not None and place >= self.after:
                raise self.trouble
            yield ActorDay(day, self.told)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def account() -> Asked:
    return Asked(Truth({TODAY: 5}, {TODAY: 700}))


def kept(bench: Bench) -> dict[date, Actors]:
    days = kept_actors(bench.ledger, YEAR).get("Made up", {})
    return {day: one.actors for day, one in days.items()}


def test_a_year_is_learnt_once_and_then_only_what_can_still_change(
    bench: Bench, account: Asked
) -> None:
    assert not bench.sync(account).failure
    assert account.wanted == [[YEAR]]
    first = kept(bench)
    assert list(first) == list(YEAR.days())
    assert not bench.sync(account).failure
    assert account.wanted[1] == [Period(TODAY - timedelta(days=3), TODAY)]
    assert kept(bench) == first
    bench.clock.instant += timedelta(days=1)
    bench.sync(account)
    tomorrow = TODAY + timedelta(days=1)
    assert account.wanted[2] == [Period(TODAY - timedelta(days=3), tomorrow)]


def test_since_asks_settled_days_again(bench: Bench, account: Asked) -> None:
    bench.sync(account)
    since = TODAY - timedelta(days=40)
    account.told = Actors(not_told=1)
    bench.sync(account, since=since)
    assert account.wanted[1] == [Period(since, TODAY)]
    found = kept(bench)
    assert found[since] == Actors(not_told=1)
    assert found[since - timedelta(days=1)] == A_DAY


def test_it_enters_no_total(bench: Bench, account: Asked) -> None:
    bench.sync(account)
    assert bench.days(YEAR.first) == {TODAY.isoformat(): (5, 700)}


@pytest.mark.parametrize(
    "trouble", [ProviderDown("down"), MissingScope("may not")], ids=["down", "refused"]
)
def test_its_trouble_fails_no_sync_and_what_came_is_kept(
    bench: Bench, account: Asked, trouble: PlimsollError
) -> None:
    account.trouble, account.after = trouble, 10
    assert not bench.sync(account).failure
    assert len(kept(bench)) == 10
    account.trouble = None
    bench.sync(account)
    assert list(kept(bench)) == list(YEAR.days())


def test_a_limit_is_waited_for_as_ever_and_what_came_is_kept(bench: Bench, account: Asked) -> None:
    account.trouble, account.after = RateLimited("wait", until=NOW + timedelta(hours=1)), 10
    outcome = bench.sync(account)
    assert outcome.not_before == NOW + timedelta(hours=1)
    assert len(kept(bench)) == 10
    assert bench.days(YEAR.first) == {TODAY.isoformat(): (5, 700)}


# --- weeks ---


WEEKS_OF_NINE = whole_weeks(TODAY)


def keep(bench: Bench, days: Sequence[date], actors: Actors = A_DAY, *, revision: int = 0) -> None:
    told = [ActorDay(day, actors) for day in days]
    save_actors(bench.ledger, bench.source.id, told, revision_days=revision)


def test_a_week_is_the_sum_of_its_days_and_one_with_a_hole_is_not_known(bench: Bench) -> None:
    last = list(WEEKS_OF_NINE[-1].days())
    keep(bench, last)
    keep(bench, list(WEEKS_OF_NINE[-2].days())[1:])
    (told,) = told_actors(bench.ledger, WEEKS_OF_NINE)
    assert told.source == "Made up"
    assert told.weeks[-1] == Actors(person=420, agent=140, program=70, not_told=70)
    assert told.weeks[-1].share == Fraction(3, 10)
    assert told.weeks[-1].not_told_share == Fraction(1, 10)
    assert told.weeks[:-1] == (None,) * 8


def test_weeks_that_can_still_change_are_counted_from_the_latest(bench: Bench) -> None:
    for week in WEEKS_OF_NINE:
        keep(bench, list(week.days()), revision=3)
    assert told_actors(bench.ledger, WEEKS_OF_NINE)[0].not_final == 0
    keep(bench, list(WEEKS_OF_NINE[-2].days())[-1:], revision=100)
    assert told_actors(bench.ledger, WEEKS_OF_NINE)[0].not_final == 2


def test_a_source_of_which_no_week_is_known_is_left_out(bench: Bench) -> None:
    keep(bench, [WEEKS_OF_NINE[0].first])
    assert told_actors(bench.ledger, WEEKS_OF_NINE) == ()


def test_the_year_begins_with_the_first_week_that_is_known(bench: Bench) -> None:
    weeks = whole_weeks(TODAY, WEEKS)
    keep(bench, list(weeks[3].days()))
    found = dialogue(bench.ledger, today=TODAY)
    assert found.weeks == weeks[3:]
    assert found.loops == (None,) * (WEEKS - 3), "no agent worked"
    (told,) = found.told
    assert isinstance(told, Told)
    assert [place for place, week in enumerate(told.weeks) if week is not None] == [0]
    assert dialogue(bench.ledger, today=TODAY - timedelta(days=800)).weeks == ()
