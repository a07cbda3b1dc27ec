"""Rates are read strictly, refused with a sentence, and what they leave out is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from made_up import TODAY, Bench, MadeUpAccount, spread

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.exchange import Rate
from plimsoll.domain.money import Money
from plimsoll.services.currencies import read_rate
from plimsoll.services.program import Program
from plimsoll.services.settings import Settings
from plimsoll.services.vault import MemoryVault

DAY = date(2026, 11, 1)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    bench = Bench(tmp_path)
    bench.sync(MadeUpAccount(spread(30)))
    bench.close()
    opened = Program(tmp_path, clock=bench.clock, vault=MemoryVault())
    yield opened
    opened.close()


def typed(value: str = "7.12", *, base: str = "USD", quote: str = "CNY", note: str = "") -> Rate:
    return read_rate(day=DAY, base=base, quote=quote, value=value, note=note)


def test_a_rate_is_read_as_it_was_typed() -> None:
    assert typed(" 7.12 ", base="usd") == Rate(DAY, "USD", "CNY", Decimal("7.12"))
    assert typed(note=" Bank of China,\n middle ").note == "Bank of China, middle"


@pytest.mark.parametrize("value", ["", "0", "-7.12", "seven", "7,12", "NaN", "1e12", "Infinity"])
def test_what_is_no_rate_is_refused_with_a_sentence(value: str) -> None:
    with pytest.raises(WrongUse) as caught:
        typed(value)
    assert caught.value.sentence == "A rate is a number above zero, such as 7.12."


@pytest.mark.parametrize(
    ("base", "quote", "sentence"),
    [
        ("RMB", "USD", "There is no currency called RMB."),
        ("USD", "", "There is no currency called nothing."),
        ("USD", "USDT", "There is no currency called USDT."),
        ("USD", "USD", "A rate is between two different currencies."),
    ],
)
def test_a_pair_that_is_none_is_refused(base: str, quote: str, sentence: str) -> None:
    with pytest.raises(WrongUse) as caught:
        typed(base=base, quote=quote)
    assert caught.value.sentence == sentence


def test_what_no_rate_converts_is_told(program: Program) -> None:
    before = program.currencies()
    assert (before.display, before.target, before.spent_in) == ("", "USD", ("USD",))
    assert (before.rates, before.left_out) == ((), ()), "one currency needs no rate"
    assert before.first_day is not None
    program.save_settings(Settings(display_currency="CNY"))
    missing = program.currencies()
    [money] = missing.left_out
    assert money.currency == "USD"
    assert money.nanos > 0
    first = before.first_day
    program.set_rate(Rate(first, "USD", "CNY", Decimal(7)))
    assert program.currencies().left_out == ()
    assert program.overview().spent == 7 * program.overview(currency="USD").spent
    later = Rate(TODAY, "CNY", "USD", Decimal("0.14"))
    program.set_rate(later, instead_of=program.currencies().rates[0])
    [early] = program.currencies().left_out
    assert early == Money("USD", money.nanos), "today has no money yet"
    program.remove_rate(later)
    assert program.currencies().rates == ()
    assert program.overview().combined is None
