"""Both sides of an account: lines of its bill and tokens by price, summed by day, and its days."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from ledger_kit import TODAY, FakeClock, charge, nov, november, priced, record, store, usd

from plimsoll.domain.usage import Charge, PricedSlice, Tokens
from plimsoll.ledger import catalog, migrations
from plimsoll.ledger.bills import Books, books_of
from plimsoll.ledger.database import Ledger

MODEL = "gpt-5.4-mini"


@pytest.fixture
def source(ledger: Ledger) -> int:
    added = catalog.add_source(ledger, name="acme", connector="openai")
    catalog.set_endpoints(ledger, added.id, ["costs", "completions", "images"])
    return added.id


def books(ledger: Ledger, first: int = 1, last: int = 23) -> Books:
    (found,) = books_of(ledger, november(first, last), today=TODAY)
    return found


def sold(nanos: int, quantity: str | None, *, unit: str = "tokens", **who: str | None) -> Charge:
    told = () if quantity is None else (("quantity", quantity),)
    return replace(charge(nanos, **who), details=(*told, ("quantity_unit", unit)))


def costs(day: date, *charges: Charge) -> PricedSlice:
    return priced("costs", day, charges=charges, bills_by={"model", "project", "line_item"})


def test_charges_are_summed_by_line_whosever_they_were(ledger: Ledger, source: int) -> None:
    line = {"model": MODEL, "line_item": f"{MODEL}, input"}
    store(
        ledger,
        source,
        costs(
            nov(3),
            sold(300, "1000", project="a", **line),
            sold(30, "100.5", project="b", **line),
            sold(7, None, project="b", model=None, line_item="storage"),
        ),
    )
    found = {line.line_item: line for line in books(ledger).charges}
    assert (found[f"{MODEL}, input"].nanos, found["storage"].nanos) == (330, 7)
    assert found[f"{MODEL}, input"].sums == {"quantity": Decimal("1100.5")}
    assert found[f"{MODEL}, input"].details == {"quantity_unit": "tokens"}
    assert found["storage"].sums == {}


def test_charges_that_are_alike_to_the_letter_are_each_counted(ledger: Ledger, source: int) -> None:
    """Two keys with the same quantity are two, though they write the same details."""
    twice = [sold(19, "1", key=key, model=MODEL, line_item="x, y") for key in ("a", "b")]
    store(ledger, source, costs(nov(3), *twice))
    (line,) = books(ledger).charges
    assert (line.nanos, line.sums) == (38, {"quantity": Decimal(2)})


def test_a_quantity_that_one_charge_does_not_tell_is_not_known(ledger: Ledger, source: int) -> None:
    line = {"model": MODEL, "line_item": "x, y"}
    store(ledger, source, costs(nov(3), sold(1, "5", **line), sold(1, None, project="p", **line)))
    (found,) = books(ledger).charges
    assert (found.nanos, found.sums) == (2, {})


def test_tokens_are_summed_by_their_price(ledger: Ledger, source: int) -> None:
    small = Tokens(input=10, output=1)
    store(
        ledger,
        source,
        priced(
            "completions",
            nov(3),
            (record(nov(3), hour=1, tokens=small, model=MODEL, project="a"), usd(5)),
            (record(nov(3), hour=2, tokens=small, model=MODEL, project="b"), usd(6)),
            record(nov(3), hour=2, tokens=small, model="new", tier="batch"),
        ),
    )
    found = {row.model: row for row in books(ledger).used}
    assert found[MODEL].tokens == Tokens(input=20, output=2)
    assert (found[MODEL].worth, found[MODEL].currency, found[MODEL].basis) == (11, "USD", "listed")
    assert (found["new"].worth, found["new"].currency, found["new"].tier) == (None, "", "batch")


def test_units_keep_their_model_and_tier(ledger: Ledger, source: int) -> None:
    rows = [record(nov(3), hour=hour, units=[("searches", "1.5")], model=MODEL) for hour in (1, 2)]
    store(ledger, source, priced("images", nov(3), *rows))
    (unit,) = books(ledger).units
    assert (unit.model, unit.unit, unit.quantity) == (MODEL, "searches", Decimal(3))


def test_a_replaced_day_is_summed_anew_and_a_forgotten_source_is_gone(
    ledger: Ledger, source: int
) -> None:
    store(ledger, source, costs(nov(3), charge(5, model=MODEL)), costs(nov(4), charge(1)))
    store(ledger, source, costs(nov(3), charge(9, model=MODEL)))
    assert {line.day: line.nanos for line in books(ledger).charges} == {nov(3): 9, nov(4): 1}
    assert ledger.check() == ()
    catalog.remove_source(ledger, source, forget=True)
    assert books_of(ledger, november(), today=TODAY) == ()
    with ledger.reading() as connection:
        assert connection.execute("SELECT count(*) FROM bill_day").fetchone() == (0,)


def test_sums_that_have_gone_wrong_are_noticed(ledger: Ledger, source: int) -> None:
    store(ledger, source, costs(nov(3), charge(5, model=MODEL)))
    with ledger.writing() as connection:
        connection.execute("UPDATE bill_day SET nanos = nanos + 1")
    assert ["do not agree" in problem for problem in ledger.check()] == [True]


# --- days ---


def filled(ledger: Ledger, source: int, *, endpoints: Iterable[str], days: Iterable[int]) -> None:
    used = record(nov(1), tokens=Tokens(input=1), model=MODEL)
    for endpoint in endpoints:
        for number in days:
            if endpoint == "costs":
                store(ledger, source, costs(nov(number), charge(1, model=MODEL)))
            else:
                rows = [record(nov(number), tokens=used.tokens, model=MODEL)]
                store(ledger, source, priced(endpoint, nov(number), *rows))


def test_the_side_that_has_no_answer_is_told(ledger: Ledger, source: int) -> None:
    filled(ledger, source, endpoints=["costs"], days=[*range(1, 5), *range(6, 23)])
    filled(ledger, source, endpoints=["completions"], days=range(2, 23))
    filled(ledger, source, endpoints=["images"], days=range(1, 23))
    found = books(ledger)
    assert (found.no_bill, found.no_usage) == ({nov(5)}, {nov(1)})
    assert (found.has_bill, found.has_usage) == (True, True)
    assert found.open_days == {nov(20), nov(21), nov(22)}


def test_an_endpoint_that_never_answered_makes_no_day_unknown(ledger: Ledger, source: int) -> None:
    filled(ledger, source, endpoints=["costs", "completions"], days=range(1, 23))
    assert books(ledger).no_usage == frozenset()


def test_today_is_never_missing_and_before_its_reach_a_side_is(ledger: Ledger, source: int) -> None:
    names = ["costs", "completions"]
    catalog.set_endpoints(ledger, source, names, reach={"completions": nov(10)})
    filled(ledger, source, endpoints=["costs"], days=range(1, 23))
    filled(ledger, source, endpoints=["completions"], days=range(10, 23))
    found = books(ledger)
    assert (found.no_bill, found.no_usage) == (frozenset(), {nov(day) for day in range(1, 10)})
    reach = {"costs": nov(3), "completions": nov(10)}
    catalog.set_endpoints(ledger, source, names, reach=reach)
    found = books(ledger)
    assert (found.no_bill, found.no_usage) == (
        {nov(1), nov(2)},
        {nov(day) for day in range(1, 10)},
    )


def test_before_the_reach_of_one_endpoint_another_of_its_side_answers(
    ledger: Ledger, source: int
) -> None:
    names = ["costs", "completions", "images"]
    catalog.set_endpoints(ledger, source, names, reach={"completions": nov(10)})
    filled(ledger, source, endpoints=["costs", "images"], days=range(1, 23))
    filled(ledger, source, endpoints=["completions"], days=range(10, 23))
    found = books(ledger)
    assert (found.no_bill, found.no_usage) == (frozenset(), frozenset())


def test_days_that_a_subscription_pays_are_left_out_unless_they_are_billed(
    ledger: Ledger, source: int
) -> None:
    filled(ledger, source, endpoints=["completions"], days=[3, 4])
    filled(ledger, source, endpoints=["costs"], days=[4])
    assert [row.day for row in books(ledger).used] == [nov(3), nov(4)]
    with ledger.writing() as connection:
        connection.execute(
            "INSERT INTO subscription (source, name, currency, nanos, first, last, unit, every) "
            "VALUES (?, 'Plan', 'USD', 1, 0, NULL, 'month', 1)",
            (source,),
        )
    found = books(ledger)
    assert ([row.day for row in found.used], found.has_plan) == ([nov(4)], True)


def test_settled_days_that_changed_are_counted(
    ledger: Ledger, source: int, clock: FakeClock
) -> None:
    store(ledger, source, costs(nov(3), charge(5, model=MODEL)))
    clock.wall += timedelta(days=1)
    store(ledger, source, costs(nov(3), charge(6, model=MODEL)))
    assert books(ledger).restated == {nov(3)}
    assert books(ledger, 4).restated == frozenset()


# --- older files ---


def test_an_older_file_gets_its_sums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an archive holds already is summed up when it is brought up to date."""
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as ledger:
        added = catalog.add_source(ledger, name="acme", connector="openai")
        filled(ledger, added.id, endpoints=["costs", "completions"], days=range(1, 4))
        before = books(ledger)
    with closing(sqlite3.connect(tmp_path / "plimsoll.db", isolation_level=None)) as connection:
        for table in ("priced_day", "bill_day"):
            connection.execute(f"DROP TABLE {table}")
        names = migrations.names()
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'both_sides'")
        connection.execute(f"PRAGMA user_version = {len(names) - 1}")
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as ledger:
        assert books(ledger) == before
        assert len(before.charges) == len(before.used) == 3
