"""Parts are judged with the whole, the widest is named, and what was expected is no pattern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from made_up import NOW, TODAY, Bench, MadeUpAccount, Truth

from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension
from plimsoll.domain.usage import Attribution, Charge, Slice
from plimsoll.ledger.verdicts import save_verdict, verdicts
from plimsoll.services.anomalies import UnusualSpend, latest_unusual, unusual_spend
from plimsoll.services.forecasts import forecast_of, forecast_table
from plimsoll.services.overview import overview

LONG_AGO = TODAY - timedelta(days=120)
ALL_CUTS = frozenset({"model", "project", "key"})


@dataclass
class Parts(Truth):
    """Money by day and (project, model, key), in dollars."""

    parts: dict[date, dict[tuple[str, str, str], float]] = field(default_factory=dict)

    def spend(self, day: date, project: str, model: str, key: str, dollars: float) -> None:
        self.parts.setdefault(day, {})[project, model, key] = dollars

    def slice_of(self, endpoint: str, day: date) -> Slice:
        if endpoint != "costs":
            return Slice(endpoint, day)
        charges = tuple(
            Charge(
                Attribution(project=project, model=model, key=key),
                Money("USD", round(dollars * NANO)),
                str(dollars),
            )
            for (project, model, key), dollars in self.parts.get(day, {}).items()
        )
        return Slice(endpoint, day, charges=charges, bills_by=ALL_CUTS)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def ordinary() -> Parts:
    """Two projects for four months: a large one that varies, and a small one that hardly does."""
    truth = Parts()
    for back in range(1, 121):
        day = TODAY - timedelta(days=back)
        truth.spend(day, "Large", "opus", "big", 80 + 7 * back % 60)
        truth.spend(day, "Small", "mini", "own", 8 + back % 3)
    return truth


def told(bench: Bench, truth: Truth) -> UnusualSpend:
    bench.sync(MadeUpAccount(truth), since=LONG_AGO)
    return unusual_spend(bench.ledger, currency="USD", today=TODAY)


def test_ordinary_days_of_all_parts_are_told_of_nothing(bench: Bench) -> None:
    spend = told(bench, ordinary())
    assert (spend.days, spend.first) == ((), ())


def test_a_part_that_stands_out_in_an_ordinary_whole_is_told_by_its_widest_name(
    bench: Bench,
) -> None:
    """The project, its model and its key all stand out by the same money: it is one thing."""
    truth, day = ordinary(), TODAY - 2 * ONE_DAY
    truth.spend(day, "Small", "mini", "own", 90)
    truth.spend(day, "Large", "opus", "big", 60)
    (found,) = told(bench, truth).days
    assert found.day.part == (Dimension.PROJECT, "Small")
    assert (found.day.spent, found.day.usual) == (90 * NANO, 9 * NANO)
    assert set(found.behind) == {(Dimension.MODEL, "mini"), (Dimension.KEY, "own")}
    assert found.sentence == (
        "Project Small on 18 November cost $90.00, usually $9.00 a day: mostly model mini, key own."
    )


def test_what_is_small_beside_the_whole_is_no_news(bench: Bench) -> None:
    truth = ordinary()
    for back in range(1, 121):
        truth.spend(TODAY - timedelta(days=back), "Tiny", "nano", "t", 1)
    truth.spend(TODAY - 2 * ONE_DAY, "Tiny", "nano", "t", 30)
    assert told(bench, truth).days == ()


def test_a_whole_that_stands_out_is_told_as_the_whole(bench: Bench) -> None:
    truth, day = ordinary(), TODAY - 2 * ONE_DAY
    truth.spend(day, "Large", "opus", "big", 900)
    (found,) = told(bench, truth).days
    assert found.day.part is None
    assert (Dimension.PROJECT, "Large") in found.behind


def test_a_part_that_often_bursts_raises_the_bar_for_all(bench: Bench) -> None:
    """Every ninth day the small project costs ninety dollars, and the large one as much less."""
    truth = ordinary()
    for back in range(3, 121, 9):
        day = TODAY - timedelta(days=back)
        truth.spend(day, "Small", "mini", "own", 90)
        truth.spend(day, "Large", "opus", "big", 30)
    assert told(bench, truth).days == ()


def test_what_was_expected_is_told_no_more_and_raises_no_bar(bench: Bench) -> None:
    truth = ordinary()
    for back in (9, 2):
        truth.spend(TODAY - timedelta(days=back), "Large", "opus", "big", 900)
    newest, older = told(bench, truth).days
    days = newest.day.day, older.day.day
    save_verdict(bench.ledger, days[1], currency="USD", expected=True)
    (left,) = unusual_spend(bench.ledger, currency="USD", today=TODAY).days
    assert left.day.day == days[0]
    save_verdict(bench.ledger, days[0], currency="USD", expected=False)
    spend = unusual_spend(bench.ledger, currency="USD", today=TODAY)
    assert [each.expected for each in spend.days] == [False], "it is listed, and asked of no more"
    assert latest_unusual(spend, today=TODAY) is None
    save_verdict(bench.ledger, days[1], currency="USD", expected=None)
    assert verdicts(bench.ledger, currency="USD") == {days[0]: False}
    assert verdicts(bench.ledger, currency="CNY") == {}


def test_what_was_expected_is_spent_and_the_rest_is_foreseen_as_without_it(
    tmp_path: Path,
) -> None:
    def foreseen(bench: Bench) -> tuple[int, int]:
        """Spent so far, and what the middle of the forecast adds to it."""
        forecast = forecast_of(
            bench.ledger,
            period=Period(TODAY.replace(day=1), TODAY.replace(day=30)),
            currency="USD",
            now=NOW,
            today=TODAY,
            table=forecast_table(),
        )
        return forecast.spent, forecast.median - forecast.spent

    burst, quiet = Bench(tmp_path / "burst"), Bench(tmp_path / "quiet")
    truth, day = ordinary(), TODAY - 2 * ONE_DAY
    truth.spend(day, "Large", "opus", "big", 3000)
    told(burst, truth)
    told(quiet, ordinary())
    spent, before = foreseen(burst)
    save_verdict(burst.ledger, day, currency="USD", expected=True)
    still, after = foreseen(burst)
    _, without = foreseen(quiet)
    assert still == spent
    assert abs(before / without - 1) > 0.1
    assert abs(after / without - 1) < 0.03
    burst.close()
    quiet.close()


def test_who_spends_for_the_first_time_is_named_quietly(bench: Bench) -> None:
    truth = ordinary()
    for back in (3, 2, 1):
        truth.spend(TODAY - timedelta(days=back), "Large", "sonnet", "big", 2)
    truth.spend(TODAY - ONE_DAY, "Large", "sonnet", "second", 1)
    spend = told(bench, truth)
    assert [first.part for first in spend.first] == [
        (Dimension.MODEL, "sonnet"),
        (Dimension.KEY, "second"),
    ]
    assert spend.first[0].day == TODAY - 3 * ONE_DAY
    assert spend.first_sentence == (
        "New since 17 November: model sonnet, key second; the largest cost $7.00 so far."
    )
    shown = overview(bench.ledger, now=NOW, table=forecast_table(), currency=None, span="30d")
    assert [n.kind for n in shown.needs if n.sentence == spend.first_sentence] == ["hint"]


def test_nobody_is_new_after_a_short_pause_or_without_a_known_past(bench: Bench) -> None:
    truth = ordinary()
    for back in (25, 1):
        truth.spend(TODAY - timedelta(days=back), "Large", "sonnet", "big", 5)
    assert told(bench, truth).first == ()
    assert unusual_spend(bench.ledger, currency="CNY", today=TODAY).first == ()


def test_nobody_is_new_while_the_archive_is(bench: Bench) -> None:
    bench.sync(MadeUpAccount(ordinary()), since=TODAY - 5 * ONE_DAY)
    assert unusual_spend(bench.ledger, currency="USD", today=TODAY).first == ()


def test_cents_make_nobody_new(bench: Bench) -> None:
    truth = ordinary()
    day = TODAY - ONE_DAY
    truth.spend(day, "Large", "sonnet", "big", 0.99)
    assert told(bench, truth).first == ()
