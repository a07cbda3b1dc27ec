"""What is behind an amount adds up to it: row by row, price by price, source by source."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from ledger_kit import TODAY, FakeClock, charge, nov, november, priced, record, store, usd
from test_answers_by_reference import a_question, an_account, fill

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Amounts, Dimension, Question, Scope
from plimsoll.domain.tokens import Tokens
from plimsoll.ledger import answers, behind, catalog, overlaps
from plimsoll.ledger.asking import Asking, sources_in
from plimsoll.ledger.behind import Behind, Kind
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger


def told(ledger: Ledger, question: Question, currency: str = "USD", **more: int | None) -> Behind:
    return behind.behind(ledger, question, currency=currency, **more)  # type: ignore[arg-type]


def amounts_of(ledger: Ledger, question: Question, currency: str = "USD") -> Amounts:
    total = answers.answer(ledger, replace(question, by=()), today=TODAY).total
    return next((a for a in total.amounts if a.currency == currency), Amounts(currency))


# --- it adds up ---


@pytest.mark.parametrize("seed", range(16))
def test_rows_prices_and_sources_add_up_to_the_amount(tmp_path: Path, seed: int) -> None:
    rng = Random(1000 + seed)
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as ledger:
        for name in ("acme", "side"):
            fill(ledger, an_account(rng, name))
        for _ in range(40):
            question = a_question(rng)
            for currency in ("USD", "CNY"):
                check(ledger, question, currency)
                check_worths(ledger, question, currency)


@pytest.mark.parametrize("seed", range(8))
def test_they_add_up_where_another_source_pays(tmp_path: Path, seed: int) -> None:
    rng = Random(2000 + seed)
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as ledger:
        payer, explainer = (fill(ledger, an_account(rng, name)) for name in ("acme", "side"))
        overlaps.settle(ledger, payer=payer, explainer=explainer, once=True)
        for _ in range(40):
            check(ledger, a_question(rng), "USD")


def check(ledger: Ledger, question: Question, currency: str) -> None:
    amounts = amounts_of(ledger, question, currency)
    found = told(ledger, question, currency, most_rows=None)
    assert found.since is None
    by_kind: dict[Kind, int] = defaultdict(int)
    for row in found.rows:
        by_kind[row.kind] += row.nanos or 0
    kinds = (Kind.BILLED, Kind.ESTIMATED, Kind.PLAN)
    money = (amounts.billed, amounts.estimated, amounts.plan)
    if any(row.kind in kinds for row in found.rows):
        assert tuple(by_kind[kind] for kind in kinds) == money, question
    else:
        assert money == (0, 0, 0), question
    owed = {kind: sum(p.owed for p in found.prices if p.kind is kind) for kind in Kind}
    assert (owed[Kind.ESTIMATED], owed[Kind.PLAN]) == money[1:], question
    sources = found.sources
    assert sum(s.billed for s in sources) == amounts.billed, question
    assert sum(s.estimated for s in sources) == amounts.estimated, question
    assert sum(s.worth for s in sources) == amounts.worth, question
    if not any(owes_apart(ledger, question)):
        assert sum(p.worth or 0 for p in found.prices) == amounts.worth, question


def check_worths(ledger: Ledger, question: Question, currency: str) -> None:
    """Each source by itself: to name a source that only explains would show what it explains."""
    for source in told(ledger, question, currency).sources:
        one = only(question, source.name)
        prices = told(ledger, one, currency).prices
        # Where the money stands on other rows than the worth, its prices are told beside those.
        worths = [p for p in prices if p.kind in {Kind.BESIDE, Kind.NOT_PRICED}]
        worths = worths if any(owes_apart(ledger, one)) else list(prices)
        assert sum(p.worth or 0 for p in worths) == source.worth, question


def only(question: Question, source: str) -> Question:
    conditions = (*question.scope.conditions, (Dimension.SOURCE, (source,)))
    return replace(question, scope=Scope(conditions))


def owes_apart(ledger: Ledger, question: Question) -> list[bool]:
    with ledger.reading() as connection:
        return [
            Asking(ledger, connection, source, replace(question, by=())).owes_apart
            for source in sources_in(connection, question.scope)
        ]


# --- what a row says ---


def test_a_charge_says_what_the_provider_wrote(ledger: Ledger, source: Source) -> None:
    made = [charge(7, line_item="storage", project="p1"), charge(9_000, line_item="input")]
    store(ledger, source.id, priced("costs", nov(3), charges=made, bills_by=["line_item"]))
    first, second = told(ledger, Question(november())).rows
    assert (first.kind, first.nanos, first.text) == (Kind.BILLED, 9_000, "9000e-9")
    assert (first.line_item, first.day, first.start) == ("input", nov(3), None)
    assert second.text == "7e-9"


def test_a_record_says_its_hour_its_tokens_and_its_price(ledger: Ledger, source: Source) -> None:
    hourly = record(nov(3), hour=9, tokens=Tokens(100, output=5), model="m", key="k")
    daily = record(nov(4), hour=None, tokens=Tokens(3), model="m")
    store(ledger, source.id, priced("usage", nov(3), (hourly, usd(50))))
    store(ledger, source.id, priced("usage", nov(4), (daily, usd(3))))
    first, second = told(ledger, Question(november())).rows
    assert (first.kind, first.nanos, first.text) == (Kind.ESTIMATED, 50, "listed")
    assert first.start is not None
    assert first.start.isoformat() == "2026-11-03T09:00:00+00:00"
    assert (first.tokens, first.model, first.key) == (Tokens(100, output=5), "m", "k")
    assert (second.day, second.start) == (nov(4), None)


def test_tokens_of_a_bill_are_beside_it_and_never_part_of_it(
    ledger: Ledger, source: Source
) -> None:
    used = record(nov(3), tokens=Tokens(100), model="m")
    store(ledger, source.id, priced("usage", nov(3), (used, usd(80))))
    store(ledger, source.id, priced("costs", nov(3), charges=[charge(70)]))
    found = told(ledger, Question(november()))
    assert [(r.kind, r.nanos) for r in found.rows] == [(Kind.BILLED, 70)]
    assert [(p.kind, p.worth, p.owed, p.tokens) for p in found.prices] == [
        (Kind.BESIDE, 80, 0, 100)
    ]
    named = told(ledger, Question(november(), scope=Scope(((Dimension.MODEL, ("m",)),))))
    assert [(r.kind, r.nanos) for r in named.rows] == [(Kind.BESIDE, 80)], "its worth, no money"


def test_what_has_no_price_says_why(ledger: Ledger, source: Source) -> None:
    store(ledger, source.id, priced("usage", nov(3), record(nov(3), tokens=Tokens(9), model="x")))
    found = told(ledger, Question(november()))
    (price,) = found.prices
    assert (price.kind, price.tokens, price.worth) == (Kind.NOT_PRICED, 9, None)
    (row,) = found.rows
    assert (row.kind, row.nanos) == (Kind.NOT_PRICED, None)
    assert found.sources[0].not_priced_tokens == 9


def test_what_a_plan_pays_is_plan(ledger: Ledger, clock: FakeClock) -> None:
    flat = catalog.add_source(
        ledger, name="flat", connector="openai", settings=(("money", "plan"),)
    )
    used = record(nov(3), tokens=Tokens(100), model="m")
    store(ledger, flat.id, priced("usage", nov(3), (used, usd(80))))
    found = told(ledger, Question(november()))
    assert [(r.kind, r.nanos) for r in found.rows] == [(Kind.PLAN, 80)]
    assert (found.sources[0].plan, found.sources[0].estimated) == (80, 0)


# --- when, and how much is looked at ---


def test_a_source_says_when_its_days_were_fetched(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    used = record(nov(3), tokens=Tokens(100), model="m")
    store(ledger, source.id, priced("usage", nov(3), (used, usd(80))))
    first = clock.wall
    clock.wall += timedelta(hours=5)
    later = record(nov(22), tokens=Tokens(100), model="m")
    store(ledger, source.id, priced("usage", nov(22), (later, usd(80))))
    (found,) = told(ledger, Question(november())).sources
    assert found.fetched == (first, clock.wall)
    assert found.days == Period(nov(3), nov(22))
    assert found.not_final == 1, "the 22nd can still change"
    assert (found.records, found.charges) == (2, 0)


def test_only_the_largest_rows_are_told(ledger: Ledger, source: Source) -> None:
    made = [charge(n, line_item=str(n)) for n in range(1, 40)]
    store(ledger, source.id, priced("costs", nov(3), charges=made))
    rows = told(ledger, Question(november())).rows
    assert [row.nanos for row in rows] == list(range(39, 27, -1))


def test_where_there_are_too_many_records_the_newest_days_have_to_do(
    ledger: Ledger, source: Source
) -> None:
    for day in range(1, 11):
        records = [(record(nov(day), hour=h, tokens=Tokens(1), model="m"), usd(1)) for h in (1, 2)]
        store(ledger, source.id, priced("usage", nov(day), *records))
    found = told(ledger, Question(november()), most_records=7)
    assert found.since == nov(8)
    assert sum(p.records for p in found.prices) == 6
    assert found.sources[0].records == 20, "the amount itself is whole"
    one = told(ledger, Question(november()), most_records=1)
    assert one.since == nov(10), "one day at least"
    whole = told(ledger, Question(november()), most_records=20)
    assert whole.since is None


def test_nothing_is_behind_nothing(ledger: Ledger, source: Source) -> None:
    assert told(ledger, Question(november())) == Behind((), (), ())
    store(ledger, source.id, priced("usage", nov(3), record(nov(3), tokens=Tokens(9), model="x")))
    empty = Question(Period(date(2025, 1, 1), date(2025, 1, 31)))
    assert told(ledger, empty) == Behind((), (), ())
