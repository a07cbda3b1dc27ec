"""Agents' calls are kept for ever, each once, with the best line's figures on its first day (D5,
D6), whatever order they come in; and everything that is asked of usage is answered for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import FakeClock, content, nov

from plimsoll.domain.calendar import Period
from plimsoll.domain.calls import Call, Harvest, Origin, Priced, ReadState, Service, merged, rank_of
from plimsoll.domain.errors import Cancelled
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension, Question, Row
from plimsoll.domain.usage import Computed
from plimsoll.ledger import answers, calls, catalog, log_files, repricing
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger

HERE = Origin("session-1", None, "/home/dev/shop", "main", "human")
THERE = Origin("session-2", None, "/home/dev/shop", "main", "tool_loop")
OPUS = Service("anthropic", "claude-opus-4-6", "standard")
SONNET = Service("anthropic", "claude-sonnet-4-6", "standard", (("speed", "fast"),))
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = 86_400_000


def made(
    key: int,
    *,
    at: float = 0,
    out: int = 100,
    fresh: int = 10,
    origin: Origin = HERE,
    service: Service = OPUS,
    main: bool = True,
    searches: int = 0,
) -> Call:
    """A call; `at` in hours after noon of 20 November 2026."""
    instant = int((NOON + timedelta(hours=at)).timestamp() * 1000)
    rank = rank_of(output=out, total=out + fresh, main=main)
    units = (("searches", searches),) if searches else ()
    return Call(key, instant, rank, origin, service, fresh, output=out, units=units)


def harvest(*found: Call, path: str = "/logs/a.jsonl", **more: object) -> Harvest:
    state = ReadState(path, 1, 2, 300, 4, b"mark", 300, "{}")._replace(**more)  # type: ignore[arg-type]
    by_key: dict[int, Call] = {}
    for call in found:
        by_key[call.key] = merged(by_key[call.key], call) if call.key in by_key else call
    return Harvest(state, tuple(by_key.values()))


def flat(call: Call) -> Priced:
    """A nano-dollar a token."""
    return "USD", call.tokens.total, "flat", 0


@pytest.fixture
def agent(ledger: Ledger) -> Source:
    return catalog.add_source(ledger, name="cc", connector="claude-code", kind="agent")


def store(ledger: Ledger, source: Source, *harvests: Harvest) -> int:
    return calls.store_harvests(ledger, source, harvests, price=flat, edition="flat 1")


def rows(ledger: Ledger, *by: Dimension, zone: str = "UTC") -> dict[tuple[str | None, ...], Row]:
    question = Question(Period(nov(1), nov(30)), by=by, zone=zone)
    return {row.key: row for row in answers.answer(ledger, question, today=nov(23)).rows}


def test_a_call_is_answered_by_every_dimension_that_it_has(ledger: Ledger, agent: Source) -> None:
    store(ledger, agent, harvest(made(1), made(2, at=13, origin=THERE, searches=2)))
    for dimension, values in {
        Dimension.DAY: ["2026-11-20", "2026-11-21"],
        Dimension.AGENT: ["claude-code"],
        Dimension.SESSION: ["session-1", "session-2"],
        Dimension.PROJECT: ["/home/dev/shop"],
        Dimension.BRANCH: ["main"],
        Dimension.MODEL: ["claude-opus-4-6"],
        Dimension.CLASS: ["human", "tool_loop"],
        Dimension.HOUR: ["2026-11-20T12:00:00Z", "2026-11-21T01:00:00Z"],
    }.items():
        found = rows(ledger, dimension)
        assert [key for (key,) in found] == values
        assert sum(row.tokens.total for row in found.values()) == 220
    (everything,) = rows(ledger).values()
    assert (everything.requests, everything.amounts[0].estimated) == (2, 220)
    assert [(unit, int(quantity)) for unit, quantity in everything.units] == [("searches", 2)]
    assert set(rows(ledger, Dimension.DAY, zone="Asia/Shanghai")) == {
        ("2026-11-20",),
        ("2026-11-21",),
    }
    assert ledger.check() == ()


def test_d5_the_same_again_changes_nothing(ledger: Ledger, agent: Source) -> None:
    found = harvest(made(1), made(2, searches=1), made(3, at=30, service=SONNET))
    assert store(ledger, agent, found) == 2
    before = content(ledger)
    assert store(ledger, agent, found) == 0
    assert content(ledger) == before


def test_d5_a_call_is_only_ever_raised(ledger: Ledger, agent: Source) -> None:
    store(ledger, agent, harvest(made(1, out=4)))
    store(ledger, agent, harvest(made(1, at=1, out=900, service=SONNET)))
    store(ledger, agent, harvest(made(1, at=2, out=30)))
    store(ledger, agent, harvest(path="/logs/empty.jsonl"))
    (row,) = rows(ledger, Dimension.MODEL).items()
    assert row[0] == ("claude-sonnet-4-6",)
    assert (row[1].tokens.output, row[1].requests) == (900, 1)
    assert set(rows(ledger, Dimension.HOUR)) == {("2026-11-20T12:00:00Z",)}
    assert ledger.check() == ()


def test_d6_an_earlier_line_moves_a_call_to_its_day_and_session(
    ledger: Ledger, agent: Source
) -> None:
    store(ledger, agent, harvest(made(1, at=13, out=900, searches=3)))
    assert store(ledger, agent, harvest(made(1, at=0, out=2, origin=THERE))) == 2
    assert set(rows(ledger, Dimension.DAY, Dimension.SESSION)) == {("2026-11-20", "session-2")}
    (row,) = rows(ledger).values()
    assert (row.tokens.output, dict(row.units)) == (900, {"searches": 3})
    assert ledger.check() == ()


def test_a_main_chain_that_comes_later_beats_the_side_chain(ledger: Ledger, agent: Source) -> None:
    store(ledger, agent, harvest(made(1, at=1, out=900, main=False)))
    store(ledger, agent, harvest(made(1, out=50)))
    (row,) = rows(ledger).values()
    assert row.tokens.output == 50


def test_a_call_that_two_sources_see_counts_once(ledger: Ledger, agent: Source) -> None:
    other = catalog.add_source(ledger, name="cc 2", connector="claude-code", kind="agent")
    store(ledger, agent, harvest(made(1, out=4)))
    store(ledger, other, harvest(made(1, out=900), made(2)))
    found = {key: row.tokens.output for (key,), row in rows(ledger, Dimension.SOURCE).items()}
    assert found == {"cc": 900, "cc 2": 100}


def test_money_under_a_plan_is_worth_and_not_owed(ledger: Ledger) -> None:
    source = catalog.add_source(
        ledger, name="cc", connector="claude-code", kind="agent", settings=[("money", "plan")]
    )
    store(ledger, source, harvest(made(1)))
    (amounts,) = rows(ledger)[()].amounts
    assert (amounts.estimated, amounts.plan, amounts.worth) == (0, 110, 110)


def test_files_stand_with_the_calls_they_brought(ledger: Ledger, agent: Source) -> None:
    odd = "/logs/\udcff.jsonl"
    found = harvest(made(1), path=odd, bad_lines=2, bad_calls=1)
    store(ledger, agent, found, harvest(path="/logs/b.jsonl", problem="Permission denied"))
    assert log_files.states_of(ledger, agent.id)[odd] == found.state
    assert log_files.files_read(ledger, agent.id) == log_files.FilesRead(
        2, 2, 1, ("/logs/b.jsonl: Permission denied",)
    )


def test_a_failing_price_keeps_nothing_of_the_batch(ledger: Ledger, agent: Source) -> None:
    before = content(ledger)

    def broken(call: Call) -> Priced:
        raise sqlite3.OperationalError("disk full")

    with pytest.raises(Exception, match=r"."):
        calls.store_harvests(ledger, agent, [harvest(made(1))], price=broken, edition="")
    assert content(ledger) == before
    assert log_files.states_of(ledger, agent.id) == {}


def test_titles_and_parents_of_sessions_are_kept(ledger: Ledger, agent: Source) -> None:
    child = Origin("session-3", "session-1", None, None, "subagent")
    store(ledger, agent, harvest(made(1, origin=child))._replace(titles=(("session-1", "A"),)))
    store(ledger, agent, harvest()._replace(titles=(("session-1", "Mend the login"),)))
    assert calls.titles(ledger, ["session-1", "session-3"]) == {"session-1": "Mend the login"}


def test_past_days_become_final_and_idle_days_are_no_gaps(
    ledger: Ledger, agent: Source, clock: FakeClock
) -> None:
    number = catalog.start_run(ledger, agent.id)
    store(ledger, agent, harvest(made(1), made(2, at=74)))
    log_files.settle(ledger, agent.id)
    catalog.finish_run(ledger, number, ok=True)
    question = Question(Period(nov(20), nov(30)))
    table = answers.answer(ledger, question, today=nov(23))
    assert (table.gaps, table.not_final_from) == ((), nov(23))
    clock.wall += timedelta(days=3)
    log_files.settle(ledger, agent.id)
    table = answers.answer(ledger, question, today=nov(26))
    assert (table.gaps, table.not_final_from) == ((), None)


def test_calls_are_priced_again_like_any_usage(ledger: Ledger, agent: Source) -> None:
    store(ledger, agent, harvest(made(1), made(2, at=1, searches=1), made(3, at=30)))

    def doubled(record: object, source: Source) -> Computed:
        return Computed(Money("USD", 2 * record.tokens.total), "doubled")  # type: ignore[attr-defined]

    effect = repricing.reprice(ledger, doubled, edition="doubled 1", sentence="Doubled.")
    assert effect.records == 3
    assert rows(ledger)[()].amounts[0].estimated == 660
    assert ledger.check() == ()
    store(ledger, agent, harvest(made(1, out=900)))
    assert rows(ledger)[()].tokens.output == 1100
    assert ledger.check() == ()


def test_a_forgotten_agent_leaves_nothing_and_can_be_read_again(
    ledger: Ledger, agent: Source
) -> None:
    store(ledger, agent, harvest(made(1)))
    catalog.remove_source(ledger, agent.id, forget=True)
    with pytest.raises(Cancelled):
        store(ledger, agent, harvest(made(1)))
    again = catalog.add_source(ledger, name="cc", connector="claude-code", kind="agent")
    store(ledger, again, harvest(made(1)))
    assert rows(ledger)[()].requests == 1


def test_an_agent_that_is_added_again_takes_its_history_over(ledger: Ledger, agent: Source) -> None:
    store(ledger, agent, harvest(made(1)))
    catalog.remove_source(ledger, agent.id, forget=False)
    again = catalog.add_source(ledger, name="cc", connector="claude-code", kind="agent")
    catalog.start_run(ledger, again.id)
    assert len(log_files.states_of(ledger, again.id)) == 1
    store(ledger, again, harvest(made(1, out=900), made(2)))
    assert rows(ledger)[()].requests == 2
    assert ledger.check() == ()


# --- any order, any cut ---

LINES = st.builds(
    made,
    st.integers(1, 5),
    at=st.integers(-30, 30),
    out=st.integers(0, 6),
    fresh=st.integers(0, 3),
    service=st.sampled_from([OPUS, SONNET]),
    main=st.booleans(),
)


@given(st.lists(LINES, min_size=2, max_size=3))
def test_merging_does_not_depend_on_the_order(lines: list[Call]) -> None:
    same = [line._replace(key=1) for line in lines]

    def together(several: Sequence[Call]) -> Call:
        first, *others = several
        for other in others:
            first = merged(first, other)
        return first

    assert together(same) == together(same[::-1])
    assert merged(same[0], same[0]) == same[0]
    if len(same) == 3:
        a, b, c = same
        assert merged(merged(a, b), c) == merged(a, merged(b, c))


@settings(max_examples=40)
@given(lines=st.lists(LINES, min_size=1, max_size=12), cuts=st.sets(st.integers(1, 11)))
def test_however_lines_are_shuffled_split_and_repeated_the_ledger_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, lines: list[Call], cuts: set[int]
) -> None:
    def kept(parts: Sequence[Sequence[Call]]) -> object:
        ledger = Ledger.open(tmp_path_factory.mktemp("data"), clock=FakeClock(), who="test")
        try:
            source = catalog.add_source(ledger, name="cc", connector="claude-code", kind="agent")
            for part in parts:
                store(ledger, source, harvest(*part))
            assert ledger.check() == ()
            return rows(ledger, Dimension.DAY, Dimension.MODEL, Dimension.SESSION)
        finally:
            ledger.close()

    bounds = [0, *sorted(cut for cut in cuts if cut < len(lines)), len(lines)]
    parts = [lines[a:b] for a, b in pairwise(bounds)]
    assert kept([lines]) == kept([*parts[::-1], lines[::-1]])
