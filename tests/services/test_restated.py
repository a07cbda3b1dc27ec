"""A settled day that changes is told with what it was, what it is, and when we saw it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from made_up import NOW, TODAY, Bench, MadeUpAccount, Truth

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO
from plimsoll.ledger.usage import look_at_restatements
from plimsoll.services.forecasts import forecast_table
from plimsoll.services.overview import overview
from plimsoll.services.restated import AmountChange, restatements, unseen_sentence

SETTLED = date(2026, 11, 9)
MOVING = date(2026, 11, 19)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


@pytest.fixture
def truth() -> Truth:
    return Truth(
        money={SETTLED: 8_100_000_000, MOVING: 3 * NANO}, tokens={SETTLED: 4_000, MOVING: 50}
    )


def test_a_settled_day_is_told_with_what_it_was_and_what_it_is(bench: Bench, truth: Truth) -> None:
    bench.sync(MadeUpAccount(truth))
    bench.clock.instant = NOW + timedelta(days=1)
    truth.money[SETTLED] = 9_420_000_000
    bench.sync(MadeUpAccount(truth), since=SETTLED)
    (found,) = restatements(bench.ledger)
    assert (found.day, found.source, found.endpoint) == (SETTLED, "Made up", "costs")
    assert found.seen == bench.clock.now()
    assert found.amounts == (AmountChange("USD", 8_100_000_000, 9_420_000_000),)
    assert found.amounts[0].change == 1_320_000_000
    assert found.tokens_change == 0
    assert found.sentence == "9 November changed from $8.10 to $9.42 on 21 November."


def test_each_change_is_kept_the_latest_first(bench: Bench, truth: Truth) -> None:
    bench.sync(MadeUpAccount(truth))
    for nanos in (9 * NANO, 7 * NANO):
        truth.money[SETTLED] = nanos
        bench.sync(MadeUpAccount(truth), since=SETTLED)
    bench.sync(MadeUpAccount(truth), since=SETTLED)
    assert [(f.amounts[0].old, f.amounts[0].new) for f in restatements(bench.ledger)] == [
        (9 * NANO, 7 * NANO),
        (8_100_000_000, 9 * NANO),
    ]


def test_a_day_that_could_still_change_is_not_restated(bench: Bench, truth: Truth) -> None:
    bench.sync(MadeUpAccount(truth))
    truth.money[MOVING] = 99 * NANO
    bench.sync(MadeUpAccount(truth))
    assert restatements(bench.ledger) == ()


def test_tokens_that_changed_without_money_are_told_too(bench: Bench, truth: Truth) -> None:
    bench.sync(MadeUpAccount(truth))
    truth.tokens[SETTLED] = 1_234_567
    bench.sync(MadeUpAccount(truth), since=SETTLED)
    (found,) = restatements(bench.ledger)
    assert (found.endpoint, found.tokens_change, found.amounts) == ("calls", 1_230_567, ())
    assert "from 4\u202f000 to 1\u202f234\u202f567 tokens" in found.sentence


def test_a_period_and_a_source_choose_what_is_told(bench: Bench, truth: Truth) -> None:
    bench.sync(MadeUpAccount(truth))
    truth.money[SETTLED] = 9 * NANO
    bench.sync(MadeUpAccount(truth), since=SETTLED)
    day = Period(SETTLED, SETTLED)
    assert len(restatements(bench.ledger, period=day, source="Made up")) == 1
    assert restatements(bench.ledger, period=Period(MOVING, TODAY)) == ()
    with pytest.raises(WrongUse):
        restatements(bench.ledger, source="Nobody")


def test_what_changed_since_somebody_looked_is_told_in_one_line(bench: Bench, truth: Truth) -> None:
    bench.sync(MadeUpAccount(truth))
    assert unseen_sentence(bench.ledger) == ""
    for nanos in (9 * NANO, 9_420_000_000):
        truth.money[SETTLED] = nanos
        bench.sync(MadeUpAccount(truth), since=SETTLED)
    told = "9 November changed from $8.10 to $9.42 on 20 November"
    assert unseen_sentence(bench.ledger) == f"{told}."
    truth.money[SETTLED - timedelta(days=1)] = NANO // 10
    bench.sync(MadeUpAccount(truth), since=SETTLED - timedelta(days=1))
    assert unseen_sentence(bench.ledger) == f"{told}, and 1 more settled day changed too."
    look_at_restatements(bench.ledger)
    assert unseen_sentence(bench.ledger) == ""
    assert len(restatements(bench.ledger)) == 3, "what was looked at stays in the log"


@pytest.mark.parametrize("nanos", [8_100_000_001, 8_109_999_999, 8_150_000_000])
def test_a_change_of_next_to_nothing_is_logged_and_not_told(
    bench: Bench, truth: Truth, nanos: int
) -> None:
    bench.sync(MadeUpAccount(truth))
    truth.money[SETTLED] = nanos
    bench.sync(MadeUpAccount(truth), since=SETTLED)
    assert unseen_sentence(bench.ledger) == ""
    assert len(restatements(bench.ledger)) == 1


def test_the_first_screen_says_it_and_leads_to_the_check(bench: Bench, truth: Truth) -> None:
    bench.sync(MadeUpAccount(truth))
    truth.money[SETTLED] = 99 * NANO
    bench.sync(MadeUpAccount(truth), since=SETTLED)
    seen = overview(
        bench.ledger, now=bench.clock.now(), table=forecast_table(), currency=None, span="30d"
    )
    (need,) = [need for need in seen.needs if "changed from" in need.sentence]
    assert (need.kind, need.page) == ("hint", "check")
