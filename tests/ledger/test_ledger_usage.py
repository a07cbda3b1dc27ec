"""Slices are replaced whole: nothing twice, nothing lost, whatever the order they come in."""

from __future__ import annotations

import tempfile
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import (
    TODAY,
    FakeClock,
    at,
    charge,
    content,
    count,
    nov,
    november,
    priced,
    record,
    rows_by,
    store,
    usd,
)

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import Cancelled, SurprisingAnswer
from plimsoll.domain.question import Dimension
from plimsoll.domain.usage import PricedSlice, Tokens
from plimsoll.ledger import answers, catalog, rollups, usage
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger

DAYS = [nov(day) for day in range(1, 11)]


def the_truth(endpoint: str, day: date) -> PricedSlice:
    """What a provider says of a day: always the same, and not the same for every day."""
    n = day.day
    if endpoint == "costs":
        charges = [charge(n * 1000 + i, model=f"m{i % 3}", project="p") for i in range(n % 4)]
        return priced("costs", day, charges=charges, bills_by={"model", "project"})
    records = [
        (
            record(
                day,
                hour=i,
                tokens=Tokens(n, i, 0, 0, n * i),
                requests=1,
                units=[("images", str(n))] if i == 1 else (),
                model=f"m{i % 3}",
                project="p" if i % 2 else None,
            ),
            usd(n * i),
        )
        for i in range(n % 5)
    ]
    return priced("tokens", day, *records)


@st.composite
def ways_to_sync(draw: st.DrawFn) -> list[list[tuple[str, date]]]:
    """Batches that ask for every day of both endpoints at least once, in any order and grouping."""
    asked = [(endpoint, day) for endpoint in ("tokens", "costs") for day in DAYS]
    again = draw(st.lists(st.sampled_from(asked), max_size=12))
    order = draw(st.permutations([*asked, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=6)))
    edges = [0, *cuts, len(order)]
    return [order[a:b] for a, b in pairwise(edges)]


@settings(max_examples=25)
@given(ways_to_sync())
def test_any_division_of_a_period_into_syncs_gives_the_same_ledger(
    batches: list[list[tuple[str, date]]],
) -> None:
    at_once = [[(endpoint, day) for endpoint in ("tokens", "costs") for day in DAYS]]
    assert synced(batches) == synced(at_once)


def synced(batches: list[list[tuple[str, date]]]) -> object:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Ledger.open(Path(folder), clock=FakeClock())) as ledger,
    ):
        source = catalog.add_source(ledger, name="acme", connector="openai")
        for batch in batches:
            store(ledger, source.id, *(the_truth(endpoint, day) for endpoint, day in batch))
        return content(ledger)


def test_the_order_of_an_answers_rows_does_not_matter(ledger: Ledger, source: Source) -> None:
    records = [record(nov(1), hour=h, tokens=Tokens(h), model="m") for h in (3, 1, 2)]
    store(ledger, source.id, priced("tokens", nov(1), *records))
    before = content(ledger)
    store(ledger, source.id, priced("tokens", nov(1), *reversed(records)))
    assert content(ledger) == before


def test_a_later_answer_replaces_the_whole_day_of_its_endpoint(
    ledger: Ledger, source: Source
) -> None:
    both = [record(nov(1), tokens=Tokens(5), model=m) for m in ("old", "new")]
    store(ledger, source.id, priced("tokens", nov(1), *both), priced("costs", nov(1)))
    store(ledger, source.id, priced("tokens", nov(1), both[1]))
    rows = rows_by(ledger, Dimension.MODEL)
    assert {key: row.tokens.total for key, row in rows.items()} == {("new",): 5}


def test_equal_records_of_one_answer_are_all_counted(ledger: Ledger, source: Source) -> None:
    same = record(nov(1), tokens=Tokens(5), requests=1, model="m")
    store(ledger, source.id, priced("tokens", nov(1), same, same))
    (row,) = rows_by(ledger).values()
    assert (row.tokens.total, row.requests) == (10, 2)


def test_an_unchanged_day_is_not_written_again(ledger: Ledger, source: Source) -> None:
    answer = priced("tokens", nov(22), (record(nov(22), tokens=Tokens(5)), usd(7)))
    store(ledger, source.id, answer)
    with ledger.writing() as connection:
        connection.execute("UPDATE usage SET n = 77")
    store(ledger, source.id, answer)
    with ledger.reading() as connection:
        assert connection.execute("SELECT n FROM usage").fetchall() == [(77,)]


def test_a_rotten_row_is_mended_when_its_day_settles(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    answer = priced("tokens", nov(22), (record(nov(22), tokens=Tokens(5)), usd(7)))
    store(ledger, source.id, answer)
    whole = content(ledger)["usage"]
    with ledger.writing() as connection:
        connection.execute("UPDATE usage SET worth = 8")
    clock.wall += timedelta(days=4)
    store(ledger, source.id, answer)
    assert content(ledger)["usage"] == whole
    assert ledger.check() == ()


def test_an_error_in_the_middle_leaves_everything_as_it_was(
    ledger: Ledger, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(ledger, source.id, *(the_truth("tokens", day) for day in DAYS))
    before = content(ledger)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(rollups, "rebuild", fails)
    changed = [priced("tokens", d, record(d, tokens=Tokens(999), model="new")) for d in DAYS]
    with pytest.raises(RuntimeError, match="power cut"):
        store(ledger, source.id, *changed, priced("costs", nov(1), charges=[charge(1)]))
    assert content(ledger) == before
    monkeypatch.undo()
    store(ledger, source.id, *(the_truth("tokens", day) for day in DAYS))
    assert content(ledger) == before


def test_a_day_is_final_once_the_revision_window_has_passed(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    clock.wall = at(nov(5))  # the first instant at which 1 November, with 3 days after it, is over
    store(ledger, source.id, priced("tokens", nov(1)), priced("tokens", nov(2)))
    with ledger.reading() as connection:
        rows = connection.execute("SELECT final FROM slice ORDER BY day").fetchall()
    assert rows == [(1,), (0,)]


def test_a_changed_settled_day_goes_to_the_restatement_log(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    def bill(nanos: int, images: str) -> PricedSlice:
        used = record(nov(1), tokens=Tokens(nanos), units=[("images", images)])
        return priced("costs", nov(1), used, charges=[charge(nanos)])

    store(ledger, source.id, bill(100, "1.5"))
    clock.wall += timedelta(hours=1)
    assert store(ledger, source.id, bill(90, "2")).restated == 1
    (change,) = catalog.restatements(ledger)
    assert (change.source_id, change.endpoint, change.day) == (source.id, "costs", nov(1))
    assert change.at == clock.wall
    assert (change.old.billed, change.new.billed) == ((usd(100),), (usd(90),))
    assert (change.old.tokens, change.new.tokens) == (100, 90)
    assert change.old.units == (("images", Decimal("1.5")),)
    assert change.new.units == (("images", Decimal(2)),)


def test_a_day_that_was_not_final_may_change_quietly(ledger: Ledger, source: Source) -> None:
    for nanos in (1, 2):
        stored = store(ledger, source.id, priced("costs", TODAY, charges=[charge(nanos)]))
        assert stored.restated == 0
    assert catalog.restatements(ledger) == ()


def test_a_new_price_is_no_restatement(ledger: Ledger, source: Source) -> None:
    for worth in (1, 2):
        used = record(nov(1), tokens=Tokens(1))
        assert store(ledger, source.id, priced("tokens", nov(1), (used, usd(worth)))).restated == 0
    (row,) = rows_by(ledger).values()
    assert row.amounts[0].worth == 2


def test_what_was_stored_is_told(ledger: Ledger, source: Source) -> None:
    stored = store(ledger, source.id, the_truth("tokens", nov(7)), the_truth("costs", nov(3)))
    assert (stored.slices, stored.first, stored.last) == (2, nov(3), nov(7))
    assert store(ledger, source.id) == usage.Stored(0)
    assert usage.counts(ledger, source.id) == usage.Counts(records=2, charges=3)


def test_covered_days_are_told_in_runs(ledger: Ledger, source: Source) -> None:
    for days in ((1, 2, 6), (3,), (5, 2)):
        store(ledger, source.id, *(priced("tokens", nov(day)) for day in days))
    store(ledger, source.id, priced("costs", nov(4)))
    assert usage.coverage(ledger, source.id) == {
        "costs": (november(4, 4),),
        "tokens": (november(1, 3), november(5, 6)),
    }


def test_empty_days_are_covered_but_have_no_content(ledger: Ledger, source: Source) -> None:
    store(ledger, source.id, priced("tokens", nov(1)), priced("costs", nov(2)))
    assert usage.first_day_with_content(ledger, source.id) is None
    store(ledger, source.id, the_truth("tokens", nov(3)), the_truth("costs", nov(9)))
    assert usage.first_day_with_content(ledger, source.id) == nov(3)
    assert usage.days_with_content(ledger, source.id) == {
        "tokens": Period(nov(3), nov(3)),
        "costs": Period(nov(9), nov(9)),
    }


@pytest.mark.parametrize(
    "impossible",
    [
        priced("t", nov(1), record(nov(1), tokens=Tokens(10**18 + 1))),
        priced("t", nov(1), record(nov(1), requests=10**19)),
        priced("t", nov(1), *[(record(nov(1)), usd(10**18))] * 2),
        priced("t", nov(1), charges=[charge(10**18), charge(-1)]),
        priced("t", nov(1), record(nov(1), units=[("seconds", "1e3000000")])),
        priced("t", nov(1), record(nov(1), units=[("seconds", "NaN")])),
    ],
    ids=["tokens", "requests", "worth", "charges", "quantity", "no number"],
)
def test_figures_that_no_sum_can_hold_are_refused(
    ledger: Ledger, source: Source, impossible: PricedSlice
) -> None:
    with pytest.raises(SurprisingAnswer):
        store(ledger, source.id, priced("costs", nov(1), charges=[charge(1)]), impossible)
    assert usage.coverage(ledger, source.id) == {}


def test_texts_that_no_file_can_hold_are_kept_as_well_as_they_can_be(
    ledger: Ledger, source: Source
) -> None:
    used = record(nov(1), tokens=Tokens(1), model="half \ud800", project="naïve 模型")
    store(ledger, source.id, priced("tokens", nov(1), used))
    assert set(rows_by(ledger, Dimension.MODEL, Dimension.PROJECT)) == {("half ?", "naïve 模型")}
    assert ledger.check() == ()


def test_quantities_are_exact_however_fine(ledger: Ledger, source: Source) -> None:
    fine = ["0.000000000000000000001", "123456789012345678901234.5", "0.1", "0"]
    used = [record(nov(1), units=[("byte_hours", q)]) for q in fine]
    store(ledger, source.id, priced("tokens", nov(1), *used))
    (row,) = rows_by(ledger).values()
    assert row.units == (("byte_hours", Decimal("123456789012345678901234.600000000000000000001")),)


def test_a_source_that_was_forgotten_meanwhile_takes_nothing(
    ledger: Ledger, source: Source
) -> None:
    catalog.remove_source(ledger, source.id, forget=True)
    with pytest.raises(Cancelled):
        store(ledger, source.id, the_truth("tokens", nov(1)))


def test_forgetting_a_source_leaves_nothing_of_it_and_all_of_the_others(
    ledger: Ledger, source: Source
) -> None:
    other = catalog.add_source(ledger, name="other", connector="openai")
    store(ledger, other.id, *(the_truth("tokens", day) for day in DAYS))
    before = content(ledger)
    mine = record(nov(1), tokens=Tokens(1), model="m1", project="secret-project")
    store(ledger, source.id, priced("tokens", nov(1), (mine, usd(1)), charges=[charge(1)]))
    catalog.remove_source(ledger, source.id, forget=True)
    assert content(ledger) == before
    with ledger.reading() as connection:
        assert count(connection, "term WHERE text = 'secret-project'") == 0
    assert ledger.check() == ()


def test_several_sources_of_one_ledger_do_not_disturb_each_other(
    ledger: Ledger, source: Source
) -> None:
    other = catalog.add_source(ledger, name="other", connector="openai")
    store(ledger, source.id, the_truth("tokens", nov(3)))
    store(ledger, other.id, the_truth("tokens", nov(3)), the_truth("costs", nov(3)))
    rows = rows_by(ledger, Dimension.SOURCE)
    assert rows["acme",].amounts[0].estimated == 9
    assert rows["other",].amounts[0].estimated == 0
    assert rows["other",].amounts[0].billed == 3000 + 3001 + 3002


def test_today_is_what_the_clock_says(ledger: Ledger, source: Source, clock: FakeClock) -> None:
    store(ledger, source.id, priced("costs", nov(1), charges=[charge(5000)]))
    store(ledger, source.id, priced("costs", TODAY, charges=[charge(3000, currency="CNY")]))
    assert answers.currencies(ledger) == ("USD", "CNY")
    clock.wall = datetime(2027, 2, 10, tzinfo=clock.wall.tzinfo)
    assert answers.currencies(ledger) == ("CNY", "USD")
