"""Reported work is kept by whole days: none is not unknown, a day again is not twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import FakeClock, nov, november

from plimsoll.domain.money import NANO, Money
from plimsoll.domain.work import Done, WorkDay
from plimsoll.ledger import catalog, commits, reported_work
from plimsoll.ledger.account_changes import remove_source
from plimsoll.ledger.accounts import Source
from plimsoll.ledger.database import Ledger

PAID = Done((("commits", 3), ("pull requests", 0)), Money("USD", NANO))
PLAN = Done((("commits", 5),), Money("USD", 2 * NANO), is_plan=True)
UNTOLD = Done((("lines accepted", 120),))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(tmp_path, clock=FakeClock())
    yield opened
    opened.close()


def source(ledger: Ledger, name: str = "Claude") -> Source:
    return catalog.add_source(ledger, name=name, connector="anthropic")


ASKED = nov(20)


def keep(ledger: Ledger, of: Source, *days: WorkDay, on: date = ASKED) -> None:
    reported_work.save_work(ledger, of.id, days, asked_on=on)


def test_what_was_kept_comes_back_whole(ledger: Ledger) -> None:
    claude, cursor = source(ledger), source(ledger, "Cursor")
    days = WorkDay(nov(16), (PAID, PLAN)), WorkDay(nov(17))
    keep(ledger, claude, *days)
    keep(ledger, cursor, WorkDay(nov(16), (UNTOLD,)))
    assert reported_work.work_reported(ledger, november()) == {
        "Claude": {day.day: day for day in days},
        "Cursor": {nov(16): WorkDay(nov(16), (UNTOLD,))},
    }
    assert reported_work.work_reported(ledger, november(17, 30)) == {"Claude": {nov(17): days[1]}}
    asked = reported_work.days_asked(ledger, claude.id, november())
    assert asked == {nov(16): nov(20), nov(17): nov(20)}


def test_a_day_again_takes_the_place_of_what_it_was(ledger: Ledger) -> None:
    claude = source(ledger)
    keep(ledger, claude, WorkDay(nov(16), (PAID, PLAN)))
    keep(ledger, claude, WorkDay(nov(16), (UNTOLD,)), on=nov(21))
    known = reported_work.work_reported(ledger, november())["Claude"]
    assert known == {nov(16): WorkDay(nov(16), (UNTOLD,))}
    assert reported_work.days_asked(ledger, claude.id, november()) == {nov(16): nov(21)}


@pytest.mark.parametrize("forget", [False, True], ids=["stays", "forgotten"])
def test_a_removed_source_leaves_nothing_that_it_reported(ledger: Ledger, forget: bool) -> None:
    claude, other = source(ledger), source(ledger, "Other")
    keep(ledger, claude, WorkDay(nov(16), (PAID, PLAN)))
    keep(ledger, other, WorkDay(nov(16), (UNTOLD,)))
    reported_work.note_trouble(
        ledger, claude.id, asked_on=nov(20), is_offered=False, sentence="No."
    )
    remove_source(ledger, claude.id, forget=forget)
    assert list(reported_work.work_reported(ledger, november())) == ["Other"]
    assert reported_work.work_troubles(ledger) == ()
    with ledger.reading() as connection:
        for table, left in (("work_day", 1), ("work_count", 1), ("work_cost", 0)):
            (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert count == left


def test_a_trouble_is_the_last_one_until_it_is_over(ledger: Ledger) -> None:
    claude = source(ledger)
    for day, offered in ((20, False), (21, True)):
        reported_work.note_trouble(
            ledger, claude.id, asked_on=nov(day), is_offered=offered, sentence=f"On {day}."
        )
    (trouble,) = reported_work.work_troubles(ledger)
    assert trouble == reported_work.WorkTrouble("Claude", nov(21), True, "On 21.")
    reported_work.forget_trouble(ledger, claude.id)
    assert reported_work.work_troubles(ledger) == ()


# --- commits ---


def test_a_commit_counts_once_over_clones_and_only_in_its_days(ledger: Ledger) -> None:
    now, known = ledger.clock.now(), november(1, 20)
    mine = {"a1": nov(3), "b2": nov(4), "c3": nov(9)}
    commits.save_commits(ledger, "/home/a/shop", period=known, commits=mine, asked_at=now)
    other = {"b2": nov(4), "d4": nov(4)}
    commits.save_commits(ledger, "/srv/shop", period=known, commits=other, asked_at=now)
    both = ("/home/a/shop", "/srv/shop")
    assert commits.commits_in(ledger, november(1, 7), both) == 3
    assert commits.commits_in(ledger, november(1, 7), both[:1]) == 2
    assert commits.commits_in(ledger, november(10, 30), both) == 0
    commits.save_commits(ledger, "/srv/shop", period=known, commits={}, asked_at=now)
    assert commits.commits_in(ledger, november(1, 7), both) == 2, "what was rewritten is gone"


def test_a_repository_is_known_up_to_the_day_it_was_asked_on(ledger: Ledger) -> None:
    now = ledger.clock.now()
    commits.save_commits(ledger, "/shop", period=november(2, 16), commits={}, asked_at=now)
    commits.note_repository(ledger, "/shop", trouble="it is a shallow clone", asked_at=now)
    commits.note_repository(ledger, "/new", trouble="it is not there any more", asked_at=now)
    known = commits.known_repositories(ledger)
    assert known["/shop"].knows(november(9, 15)), "what was known before stays"
    assert known["/shop"].trouble == "it is a shallow clone"
    assert not known["/shop"].knows(november(10, 16)), "its own day was not over"
    assert not known["/shop"].knows(november(1, 7))
    assert not known["/new"].knows(november(9, 15))


@settings(max_examples=20)
@given(
    looks=st.lists(
        st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 28), max_size=6),
        min_size=1,
        max_size=3,
    )
)
def test_the_last_look_at_each_repository_is_what_counts(
    tmp_path_factory: pytest.TempPathFactory, looks: list[dict[str, int]]
) -> None:
    ledger = Ledger.open(tmp_path_factory.mktemp("commits"), clock=FakeClock())
    try:
        for number, look in enumerate((*looks, *looks)):
            commits.save_commits(
                ledger,
                f"/{number % len(looks)}",
                period=november(1, 30),
                commits={name: nov(day) for name, day in look.items()},
                asked_at=ledger.clock.now() + timedelta(hours=number),
            )
        paths = [f"/{number}" for number in range(len(looks))]
        hashes = {name for look in looks for name in look}
        assert commits.commits_in(ledger, november(), paths) == len(hashes)
    finally:
        ledger.close()
