"""Of several records of a session the better one counts: a floor only rises, what is below it goes,
and nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import FakeClock, nov

from plimsoll.domain.calendar import Period
from plimsoll.domain.calls import Call, Harvest, Origin, Priced, ReadState, Service, key_of
from plimsoll.domain.question import Dimension, Question
from plimsoll.ledger import answers, calls, catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger

NOON = 1_795_176_000_000
"""20 November 2026, 12:00 UTC."""

GPT = Service("openai", "gpt-5.4")


def told(level: int, session: str, *tokens: int, day: int = 0) -> Harvest:
    """What one record of a session tells: calls of one rank each, and that lower ones give way."""
    origin = Origin(session, None, None, None, "human")
    found = tuple(
        Call(
            key_of(str(level), session, str(place)),
            NOON + day * 86_400_000,
            level,
            origin,
            GPT,
            count,
        )
        for place, count in enumerate(tokens)
    )
    state = ReadState(f"/logs/{level}-{session}", 1, 2, 3, 4)
    return Harvest(state, found, (), ((session, level),))


def flat(call: Call) -> Priced:
    return "USD", call.tokens.total, "flat", 0


def store(ledger: Ledger, source: Source, *harvests: Harvest) -> int:
    return calls.store_harvests(ledger, source, harvests, price=flat, edition="flat 1")


def sums(ledger: Ledger) -> dict[str | None, int]:
    question = Question(Period(nov(1), nov(30)), by=(Dimension.SESSION,))
    rows = answers.answer(ledger, question, today=nov(23)).rows
    return {row.key[0]: row.tokens.total for row in rows}


def agent(ledger: Ledger) -> Source:
    return catalog.add_source(ledger, name="c", connector="copilot-cli", kind="agent")


def test_a_better_record_takes_the_place_of_the_worse(ledger: Ledger) -> None:
    source = agent(ledger)
    store(ledger, source, told(1, "a", 70), told(1, "b", 9))
    assert sums(ledger) == {"a": 70, "b": 9}
    store(ledger, source, told(3, "a", 100, 20, day=1))
    assert sums(ledger) == {"a": 120, "b": 9}
    assert ledger.check() == ()


def test_a_day_that_had_only_the_worse_record_is_empty_then(ledger: Ledger) -> None:
    source = agent(ledger)
    store(ledger, source, told(1, "a", 70))
    assert store(ledger, source, told(3, "a", 100, day=1)) == 2
    question = Question(Period(nov(1), nov(30)), by=(Dimension.DAY,))
    rows = answers.answer(ledger, question, today=nov(23)).rows
    assert [row.key for row in rows if row.tokens.total] == [("2026-11-21",)]
    assert ledger.check() == ()


def test_a_worse_record_that_comes_later_is_not_taken_in(ledger: Ledger) -> None:
    source = agent(ledger)
    store(ledger, source, told(3, "a", 100))
    assert store(ledger, source, told(1, "a", 70, day=1)) == 0
    assert store(ledger, source, told(2, "a", 80), told(1, "b", 5)) == 1
    assert sums(ledger) == {"a": 100, "b": 5}


@settings(max_examples=40)
@given(
    order=st.permutations([(1, "a"), (2, "a"), (3, "a"), (1, "b"), (2, "b"), (1, "c")]),
    cuts=st.sets(st.integers(1, 5)),
)
def test_whatever_the_order_and_the_batches_the_same_counts(
    tmp_path_factory: pytest.TempPathFactory, order: Sequence[tuple[int, str]], cuts: set[int]
) -> None:
    ledger = Ledger.open(tmp_path_factory.mktemp("data"), clock=FakeClock(), who="test")
    try:
        source = agent(ledger)
        batch: list[Harvest] = []
        for place, (level, session) in enumerate(order):
            if place in cuts:
                store(ledger, source, *batch)
                batch = []
            batch.append(told(level, session, level * 100, day=place % 3))
        store(ledger, source, *batch)
        assert sums(ledger) == {"a": 300, "b": 200, "c": 100}
        assert ledger.check() == ()
    finally:
        ledger.close()
