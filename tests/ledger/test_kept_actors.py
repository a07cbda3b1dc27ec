"""Who asked, as it is kept: a day whole or not at all, beside usage and in no sum of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_kit import REVISION_DAYS, TODAY, FakeClock, november

from plimsoll.domain.actors import ActorDay, Actors, Who
from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Question
from plimsoll.domain.usage import PricedSlice, Slice
from plimsoll.ledger import answers, catalog, usage
from plimsoll.ledger.actors import KeptDay, kept_actors, save_actors, settled_days
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.runs import start_run

LONG_AGO = date(2026, 11, 2)
COUNTS = st.builds(Actors, *[st.integers(0, 10**15)] * 4)


def save(ledger: Ledger, source: Source, *days: ActorDay) -> None:
    save_actors(ledger, source.id, days, revision_days=REVISION_DAYS)


def kept(ledger: Ledger, source: Source, period: Period | None = None) -> dict[date, KeptDay]:
    return dict(kept_actors(ledger, period or november()).get(source.name, {}))


@given(COUNTS)
def test_the_shares_of_who_asked_add_up_to_one(actors: Actors) -> None:
    parts = [Actors.of(who, getattr(actors, who.value)) for who in Who]
    assert sum(parts, Actors()) == actors
    if not actors.total:
        assert actors.share is None
        assert actors.not_told_share is None
        return
    assert actors.share is not None
    assert actors.not_told_share is not None
    person = actors.person / actors.total
    assert abs(float(actors.share + actors.not_told_share) + person - 1) < 1e-9
    assert 0 <= actors.share <= 1


def test_tokens_are_counted_from_zero_up() -> None:
    with pytest.raises(ValueError, match="zero"):
        Actors(person=-1)


def test_a_day_is_replaced_as_a_whole_and_twice_is_once(ledger: Ledger, source: Source) -> None:
    save(ledger, source, ActorDay(LONG_AGO, Actors(person=5, not_told=7)))
    first = ActorDay(LONG_AGO, Actors(agent=3))
    save(ledger, source, first)
    save(ledger, source, first)
    assert kept(ledger, source) == {LONG_AGO: KeptDay(Actors(agent=3), final=True)}


def test_a_day_without_tokens_is_known_and_a_missing_one_is_not(
    ledger: Ledger, source: Source
) -> None:
    save(ledger, source, ActorDay(LONG_AGO, Actors()))
    assert list(kept(ledger, source)) == [LONG_AGO]


def test_a_day_that_can_still_change_is_not_settled_until_it_is_read_again(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    edge = TODAY - timedelta(days=REVISION_DAYS)
    days = [ActorDay(edge - timedelta(days=back), Actors(person=1)) for back in (0, 1)]
    save(ledger, source, *days)
    assert settled_days(ledger, source.id) == {edge - timedelta(days=1)}
    assert not kept(ledger, source)[edge].final
    clock.wall += timedelta(days=1)
    save(ledger, source, *days)
    assert settled_days(ledger, source.id) == {edge, edge - timedelta(days=1)}


def test_what_comes_along_with_a_slice_is_kept_with_it_and_enters_no_total(
    ledger: Ledger, source: Source
) -> None:
    told = Slice("events", LONG_AGO, actors=Actors(person=5, program=8))
    usage.replace_slices(
        ledger, source.id, [PricedSlice(told)], revision_days=REVISION_DAYS, edition=""
    )
    assert kept(ledger, source)[LONG_AGO].actors == Actors(person=5, program=8)
    table = answers.answer(ledger, Question(november()), today=TODAY)
    assert (table.total.tokens.total, table.total.amounts) == (0, ())
    plain = Slice("events", LONG_AGO)
    usage.replace_slices(
        ledger, source.id, [PricedSlice(plain)], revision_days=REVISION_DAYS, edition=""
    )
    assert kept(ledger, source)[LONG_AGO].actors.total == 13


def test_it_goes_with_its_source_and_comes_back_with_a_namesake(
    ledger: Ledger, source: Source
) -> None:
    save(ledger, source, ActorDay(LONG_AGO, Actors(person=5)))
    usage.replace_slices(
        ledger, source.id, [PricedSlice(Slice("events", LONG_AGO))], revision_days=0, edition=""
    )
    catalog.remove_source(ledger, source.id, forget=False)
    assert kept(ledger, source)[LONG_AGO].actors.total == 5
    again = catalog.add_source(ledger, name=source.name, connector="openai")
    start_run(ledger, again.id)
    assert settled_days(ledger, again.id) == {LONG_AGO}
    catalog.remove_source(ledger, again.id, forget=True)
    assert kept(ledger, source) == {}


def test_nothing_is_kept_of_a_source_that_is_gone(ledger: Ledger, source: Source) -> None:
    catalog.remove_source(ledger, source.id, forget=True)
    save(ledger, source, ActorDay(LONG_AGO, Actors(person=5)))
    assert kept(ledger, source) == {}
