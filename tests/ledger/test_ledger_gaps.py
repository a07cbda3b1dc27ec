"""Unknown is never zero: what is missing, why, and what can still change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from ledger_kit import (
    TODAY,
    FakeClock,
    at,
    charge,
    nov,
    november,
    priced,
    record,
    store,
    usd,
    where,
)

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import (
    EVERYTHING,
    DaySpend,
    Dimension,
    Gap,
    Question,
    Scope,
    Table,
)
from plimsoll.domain.usage import Tokens
from plimsoll.ledger import answers, catalog, usage
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.gaps import NOT_ASKED, NOT_FETCHED, NOT_OVER


def asked(ledger: Ledger, period: Period | None = None, scope: Scope = EVERYTHING) -> Table:
    return answers.answer(ledger, Question(period or november(), scope=scope), today=TODAY)


def gaps(ledger: Ledger, period: Period | None = None, scope: Scope = EVERYTHING) -> list[Gap]:
    return list(asked(ledger, period, scope).gaps)


def cover(ledger: Ledger, source: Source, endpoint: str, days: Iterable[int]) -> None:
    store(ledger, source.id, *(priced(endpoint, nov(day)) for day in days))


def run(ledger: Ledger, source: Source, failure: str = "") -> None:
    number = catalog.start_run(ledger, source.id)
    catalog.finish_run(ledger, number, ok=not failure, title="Failed", sentence=failure)


def test_without_sources_nothing_is_missing(ledger: Ledger) -> None:
    assert asked(ledger).gaps == ()


def test_a_source_that_was_never_asked_is_one_gap(ledger: Ledger, source: Source) -> None:
    assert gaps(ledger) == [Gap("acme", november(1, 23), NOT_FETCHED)]


def test_a_source_that_never_answered_says_why(ledger: Ledger, source: Source) -> None:
    run(ledger, source, "The key was refused.")
    assert gaps(ledger) == [Gap("acme", november(1, 23), "The key was refused.")]


def test_a_source_with_a_balance_only_misses_no_day_once_it_has_answered(
    ledger: Ledger, source: Source
) -> None:
    catalog.set_endpoints(ledger, source.id, [])
    assert gaps(ledger) == [Gap("acme", november(1, 23), NOT_FETCHED)]
    run(ledger, source)
    assert gaps(ledger) == []
    run(ledger, source, "No answer.")
    assert gaps(ledger) == []


def test_a_provider_that_tells_a_day_when_it_is_over_leaves_today_open_and_known(
    ledger: Ledger, source: Source
) -> None:
    cover(ledger, source, "tokens", range(1, 23))
    other = catalog.add_source(ledger, name="other", connector="openai")
    cover(ledger, other, "tokens", range(1, 24))
    run(ledger, other)
    (today,) = answers.daily(ledger, november(23, 23), currency="USD", today=TODAY).days
    assert not today.known
    run(ledger, source)
    assert gaps(ledger) == [Gap("acme", november(23, 23), NOT_OVER)]
    (today,) = answers.daily(ledger, november(23, 23), currency="USD", today=TODAY).days
    assert today.known
    assert not today.final


def test_covered_days_are_no_gap_even_if_they_are_empty(ledger: Ledger, source: Source) -> None:
    cover(ledger, source, "tokens", range(1, 24))
    assert gaps(ledger) == []


def test_today_is_missing_until_it_is_fetched_and_tomorrow_is_not(
    ledger: Ledger, source: Source
) -> None:
    cover(ledger, source, "tokens", range(1, 23))
    assert gaps(ledger) == [Gap("acme", november(23, 23), NOT_FETCHED)]
    assert gaps(ledger, november(24, 30)) == []


def test_every_endpoint_counts_and_runs_are_merged(ledger: Ledger, source: Source) -> None:
    catalog.set_endpoints(ledger, source.id, ["tokens", "costs", "images"])
    cover(ledger, source, "tokens", range(1, 24))
    cover(ledger, source, "costs", [*range(1, 5), *range(8, 24)])
    cover(ledger, source, "images", [*range(1, 7), *range(9, 24)])
    assert gaps(ledger) == [Gap("acme", november(5, 8), NOT_FETCHED)]


def test_an_endpoint_that_never_answered_is_missing_on_every_day(
    ledger: Ledger, source: Source
) -> None:
    catalog.set_endpoints(ledger, source.id, ["tokens", "costs"])
    cover(ledger, source, "tokens", range(1, 24))
    run(ledger, source, "The key may not read costs.")
    assert gaps(ledger) == [Gap("acme", november(1, 23), "The key may not read costs.")]


def test_days_before_the_first_that_was_asked_for_say_so(ledger: Ledger, source: Source) -> None:
    cover(ledger, source, "tokens", [*range(10, 15), *range(16, 24)])
    run(ledger, source, "No answer.")
    assert gaps(ledger) == [
        Gap("acme", november(1, 9), NOT_ASKED),
        Gap("acme", november(15, 15), "No answer."),
    ]


def test_a_later_success_takes_the_failure_away(ledger: Ledger, source: Source) -> None:
    cover(ledger, source, "tokens", range(1, 22))
    run(ledger, source, "No answer.")
    run(ledger, source)
    assert gaps(ledger) == [Gap("acme", november(22, 23), NOT_FETCHED)]
    catalog.start_run(ledger, source.id)  # one that runs says nothing yet
    assert gaps(ledger) == [Gap("acme", november(22, 23), NOT_FETCHED)]


def test_an_endpoint_misses_nothing_before_its_provider_answers_for_it(
    ledger: Ledger, source: Source
) -> None:
    catalog.set_endpoints(ledger, source.id, ["tokens", "analytics"], reach={"analytics": nov(10)})
    cover(ledger, source, "tokens", range(1, 24))
    cover(ledger, source, "analytics", range(10, 24))
    assert gaps(ledger) == []
    catalog.set_endpoints(ledger, source.id, ["analytics"], reach={"analytics": nov(10)})
    assert gaps(ledger) == [Gap("acme", november(1, 9), NOT_ASKED)]


def test_a_removed_source_misses_nothing(ledger: Ledger, source: Source) -> None:
    cover(ledger, source, "tokens", [1, 2])
    catalog.remove_source(ledger, source.id, forget=False)
    assert gaps(ledger) == []


def test_gaps_are_told_of_the_sources_that_were_asked_about(ledger: Ledger, source: Source) -> None:
    catalog.add_source(ledger, name="side", connector="anthropic")
    by_source = where(Dimension.SOURCE, "side")
    by_provider = where(Dimension.PROVIDER, "openai")
    by_model = where(Dimension.MODEL, "m")
    assert [gap.source for gap in gaps(ledger, scope=by_source)] == ["side"]
    assert [gap.source for gap in gaps(ledger, scope=by_provider)] == ["acme"]
    assert [gap.source for gap in gaps(ledger, scope=by_model)] == ["acme", "side"]


# --- what can still change ---


def test_the_first_day_that_can_still_change_is_told(ledger: Ledger, source: Source) -> None:
    cover(ledger, source, "tokens", range(1, 24))  # fetched on the 23rd, with 3 days to change
    assert asked(ledger).not_final_from == nov(20)
    assert asked(ledger, november(1, 19)).not_final_from is None
    assert asked(ledger, november(22, 30)).not_final_from == nov(22)


def test_a_day_becomes_final_only_by_being_fetched_again(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    cover(ledger, source, "tokens", [20])
    clock.wall += timedelta(days=30)
    assert asked(ledger).not_final_from == nov(20)
    cover(ledger, source, "tokens", [20])
    assert asked(ledger).not_final_from is None


# --- the days of a series ---


def series(
    ledger: Ledger, period: Period | None = None, scope: Scope = EVERYTHING
) -> list[DaySpend]:
    answer = answers.daily(
        ledger, period or november(18, 25), currency="USD", scope=scope, today=TODAY
    )
    return list(answer.days)


def known(ledger: Ledger, period: Period | None = None) -> list[int]:
    return [day.day.day for day in series(ledger, period) if day.known]


def test_a_day_that_was_asked_for_while_it_lasted_says_how_much_of_it_had_passed(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    clock.wall = at(nov(20), 6)
    cover(ledger, source, "tokens", [18, 19, 20])
    clock.wall = at(nov(23), 15)
    assert [day.elapsed for day in series(ledger)[:4]] == [1, 1, 0.25, 1]
    cover(ledger, source, "tokens", [20, 21, 22, 23])
    assert [day.elapsed for day in series(ledger)[:6]] == [1, 1, 1, 1, 1, 0.625]


def test_a_sync_that_found_nothing_new_has_looked_all_the_same(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    clock.wall = at(nov(23), 6)
    cover(ledger, source, "tokens", [22, 23])
    clock.wall = at(nov(23), 15)
    run = catalog.start_run(ledger, source.id)
    assert series(ledger)[5].elapsed == 0.25
    catalog.finish_run(ledger, run, ok=True)
    assert series(ledger)[5].elapsed == 0.625


def test_a_source_that_is_no_longer_asked_is_as_it_is(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    clock.wall = at(nov(20), 6)
    cover(ledger, source, "tokens", [20])
    catalog.remove_source(ledger, source.id, forget=False)
    clock.wall = at(nov(23), 15)
    assert [day.elapsed for day in series(ledger)] == [1.0] * 8


def test_every_day_is_there_and_those_to_come_are_not_known(ledger: Ledger, source: Source) -> None:
    used = (record(nov(19), tokens=Tokens(1)), usd(7))
    cover(ledger, source, "tokens", [18, 20, 21, 22, 23])
    store(ledger, source.id, priced("tokens", nov(19), used))
    assert series(ledger) == [
        DaySpend(nov(18)),
        DaySpend(nov(19), estimated=7),
        *(DaySpend(nov(day), final=False) for day in (20, 21, 22)),
        DaySpend(nov(23), final=False, elapsed=0.625),  # asked for at 15:00
        *(DaySpend(nov(day), known=False, final=False) for day in (24, 25)),
    ]


def test_a_hole_is_not_known(ledger: Ledger, source: Source) -> None:
    cover(ledger, source, "tokens", [18, 19, 21, 22, 24])
    assert known(ledger) == [18, 19, 21, 22]


def test_nothing_is_known_of_an_empty_archive(ledger: Ledger, source: Source) -> None:
    assert known(ledger) == []


def test_a_day_that_one_endpoint_misses_is_not_known_unless_it_has_charges(
    ledger: Ledger, source: Source
) -> None:
    cover(ledger, source, "tokens", [18, 19, 22, 23])
    store(
        ledger,
        source.id,
        *(priced("costs", nov(day), charges=[charge(1)]) for day in (18, 19, 20)),
        *(priced("costs", nov(day)) for day in (21, 22, 23)),
    )
    assert known(ledger) == [18, 19, 20, 22, 23]


def test_a_source_or_endpoint_counts_from_its_first_day_on(ledger: Ledger, source: Source) -> None:
    cover(ledger, source, "tokens", range(18, 24))
    cover(ledger, source, "images", range(20, 24))
    other = catalog.add_source(ledger, name="other", connector="anthropic")
    assert known(ledger) == [18, 19, 20, 21, 22, 23]
    cover(ledger, other, "messages", [21, 23])
    assert known(ledger) == [18, 19, 20, 21, 23]


def test_what_a_removed_source_left_stays_known(ledger: Ledger, source: Source) -> None:
    cover(ledger, source, "tokens", [18, 19])
    catalog.remove_source(ledger, source.id, forget=False)
    assert known(ledger) == [18, 19]
    other = catalog.add_source(ledger, name="other", connector="anthropic")
    cover(ledger, other, "messages", [21, 22, 23])
    assert known(ledger) == [18, 19, 21, 22, 23]


@pytest.mark.parametrize("day", [date(1969, 12, 31), date(2, 1, 1)])
def test_a_period_long_before_everything_is_answered(
    ledger: Ledger, source: Source, day: date
) -> None:
    cover(ledger, source, "tokens", [1])
    table = asked(ledger, Period(day, nov(1)))
    assert table.gaps == (Gap("acme", Period(day, date(2026, 10, 31)), NOT_ASKED),)


def test_a_source_that_has_nothing_of_what_is_asked_cannot_change_it(
    ledger: Ledger, source: Source
) -> None:
    """An account whose days stay open for a month says nothing of a project that it never had."""
    slow = catalog.add_source(ledger, name="slow", connector="github")
    for day in (nov(1), nov(22)):
        mine = charge(5, project="Mine")
        store(ledger, source.id, priced("costs", day, charges=[mine], bills_by=["project"]))
        theirs = priced("costs", day, charges=[charge(5, project="Other")], bills_by=["project"])
        usage.replace_slices(ledger, slow.id, [theirs], revision_days=40)

    def moving(project: str) -> tuple[date | None, list[date]]:
        scope = Scope(((Dimension.PROJECT, (project,)),))
        table = answers.answer(ledger, Question(november(), scope=scope), today=TODAY)
        series = answers.daily(ledger, november(1, 22), currency="USD", scope=scope, today=TODAY)
        stored = {nov(1), nov(22)}
        return table.not_final_from, [d.day for d in series.days if d.day in stored and not d.final]

    assert moving("Mine") == (nov(22), [nov(22)])
    assert moving("Other") == (nov(1), [nov(1), nov(22)])
    assert answers.answer(ledger, Question(november()), today=TODAY).not_final_from == nov(1)
