"""Stored rows computed again: as if synced so, told to the nano-unit, or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_kit import FakeClock, charge, content, nov, november, priced, record, rows_by, usd
from pricing_kit import Book, sync

from plimsoll.domain.calendar import Period
from plimsoll.domain.effect import Effect, MonthEffect
from plimsoll.domain.errors import Cancelled
from plimsoll.domain.question import Amounts, Dimension
from plimsoll.domain.usage import Computed, Slice, Tokens, UsageRecord
from plimsoll.ledger import catalog, overlaps, price_log, repricing
from plimsoll.ledger.canonical import rows_of
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.presence import is_stale
from plimsoll.ledger.repricing import Which, reprice

OLD = Book({"a": 10, "b": 7})
NEW = Book({"a": 12, "b": 7, "c": 3})


def again(ledger: Ledger, book: Book, **more: object) -> Effect:
    wanted: dict[str, object] = {"edition": book.edition, "sentence": "prices changed"}
    return reprice(ledger, book.compute, **(wanted | more))  # type: ignore[arg-type]


def slice_of(day: date, *records: UsageRecord, **more: object) -> Slice:
    return Slice("usage", day, tuple(records), **more)  # type: ignore[arg-type]


def three_days() -> list[Slice]:
    return [
        slice_of(nov(1), record(nov(1), tokens=Tokens(input=5), model="a")),
        slice_of(nov(2), record(nov(2), tokens=Tokens(input=4), model="b")),
        slice_of(
            nov(3),
            record(nov(3), tokens=Tokens(output=2), model="a"),
            record(nov(3), tokens=Tokens(output=9), model="c", units=[("searches", "2")]),
        ),
    ]


def amounts(ledger: Ledger) -> dict[tuple[str, str], Amounts]:
    """All the sums by month and currency, as an answer tells them."""
    everything = Period(date(2026, 1, 1), date(2027, 12, 31))
    return {
        (month or "", a.currency): a
        for (month,), row in rows_by(ledger, Dimension.MONTH, period=everything).items()
        for a in row.amounts
    }


# --- as if it had been synced so ---

_MODELS = st.sampled_from(["a", "b", "c", None])
_DAYS = st.integers(0, 12)
_RECORDS = st.lists(
    st.builds(
        lambda model, tokens, hour, elsewhere, searches, project: (
            {"model": model, "project": project},
            tokens,
            hour,
            elsewhere,
            searches,
        ),
        _MODELS,
        st.integers(0, 1000),
        st.integers(0, 23),
        st.booleans(),
        st.integers(0, 3),
        st.sampled_from(["p", None]),
    ),
    max_size=4,
)
_SYNCS = st.tuples(
    st.just("sync"), st.integers(0, 1), _DAYS, _RECORDS, st.integers(0, 3).filter(lambda n: n != 1)
)
_BOOKS = st.builds(
    Book,
    st.dictionaries(_MODELS, st.integers(0, 50)),
    currency=st.sampled_from(["USD", "CNY"]),
    off=st.sampled_from([0, 0, 15, 100]),
    since=st.sampled_from([date(2026, 1, 1), nov(1)]),
)
_STEPS = st.lists(st.one_of(_SYNCS, st.tuples(st.just("book"), _BOOKS)), min_size=1, max_size=12)


def a_slice(offset: int, records: Iterable[tuple[object, ...]], charges: int) -> Slice:
    day = nov(25) - timedelta(days=30) + timedelta(days=offset)
    return Slice(
        "usage",
        day,
        tuple(
            record(
                day,
                hour=hour,  # type: ignore[arg-type]
                tokens=Tokens(input=tokens, output=tokens // 3),  # type: ignore[arg-type, operator]
                units=[("searches", str(searches))] if searches else (),
                elsewhere=elsewhere,  # type: ignore[arg-type]
                **who,  # type: ignore[arg-type]
            )
            for who, tokens, hour, elsewhere, searches in records
        ),
        tuple(charge(nanos, model="a") for nanos in range(charges)),
        frozenset({"model"}),
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS, last=_BOOKS)
def test_any_order_of_syncs_and_price_changes_ends_as_a_sync_with_the_last_prices(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[object, ...]], last: Book
) -> None:
    folder = tmp_path_factory.mktemp("archive")
    held: dict[tuple[int, date], Slice] = {}
    with (
        closing(Ledger.open(folder / "changed", clock=FakeClock())) as changed,
        closing(Ledger.open(folder / "afresh", clock=FakeClock())) as afresh,
    ):
        for ledger in (changed, afresh):
            catalog.add_source(ledger, name="acme", connector="openai")
            catalog.add_source(
                ledger, name="plan", connector="anthropic", settings=[("money", "plan")]
            )
        sources = catalog.sources(changed)
        book = Book({})
        for step in [*steps, ("book", last)]:
            if step[0] == "book":
                book = step[1]  # type: ignore[assignment]
                before = amounts(changed)
                effect = again(changed, book)
                check_effect(effect, before, amounts(changed))
                assert not is_stale(changed, book.edition)
            else:
                _, which, offset, records, charges = step
                one = a_slice(offset, records, charges)  # type: ignore[arg-type]
                held[which, one.day] = one  # type: ignore[index]
                sync(changed, sources[which], book, [one])  # type: ignore[call-overload]
        for which in (0, 1):
            mine = [one for (owner, _), one in held.items() if owner == which]
            sync(afresh, catalog.sources(afresh)[which], last, mine)
        assert content(changed) == {**content(afresh), "coverage": content(changed)["coverage"]}
        assert changed.check() == ()


def check_effect(
    effect: Effect, before: dict[tuple[str, str], Amounts], after: dict[tuple[str, str], Amounts]
) -> None:
    """The effect is the difference of the totals, to the nano-unit."""
    told = {(m.month.isoformat()[:7], m.currency): m for m in effect.months}
    for place in {*before, *after, *told}:
        old, new = (side.get(place, Amounts(place[1])) for side in (before, after))
        month = told.get(place, MonthEffect(nov(1), place[1]))
        assert new.estimated - old.estimated == month.estimated
        assert new.plan - old.plan == month.plan
        assert new.worth - old.worth == month.worth
        assert new.billed == old.billed


def test_a_corrected_price_changes_the_rows_it_is_for_and_no_others(
    ledger: Ledger, source: Source
) -> None:
    sync(ledger, source, OLD, three_days())
    with ledger.reading() as connection:
        ids = "SELECT day, fetched_at FROM slice ORDER BY day"
        fetched = connection.execute(ids).fetchall()
    effect = again(ledger, NEW)
    assert effect == Effect(
        records=3,
        slices=2,
        period=november(1, 3),
        months=(MonthEffect(nov(1), "USD", estimated=43, worth=43),),
        not_priced=-9,
    )
    (row,) = rows_by(ledger).values()
    assert row.amounts == (Amounts("USD", estimated=141, worth=141),)
    with ledger.reading() as connection:
        assert connection.execute(ids).fetchall() == fetched
    assert again(ledger, NEW) == Effect()


def test_only_what_was_asked_for_is_computed(ledger: Ledger, source: Source) -> None:
    sync(ledger, source, OLD, three_days())
    book = replace(NEW, asked=[])
    effect = again(
        ledger,
        book,
        which=Which(models={source.id: frozenset({"a"})}, period=november(2, 30)),
        instead_of=OLD.edition,
    )
    assert {(r.start.day, r.attribution.model) for r in book.asked} == {(3, "a")}
    assert effect.records == 1
    assert effect.months == (MonthEffect(nov(1), "USD", estimated=4, worth=4),)
    assert not is_stale(ledger, NEW.edition)
    assert again(ledger, book, which=Which(models={})) == Effect()


def test_only_what_another_edition_computed_is_looked_at(ledger: Ledger, source: Source) -> None:
    sync(ledger, source, OLD, three_days()[:2])
    sync(ledger, source, NEW, three_days()[2:])
    assert is_stale(ledger, NEW.edition)
    book = replace(NEW, asked=[])
    again(ledger, book, which=Which(stale=True))
    assert {r.start.day for r in book.asked} == {1, 2}
    assert not is_stale(ledger, NEW.edition)


def test_rows_without_a_model_can_be_asked_for(ledger: Ledger, source: Source) -> None:
    sync(ledger, source, OLD, [slice_of(nov(1), record(nov(1), tokens=Tokens(input=3)))])
    assert repricing.models_in_use(ledger) == {source.id: frozenset({None})}
    which = Which(models={source.id: frozenset({None})})
    assert again(ledger, Book({None: 2}), which=which).not_priced == -3


def test_a_day_that_is_billed_keeps_its_money(ledger: Ledger, source: Source) -> None:
    one = slice_of(nov(1), record(nov(1), tokens=Tokens(input=5), model="a"), charges=(charge(99),))
    sync(ledger, source, OLD, [one])
    effect = again(ledger, NEW)
    assert effect.months == (MonthEffect(nov(1), "USD", worth=10),)
    (row,) = rows_by(ledger).values()
    assert row.amounts == (Amounts("USD", billed=99, worth=60),)


def test_a_contract_lowers_what_is_owed_and_leaves_the_worth(
    ledger: Ledger, source: Source
) -> None:
    sync(ledger, source, OLD, three_days()[:1])
    effect = again(ledger, replace(OLD, off=20))
    assert effect.months == (MonthEffect(nov(1), "USD", estimated=-10),)
    for by in ((), (Dimension.MODEL,), (Dimension.MODEL, Dimension.DAY), (Dimension.HOUR,)):
        for row in rows_by(ledger, *by).values():
            assert row.amounts == (Amounts("USD", estimated=40, worth=50),)


def test_what_only_explains_another_sources_money_has_no_effect_on_it(
    ledger: Ledger, source: Source
) -> None:
    agent = catalog.add_source(ledger, name="agent", connector="anthropic")
    for one in (source, agent):
        sync(ledger, one, OLD, three_days())
    overlaps.settle(ledger, payer=source.id, explainer=agent.id, once=True)
    before = amounts(ledger)
    effect = again(ledger, NEW)
    assert effect.records == 6
    assert effect.not_priced == -9
    check_effect(effect, before, amounts(ledger))


def test_only_other_words_are_no_effect(ledger: Ledger, source: Source) -> None:
    sync(ledger, source, OLD, three_days())

    def reworded(record: UsageRecord, source: Source) -> Computed:
        return replace(OLD.compute(record, source), basis="in other words")

    assert reprice(ledger, reworded, edition="2", sentence="") == Effect()
    with ledger.reading() as connection:
        query = "SELECT DISTINCT p.text FROM usage u JOIN phrase p ON p.id = u.basis"
        assert connection.execute(query).fetchall() == [("in other words",)]
    assert ledger.check() == ()
    assert price_log.price_changes(ledger) == ()


# --- all of it, or nothing ---


def test_a_dry_run_tells_the_same_and_changes_nothing(ledger: Ledger, source: Source) -> None:
    sync(ledger, source, OLD, three_days())
    before, file = content(ledger), everything_in(ledger)
    told = again(
        ledger,
        NEW,
        dry_run=True,
        together=lambda: catalog.add_source(ledger, name="never kept", connector="openai"),
    )
    assert content(ledger) == before
    assert everything_in(ledger) == file
    assert is_stale(ledger, NEW.edition)
    assert again(ledger, NEW) == told


def everything_in(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    with ledger.reading() as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for (name,) in tables.fetchall()
        }


def test_a_price_book_that_fails_leaves_everything_as_it_was(
    ledger: Ledger, source: Source
) -> None:
    sync(ledger, source, OLD, three_days())
    before = everything_in(ledger)
    seen = 0

    def fails_late(record: UsageRecord, source: Source) -> Computed:
        nonlocal seen
        seen += 1
        if seen > 6:  # in the writing half, with a day written already
            raise RuntimeError("the price book is broken")
        return Computed(usd(1), "cheap")

    with pytest.raises(RuntimeError, match="broken"):
        reprice(ledger, fails_late, edition="2", sentence="")
    assert seen == 7
    assert everything_in(ledger) == before


def test_what_belongs_to_it_is_kept_with_it_or_not_at_all(ledger: Ledger, source: Source) -> None:
    sync(ledger, source, OLD, three_days())
    before = everything_in(ledger)

    def refused() -> None:
        catalog.add_source(ledger, name="half", connector="openai")
        raise ValueError("the other half is refused")

    with pytest.raises(ValueError, match="other half"):
        again(ledger, NEW, together=refused)
    assert everything_in(ledger) == before


@pytest.mark.parametrize("calls", range(6))
def test_stopping_it_changes_nothing(ledger: Ledger, source: Source, calls: int) -> None:
    sync(ledger, source, OLD, three_days())
    before = everything_in(ledger)
    asked = iter(range(100))
    with pytest.raises(Cancelled):
        again(ledger, NEW, cancelled=lambda: next(asked) == calls)
    assert everything_in(ledger) == before


# --- what others do meanwhile ---


def test_a_day_that_comes_while_it_looks_is_not_missed(ledger: Ledger, source: Source) -> None:
    one, two, three = three_days()
    sync(ledger, source, OLD, [one, two])
    other = slice_of(nov(2), record(nov(2), tokens=Tokens(input=100), model="a"))
    come = False

    def compute(record: UsageRecord, source: Source) -> Computed:
        nonlocal come
        if not come:
            come = True
            with closing(Ledger.open(ledger.path.parent, clock=FakeClock())) as another:
                sync(another, source, OLD, [other, three])
        return NEW.compute(record, source)

    reprice(ledger, compute, edition=NEW.edition, sentence="")
    found = content(ledger)
    with closing(Ledger.open(ledger.path.parent.with_name("afresh"), clock=FakeClock())) as afresh:
        mine = catalog.add_source(afresh, name="acme", connector="openai")
        sync(afresh, mine, NEW, [one, other, three])
        assert found == content(afresh)


# --- the archive as it was before ---


def test_rows_that_rot_are_not_made_good(ledger: Ledger, source: Source) -> None:
    sync(ledger, source, OLD, three_days())
    with ledger.writing() as connection:
        connection.execute("UPDATE usage SET input = input + 1 WHERE input = 5")
    assert "Rows have changed" in " ".join(ledger.check())
    assert again(ledger, NEW).records == 2
    assert "Rows have changed" in " ".join(ledger.check())
    assert is_stale(ledger, NEW.edition)


def test_rows_that_cannot_be_read_back_do_not_stop_the_others(
    ledger: Ledger, source: Source
) -> None:
    sync(ledger, source, OLD, three_days())
    with ledger.writing() as connection:
        connection.execute("UPDATE usage SET attribution = 999 WHERE input = 5")
    assert again(ledger, NEW).records == 2


# --- the log ---


def test_the_log_tells_what_changed_and_what_it_did(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    sync(ledger, source, OLD, three_days())
    effect = again(ledger, NEW, sentence="a and c have new prices")
    again(ledger, NEW, sentence="nothing happens")
    again(ledger, NEW, sentence="yours, though it changes nothing", log_idle=True)
    idle, told = price_log.price_changes(ledger)
    assert told.at == clock.wall
    assert (told.sentence, told.edition) == ("a and c have new prices", NEW.edition)
    assert told.effect == effect
    assert (idle.sentence, idle.effect) == ("yours, though it changes nothing", Effect())


def test_an_archive_of_the_program_before_stays_sound_and_is_computed_again(
    tmp_path: Path,
) -> None:
    from plimsoll.ledger import migrations

    folder = tmp_path / "data"
    with closing(Ledger.open(folder, clock=FakeClock())) as ledger:
        source = catalog.add_source(ledger, name="acme", connector="openai")
        sync(ledger, source, OLD, three_days())
        path, digests = ledger.path, digests_of(ledger)
    as_it_was_before_prices_were_kept(path)
    with closing(sqlite3.connect(path)) as old:
        columns = [name for _, name, *_ in old.execute("PRAGMA table_info(usage)")]
        assert "off" not in columns
    with closing(Ledger.open(folder, clock=FakeClock())) as ledger:
        assert digests_of(ledger) == digests
        assert ledger.check() == ()
        with ledger.reading() as connection:
            assert migrations.applied(connection) == migrations.names()
        assert is_stale(ledger, OLD.edition)
        assert again(ledger, OLD) == Effect()
        assert again(ledger, NEW).records == 3
        assert ledger.check() == ()


def test_the_digest_of_rows_without_a_contract_is_the_one_that_it_always_was() -> None:
    everything = record(
        nov(1),
        hour=3,
        tokens=Tokens(1, 2, 3, 4, 5, 1),
        requests=2,
        units=[("searches", "1.5")],
        model="a",
        project="p",
    )
    by_rule = record(nov(1), hour=None, tokens=Tokens(input=9), elsewhere=True, tier="priority")
    day = priced(
        "usage",
        nov(1),
        (everything, usd(7)),
        by_rule,
        charges=(charge(12, model="a"),),
        bills_by=("model",),
    )
    made_before = "dc9aac8164afb2554dae71b495a5a250d30fd1efa4830f4e446264a44d0e901d"
    assert rows_of(day).digest.hex() == made_before
    contract = replace(day, computed=(replace(day.computed[0], off=1), day.computed[1]))
    assert rows_of(contract).digest.hex() != made_before


def digests_of(ledger: Ledger) -> list[bytes]:
    with ledger.reading() as connection:
        return [d for (d,) in connection.execute("SELECT digest FROM slice ORDER BY day")]


def as_it_was_before_prices_were_kept(path: Path) -> None:
    """Take out of a file what the migration `kept_prices`, and all after it, brought."""
    from plimsoll.ledger import migrations

    before = migrations.names().index("kept_prices")
    fresh = path.with_name("old.db")
    with closing(sqlite3.connect(fresh, isolation_level=None)) as old:
        old.execute("BEGIN")
        migrations.migrate(old, steps=migrations.STEPS[:before])
        old.execute("COMMIT")
        old.execute("ATTACH ? AS new", [str(path)])
        tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%sqlite%'"
        for (table,) in old.execute(tables).fetchall():
            columns = ", ".join(row[1] for row in old.execute(f"PRAGMA table_info({table})"))
            old.execute(f"DELETE FROM {table}")
            old.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM new.{table}")
        old.execute("DETACH new")
    for ending in ("-wal", "-shm"):
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    fresh.replace(path)
