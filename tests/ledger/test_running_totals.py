"""Running totals count by what they rose by, whichever file tells them, and a total that was seen
before or that fell adds nothing: agents that keep no more than a sum of a session are exact, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import FakeClock, nov

from plimsoll.domain.calendar import Period
from plimsoll.domain.calls import (
    Call,
    Harvest,
    Origin,
    Priced,
    ReadState,
    Service,
    merged,
    rank_of,
)
from plimsoll.domain.question import Dimension, Question, Row
from plimsoll.ledger import answers, calls, catalog, repricing
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.prices.book import PriceBook
from plimsoll.prices.many import CallPrices
from plimsoll.sources.logs.packing import pack, unpack

HERE = Origin("session-1", None, "/home/dev/shop", None, None)
MODEL = Service("anthropic", "claude-opus-4-6")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def total(out: int, *, fresh: int = 0, hours: float = 0, key: int = 1) -> Call:
    """What a session came to in all, so many hours after noon of 20 November 2026."""
    instant = int((NOON + timedelta(hours=hours)).timestamp() * 1000)
    rank = rank_of(output=out, total=out + fresh)
    return Call(key, instant, rank, HERE, MODEL, fresh, output=out, requests=None)


def cost(nanos: int, *, hours: float = 0) -> Call:
    instant = int((NOON + timedelta(hours=hours)).timestamp() * 1000)
    return Call(2, instant, nanos, HERE, Service("crush", None), requests=None, cost=nanos)


def harvest(*found: Call, path: str = "/logs/a") -> Harvest:
    by_key: dict[int, Call] = {}
    for call in found:
        by_key[call.key] = merged(by_key[call.key], call) if call.key in by_key else call
    return Harvest(ReadState(path, 1, 2, 300, 4), tuple(by_key.values()))


@pytest.fixture
def agent(ledger: Ledger) -> Source:
    return catalog.add_source(ledger, name="droid", connector="droid", kind="agent")


prices = CallPrices(PriceBook(), source="", currency=None)


def flat(call: Call) -> Priced:
    """A nano-dollar a token; a reported cost as it is."""
    if call.cost is not None:
        return prices(call)
    return "USD", call.tokens.total, "flat", 0


def store(ledger: Ledger, source: Source, *found: Call, path: str = "/logs/a") -> int:
    harvests = [harvest(*found, path=path)]
    return calls.store_harvests(ledger, source, harvests, price=flat, edition="flat 1")


def rows(ledger: Ledger, *by: Dimension) -> dict[tuple[str | None, ...], Row]:
    question = Question(Period(nov(1), nov(30)), by=by)
    return {row.key: row for row in answers.answer(ledger, question, today=nov(23)).rows}


def by_day(ledger: Ledger) -> dict[str | None, int]:
    return {day: row.tokens.total for (day,), row in rows(ledger, Dimension.DAY).items()}


def test_a_day_has_what_a_total_rose_by(ledger: Ledger, agent: Source) -> None:
    store(ledger, agent, total(100, fresh=10))
    store(ledger, agent, total(300, fresh=10, hours=24))
    store(ledger, agent, total(300, fresh=70, hours=48))
    assert by_day(ledger) == {"2026-11-20": 110, "2026-11-21": 200, "2026-11-22": 60}
    assert ledger.check() == ()


def test_what_was_seen_before_or_fell_adds_nothing(ledger: Ledger, agent: Source) -> None:
    store(ledger, agent, total(100))
    assert store(ledger, agent, total(100), path="/moved/a") == 0
    assert store(ledger, agent, total(40, hours=24)) == 0
    assert store(ledger, agent, total(120, hours=24)) == 1
    assert by_day(ledger) == {"2026-11-20": 100, "2026-11-21": 20}


def test_nobody_knows_how_many_calls_a_total_is(ledger: Ledger, agent: Source) -> None:
    store(ledger, agent, total(100))
    (row,) = rows(ledger, Dimension.CLASS).values()
    assert row.requests is None
    assert set(rows(ledger, Dimension.CLASS)) == {(None,)}


def test_a_reported_cost_rises_too_and_no_price_takes_it_away(
    ledger: Ledger, agent: Source
) -> None:
    store(ledger, agent, cost(5_000))
    store(ledger, agent, cost(7_500, hours=24))
    assert store(ledger, agent, cost(7_500, hours=48)) == 0
    found = {day: row.amounts[0].estimated for (day,), row in rows(ledger, Dimension.DAY).items()}
    assert found == {"2026-11-20": 5_000, "2026-11-21": 2_500}
    (row,) = rows(ledger).values()
    assert (row.tokens.total, row.not_priced_tokens, row.requests) == (0, 0, None)
    effect = repricing.reprice(
        ledger,
        lambda record, _: PriceBook().compute(record, provider="crush"),
        calls=lambda _: prices,
        edition="another",
        sentence="Prices changed.",
    )
    assert effect.records == 0
    assert rows(ledger)[()].amounts[0].estimated == 7_500


def test_a_forgotten_agent_is_counted_anew(ledger: Ledger, agent: Source) -> None:
    store(ledger, agent, total(100))
    catalog.remove_source(ledger, agent.id, forget=True)
    again = catalog.add_source(ledger, name="droid", connector="droid", kind="agent")
    store(ledger, again, total(100))
    assert by_day(ledger) == {"2026-11-20": 100}


def test_an_agent_that_is_added_again_counts_on(ledger: Ledger, agent: Source) -> None:
    store(ledger, agent, total(100))
    catalog.remove_source(ledger, agent.id, forget=False)
    again = catalog.add_source(ledger, name="droid", connector="droid", kind="agent")
    catalog.start_run(ledger, again.id)
    store(ledger, again, total(130, hours=24))
    assert by_day(ledger) == {"2026-11-20": 100, "2026-11-21": 30}


def test_of_two_totals_of_a_session_the_larger_counts_at_its_own_time() -> None:
    early, late = total(40), total(90, hours=5)
    assert merged(early, late) == merged(late, early) == late


def test_totals_travel_between_processes() -> None:
    sent = [harvest(total(100), cost(7), total(3, key=9)._replace(requests=1))]
    assert unpack(pack(sent)) == sent


@settings(max_examples=40)
@given(
    steps=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=6),
    again=st.lists(st.integers(0, 5), max_size=4),
)
def test_however_often_totals_are_read_they_sum_to_the_highest(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]], again: Sequence[int]
) -> None:
    fresh = out = 0
    totals = []
    for hour, (more_in, more_out) in enumerate(steps):
        fresh, out = fresh + more_in, out + more_out
        totals.append(total(out, fresh=fresh, hours=hour))
    repeated = [totals[place] for place in again if place < len(totals)]
    ledger = Ledger.open(tmp_path_factory.mktemp("data"), clock=FakeClock(), who="test")
    try:
        source = catalog.add_source(ledger, name="droid", connector="droid", kind="agent")
        for number, call in enumerate([*totals, *repeated]):
            store(ledger, source, call, path=f"/logs/{number % 2}")
        assert sum(by_day(ledger).values()) == fresh + out
        assert ledger.check() == ()
    finally:
        ledger.close()
