"""A user's own prices: looked at before they are made, kept with what they change, and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from made_up import NOW, SetClock

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import PriceFileProblem, WrongUse
from plimsoll.domain.money import NANO, nanos_of
from plimsoll.domain.question import Amounts, Question
from plimsoll.domain.secret import Secret
from plimsoll.domain.tariff import Discount, Kind, PriceRow
from plimsoll.domain.usage import Attribution, PricedSlice, Slice, Tokens, UsageRecord
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.catalog import Source
from plimsoll.services.answers import SyncProgress
from plimsoll.services.pricing import Pricing
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

SEPTEMBER = date(2026, 9, 10)
OCTOBER = date(2026, 10, 10)
MILLION = 1_000_000


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    opened = Program(tmp_path / "data", clock=SetClock())
    yield opened
    opened.close()


@pytest.fixture
def work(program: Program) -> Source:
    return catalog.add_source(program.ledger, name="Work", connector="openai")


def used(
    program: Program, source: Source, day: date, model: str, *, book: Pricing | None = None
) -> None:
    """Store the million tokens that a source used on a day, as a sync does."""
    start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    record = UsageRecord(
        start, start.replace(hour=10), Attribution(model=model), Tokens(input=MILLION), 1
    )
    book = book or program.prices.book()
    usage.replace_slices(
        program.ledger,
        source.id,
        [PricedSlice(Slice("usage", day, (record,)), (book.compute(record, source),))],
        revision_days=3,
        edition=book.edition,
    )


def price(model: str, dollars: str, provider: str = "openai", **more: object) -> PriceRow:
    return PriceRow(provider, (model,), "USD", ((Kind.INPUT, Decimal(dollars)),), **more)  # type: ignore[arg-type]


def total(program: Program) -> tuple[Amounts, ...]:
    return program.spend(Question(Period(date(2026, 1, 1), date(2026, 12, 31)))).total.amounts


def dollars(text: str) -> int:
    return nanos_of(Decimal(text))


def test_an_own_price_prices_what_was_not_priced(program: Program, work: Source) -> None:
    used(program, work, SEPTEMBER, "in-house-1")
    (line,) = program.prices.page().not_priced
    assert (line.provider, line.source, line.model, line.tokens, line.missing, line.days) == (
        "openai",
        "Work",
        "in-house-1",
        MILLION,
        MILLION,
        1,
    )
    assert line.reason == "There is no list price for in-house-1."
    assert line.can_be_priced
    seen = program.prices.preview([price("in-house-1", "2.5")], [])
    assert seen.sentence == (
        "1 own price added; your September: +$2.50; 1,000,000 tokens that had no price have one."
    )
    assert total(program) == ()
    assert program.prices.page().own == ()
    made = program.prices.change([price("in-house-1", "2.5")], [])
    assert made == seen
    assert not program.prices.is_behind()
    assert total(program) == (Amounts("USD", estimated=dollars("2.5"), worth=dollars("2.5")),)
    page = program.prices.page()
    assert page.own == (price("in-house-1", "2.5"),)
    assert page.not_priced == ()
    (entry,) = page.log
    assert (entry.at, entry.sentence, entry.effect) == (NOW, "1 own price added.", made.effect)


def test_a_price_for_one_account_leaves_the_others(program: Program, work: Source) -> None:
    other = catalog.add_source(program.ledger, name="Other", connector="openai")
    for source in (work, other):
        used(program, source, SEPTEMBER, "gpt-4.1")
    before = total(program)[0].estimated
    made = program.prices.change([price("gpt-4.1", "1", source="Work")], [])
    assert made.effect.records == 1
    assert total(program)[0].estimated == before - dollars("1")
    catalog.change_source(
        program.ledger, work.id, name="Renamed", base_url=None, settings=(), key_tail=""
    )
    assert program.prices.page().own == (price("gpt-4.1", "1", source="Renamed"),)
    used(program, work, OCTOBER, "gpt-4.1")
    assert total(program)[0].estimated == before


def test_a_discount_comes_off_what_is_owed_from_its_first_day_on(
    program: Program, work: Source
) -> None:
    for day in (SEPTEMBER, OCTOBER):
        used(program, work, day, "gpt-4.1")
    contract = Discount("Work", Decimal(20), first=date(2026, 10, 1))
    made = program.prices.change([], [contract])
    assert made.sentence == "1 discount added; your October: −$0.40."
    assert total(program) == (Amounts("USD", estimated=dollars("3.6"), worth=dollars("4")),)
    assert program.prices.page().discounts == (contract,)


def test_taking_everything_back_is_as_if_it_had_never_been(program: Program, work: Source) -> None:
    for day in (SEPTEMBER, OCTOBER):
        used(program, work, day, "gpt-4.1")
    before = total(program)
    program.prices.change([price("gpt-4.1", "1")], [Discount("Work", Decimal("7.5"))])
    assert total(program) != before
    back = program.prices.change([], [])
    assert back.sentence.startswith("1 own price removed, 1 discount removed; your ")
    assert total(program) == before
    assert [bool(entry.effect) for entry in program.prices.page().log] == [True, True]


def test_what_was_changed_elsewhere_meanwhile_is_not_overwritten(
    program: Program, work: Source
) -> None:
    version = program.prices.page().version
    program.prices.change([price("a", "1")], [], version=version)
    with pytest.raises(WrongUse, match="changed elsewhere"):
        program.prices.change([price("b", "1")], [], version=version)
    assert program.prices.page().own == (price("a", "1"),)


@pytest.mark.parametrize(
    ("own", "discounts", "words"),
    [
        ([price("a", "1"), price("A", "2")], [], "for a of openai at the same time"),
        ([price("a", "1", source="Nobody")], [], "no source called Nobody"),
        ([], [Discount("Nobody", Decimal(5))], "no source called Nobody"),
        (
            [],
            [
                Discount("Work", Decimal(5), last=date(2026, 3, 1)),
                Discount("Work", Decimal(6), first=date(2026, 3, 1)),
            ],
            "Two discounts of Work",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    program: Program, work: Source, own: list[PriceRow], discounts: list[Discount], words: str
) -> None:
    with pytest.raises(WrongUse, match=words):
        program.prices.change(own, discounts)
    assert program.prices.page().log == ()


def test_an_own_price_goes_with_its_account(program: Program, work: Source) -> None:
    program.prices.change(
        [price("a", "1", source="Work"), price("b", "1")], [Discount("Work", Decimal(5))]
    )
    catalog.remove_source(program.ledger, work.id, forget=True)
    page = program.prices.page()
    assert (page.own, page.discounts) == ((price("b", "1"),), ())


def test_a_new_source_takes_over_what_its_removed_namesake_had(
    program: Program, work: Source
) -> None:
    used(program, work, SEPTEMBER, "gpt-4.1")
    program.prices.change([price("a", "1", source="Work")], [Discount("Work", Decimal(5))])
    catalog.remove_source(program.ledger, work.id, forget=False)
    new = catalog.add_source(program.ledger, name="Work", connector="openai")
    before = total(program)
    catalog.start_run(program.ledger, new.id)
    program.prices.bring_up_to_date()
    page = program.prices.page()
    assert page.own == (price("a", "1", source="Work"),)
    assert page.discounts == (Discount("Work", Decimal(5)),)
    assert total(program) == before


def test_a_file_is_written_and_read_back(program: Program, tmp_path: Path) -> None:
    rows = (price("a", "1.25", source="Work"), price("b", "0"))
    program.prices.write_file(tmp_path / "own.toml", rows)
    assert program.prices.read_file(tmp_path / "own.toml") == rows
    with pytest.raises(WrongUse, match="already a file"):
        program.prices.write_file(tmp_path / "own.toml", rows)


def test_a_wrong_file_is_refused_with_its_line(program: Program, tmp_path: Path) -> None:
    wrong = tmp_path / "own.toml"
    wrong.write_text(
        '[[price]]\nprovider = "openai"\nmodels = ["a"]\ncurrency = "USD"\ninput = -1\n'
    )
    with pytest.raises(PriceFileProblem) as caught:
        program.prices.read_file(wrong)
    assert caught.value.line == 5
    with pytest.raises(WrongUse, match="cannot be read"):
        program.prices.read_file(tmp_path / "missing.toml")
    wrong.write_bytes(b"\xff\xfe")
    with pytest.raises(WrongUse, match="UTF-8"):
        program.prices.read_file(wrong)


def test_rows_of_an_older_edition_are_computed_again_once(program: Program, work: Source) -> None:
    start = datetime(2026, 9, 10, 9, tzinfo=UTC)
    record = UsageRecord(
        start, start.replace(hour=10), Attribution(model="gpt-4.1"), Tokens(input=MILLION), 1
    )
    usage.replace_slices(
        program.ledger,
        work.id,
        [PricedSlice(Slice("usage", SEPTEMBER, (record,)))],  # before the program knew a price
        revision_days=3,
        edition="older",
    )
    seen = program.prices.bring_up_to_date()
    assert seen is not None
    assert seen.effect.not_priced == -MILLION
    assert total(program)[0].estimated == 2 * NANO
    assert program.prices.bring_up_to_date() is None
    (entry,) = program.prices.page().log
    assert entry.sentence == f"Prices brought up to date: {program.prices.book().edition}."


def test_prices_that_change_while_a_sync_runs_hold_for_what_it_stored(
    program: Program, work: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow_sync(*_: object, book: Callable[[], Pricing], **__: object) -> tuple[()]:
        old = book()
        program.prices.change([price("gpt-4.1", "1")], [])
        used(program, work, SEPTEMBER, "gpt-4.1", book=old)
        assert total(program)[0].estimated == 2 * NANO
        return ()

    monkeypatch.setattr("plimsoll.services.sync.sync_sources", slow_sync)
    told: list[SyncProgress] = []
    program.sync(progress=told.append)
    assert total(program)[0].estimated == NANO
    assert told == [SyncProgress("Prices", "stored days are computed again")]


def test_an_account_that_is_billed_in_another_currency_is_computed_again(
    tmp_path: Path,
) -> None:
    program = Program(tmp_path / "data", clock=SetClock(), vault=MemoryVault())
    key = Secret("sk-moonshot-0123456789abcdef")
    program.add_source("moonshot", name="Kimi", key=key, settings={"region": "intl"})
    source = catalog.source_named(program.ledger, "Kimi")
    own = [
        replace(price("kimi-x", number, provider="moonshot"), currency=currency)
        for number, currency in (("1", "USD"), ("7", "CNY"))
    ]
    program.prices.change(own, [])
    used(program, source, SEPTEMBER, "kimi-x")
    assert total(program) == (Amounts("USD", estimated=NANO, worth=NANO),)
    program.edit_source("Kimi", key=key, settings={"region": "cn"})
    program.prices.bring_up_to_date()
    assert total(program) == (Amounts("CNY", estimated=7 * NANO, worth=7 * NANO),)
    program.close()
