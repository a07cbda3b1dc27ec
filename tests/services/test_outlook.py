"""The outlook beside a forecast, and the unusual day with who is behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from made_up import NOW, TODAY, Bench, MadeUpAccount, Truth, spread

from plimsoll.domain.money import NANO
from plimsoll.domain.question import Dimension
from plimsoll.services.anomalies import Unusual, latest_unusual, unusual_spend
from plimsoll.services.forecasts import forecast_table
from plimsoll.services.outlook import outlook_of, tokens_doubling
from plimsoll.services.overview import overview


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def flat(days: int, *, dollars: int = 10, **on: int) -> Truth:
    """The same each day, but for days so many `back`."""
    truth = Truth()
    for back in range(days):
        day = TODAY - timedelta(days=back)
        truth.money[day] = on.get(f"back{back}", dollars) * NANO
        truth.tokens[day] = 1000
    return truth


def test_the_record_tells_of_six_months_and_the_run_rate(bench: Bench) -> None:
    bench.sync(MadeUpAccount(flat(400)), since=TODAY - timedelta(days=400))
    found = outlook_of(bench.ledger, currency="USD", now=NOW, table=forecast_table())
    assert found.record is not None
    assert len(found.record.months) == found.record.held == 6
    assert found.record.run_rate_miss == pytest.approx(0, abs=0.001)
    assert found.doubling is None
    assert found.days == ()
    assert tokens_doubling(bench.ledger, now=NOW) is None


def test_days_come_only_when_they_are_asked_for(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    found = outlook_of(bench.ledger, currency="USD", now=NOW, table=forecast_table(), daily=True)
    assert found.record is None, "two months are too few"
    assert len(found.days) == 90
    assert found.days[0].day == TODAY + timedelta(days=1)


def test_tokens_and_money_double_each_by_itself(bench: Bench) -> None:
    truth = Truth()
    for back in range(112):
        day = TODAY - timedelta(days=back)
        truth.money[day] = 10 * NANO
        truth.tokens[day] = round(1_000_000 * 2 ** (-back / 28))
    bench.sync(MadeUpAccount(truth), since=TODAY - timedelta(days=112))
    doubling = tokens_doubling(bench.ledger, now=NOW)
    assert doubling is not None
    assert doubling.days == pytest.approx(28, rel=0.02)
    found = outlook_of(bench.ledger, currency="USD", now=NOW, table=forecast_table())
    assert found.doubling is None


def latest(bench: Bench) -> Unusual | None:
    spend = unusual_spend(bench.ledger, currency="USD", today=TODAY)
    return latest_unusual(spend, today=TODAY)


class TestUnusual:
    def test_a_day_that_stands_out_names_its_model(self, bench: Bench) -> None:
        bench.sync(MadeUpAccount(flat(100, back2=200)), since=TODAY - timedelta(days=100))
        found = latest(bench)
        assert found is not None
        assert found.day.day == TODAY - timedelta(days=2)
        assert found.behind == ((Dimension.MODEL, "m"),)
        assert found.sentence == "18 November cost $200.00, a day usually $10.00: mostly model m."

    def test_the_first_screen_tells_of_it_for_a_week(self, bench: Bench) -> None:
        bench.sync(MadeUpAccount(flat(100, back7=200)), since=TODAY - timedelta(days=100))
        assert self.needs(bench) == [
            "13 November cost $200.00, a day usually $10.00: mostly model m."
        ]

    def test_and_then_no_more(self, bench: Bench) -> None:
        bench.sync(MadeUpAccount(flat(100, back8=200)), since=TODAY - timedelta(days=100))
        assert self.needs(bench) == []

    def test_today_is_not_judged_before_it_is_over(self, bench: Bench) -> None:
        bench.sync(MadeUpAccount(flat(100, back0=200)), since=TODAY - timedelta(days=100))
        assert latest(bench) is None

    def needs(self, bench: Bench) -> list[str]:
        seen = overview(bench.ledger, now=NOW, table=forecast_table(), currency=None, span="30d")
        return [
            need.sentence
            for need in seen.needs
            if need.page == "budgets" and need.kind == "warning"
        ]
