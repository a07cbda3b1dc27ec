"""The rules of an answer, one by one, in figures that can be added up by head."""

from __future__ import annotations

from decimal import Decimal

from ledger_kit import (
    TODAY,
    charge,
    nov,
    november,
    priced,
    record,
    rows_by,
    store,
    usd,
    where,
)

from plimsoll.domain.money import Money
from plimsoll.domain.question import Amounts, Dimension, Question, Row, Scope
from plimsoll.domain.usage import (
    Name,
    NameKind,
    Tokens,
)
from plimsoll.ledger import answers, catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger


def only(rows: dict[tuple[str | None, ...], Row]) -> Row:
    (row,) = rows.values()
    return row


# --- money ---


def test_a_day_with_charges_is_billed_and_never_estimated(ledger: Ledger, source: Source) -> None:
    used = (record(nov(1), tokens=Tokens(10), model="m"), usd(700))
    store(
        ledger,
        source.id,
        priced("tokens", nov(1), used),
        priced("costs", nov(1), charges=[charge(650, model="m")], bills_by={"model"}),
    )
    row = only(rows_by(ledger))
    assert row.amounts == (Amounts("USD", billed=650, estimated=0, worth=700),)
    assert row.not_priced_tokens == 0


def test_a_day_without_charges_is_estimated_even_if_its_bill_came_empty(
    ledger: Ledger, source: Source
) -> None:
    used = (record(nov(1), tokens=Tokens(10)), usd(700))
    store(ledger, source.id, priced("tokens", nov(1), used), priced("costs", nov(1)))
    assert only(rows_by(ledger)).amounts == (Amounts("USD", estimated=700, worth=700),)


def test_a_charge_of_nothing_is_a_charge(ledger: Ledger, source: Source) -> None:
    used = (record(nov(1), tokens=Tokens(10)), usd(700))
    store(
        ledger,
        source.id,
        priced("tokens", nov(1), used),
        priced("costs", nov(1), charges=[charge(0)]),
    )
    assert only(rows_by(ledger)).amounts == (Amounts("USD", worth=700),)


def test_the_charges_of_one_source_say_nothing_of_another(ledger: Ledger, source: Source) -> None:
    other = catalog.add_source(ledger, name="other", connector="openai")
    store(ledger, source.id, priced("costs", nov(1), charges=[charge(5)]))
    store(ledger, other.id, priced("tokens", nov(1), (record(nov(1), tokens=Tokens(1)), usd(3))))
    assert only(rows_by(ledger)).amounts == (Amounts("USD", billed=5, estimated=3, worth=3),)


def test_unknown_prices_are_counted_in_tokens_not_in_nothing(
    ledger: Ledger, source: Source
) -> None:
    unpriced = record(nov(1), tokens=Tokens(10, 5, 4, 3, 2, 1), model="new")
    known = (record(nov(1), tokens=Tokens(100), model="old"), usd(9))
    store(ledger, source.id, priced("tokens", nov(1), unpriced, known))
    rows = rows_by(ledger, Dimension.MODEL)
    assert (rows["new",].not_priced_tokens, rows["new",].amounts) == (24, ())
    assert rows["old",].not_priced_tokens == 0


def test_on_a_charged_day_only_what_is_billed_elsewhere_is_not_priced(
    ledger: Ledger, source: Source
) -> None:
    unpriced = record(nov(1), tokens=Tokens(10), model="new")
    priority = (record(nov(1), tokens=Tokens(20), model="old", elsewhere=True), usd(9))
    store(ledger, source.id, priced("tokens", nov(1), unpriced, priority))
    assert only(rows_by(ledger)).not_priced_tokens == 30
    assert only(rows_by(ledger)).amounts == (Amounts("USD", worth=9),)
    store(ledger, source.id, priced("costs", nov(1), charges=[charge(1)]))
    assert only(rows_by(ledger)).not_priced_tokens == 20


def test_currencies_stand_side_by_side_in_order(ledger: Ledger, source: Source) -> None:
    store(
        ledger,
        source.id,
        priced("costs", nov(1), charges=[charge(5), charge(7, currency="CNY")]),
        priced("tokens", nov(2), (record(nov(2), tokens=Tokens(1)), Money("EUR", 3))),
    )
    assert only(rows_by(ledger)).amounts == (
        Amounts("CNY", billed=7),
        Amounts("EUR", estimated=3, worth=3),
        Amounts("USD", billed=5),
    )


def test_sums_beyond_what_sqlite_can_hold_are_still_exact(ledger: Ledger, source: Source) -> None:
    most = 10**18  # the largest amount that is accepted
    days = [nov(day) for day in range(1, 21)]
    for day in days:
        used = (record(day, hour=1, tokens=Tokens(1)), usd(most - 1))
        store(ledger, source.id, priced("tokens", day, used, charges=[charge(most)]))
    whole = Amounts("USD", billed=20 * most, worth=20 * (most - 1))
    assert only(rows_by(ledger)).amounts == (whole,)
    assert only(rows_by(ledger, Dimension.SOURCE, zone="Asia/Tokyo")).amounts == (whole,)
    by_month = answers.spend_by(ledger, Question(november(), by=(Dimension.MODEL,)), currency="USD")
    assert by_month == {(None,): 20 * most}
    assert answers.currencies(ledger) == ("USD",)
    assert ledger.check() == ()


def test_tokens_under_a_subscription_are_plan_and_not_owed(ledger: Ledger, source: Source) -> None:
    used = (record(nov(1), tokens=Tokens(1)), usd(8))
    store(ledger, source.id, priced("tokens", nov(1), used))

    def pay(**settings: str) -> tuple[Amounts, ...]:
        catalog.change_source(
            ledger,
            source.id,
            name="acme",
            base_url=None,
            settings=tuple(settings.items()),
            key_tail="",
        )
        hourly = only(rows_by(ledger, zone="Asia/Tokyo")).amounts
        assert only(rows_by(ledger)).amounts == hourly
        return hourly

    assert pay(money="plan") == (Amounts("USD", plan=8, worth=8),)
    assert pay(money="api") == (Amounts("USD", estimated=8, worth=8),)


# --- money by a dimension that the provider does not bill by ---


def billed_by_project(ledger: Ledger, source: Source) -> None:
    """Two days of charges by project; the tokens know their key and their model as well."""
    bills = [charge(100, project="p1"), charge(30, project="p2"), charge(7)]
    used = [
        (record(nov(1), tokens=Tokens(1), project=p, key=k, model="m"), usd(1))
        for p, k in (("p1", "k1"), ("p2", "k2"))
    ]
    store(
        ledger,
        source.id,
        priced("tokens", nov(1), *used),
        priced("costs", nov(1), charges=bills, bills_by={"project"}),
    )


def billed(rows: dict[tuple[str | None, ...], Row]) -> dict[tuple[str | None, ...], int]:
    return {
        key: amounts.billed
        for key, row in rows.items()
        for amounts in row.amounts
        if amounts.billed
    }


def test_money_is_cut_by_what_the_provider_bills_by(ledger: Ledger, source: Source) -> None:
    billed_by_project(ledger, source)
    rows = rows_by(ledger, Dimension.PROJECT)
    assert billed(rows) == {("p1",): 100, ("p2",): 30, (None,): 7}


def test_money_by_anything_else_stands_where_there_is_no_value(
    ledger: Ledger, source: Source
) -> None:
    billed_by_project(ledger, source)
    rows = rows_by(ledger, Dimension.KEY)
    assert billed(rows) == {(None,): 137}
    assert rows["k1",].tokens.total == 1
    both = rows_by(ledger, Dimension.PROJECT, Dimension.KEY)
    assert billed(both) == {("p1", None): 100, ("p2", None): 30, (None, None): 7}


def test_a_filter_by_what_is_not_billed_by_matches_no_money(ledger: Ledger, source: Source) -> None:
    billed_by_project(ledger, source)
    assert billed(rows_by(ledger, scope=where(Dimension.KEY, "k1"))) == {}
    assert billed(rows_by(ledger, scope=where(Dimension.KEY, None))) == {(): 137}
    assert billed(rows_by(ledger, scope=where(Dimension.KEY, "k1", None))) == {(): 137}
    assert billed(rows_by(ledger, scope=where(Dimension.PROJECT, "p1"))) == {(): 100}


def test_one_coarser_bill_in_the_period_makes_all_of_it_coarse(
    ledger: Ledger, source: Source
) -> None:
    billed_by_project(ledger, source)
    store(ledger, source.id, priced("costs", nov(2), charges=[charge(1000)], bills_by=set()))
    assert billed(rows_by(ledger, Dimension.PROJECT)) == {(None,): 1137}
    first_day = rows_by(ledger, Dimension.PROJECT, period=november(1, 1))
    assert billed(first_day) == {("p1",): 100, ("p2",): 30, (None,): 7}
    by_day = rows_by(ledger, Dimension.DAY, Dimension.SOURCE)
    assert billed(by_day) == {("2026-11-01", "acme"): 137, ("2026-11-02", "acme"): 1000}


def test_a_bill_without_charges_makes_nothing_coarse(ledger: Ledger, source: Source) -> None:
    billed_by_project(ledger, source)
    store(ledger, source.id, priced("costs", nov(2), bills_by=set()))
    assert billed(rows_by(ledger, Dimension.PROJECT))["p1",] == 100


def test_another_source_is_cut_by_its_own_bills(ledger: Ledger, source: Source) -> None:
    billed_by_project(ledger, source)
    other = catalog.add_source(ledger, name="other", connector="anthropic")
    bill = priced("costs", nov(1), charges=[charge(9, model="m")], bills_by={"model"})
    store(ledger, other.id, bill)
    assert billed(rows_by(ledger, Dimension.MODEL)) == {("m",): 9, (None,): 137}


# --- names ---


def test_ids_are_shown_by_their_names_and_found_by_both(ledger: Ledger, source: Source) -> None:
    billed_by_project(ledger, source)
    catalog.save_names(ledger, source.id, [Name(NameKind.PROJECT, "p1", "Website")])
    assert billed(rows_by(ledger, Dimension.PROJECT)) == {
        ("Website",): 100,
        ("p2",): 30,
        (None,): 7,
    }
    for word in ("Website", "p1"):
        assert billed(rows_by(ledger, scope=where(Dimension.PROJECT, word))) == {(): 100}


def test_two_ids_of_one_name_are_one_row(ledger: Ledger, source: Source) -> None:
    billed_by_project(ledger, source)
    names = [Name(NameKind.PROJECT, project, "Website") for project in ("p1", "p2")]
    catalog.save_names(ledger, source.id, [*names, Name(NameKind.KEY, "k1", "not a project")])
    rows = rows_by(ledger, Dimension.PROJECT)
    assert billed(rows) == {("Website",): 130, (None,): 7}
    assert rows["Website",].tokens.total == 2


def test_a_name_belongs_to_its_own_source(ledger: Ledger, source: Source) -> None:
    other = catalog.add_source(ledger, name="other", connector="openai")
    for one in (source, other):
        store(ledger, one.id, priced("tokens", nov(1), record(nov(1), project="p1")))
    catalog.save_names(ledger, other.id, [Name(NameKind.PROJECT, "p1", "Theirs")])
    assert set(rows_by(ledger, Dimension.PROJECT)) == {("p1",), ("Theirs",)}


def test_models_are_the_raw_words_even_if_a_list_has_such_an_id(
    ledger: Ledger, source: Source
) -> None:
    store(ledger, source.id, priced("tokens", nov(1), record(nov(1), model="p1")))
    catalog.save_names(ledger, source.id, [Name(NameKind.PROJECT, "p1", "Website")])
    assert set(rows_by(ledger, Dimension.MODEL)) == {("p1",)}


# --- requests, units, order ---


def test_requests_are_unknown_where_one_that_bears_tokens_does_not_tell(
    ledger: Ledger, source: Source
) -> None:
    told = record(nov(1), tokens=Tokens(1), requests=3, model="told")
    silent = record(nov(1), tokens=Tokens(1), model="silent")
    stored = record(nov(1), units=[("byte_hours", "5")], model="store")
    store(ledger, source.id, priced("tokens", nov(1), told, silent, stored))
    rows = rows_by(ledger, Dimension.MODEL)
    assert {key[0]: row.requests for key, row in rows.items()} == {
        "told": 3,
        "silent": None,
        "store": None,
    }
    assert only(rows_by(ledger)).requests is None
    some = Scope(((Dimension.MODEL, ("told", "store")),))
    assert only(rows_by(ledger, scope=some)).requests == 3


def test_money_alone_has_no_requests(ledger: Ledger, source: Source) -> None:
    store(ledger, source.id, priced("costs", nov(1), charges=[charge(1)]))
    assert only(rows_by(ledger)).requests is None


def test_units_are_added_exactly_by_name(ledger: Ledger, source: Source) -> None:
    used = [
        record(nov(1), units=[("images", "2"), ("seconds", "0.1")]),
        record(nov(2), units=[("seconds", "0.2"), ("images", "1")]),
    ]
    store(ledger, source.id, *(priced("t", nov(i + 1), r) for i, r in enumerate(used)))
    assert only(rows_by(ledger)).units == (("images", Decimal(3)), ("seconds", Decimal("0.3")))


def test_rows_are_in_order_and_those_without_a_value_come_last(
    ledger: Ledger, source: Source
) -> None:
    used = [record(nov(1), model=m, tier=t) for m in (None, "b", "a") for t in ("x", None)]
    store(ledger, source.id, priced("tokens", nov(1), *used))
    question = Question(november(), by=(Dimension.MODEL, Dimension.TIER))
    keys = [row.key for row in answers.answer(ledger, question, today=TODAY).rows]
    assert keys == [("a", "x"), ("a", None), ("b", "x"), ("b", None), (None, "x"), (None, None)]


def test_an_empty_archive_answers_with_no_rows_and_no_money(ledger: Ledger) -> None:
    table = answers.answer(ledger, Question(november()), today=TODAY)
    assert (table.rows, table.total) == ((), Row(()))
    assert answers.currencies(ledger) == ()
    assert answers.spend_by(ledger, Question(november()), currency="USD") == {}


def test_what_a_removed_source_left_still_counts(ledger: Ledger, source: Source) -> None:
    store(ledger, source.id, priced("costs", nov(1), charges=[charge(5)]))
    catalog.remove_source(ledger, source.id, forget=False)
    assert billed(rows_by(ledger, Dimension.SOURCE)) == {("acme",): 5}
