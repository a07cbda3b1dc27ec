"""Prepaid accounts: what a balance lost to use is estimated spend, once, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_kit import Desk
from log_kit import SESSION, WORK, clock
from made_up import Bench, MadeUpAccount, Truth

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import NotOffered
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Amounts, Dimension, Question, Row
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import BalanceReading, Computed, UsageRecord
from plimsoll.ledger import answers, catalog, runs
from plimsoll.ledger.accounts import Source, source_named
from plimsoll.ledger.presence import is_stale
from plimsoll.ledger.repricing import reprice
from plimsoll.ledger.usage import restatements
from plimsoll.services.check import check
from plimsoll.services.falls import BASIS, SPREAD, book_falls
from plimsoll.services.provenance import provenance

MORNING = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


@dataclass
class Wallet(MadeUpAccount):
    """An account that tells what is left, and nothing else unless it is given endpoints."""

    left: dict[str, float] = field(default_factory=dict)
    bench: Any = None

    def balances(self) -> Any:
        at = self.bench.clock.now()
        return tuple(
            BalanceReading(at, Money(code, round(units * NANO)))
            for code, units in self.left.items()
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def read(bench: Bench, at: datetime, truth: Truth | None = None, **left: float) -> None:
    bench.clock.instant = at
    more = {} if truth is not None else {"endpoints": ()}
    outcome = bench.sync(Wallet(truth or Truth(), left=left, bench=bench, **more))
    assert outcome.failure == ""


def rows(bench: Bench) -> dict[tuple[str | None, ...], Row]:
    today = bench.clock.instant.date()
    question = Question(NOVEMBER, (Dimension.DAY,))
    return {row.key: row for row in answers.answer(bench.ledger, question, today=today).rows}


def estimated(bench: Bench) -> dict[tuple[str, str], int]:
    return {
        (str(day), amounts.currency): amounts.estimated
        for (day,), row in rows(bench).items()
        for amounts in row.amounts
    }


def test_what_a_balance_loses_is_estimated_spend_in_its_own_currency(bench: Bench) -> None:
    read(bench, MORNING, CNY=100, USD=9)
    assert estimated(bench) == {}
    read(bench, MORNING + timedelta(hours=5), CNY=97.5, USD=8.75)
    assert estimated(bench) == {
        ("2026-11-20", "CNY"): 2_500_000_000,
        ("2026-11-20", "USD"): 250_000_000,
    }
    (row,) = rows(bench).values()
    assert row.amounts[0] == Amounts("CNY", 0, 2_500_000_000, 0, 2_500_000_000)
    assert (row.tokens.total, row.requests, row.not_priced_tokens) == (0, None, 0)


def test_a_day_grows_with_its_readings_and_is_left_alone_when_it_is_over(bench: Bench) -> None:
    for hours, left in ((0, 50), (6, 45), (12, 41), (18, 39), (30, 30), (54, 33)):
        read(bench, MORNING + timedelta(hours=hours), CNY=left)
    found = estimated(bench)
    assert sum(found.values()) == 20 * NANO
    assert found["2026-11-20", "CNY"] == 9_833_333_333  # 5 + 4, and 2.5 hours of the next 6
    assert restatements(bench.ledger) == ()
    before = found
    book_falls(bench.ledger, bench.source)
    assert estimated(bench) == before


def test_readings_stored_before_spend_was_derived_are_not_lost(bench: Bench) -> None:
    for hours, left in ((0, 50), (30, 40), (60, 33)):
        at = MORNING + timedelta(hours=hours)
        amount = Money("CNY", left * NANO)
        runs.save_balances(bench.ledger, bench.source.id, [BalanceReading(at, amount)])
    read(bench, MORNING + timedelta(hours=61), CNY=32)
    assert sum(estimated(bench).values()) == 18 * NANO


def test_days_before_the_first_reading_are_a_gap_and_not_zero(bench: Bench) -> None:
    read(bench, MORNING, CNY=100)
    table = answers.answer(bench.ledger, Question(NOVEMBER), today=MORNING.date())
    (gap,) = table.gaps
    assert gap.period == Period(date(2026, 11, 1), date(2026, 11, 19))
    assert gap.reason == "before the first reading of its balance"


def test_the_basis_says_that_it_is_a_balance_and_when_it_is_spread_over_days(bench: Bench) -> None:
    read(bench, MORNING, CNY=100)
    read(bench, MORNING + timedelta(hours=1), CNY=99)
    read(bench, MORNING + timedelta(days=3), CNY=90)
    known = provenance(bench.ledger, Question(NOVEMBER), currency="CNY", now=bench.clock.instant)
    assert {price.basis for price in known.prices} == {SPREAD}
    read(bench, MORNING + timedelta(days=3, hours=15), CNY=89)
    read(bench, MORNING + timedelta(days=3, hours=20), CNY=88)
    known = provenance(bench.ledger, Question(NOVEMBER), currency="CNY", now=bench.clock.instant)
    assert {price.basis for price in known.prices} == {SPREAD, BASIS}
    assert known.amounts.estimated == 12 * NANO


def test_an_account_with_charges_of_its_own_is_not_estimated_from_its_balance(
    bench: Bench,
) -> None:
    truth = Truth(money={date(2026, 11, 20): NANO})
    read(bench, MORNING, truth, USD=100)
    read(bench, MORNING + timedelta(hours=5), truth, USD=97)
    assert estimated(bench) == {("2026-11-20", "USD"): 0}


def test_nor_is_one_whose_own_cost_could_not_be_read(bench: Bench) -> None:
    refused = NotOffered("This key may not read the bill.", status=403)
    for hours, left in ((0, 100), (5, 90)):
        bench.clock.instant = MORNING + timedelta(hours=hours)
        wallet = Wallet(Truth(), lambda _e, _d: refused, left={"CNY": left}, bench=bench)
        assert bench.sync(wallet).failure
    assert estimated(bench) == {}


def test_what_was_estimated_gives_way_once_the_account_tells_its_own_cost(bench: Bench) -> None:
    read(bench, MORNING, USD=100)
    read(bench, MORNING + timedelta(hours=5), USD=97)
    truth = Truth(money={date(2026, 11, 20): NANO})
    read(bench, MORNING + timedelta(hours=6), truth, USD=96)
    (row,) = rows(bench).values()
    assert row.amounts == (Amounts("USD", NANO, 0, 0, 0),)
    read(bench, MORNING + timedelta(days=3), truth, USD=90)
    today = bench.clock.instant.date()
    days = answers.daily(
        bench.ledger, Period(date(2026, 11, 20), today), currency="USD", today=today
    )
    assert all(day.known for day in days.days)


def test_a_new_price_book_leaves_a_fall_as_it_is(bench: Bench) -> None:
    read(bench, MORNING, CNY=100)
    read(bench, MORNING + timedelta(hours=5), CNY=97)
    assert not is_stale(bench.ledger, "another edition")
    before = estimated(bench)

    def dear(_record: UsageRecord, _source: Source) -> Computed:
        return Computed(Money("CNY", 99 * NANO), "dear")

    assert not reprice(bench.ledger, dear, edition="another edition", sentence="Dearer.")
    assert estimated(bench) == before


def test_another_key_may_be_another_account_and_its_balance_is_no_spend(bench: Bench) -> None:
    def use_key(tail: str) -> None:
        catalog.change_source(
            bench.ledger,
            bench.source.id,
            name=bench.source.name,
            base_url=None,
            settings=(),
            key_tail=tail,
        )

    use_key("3f9a")
    read(bench, MORNING, CNY=500)
    read(bench, MORNING + timedelta(hours=1), CNY=497)
    use_key("77b0")
    read(bench, MORNING + timedelta(hours=2), CNY=20)
    read(bench, MORNING + timedelta(hours=3), CNY=19)
    assert estimated(bench) == {("2026-11-20", "CNY"): 4 * NANO}


def test_a_fall_is_no_token_at_list_price(bench: Bench) -> None:
    read(bench, MORNING, CNY=100)
    read(bench, MORNING + timedelta(hours=5), CNY=97)
    (account,) = check(bench.ledger, NOVEMBER, today=MORNING.date()).accounts
    assert (account.billed, account.computed) == (None, None)


# --- an agent that calls the same provider ----------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def prepaid_spend(desk: Desk) -> None:
    """Three dollars of DeepSeek's balance on the day of the logs."""
    key = Secret("sk-" + "a" * 32)
    desk.program.add_source("deepseek", name="Prepaid", key=key)
    source = source_named(desk.program.ledger, "Prepaid")
    for hour, left in ((1, 10), (20, 7)):
        at = datetime(2026, 9, 2, hour, tzinfo=UTC)
        reading = BalanceReading(at, Money("USD", left * NANO))
        runs.save_balances(desk.program.ledger, source.id, [reading])
    book_falls(desk.program.ledger, source)


def write_pi(desk: Desk, *calls: tuple[str, str]) -> None:
    """A session of pi, with a call of each provider and model; its source is called Pi."""
    head = {"type": "session", "version": 3, "id": SESSION, "timestamp": clock(0), "cwd": WORK}
    counts = {"input": 10**6, "output": 1000, "cacheRead": 0, "cacheWrite": 0}
    lines = [
        {
            "type": "message",
            "id": f"{place:08x}",
            "timestamp": clock(place),
            "message": {
                "role": "assistant",
                "timestamp": round(datetime.fromisoformat(clock(place)).timestamp() * 1000),
                "provider": provider,
                "model": model,
                "usage": counts,
                "content": [],
                "stopReason": "stop",
            },
        }
        for place, (provider, model) in enumerate(calls)
    ]
    folder = ".pi/agent/sessions"
    desk.logs.write(f"{folder}/--home-dev/2026-09-02T12-00-00-000Z_{SESSION}.jsonl", head, *lines)
    root = str(desk.logs.home / folder)
    desk.program.add_source("pi", name="Pi", key=None, settings={"root": root, "money": "api"})


DEEPSEEK, CLAUDE = ("deepseek", "deepseek-chat"), ("anthropic", "claude-sonnet-4-5")


def test_an_agent_that_calls_only_that_provider_explains_the_balance_and_adds_nothing(
    desk: Desk,
) -> None:
    write_pi(desk, DEEPSEEK, DEEPSEEK)
    prepaid_spend(desk)
    desk.program.sync(["Pi"])
    by_source = desk.rows(Dimension.SOURCE)
    assert list(by_source) == [("Prepaid",)]
    assert by_source["Prepaid",].amounts == (Amounts("USD", 0, 3 * NANO, 0, 3 * NANO),)
    (overlap,) = desk.program.overlaps()
    assert (overlap.payer, overlap.explainer, overlap.is_open) == ("Prepaid", "Pi", True)
    assert overlap.evidence == "All calls of Pi go to the provider that Prepaid prepays."
    desk.program.settle_overlap(overlap.id, once=False)
    desk.program.sync(["Pi"])
    assert set(desk.rows(Dimension.SOURCE)) == {("Prepaid",), ("Pi",)}


def test_an_agent_that_calls_others_too_counts_by_itself(desk: Desk) -> None:
    write_pi(desk, DEEPSEEK, CLAUDE)
    prepaid_spend(desk)
    desk.program.sync(["Pi"])
    assert set(desk.rows(Dimension.SOURCE)) == {("Prepaid",), ("Pi",)}
    assert desk.program.overlaps() == ()
