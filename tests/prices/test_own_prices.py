"""The user's own prices and discounts: asked first, kept apart, exact."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from price_kit import at, row, usage, worth

from plimsoll.domain.money import Money
from plimsoll.domain.tariff import Discount, Kind, Schedule, Step
from plimsoll.domain.usage import Computed
from plimsoll.prices.book import LOWER_RATE, PriceBook
from plimsoll.prices.words import class_rates

GPT, GLM = "gpt-4.1", "glm-5.3"  # $2 in the package, ¥8 in the overlay


class TestOrder:
    def test_the_accounts_own_price_then_everybodys_then_ours_then_the_packages(self):
        account = row("EUR", provider="zhipu", model=GLM, source="work", input=1)
        everybody = row("CNY", provider="zhipu", model=GLM, input=2)
        for own, source, expected in (
            ((account, everybody), "work", "EUR 1"),
            ((account, everybody), "home", "CNY 2"),
            ((account,), "home", "CNY 8"),
            ((everybody,), "work", "CNY 2"),
            ((), "work", "CNY 8"),
        ):
            assert worth(PriceBook(own), usage(GLM), "zhipu", source=source) == expected

    def test_own_prices_go_before_the_package(self):
        book = PriceBook([row("CNY", model=GPT, input=20)])
        assert worth(book, usage(GPT)) == "CNY 20"
        assert worth(book, usage("gpt-4.1-mini")) == "USD 0.4"
        assert worth(book, usage(GPT), "openrouter") is None  # another provider's name

    def test_a_price_for_another_currency_than_the_accounts_is_not_its_price(self):
        book = PriceBook([row("CNY", model=GPT, input=20)])
        assert worth(book, usage(GPT), currency="USD") == "USD 2"
        assert worth(book, usage(GPT), currency="EUR") is None
        own = PriceBook([row("CNY", model=GPT, source="work", input=20)])
        assert worth(own, usage(GPT), source="work", currency="USD") == "CNY 20"  # said of it alone

    def test_own_prices_in_two_currencies_need_the_accounts(self):
        book = PriceBook([row("CNY", input=20), row("USD", input=3)])
        found = book.compute(usage(), provider="openai")
        assert found.worth is None
        assert "CNY or USD" in found.basis
        assert worth(book, usage(), currency="CNY") == "CNY 20"

    def test_an_own_price_holds_over_its_own_time_only(self):
        own = row(
            "USD", model=GPT, input=1,
            effective_from=at("2026-11-01 08:00"), effective_to=at("2026-11-02 08:00"),
        )  # fmt: skip
        book = PriceBook([own])
        for start, expected in (
            ("2026-11-01 07:00", "USD 2"),
            ("2026-11-01 08:00", "USD 1"),
            ("2026-11-02 07:00", "USD 1"),
            ("2026-11-02 08:00", "USD 2"),
            ("2026-11-01 07:30", None),
        ):
            assert worth(book, usage(GPT, start=at(start))) == expected

    def test_a_name_with_its_date_can_have_a_price_of_its_own(self):
        book = PriceBook([row(input=1), row(model="M-2026-11-01", input=2)])
        assert worth(book, usage("m-2026-10-01")) == "USD 1"
        assert worth(book, usage("m-2026-11-01")) == "USD 2"

    @given(st.sets(st.sampled_from(["account", "everybody", "overlay"])))
    def test_the_first_of_those_there_are_is_the_one(self, there):
        own = [row("CNY", provider="zhipu", model=GLM, source="a", input=1)] * ("account" in there)
        own += [row("CNY", provider="zhipu", model=GLM, input=2)] * ("everybody" in there)
        right = "CNY 1" if "account" in there else "CNY 2" if "everybody" in there else "CNY 8"
        assert worth(PriceBook(own), usage(GLM), "zhipu", source="a") == right


class TestWhatARowAsks:
    def test_every_class_part_and_unit(self):
        own = row(
            input=1, input_audio=10, cache_read=2, cache_write_5m=3, cache_write_1h=4,
            cache_write_12h=5, output=6, output_image=7, searches=8, characters=9, seconds=36,
        )  # fmt: skip
        record = usage(
            tokens="1000000/1000000/1000000/2000000/2000000",
            requests=None,
            units={"searches": "1000", "characters": "1000000", "seconds": "1800"},
            details={
                "input_audio_tokens": "500000",
                "cache_write_12h": "1000000",
                "output_image_tokens": "1000000",
            },
        )
        # 0.5 + 5 in, 2, 3, 4 + 5 written, 6 + 7 out, 8 + 9 + 18 units
        assert worth(PriceBook([own]), record) == "USD 67.5"

    def test_what_has_no_price_makes_the_whole_record_unpriced_and_is_named(self):
        book = PriceBook([row(input=1)])
        for record, missing in (
            (usage(tokens="1/0/0/0/1"), "output"),
            (usage(tokens="0/1/0/0/0"), "cache read"),
            (usage(details={"input_image_tokens": "1"}), "image input"),
            (usage(units={"searches": "1"}), "web searches"),
            (usage(units={"images": "1"}), "images"),
        ):
            found = book.compute(record, provider="openai")
            assert found == Computed(None, f"There is no list price for {missing}.")

    def test_all_of_a_long_prompt_costs_what_its_step_says(self):
        own = row(input=1, output=2, searches=5, steps=(Step(1000, ((Kind.INPUT, Decimal(3)),)),))
        book = PriceBook([own])
        assert worth(book, usage(tokens="1000/0/0/0/0")) == "USD 0.001"
        assert worth(book, usage(tokens="1001/0/0/0/0")) == "USD 0.003003"
        assert worth(book, usage(tokens="1001/0/0/0/1")) is None  # the step names no output
        assert worth(book, usage(tokens="1001/0/0/0/0", units={"searches": "1"})) == "USD 0.008003"
        found = book.compute(usage(tokens="1001/0/0/0/0", requests=9), provider="openai")
        assert found.worth == Money("USD", 1_001_000)
        assert found.basis.endswith(LOWER_RATE)

    def test_tiers_multiply_tokens_and_not_units(self):
        own = row(
            input=10, searches=5,
            multipliers=tuple(
                (tier, Decimal(share))
                for tier, share in (("batch", "0.5"), ("priority", "1.75"), ("fast", "2"))
            ),
        )  # fmt: skip
        book = PriceBook([own])
        searched = {"units": {"searches": "1000"}}
        assert worth(book, usage(tier="batch", **searched)) == "USD 10"
        assert worth(book, usage(tier="priority")) == "USD 17.5"
        assert worth(book, usage(tier="standard")) == "USD 10"
        assert worth(book, usage(tier="flex")) is None
        assert worth(book, usage(details={"speed": "fast"})) == "USD 20"
        assert worth(book, usage(tier="batch", details={"speed": "fast"})) is None

    def test_off_peak_prices_of_their_own(self):
        night = Schedule("UTC", ((0, 720),))
        own = row(input=10, searches=5, schedule=night, off_peak=((Kind.INPUT, Decimal(1)),))
        book = PriceBook([own])
        morning, evening = at("2026-11-17 08:00"), at("2026-11-17 20:00")
        assert worth(book, usage(start=morning)) == "USD 10"
        assert worth(book, usage(start=evening)) == "USD 1"
        assert worth(book, usage(start=evening, units={"searches": "1000"})) == "USD 6"

    def test_off_peak_steps_and_tiers_multiply_each_other_exactly(self):
        own = row(
            input="0.333333333", schedule=Schedule("UTC", ((0, 720),)),
            off_peak_multiplier=Decimal("0.3333"), multipliers=(("batch", Decimal("0.1111")),),
            steps=(Step(10, ((Kind.INPUT, Decimal("0.777777777")),)),),
        )  # fmt: skip
        book = PriceBook([own])
        record = usage(tokens="300000000000000/0/0/0/0", tier="batch")
        exact = 300_000_000 * Decimal("0.777777777") * Decimal("0.3333") * Decimal("0.1111")
        assert worth(book, record) == f"USD {round(exact, 9).normalize():f}"

    def test_inference_in_the_us_costs_more_at_anthropic_at_own_prices_too(self):
        book = PriceBook([row(provider="anthropic", input=10)])
        there = usage(details={"inference_geo": "us"})
        assert worth(book, there, "anthropic") == "USD 11"

    @given(st.lists(st.integers(0, 10**9), min_size=1, max_size=5), st.decimals(0, 1000, places=3))
    def test_where_there_is_no_step_parts_are_worth_their_sum(self, parts, price):
        book = PriceBook([row(input=str(price))])
        nanos = [_nanos(book, part) for part in parts]
        assert abs(sum(nanos) - _nanos(book, sum(parts))) <= len(parts)  # each rounded once
        assert _nanos(book, 1_000_000) == price * 10**9


def _nanos(book: PriceBook, tokens: int) -> int:
    found = book.compute(usage(tokens=f"{tokens}/0/0/0/0"), provider="openai").worth
    assert found is not None
    return found.nanos


class TestZeroAndUnknown:
    @given(st.sets(st.sampled_from(["input", "cache_read", "output"])))
    def test_zero_is_free_and_absent_is_unknown(self, known):
        book = PriceBook([row(**dict.fromkeys(known, 0))])
        for kind, tokens in (
            ("input", "9/0/0/0/0"),
            ("cache_read", "0/9/0/0/0"),
            ("output", "0/0/0/0/9"),
        ):
            found = book.compute(usage(tokens=tokens), provider="openai")
            assert found.worth == (Money("USD", 0) if kind in known else None)

    def test_free_is_said_in_figures(self):
        found = PriceBook([row("CNY", input=0)]).compute(usage(), provider="openai")
        assert found.basis == "own price of m (for all accounts): ¥0 input per million tokens"

    def test_what_was_used_of_nothing_is_worth_nothing_in_the_accounts_currency(self):
        found = PriceBook().compute(usage(tokens="0/0/0/0/0"), provider="x", currency="CNY")
        assert found.worth == Money("CNY", 0)


class TestDiscounts:
    def test_what_a_contract_takes_off_stands_beside_the_list_price(self):
        book = PriceBook(discounts=[Discount("work", Decimal("12.5"))])
        found = book.compute(usage(GPT), provider="openai", source="work")
        assert (found.worth, found.off) == (Money("USD", 2_000_000_000), 250_000_000)
        assert found.basis.endswith(" per million tokens; less 12.5 % by contract")
        assert class_rates(found.basis)["input"] == 2
        other = book.compute(usage(GPT), provider="openai", source="home")
        assert (other.off, "contract" in other.basis) == (0, False)

    def test_it_comes_off_own_prices_too(self):
        book = PriceBook([row("EUR", source="work", input=10)], [Discount("work", Decimal(10))])
        found = book.compute(usage(), provider="openai", source="work")
        assert (found.worth, found.off) == (Money("EUR", 10_000_000_000), 1_000_000_000)

    @pytest.mark.parametrize(
        ("start", "off"),
        [
            ("2026-10-31 23:00", 0),
            ("2026-11-01 00:00", 20),
            ("2026-11-30 23:00", 20),
            ("2026-12-01 00:00", 0),
        ],
    )
    def test_it_holds_on_its_days_both_included(self, start, off):
        november = Discount("work", Decimal(10), date(2026, 11, 1), date(2026, 11, 30))
        book = PriceBook(discounts=[november])
        record = usage(GPT, start=at(start))
        assert book.compute(record, provider="openai", source="work").off == off * 10_000_000

    def test_what_is_not_priced_has_nothing_off(self):
        book = PriceBook(discounts=[Discount("work", Decimal(10))])
        found = book.compute(usage("gpt-99"), provider="openai", source="work")
        assert (found.worth, found.off) == (None, 0)

    @given(st.integers(0, 10**18), st.decimals(0, 100, places=4))
    def test_it_is_rounded_once_half_to_even_and_never_more_than_the_worth(self, nanos, percent):
        off = Discount("work", percent).off(nanos)
        assert 0 <= off <= nanos
        assert abs(Decimal(off) * 100 - nanos * percent) <= 50
        assert Discount("work", Decimal("0.5")).off(100) == 0
        assert Discount("work", Decimal("1.5")).off(100) == 2


class TestEdition:
    def test_it_names_the_package_our_list_and_the_users_own_prices(self):
        package, ours = PriceBook().edition.split("; ")
        assert package.startswith("genai-prices 0.2.")
        assert ours == "Plimsoll's list of 2026-11-27"
        own = PriceBook([row(input=1)]).edition
        assert own.startswith(f"{package}; {ours}; own prices ")
        assert own == PriceBook([row(input=1)]).edition

    def test_other_own_prices_or_discounts_are_another_edition(self):
        books = (
            PriceBook(),
            PriceBook([row(input=1)]),
            PriceBook([row(input=2)]),
            PriceBook([row(input=1)], [Discount("work", Decimal(10))]),
            PriceBook(discounts=[Discount("work", Decimal(10))]),
            PriceBook(discounts=[Discount("work", Decimal(10), date(2026, 1, 1))]),
        )
        assert len({book.edition for book in books}) == len(books)
