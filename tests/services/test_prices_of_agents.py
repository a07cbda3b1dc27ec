"""Agents' calls are priced again like any usage: by the provider that each of them names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from made_up import SetClock

from plimsoll.domain.calendar import Period
from plimsoll.domain.calls import PRICED_AS, REPORTED, Call, Harvest, Origin, ReadState, Service
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO
from plimsoll.domain.question import Amounts, Question
from plimsoll.domain.tariff import Discount, Kind, PriceRow
from plimsoll.ledger import calls, catalog
from plimsoll.ledger.catalog import Source
from plimsoll.services.pricing import Pricing
from plimsoll.services.program import Program

HERE = Origin("session-1", None, "/home/dev/shop", "main", "human")
SONNET = Service("anthropic", "claude-sonnet-5", "standard")
FAST = Service("anthropic", "claude-opus-5", "standard", (("speed", "fast"),))
UNKNOWN = Service("anthropic", "claude-next")
AT = int(datetime(2026, 11, 10, 12, tzinfo=UTC).timestamp() * 1000)
MILLION = 1_000_000


def call(key: int, service: Service, **more: object) -> Call:
    """A call of a million fresh tokens."""
    return Call(key, AT, key, HERE, service, **{"input": MILLION, **more})  # type: ignore[arg-type]


EVERYTHING = (
    call(1, SONNET),
    call(2, FAST, input=1000, output=500),
    call(3, SONNET, input=0, requests=0, units=(("searches", 3),)),
    call(4, UNKNOWN),
    call(5, Service("cursor", None), input=0, requests=1, cost=NANO // 4),
)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    opened = Program(tmp_path / "data", clock=SetClock())
    yield opened
    opened.close()


@pytest.fixture
def agent(program: Program) -> Source:
    return catalog.add_source(program.ledger, name="Claude", connector="claude-code", kind="agent")


def read(program: Program, agent: Source, *found: Call, book: Pricing | None = None) -> None:
    """Store what was read in an agent's logs, as a sync does."""
    book = book or program.prices.book()
    harvest = Harvest(ReadState("/logs/a.jsonl", 1, 2, 300, 4), found)
    calls.store_harvests(
        program.ledger, agent, [harvest], price=book.call_prices(agent), edition=book.edition
    )


def total(program: Program) -> tuple[Amounts, ...]:
    return program.spend(Question(Period(date(2026, 1, 1), date(2026, 12, 31)))).total.amounts


def price(model: str, dollars: str, **more: object) -> PriceRow:
    return PriceRow("anthropic", (model,), "USD", ((Kind.INPUT, Decimal(dollars)),), **more)  # type: ignore[arg-type]


def test_the_same_prices_change_nothing(program: Program, agent: Source) -> None:
    read(program, agent, *EVERYTHING)
    before = total(program)
    with program.ledger.writing() as connection:
        connection.execute("UPDATE slice SET edition = 0")
    seen = program.prices.bring_up_to_date()
    assert seen is not None
    assert not seen.effect
    assert total(program) == before
    assert program.ledger.check() == ()


def test_a_label_without_a_price_costs_what_the_model_behind_it_does(
    program: Program, agent: Source
) -> None:
    """By the quick way and by the book alike, and again when prices are computed anew."""
    labelled = Service("openai", "codex-auto-review", None, ((PRICED_AS, "gpt-5.5"),))
    read(program, agent, call(1, labelled, input=9), call(2, labelled, input=9, requests=2))
    (label,) = total(program)
    read(program, agent, call(3, Service("openai", "gpt-5.5"), input=9))
    (both,) = total(program)
    assert both.estimated * 2 == label.estimated * 3 > 0
    with program.ledger.writing() as connection:
        connection.execute("UPDATE slice SET edition = 0")
    seen = program.prices.bring_up_to_date()
    assert seen is not None
    assert not seen.effect


FLASH = Service("deepseek", "deepseek-flash")
KIMI = Service("moonshot", "kimi-k3")


def test_which_of_a_makers_two_lists_an_agent_pays_is_a_setting(
    program: Program, agent: Source
) -> None:
    """Of makers with one list it changes nothing; and what is stored is priced again."""
    read(program, agent, call(1, SONNET), call(2, FLASH), call(3, KIMI, requests=2))
    (known,) = total(program)
    assert (known.currency, known.estimated) == ("USD", 2 * NANO)

    def chosen(currency: str) -> dict[str, int]:
        program.edit_source("Claude", settings={"currency": currency})
        assert program.prices.is_behind()
        program.prices.bring_up_to_date()
        return {amounts.currency: amounts.estimated for amounts in total(program)}

    # Eight in the evening in Beijing: off-peak.
    assert chosen("CNY") == {"USD": 2 * NANO, "CNY": NANO + 20 * NANO}
    assert chosen("USD") == {"USD": 2 * NANO + 3 * NANO + 150_000_000}
    read(program, catalog.source_named(program.ledger, "Claude"), call(4, FLASH))
    assert total(program)[0].estimated == 5 * NANO + 300_000_000
    assert chosen("") == {"USD": 2 * NANO}
    with pytest.raises(WrongUse, match="currency is CNY or USD, not EUR"):
        program.edit_source("Claude", settings={"currency": "EUR"})
    assert program.ledger.check() == ()


def test_an_own_price_is_for_the_calls_that_name_its_provider(
    program: Program, agent: Source
) -> None:
    read(program, agent, *EVERYTHING)
    (line,) = [n for n in program.prices.page().not_priced if n.model == "claude-next"]
    assert (line.provider, line.source, line.tokens) == ("anthropic", "Claude", MILLION)
    before = total(program)[0].estimated
    made = program.prices.change([price("claude-next", "3")], [])
    assert made.effect.records == 1
    assert total(program)[0].estimated == before + 3 * NANO
    program.prices.change([], [])
    assert total(program)[0].estimated == before
    assert program.ledger.check() == ()


def test_a_contract_holds_for_calls_too(program: Program, agent: Source) -> None:
    read(program, agent, call(1, SONNET))
    program.prices.change([], [Discount("Claude", Decimal(25))])
    assert total(program) == (Amounts("USD", estimated=3 * NANO // 2, worth=2 * NANO),)
    assert program.ledger.check() == ()


def test_what_the_agent_reported_itself_stays(program: Program, agent: Source) -> None:
    reported = EVERYTHING[-1]
    read(program, agent, reported, call(1, SONNET))
    program.prices.change([price("claude-sonnet-5", "1")], [])
    assert total(program) == (Amounts("USD", estimated=5 * NANO // 4, worth=5 * NANO // 4),)
    with program.ledger.reading() as connection:
        query = "SELECT u.worth FROM usage u JOIN phrase p ON p.id = u.basis WHERE p.text = ?"
        assert connection.execute(query, (REPORTED,)).fetchall() == [(NANO // 4,)]


def test_calls_that_were_read_by_older_prices_are_found(program: Program, agent: Source) -> None:
    read(program, agent, call(1, SONNET))
    older = program.prices.book()
    program.prices.change([price("claude-sonnet-5", "1")], [])
    assert not program.prices.is_behind()
    read(program, agent, call(2, SONNET), book=older)
    assert program.prices.is_behind()
    program.prices.bring_up_to_date()
    assert total(program)[0].estimated == 2 * NANO
    assert not program.prices.is_behind()


def test_the_price_board_names_whose_price_it_is(program: Program, agent: Source) -> None:
    read(program, agent, *EVERYTHING)
    board = {used.model: used for used in program.prices.page().in_use}
    assert board["claude-sonnet-5"].provider == "anthropic"
    assert board["claude-sonnet-5"].priced
    assert not board["claude-next"].priced
