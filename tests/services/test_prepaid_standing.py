"""Standing of balances: what is left, since which top-up, how fast it falls, and what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from made_up import Bench, Truth
from test_prepaid_spend import read

from plimsoll.analysis.runout import Lasts
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.prepaid import Credit, CreditKind, Watch, read_marks
from plimsoll.ledger import prepaid as stored
from plimsoll.services import overview as first_screen
from plimsoll.services.account_book import add_credit
from plimsoll.services.forecasts import forecast_table
from plimsoll.services.prepaid import Prepaid, balances, steps, warn

FIRST = datetime(2026, 11, 1, 18, tzinfo=UTC)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def fall(bench: Bench, days: int, *, start: float = 100, a_day: float = 2) -> None:
    """A reading every evening; on the sixth fifty are topped up."""
    left = start
    for place in range(days):
        left += 50 if place == 5 else 0
        read(bench, FIRST + timedelta(days=place), CNY=left, USD=9)
        left -= a_day


def standing(bench: Bench) -> dict[str, Prepaid]:
    found = balances(bench.ledger, now=bench.clock.instant, table=forecast_table())
    return {one.currency: one for one in found}


def test_a_balance_stands_since_its_last_top_up_and_falls_by_its_mean_day(bench: Bench) -> None:
    fall(bench, 25)
    yuan = standing(bench)["CNY"]
    assert yuan.left == (100 + 50 - 24 * 2) * NANO
    assert (yuan.full, yuan.risen_at) == (140 * NANO, FIRST + timedelta(days=5))
    assert yuan.burn is not None
    assert abs(yuan.burn - 2 * NANO) < NANO // 5
    assert yuan.run_out.lasts is Lasts.DATES
    plain = bench.clock.instant.date() + timedelta(days=51)
    assert yuan.run_out.earliest is not None
    assert yuan.run_out.latest is not None
    assert yuan.run_out.earliest <= plain <= yuan.run_out.latest
    dollars = standing(bench)["USD"]
    assert (dollars.full, dollars.risen_at, dollars.run_out.lasts) == (
        9 * NANO,
        None,
        Lasts.UNKNOWN,
    )


def test_a_balance_that_pays_for_more_than_is_billed_here_runs_out_by_all_of_it(
    bench: Bench,
) -> None:
    truth = Truth()
    for place in range(25):
        at = FIRST + timedelta(days=place)
        truth.money[at.date()] = NANO // 10
        read(bench, at, truth, USD=100 - 2 * place)
    dollars = standing(bench)["USD"]
    assert dollars.burn is not None
    assert abs(dollars.burn - 2 * NANO) < NANO // 5
    assert dollars.run_out.lasts is Lasts.DATES


def test_steps_tell_the_newest_first_and_one_currency_alone(bench: Bench) -> None:
    fall(bench, 8)
    told = steps(bench.ledger, "Made up", "CNY")
    assert len(told) == 7
    assert told[0].end == FIRST + timedelta(days=7)
    assert [step.added for step in told if step.added] == [48 * NANO]


def test_what_is_low_or_runs_out_soon_needs_its_user_on_the_first_screen(bench: Bench) -> None:
    fall(bench, 25)

    def needs() -> list[str]:
        now = bench.clock.instant
        screen = first_screen.overview(
            bench.ledger, now=now, table=forecast_table(), currency="CNY", span="30d"
        )
        return [need.sentence for need in screen.needs if need.page == "sources"]

    assert needs() == []
    stored.save_watch(bench.ledger, "Made up", Watch(low=read_marks("CNY 110")))
    (sentence,) = needs()
    assert sentence.startswith("Made up: ¥102.00 left, runs out about ")


def test_a_low_balance_is_warned_of_once_whoever_looks(bench: Bench) -> None:
    fall(bench, 10)
    stored.save_watch(bench.ledger, "Made up", Watch(low=read_marks("CNY 150"), run_out_days=0))
    now, table = bench.clock.instant, forecast_table()
    (told,) = warn(bench.ledger, now=now, table=table)
    assert told.sentence == "Made up: ¥132.00 left, below the ¥150.00 that you set."
    assert warn(bench.ledger, now=now, table=table) == ()
    assert warn(bench.ledger, now=now + timedelta(days=2), table=table) == ()


def test_an_account_book_stands_where_no_balance_was_ever_read(bench: Bench) -> None:
    bench.clock.instant = FIRST
    start = Credit(CreditKind.START, Money("USD", 40 * NANO), date(2026, 11, 1))
    kept = add_credit(bench.ledger, "Made up", start)
    dollars = standing(bench)["USD"]
    assert (dollars.left, dollars.derived, dollars.entries) == (40 * NANO, True, (kept,))
    assert dollars.run_out.lasts is Lasts.UNKNOWN
    read(bench, FIRST + timedelta(hours=1), USD=9)
    read_one = standing(bench)["USD"]
    assert (read_one.left, read_one.derived, read_one.entries) == (9 * NANO, False, ())
