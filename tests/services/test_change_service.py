"""The service explains what the ledger holds: exactly, by what was spent, and never out of gaps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from made_up import TODAY, Bench, FlatBook, MadeUpAccount, MadeUpConnector, Truth, spread

from plimsoll.analysis.change import Cause, Thing
from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.errors import NoAnswer, PlimsollError, WrongUse
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.domain.usage import Attribution, Charge, Slice, Tokens, UsageRecord
from plimsoll.ledger import answers, catalog
from plimsoll.prices.book import PriceBook
from plimsoll.services.change import (
    Change,
    Comparison,
    change,
    compared_with,
    complete_days,
    read_periods,
    usual_comparison,
)
from plimsoll.services.change_words import period_words
from plimsoll.services.pricing import Pricing
from plimsoll.services.sync import Errand, sync_source
from plimsoll.sources.base import Endpoint

NOVEMBER, OCTOBER = (
    Period(date(2026, 11, 1), date(2026, 11, 19)),
    Period(date(2026, 10, 1), date(2026, 10, 19)),
)
MODEL = "gpt-5.4-mini"
BY_MODEL, BY_ACCOUNT = frozenset({"model", "project", "line_item"}), frozenset[str]()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def explained(bench: Bench, period: Period = NOVEMBER, against: Period = OCTOBER) -> Change:
    return change(bench.ledger, period=period, against=against, today=TODAY)


def parts(answer: Change, currency: str = "USD") -> dict[str, int]:
    found = next(c for c in answer.changes if c.currency == currency)
    return {p.cause.value: p.amount for p in found.explained.parts if p.amount}


def things(answer: Change, cause: Cause) -> list[Thing]:
    found = [p for c in answer.changes for p in c.explained.parts if p.cause is cause]
    return [thing for part in found for thing in part.things]


class Days(MadeUpAccount):
    """An account that holds charges and tokens by day."""

    def __init__(self, bills_by: frozenset[str] = BY_MODEL) -> None:
        super().__init__(Truth())
        self.bills_by = bills_by
        self.charges: dict[date, list[Charge]] = {}
        self.records: dict[date, list[UsageRecord]] = {}

    def charge(self, day: date, nanos: int, *, currency: str = "USD", **who: str) -> None:
        made = Charge(Attribution(**who), Money(currency, nanos), str(nanos))
        self.charges.setdefault(day, []).append(made)

    def use(
        self, day: date, tokens: Tokens, *, units: tuple[tuple[str, Decimal], ...] = (), **who: str
    ) -> None:
        start = day_start(day) + timedelta(hours=9)
        end = start + timedelta(hours=1)
        record = UsageRecord(start, end, Attribution(**who), tokens, 1, units)
        self.records.setdefault(day, []).append(record)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        for day in period.days():
            if endpoint == "costs":
                charges = tuple(self.charges.get(day, ()))
                bills_by = self.bills_by if charges else frozenset()
                yield Slice(endpoint, day, charges=charges, bills_by=bills_by)
            else:
                yield Slice(endpoint, day, records=tuple(self.records.get(day, ())))

    def synced(self, bench: Bench, book: Any = None) -> None:
        @contextmanager
        def opened() -> Iterator[Any]:
            yield self

        sync_source(
            bench.ledger,
            Errand(bench.source, MadeUpConnector(), opened),  # type: ignore[arg-type]
            book=lambda: book or Pricing(PriceBook()),
            clock=bench.clock,
            since=date(2026, 9, 1),
            progress=lambda _progress: None,
            cancelled=lambda: False,
        )


# --- the money ---


def test_both_ends_are_what_was_spent(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(70)))
    answer = explained(bench)
    found = answer.changes[0].explained
    for period, nanos in ((OCTOBER, found.before), (NOVEMBER, found.after)):
        table = answers.answer(bench.ledger, Question(period), today=TODAY)
        assert table.total.spent("USD") == nanos
    assert sum(p.amount for p in found.parts) == found.difference
    swapped = explained(bench, OCTOBER, NOVEMBER).changes[0].explained
    assert swapped.difference == -found.difference


def test_estimated_money_is_explained_by_the_prices_that_the_rows_keep(bench: Bench) -> None:
    days = Days()
    for month, cached in ((10, 0), (11, 800_000)):
        for day in range(1, 20):
            days.use(
                date(2026, month, day),
                Tokens(input=1_000_000 - cached, cache_read=cached, output=100_000),
                model=MODEL,
            )
    days.synced(bench)
    assert set(parts(explained(bench))) == {"class_mix"}


def test_billed_money_is_shared_out_over_classes_by_their_worth(bench: Bench) -> None:
    # At list a million of input is $0.75 and of cache reads $0.075; billed is 0.8 of that.
    days = Days()
    for month, cached, nanos in ((10, 0, 600_000_000), (11, 800_000, 168_000_000)):
        for day in range(1, 20):
            at = date(2026, month, day)
            days.use(at, Tokens(input=1_000_000 - cached, cache_read=cached), model=MODEL)
            days.charge(at, nanos // 4, model=MODEL, line_item=f"{MODEL}, input")
            days.charge(at, nanos - nanos // 4, model=MODEL, line_item=f"{MODEL}, cached input")
    days.synced(bench)
    assert parts(explained(bench)) == {"class_mix": 19 * (168_000_000 - 600_000_000)}


def test_charges_without_tokens_are_the_residual(bench: Bench) -> None:
    days = Days()
    for month, searches in ((10, 0), (11, 3 * NANO)):
        for day in range(1, 20):
            at = date(2026, month, day)
            days.use(at, Tokens(input=1_000), model=MODEL)
            days.charge(at, NANO, model=MODEL, line_item=f"{MODEL}, input")
            if searches:
                days.charge(at, searches, line_item="web search")
    days.synced(bench)
    answer = explained(bench)
    assert parts(answer) == {"residual": 19 * 3 * NANO}
    assert things(answer, Cause.RESIDUAL) == [Thing("line_item", "web search", 19 * 3 * NANO)]
    assert answer.sentence == (
        "November 1–19 cost $57.00 more than October 1–19: more that no tokens explain (+$57.00)."
    )


def test_estimated_searches_are_no_price_of_tokens(bench: Bench) -> None:
    days = Days()
    for month, searches in ((10, 0), (11, 10)):
        for day in range(1, 20):
            at = date(2026, month, day)
            days.use(at, Tokens(input=1_000), model="gpt-5.4")
            if searches:
                days.use(at, Tokens(), units=(("searches", Decimal(searches)),), model="gpt-5.4")
    days.synced(bench)
    assert parts(explained(bench)) == {"residual": 19 * 10 * NANO // 100}


def test_a_bill_by_account_only_is_explained_by_its_tokens_worth(bench: Bench) -> None:
    days = Days(BY_ACCOUNT)
    for month, times in ((10, 1), (11, 3)):
        for day in range(1, 20):
            at = date(2026, month, day)
            days.use(at, Tokens(input=1_000 * times), model=MODEL)
            days.use(at, Tokens(input=500 * times), model="gpt-5.4")
            days.charge(at, NANO * times)
    days.synced(bench)
    assert parts(explained(bench)) == {"volume": 19 * 2 * NANO}


def test_a_bill_by_model_only_finds_its_projects_by_worth(bench: Bench) -> None:
    days = Days(frozenset({"model", "line_item"}))
    for month, projects in ((10, ("shop",)), (11, ("shop", "bot", "bot"))):
        for day in range(1, 20):
            at = date(2026, month, day)
            for project in projects:
                days.use(at, Tokens(input=1_000), model=MODEL, project=project)
                days.use(at, Tokens(input=1_000), model="gpt-5.4", project="shop")
            days.charge(at, NANO * len(projects), model=MODEL)
            days.charge(at, 10 * NANO * len(projects), model="gpt-5.4")
    days.synced(bench)
    answer = explained(bench)
    assert things(answer, Cause.NEW) == [Thing("project", "bot", 19 * 2 * NANO)]
    assert parts(answer)["new"] == 19 * 2 * NANO
    assert "price" not in parts(answer)


def test_a_new_project_is_told_by_its_name(bench: Bench) -> None:
    days = Days()
    for month in (10, 11):
        for day in range(1, 20):
            at = date(2026, month, day)
            for project in ("shop", "bot")[: month - 9]:
                days.use(at, Tokens(input=1_000), model=MODEL, project=project)
                days.charge(at, NANO, model=MODEL, project=project, line_item=f"{MODEL}, input")
    days.synced(bench)
    answer = explained(bench)
    assert parts(answer) == {"new": 19 * NANO}
    assert things(answer, Cause.NEW) == [Thing("project", "bot", 19 * NANO)]
    assert "new: bot (+$19.00)" in answer.sentence


def test_currencies_are_explained_apart(bench: Bench) -> None:
    days = Days()
    for month, times in ((10, 1), (11, 2)):
        for day in range(1, 20):
            at = date(2026, month, day)
            days.use(at, Tokens(input=1_000), model="m")
            days.charge(at, 100 * NANO * times, currency="CNY", model="m")
            days.charge(at, NANO, model="other")
    days.synced(bench, FlatBook())
    answer = explained(bench)
    assert [c.currency for c in answer.changes] == ["CNY", "USD"]
    assert parts(answer, "CNY") == {"price": 19 * 100 * NANO}
    assert parts(answer, "USD") == {}
    assert "cost ¥1,900 more than" in answer.sentence
    assert "In USD, November 1–19 cost as much as October 1–19." in answer.sentence


# --- what is not known ---


def test_a_period_without_data_is_unknown_and_not_zero(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(15)), since=date(2026, 11, 5))
    answer = explained(bench)
    assert answer.changes == ()
    assert answer.sentence == (
        "There is nothing to compare: the archive has no data of October 1–19."
    )
    assert {gap.period.first for gap in answer.gaps} >= {OCTOBER.first}


def test_gaps_of_either_period_are_listed_and_said(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(40)), since=date(2026, 10, 12))
    answer = explained(bench)
    assert answer.changes
    assert any(gap.period == Period(date(2026, 10, 1), date(2026, 10, 11)) for gap in answer.gaps)
    assert answer.sentence.endswith("Some days are unknown, not zero: Made up has gaps.")


def test_days_to_come_are_not_explained(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(70)))
    ahead = Period(date(2026, 12, 1), date(2026, 12, 5))
    assert "still to come" in explained(bench, ahead, NOVEMBER).sentence
    whole = explained(bench, Period(date(2026, 11, 1), date(2026, 11, 30)), OCTOBER)
    assert whole.sentence.endswith("Days of November are still to come.")


def test_nothing_spent_is_said(bench: Bench) -> None:
    bench.sync(MadeUpAccount(Truth()), since=date(2026, 9, 1))
    answer = explained(bench)
    assert answer.changes == ()
    assert answer.sentence == "Nothing was spent in November 1–19, and nothing in October 1–19."


def test_a_source_that_was_not_there_yet_is_unknown_and_not_new(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(70)))
    other = catalog.add_source(
        bench.ledger, name="Home", connector="openai", base_url=None, settings=(), key_tail=""
    )
    bench.source = other
    bench.sync(MadeUpAccount(spread(70)), since=date(2026, 11, 1))
    answer = explained(bench)
    found = next(c for c in answer.changes).explained
    assert [t.name for t in things(answer, Cause.RESIDUAL)] == ["Home"]
    assert things(answer, Cause.NEW) == []
    assert "unknown in one of the periods: Home" in answer.sentence
    assert sum(p.amount for p in found.parts) == found.difference


def test_money_that_is_known_is_compared_though_an_endpoint_is_missing(bench: Bench) -> None:
    def refused(endpoint: str, _day: date) -> PlimsollError | None:
        return NoAnswer("No usage came.") if endpoint == "calls" else None

    costs = (Endpoint("costs", "costs"),)
    bench.sync(MadeUpAccount(spread(70), endpoints=costs), since=date(2026, 9, 20))
    bench.sync(MadeUpAccount(spread(70), fail=refused))
    answer = explained(bench)
    assert answer.gaps
    assert [t.dimension for t in things(answer, Cause.RESIDUAL)] == ["model"]
    assert sum(parts(answer).values()) == answer.changes[0].explained.difference != 0


# --- which periods ---


@pytest.mark.parametrize(
    ("asked", "compared"),
    [
        (("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31")),
        (("2026-11-01", "2026-11-20"), ("2026-10-01", "2026-10-20")),
        (("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28")),
        (("2026-01-01", "2026-01-31"), ("2025-12-01", "2025-12-31")),
        (("2026-11-01", "2026-12-31"), ("2026-09-01", "2026-10-31")),
        (("2026-11-09", "2026-11-15"), ("2026-11-02", "2026-11-08")),
        (("2026-11-20", "2026-11-20"), ("2026-11-19", "2026-11-19")),
    ],
)
def test_what_a_period_is_compared_with(asked: tuple[str, str], compared: tuple[str, str]) -> None:
    period = Period(*map(date.fromisoformat, asked))
    assert usual_comparison(period) == Period(*map(date.fromisoformat, compared))


@pytest.mark.parametrize(
    ("way", "asked", "compared"),
    [
        (Comparison.DAYS, ("2026-11-01", "2026-11-30"), ("2026-10-02", "2026-10-31")),
        (Comparison.MONTH, ("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31")),
        (Comparison.MONTH, ("2026-11-05", "2026-11-30"), ("2026-10-05", "2026-10-30")),
        (Comparison.MONTH, ("2026-03-05", "2026-03-30"), ("2026-02-05", "2026-02-28")),
        (Comparison.MONTH, ("2026-01-10", "2026-01-12"), ("2025-12-10", "2025-12-12")),
        (Comparison.YEAR, ("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        (Comparison.YEAR, ("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
        (Comparison.YEAR, ("2026-11-02", "2026-11-20"), ("2025-11-02", "2025-11-20")),
    ],
)
def test_days_are_compared_with_days_of_the_same_name(
    way: Comparison, asked: tuple[str, str], compared: tuple[str, str]
) -> None:
    period = Period(*map(date.fromisoformat, asked))
    assert compared_with(period, way) == Period(*map(date.fromisoformat, compared))


def test_a_day_that_is_not_over_is_not_compared_unless_there_is_no_other() -> None:
    assert complete_days(Period(date(2026, 11, 1), TODAY), TODAY) == NOVEMBER
    assert complete_days(Period(TODAY, TODAY), TODAY) == Period(TODAY, TODAY)
    assert complete_days(OCTOBER, TODAY) == OCTOBER


def test_without_dates_it_is_this_months_complete_days() -> None:
    assert read_periods(None, None, None, None, today=TODAY) == (NOVEMBER, OCTOBER)
    first = date(2026, 11, 1)
    assert read_periods(None, None, None, None, today=first)[0] == Period(
        date(2026, 10, 1), date(2026, 10, 31)
    )


def test_periods_that_cannot_be_are_refused() -> None:
    with pytest.raises(WrongUse, match="ends on"):
        read_periods(date(2026, 11, 2), date(2026, 11, 1), None, None, today=TODAY)
    with pytest.raises(WrongUse, match="needs both"):
        read_periods(date(2026, 11, 1), None, date(2026, 10, 1), None, today=TODAY)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-11-01", "2026-11-30", "November"),
        ("2026-11-01", "2026-11-20", "November 1–20"),
        ("2026-11-03", "2026-11-03", "November 3"),
        ("2026-10-25", "2026-11-03", "October 25 – November 3"),
        ("2025-12-25", "2026-01-03", "December 25, 2025 – January 3, 2026"),
    ],
)
def test_a_period_is_spoken_of_plainly(first: str, last: str, words: str) -> None:
    assert period_words(Period(date.fromisoformat(first), date.fromisoformat(last))) == words


def test_two_years_are_told_apart() -> None:
    january, december = (
        Period(date(2026, 1, 1), date(2026, 1, 31)),
        Period(date(2025, 12, 1), date(2025, 12, 31)),
    )
    assert period_words(january, beside=december) == "January 2026"
    assert period_words(december, beside=january) == "December 2025"
    assert period_words(december, today=TODAY) == "December 2025"
    assert period_words(NOVEMBER, beside=OCTOBER, today=TODAY) == "November 1–19"


# --- within a scope ---


def test_within_a_scope_only_its_own_money_is_explained(bench: Bench) -> None:
    days = Days()
    for month, times in ((10, 1), (11, 3)):
        for number in (3, 4):
            day = date(2026, month, number)
            for project, weight in (("shop", 1), ("lab", 5)):
                who = {"model": MODEL, "project": project}
                days.charge(day, weight * times * NANO, line_item=f"{MODEL}, input", **who)
                days.use(day, Tokens(input=weight * times * 1_000), **who)
    days.synced(bench)
    shop = Scope(((Dimension.PROJECT, ("shop",)),))
    answer = change(bench.ledger, period=NOVEMBER, against=OCTOBER, scope=shop, today=TODAY)
    assert parts(answer) == {"volume": 4 * NANO}
    assert answer.scope == shop
    (told,) = answer.changes
    table = answers.answer(bench.ledger, Question(NOVEMBER, scope=shop), today=TODAY)
    assert told.explained.after == table.total.spent("USD")


def test_tokens_whose_money_stands_elsewhere_explain_nothing_within_a_scope(bench: Bench) -> None:
    days = Days(bills_by=BY_ACCOUNT)
    for month, times in ((10, 1), (11, 3)):
        day = date(2026, month, 3)
        days.charge(day, times * NANO)
        days.use(day, Tokens(input=times * 1_000), model=MODEL, project="shop")
    days.synced(bench)
    shop = Scope(((Dimension.PROJECT, ("shop",)),))
    answer = change(bench.ledger, period=NOVEMBER, against=OCTOBER, scope=shop, today=TODAY)
    assert answer.changes == (), "the account is billed as a whole"
    assert "Nothing was spent" in answer.sentence
    rest = Scope(((Dimension.PROJECT, (None,)),))
    whole = change(bench.ledger, period=NOVEMBER, against=OCTOBER, scope=rest, today=TODAY)
    assert sum(parts(whole).values()) == 2 * NANO
