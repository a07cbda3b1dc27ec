"""The board: every price that holds at an instant, as `plimsoll prices` shows it."""

from __future__ import annotations

from decimal import Decimal

from price_kit import NOW, at, row, usage, worth

from plimsoll.domain.tariff import Kind
from plimsoll.prices.board import Origin
from plimsoll.prices.book import PriceBook

OWN = row("EUR", provider="zai", model="glm-5.3", source="work", input=1)
LATER = row(model="later", input=1, effective_from=at("2027-01-01"))
BOOK = PriceBook([OWN, row("EUR", model="gpt-4.1", input=9), LATER])


def test_a_model_is_looked_for_by_a_part_of_its_name():
    found = BOOK.known_prices("GLM-5.3", at=NOW)
    told = {(known.row.provider, known.row.models[0], known.row.currency) for known in found}
    assert {
        ("zai", "glm-5.3", "EUR"),
        ("zai", "glm-5.3", "USD"),
        ("zhipu", "glm-5.3", "CNY"),
        ("zhipu", "glm-5.3-flash", "CNY"),
    } <= told
    assert all("glm-5.3" in " ".join(known.row.models) for known in found)
    assert found[0].row == OWN
    assert found[0].origin is Origin.OWN


def test_only_what_holds_at_the_instant_is_on_it():
    def flash(when):
        (known,) = (
            known
            for known in BOOK.known_prices("glm-5.3-flash", at=at(when))
            if known.row.provider == "zai" and known.row.models == ("glm-5.3-flash",)
        )
        return dict(known.row.rates)[Kind.INPUT]

    assert flash("2026-09-09 15:59") == Decimal("0.075")
    assert flash("2026-09-09 16:00") == Decimal("0.15")
    assert BOOK.known_prices("later", at=NOW) == ()


def test_a_price_of_the_package_stands_there_as_it_is_priced():
    (known,) = (k for k in BOOK.known_prices("gpt-6.1-sol", at=NOW) if k.row.provider == "openai")
    assert known.origin is Origin.PACKAGE
    assert known.edition.startswith("genai-prices 0.2.")
    assert dict(known.row.rates) == {
        Kind.INPUT: 2,
        Kind.INPUT_IMAGE: 2,
        Kind.CACHE_READ: Decimal("0.1"),
        Kind.CACHE_READ_IMAGE: Decimal("0.1"),
        Kind.CACHE_WRITE_5M: Decimal("2.5"),
        Kind.CACHE_WRITE_12H: 5,
        Kind.OUTPUT: 10,
        Kind.OUTPUT_IMAGE: 10,
        Kind.SEARCHES: 10,
    }
    (step,) = known.row.steps
    assert (step.above, dict(step.rates)[Kind.OUTPUT]) == (272_000, 15)


def test_what_an_own_price_goes_before_is_not_on_it_twice():
    found = [k.origin for k in BOOK.known_prices("gpt-4.1", at=NOW) if "gpt-4.1" in k.row.models]
    assert found == [Origin.OWN]


def test_everything_on_it_is_what_the_book_would_price_by():
    book = PriceBook()
    for known in book.known_prices(at=NOW):
        prices, plain = dict(known.row.rates), known.row.schedule is None
        if Kind.INPUT in prices and plain:
            amount = worth(
                book,
                usage(known.row.models[0], "1000/0/0/0/0"),
                known.row.provider,
                currency=known.row.currency,
            )
            expected = round(prices[Kind.INPUT] / 1000, 9).normalize()
            assert amount == f"{known.row.currency} {expected:f}", known
