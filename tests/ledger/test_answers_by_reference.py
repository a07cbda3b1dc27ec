"""Every answer, for any cut, filter and zone, is what adding up one record after another gives."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from random import Random

import pytest
from ledger_kit import TODAY, FakeClock, store
from ledger_reference import Account, expected

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import Money
from plimsoll.domain.question import Amounts, Dimension, Question, Row, Scope
from plimsoll.domain.usage import (
    Attribution,
    Charge,
    Computed,
    Name,
    NameKind,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.ledger import answers, catalog, overlaps
from plimsoll.ledger.database import Ledger

DAYS = [date(2026, 10, 29) + timedelta(days=n) for n in range(7)]
ZONES = ("Asia/Shanghai", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati")
TIME = [Dimension.DAY, Dimension.MONTH, Dimension.HOUR]
CUTS = [
    *TIME,
    Dimension.PROVIDER,
    Dimension.SOURCE,
    Dimension.MODEL,
    Dimension.PROJECT,
    Dimension.KEY,
    Dimension.TIER,
    Dimension.LINE_ITEM,
    Dimension.AGENT,
]
VALUES = {
    Dimension.DAY: [day.isoformat() for day in DAYS],
    Dimension.MONTH: ["2026-10", "2026-11"],
    Dimension.HOUR: [f"2026-11-01T{hour:02}:00:00Z" for hour in range(24)],
    Dimension.PROVIDER: ["openai", "anthropic"],
    Dimension.SOURCE: ["acme", "side"],
    Dimension.MODEL: ["sonnet", "haiku"],
    Dimension.PROJECT: ["p1", "p2", "Alpha", "Beta"],
    Dimension.KEY: ["k1", "k2", "Alpha"],
    Dimension.TIER: ["batch", "nobody"],
    Dimension.LINE_ITEM: ["sonnet, input", "storage"],
    Dimension.AGENT: ["nobody"],
}


def a_person(rng: Random) -> Attribution:
    return Attribution(
        model=rng.choice([None, "sonnet", "haiku"]),
        project=rng.choice([None, "p1", "p2", "Alpha"]),
        key=rng.choice([None, "k1", "k2"]),
        tier=rng.choice([None, "batch"]),
        line_item=rng.choice([None, "sonnet, input", "storage"]),
    )


def some_money(rng: Random) -> Money:
    return Money(rng.choice(["USD", "USD", "CNY"]), rng.randrange(-(10**9), 10**15))


def a_record(rng: Random, day: date) -> UsageRecord:
    hour = rng.choice([None, rng.randrange(24), rng.randrange(24), 0, 23])
    start = datetime(day.year, day.month, day.day, hour or 0, tzinfo=UTC)
    counts = [rng.choice([0, rng.randrange(1000)]) for _ in range(6)]
    return UsageRecord(
        start=start,
        end=start + (timedelta(days=1) if hour is None else timedelta(hours=1)),
        attribution=a_person(rng),
        tokens=rng.choice([Tokens(), Tokens(*counts)]),
        requests=rng.choice([None, 0, rng.randrange(50)]),
        units=tuple(
            (unit, Decimal(rng.randrange(10**16)).scaleb(rng.randrange(-14, 1)))
            for unit in rng.sample(["images", "seconds"], rng.randrange(3))
        ),
        billed_elsewhere=rng.random() < 0.2,
    )


def an_account(rng: Random, name: str) -> Account:
    """Some days with tokens, some with charges, some with both; bills cut in changing ways."""
    slices = []
    for day in DAYS:
        records = tuple(a_record(rng, day) for _ in range(rng.randrange(5)))
        computed = tuple(Computed(rng.choice([None, some_money(rng)])) for _ in records)
        slices.append(PricedSlice(Slice("tokens", day, records), computed))
        for endpoint in ("costs", "newer costs"):
            charges = tuple(
                Charge(a_person(rng), some_money(rng), "1") for _ in range(rng.randrange(3))
            )
            bills_by = frozenset(d for d in ("model", "project", "key") if rng.random() < 0.8)
            if rng.random() < 0.5:
                slices.append(PricedSlice(Slice(endpoint, day, (), charges, bills_by)))
    names = {
        ("project", "p1"): rng.choice(["Alpha", "Beta"]),
        ("key", "k1"): rng.choice(["Alpha", "k2"]),
    }
    return Account(name, rng.choice(["openai", "anthropic"]), slices, names)


def a_question(rng: Random) -> Question:
    first, last = sorted(rng.choices(DAYS, k=2))
    by = tuple(rng.sample(CUTS, rng.choice([0, 1, 1, 2, 3])))
    if rng.random() < 0.4:
        by = (Dimension.DAY, *(d for d in by if d is not Dimension.DAY))[:2]
    conditions = tuple(
        (d, tuple(rng.choices([None, *VALUES[d]], k=rng.choice([1, 2, 3]))))
        for d in rng.sample(CUTS, rng.choice([0, 0, 1, 1, 2]))
    )
    hours = any(d is Dimension.HOUR for d, _ in conditions)
    zone = "UTC" if hours or rng.random() < 0.5 else rng.choice(ZONES)
    return Question(Period(first, last), by=by, scope=Scope(conditions), zone=zone)


@pytest.mark.parametrize("seed", range(24))
def test_every_answer_is_what_adding_up_one_by_one_gives(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    held = [an_account(rng, "acme"), an_account(rng, "side")]
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as ledger, localcontext(prec=80):
        for account in held:
            fill(ledger, account)
        for _ in range(60):
            check(ledger, held, a_question(rng))


@pytest.mark.parametrize("seed", range(24))
def test_every_answer_counts_once_what_two_sources_saw(tmp_path: Path, seed: int) -> None:
    rng = Random(1_000 + seed)
    payer, explainer = an_account(rng, "acme"), an_account(rng, "side")
    days = rng.sample(DAYS, 4)
    payer.slices = [one for one in payer.slices if one.slice.day in days]
    explainer.payer = payer
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as ledger, localcontext(prec=80):
        numbers = {account.name: fill(ledger, account) for account in (explainer, payer)}
        overlaps.settle(ledger, payer=numbers["acme"], explainer=numbers["side"], once=True)
        for _ in range(60):
            check(ledger, [payer, explainer], a_question(rng))


def fill(ledger: Ledger, account: Account) -> int:
    source = catalog.add_source(ledger, name=account.name, connector=account.connector)
    store(ledger, source.id, *account.slices)
    names = [Name(NameKind(kind), id_, name) for (kind, id_), name in account.names.items()]
    catalog.save_names(ledger, source.id, names)
    return source.id


def check(ledger: Ledger, held: list[Account], question: Question) -> None:
    table = answers.answer(ledger, question, today=TODAY)
    assert {row.key: row for row in table.rows} == expected(held, question), question
    order = [tuple((value is None, value or "") for value in row.key) for row in table.rows]
    assert order == sorted(order)
    assert_adds_up(table.rows, table.total)
    for currency in ("USD", "CNY"):
        check_money(ledger, question, table.rows, currency)


def check_money(ledger: Ledger, question: Question, rows: tuple[Row, ...], currency: str) -> None:
    spent = answers.spend_by(ledger, question, currency=currency)
    assert spent == {row.key: row.spent(currency) for row in rows if row.spent(currency)}
    if question.zone == "UTC" and question.by == (Dimension.DAY,):
        series = answers.daily(
            ledger, question.period, currency=currency, scope=question.scope, today=TODAY
        )
        assert [day.day for day in series.days] == list(question.period.days())
        assert {(day.day.isoformat(),): day.spent for day in series.days if day.spent} == spent


def assert_adds_up(rows: tuple[Row, ...], total: Row) -> None:
    """Every figure of the total is the sum of the rows', to the last nano-unit."""
    assert sum((row.tokens for row in rows), Tokens()) == total.tokens
    assert sum(row.not_priced_tokens for row in rows) == total.not_priced_tokens
    for currency in {a.currency for row in (*rows, total) for a in row.amounts}:
        parts = [a for row in rows for a in row.amounts if a.currency == currency]
        assert sum(parts, Amounts(currency)) in total.amounts
    for unit in {unit for row in (*rows, total) for unit, _ in row.units}:
        quantities = [q for row in rows for u, q in row.units if u == unit]
        assert sum(quantities) == dict(total.units)[unit]
