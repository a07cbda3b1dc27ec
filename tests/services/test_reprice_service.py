"""A month priced elsewhere equals arithmetic that was written apart from it, and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from made_up import NOW, SetClock

from plimsoll.analysis.reprice import Reason
from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.errors import Cancelled, WrongUse
from plimsoll.domain.exchange import Rate
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension, Scope
from plimsoll.domain.tariff import Kind, PriceRow
from plimsoll.domain.usage import Attribution, Charge, PricedSlice, Slice, Tokens, UsageRecord
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.exchange import save_rate
from plimsoll.prices.book import PriceBook
from plimsoll.services.offers import same_model
from plimsoll.services.pricing import Pricing
from plimsoll.services.reprice import NoUsage, Repricings, Scenario, reprice
from plimsoll.services.reprice_words import Why, missing_words, note_words
from plimsoll.services.time_of_use import peak_hours

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 19))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PEAK = {1, 2, 3, 6, 7, 8, 9}
"""DeepSeek's peak hours by their begin in UTC; 09:00 to 12:00 and 14:00 to 18:00 in Beijing."""

FLASH = {
    "CNY": (2, Fraction("0.04"), 8),
    "USD": (Fraction("0.3"), Fraction("0.006"), Fraction("1.2")),
}
"""deepseek-flash in peak hours since November, per million: fresh input, cache read, output."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(tmp_path / "archive", clock=SetClock())
    yield opened
    opened.close()


@pytest.fixture
def book() -> Pricing:
    return Pricing(PriceBook())


def account(ledger: Ledger, connector: str = "openai", name: str = "Work") -> Source:
    return catalog.add_source(ledger, name=name, connector=connector)


def record(
    at: datetime,
    tokens: str,
    *,
    model: str | None = "gpt-4.1",
    lasts: timedelta = HOUR,
    tier: str | None = None,
    requests: int | None = 1,
    units: Sequence[tuple[str, str]] = (),
    details: Sequence[tuple[str, str]] = (),
) -> UsageRecord:
    """`tokens` are fresh input/cache read/short writes/long writes/output."""
    return UsageRecord(
        at,
        at + lasts,
        Attribution(model=model, tier=tier),
        Tokens(*(int(count) for count in tokens.split("/"))),
        requests=requests,
        units=tuple((unit, Decimal(text)) for unit, text in units),
        details=tuple(details),
    )


def keep(
    ledger: Ledger,
    book: Pricing,
    source: Source,
    *records: UsageRecord,
    charges: Sequence[Charge] = (),
) -> None:
    """Store records by their days, each with what the price book makes of it."""
    days = sorted({utc_day(r.start) for r in records}) or [NOVEMBER.first]
    slices = []
    for day in days:
        mine = tuple(r for r in records if utc_day(r.start) == day)
        told = tuple(charges) if day == days[0] else ()
        bills_by = frozenset({"model", "line_item"}) if told else frozenset()
        slices.append(
            PricedSlice(
                Slice("usage", day, mine, told, bills_by),
                tuple(book.compute(r, source) for r in mine),
            )
        )
    usage.replace_slices(ledger, source.id, slices, revision_days=3)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def priced(ledger: Ledger, book: Pricing, *to: str, **more: object) -> Repricings:
    asked = {"period": NOVEMBER, "now": NOW, **more}
    return reprice(ledger, book, to=to, **asked)  # type: ignore[arg-type]


def only(answer: Repricings, currency: str = "CNY") -> Scenario:
    (found,) = (s for s in answer.scenarios if s.offer.currency == currency)
    return found


def month() -> list[UsageRecord]:
    """Calls around the clock of nineteen days, and on each one record of the whole day."""
    made = []
    for day in range(1, 20):
        for hour in range(0, 24, 3):
            n = day * 31 + hour * 7
            made.append(record(at(day, hour), f"{1000 + n}/{40 * n}/0/0/{3 * n + 1}"))
        made.append(record(at(day, 0), f"{9 * day + 70}/0/0/0/{day}", lasts=DAY, requests=3))
    return made


@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_a_synthetic_month_is_what_independent_arithmetic_makes_of_it(
    ledger: Ledger, book: Pricing, currency: str
) -> None:
    source, records = account(ledger), month()
    keep(ledger, book, source, *records)
    low = high = 0
    for used in records:
        fresh, read, out = used.tokens.input, used.tokens.cache_read, used.tokens.output
        whole_day = used.end - used.start == DAY
        working = used.start.weekday() < 5
        is_peak = working and not whole_day and used.start.hour in PEAK
        can_be_peak = is_peak or (whole_day and working)
        miss, hit, answer = (Fraction(price) * 1000 for price in FLASH[currency])  # nano-units
        served = read // 2
        least = (fresh * miss + read * hit + out * answer) * (1 if is_peak else Fraction(1, 2))
        most = (fresh + read - served) * miss + served * hit + out * answer
        # DeepSeek's tokenizer is taken to make 70 to 120 % of o200k_base, which gpt-4.1 uses.
        low += round(least * Fraction(70, 100))
        high += round(most * (1 if can_be_peak else Fraction(1, 2)) * Fraction(120, 100))
    scenario = only(priced(ledger, book, "deepseek-flash@deepseek"), currency)
    assert (scenario.low, scenario.high) == (low, high)
    assert scenario.moved == sum(used.tokens.total for used in records)
    worth = sum(
        round(
            u.tokens.input * Fraction(2000)
            + u.tokens.cache_read * Fraction(500)
            + u.tokens.output * Fraction(8000)
        )
        for u in records
    )
    assert scenario.worths == (("USD", worth),)
    assert scenario.stays == ()


def test_the_offer_that_was_used_is_worth_what_was_spent(ledger: Ledger, book: Pricing) -> None:
    source = account(ledger, "anthropic")
    calls = [
        record(at(day, 9), f"{day}/900/{40 * day}/7/{day}", model="claude-sonnet-4-6")
        for day in range(1, 20)
    ]
    keep(ledger, book, source, *calls)
    answer = priced(ledger, book, "claude-sonnet-4-6@anthropic")
    (scenario,) = answer.scenarios
    (spent,) = answer.spent
    assert scenario.low == scenario.high == spent.estimated
    assert scenario.notes == ()


def test_a_date_behind_a_name_makes_no_other_model(ledger: Ledger, book: Pricing) -> None:
    dated = record(at(3, 1), "1000/900/0/0/10", model="gpt-4.1-mini-2025-04-14")
    keep(ledger, book, account(ledger), dated)
    (scenario,) = priced(ledger, book, "gpt-4.1-mini@openai").scenarios
    assert scenario.low == scenario.high == dict(scenario.worths)["USD"]
    assert scenario.notes == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("deepseek/deepseek-flash", "DeepSeek-Flash", True),
        ("doubao-seed-2-1-pro-260915", "doubao-seed-2.1-pro", True),
        ("qwen3.8-max-2026-09-02", "qwen3.8-max", True),
        ("qwen3.8-max", "qwen3.7-max", False),
        ("gpt-4.1", "gpt-4.1-mini", False),
    ],
)
def test_which_names_are_of_one_model(one: str, other: str, same: bool) -> None:
    assert same_model(one, other) is same_model(other, one) is same


def test_the_same_model_elsewhere_has_the_same_tokens_but_another_cache(
    ledger: Ledger, book: Pricing
) -> None:
    model = "claude-sonnet-5-5"
    keep(
        ledger,
        book,
        account(ledger, "anthropic"),
        record(at(3, 1), "0/9000/0/0/0", model=model),
        record(at(3, 2), "100/0/0/0/100", model=model),
    )
    (here,) = priced(ledger, book, f"{model}@anthropic").scenarios
    (there,) = priced(ledger, book, f"{model}@google").scenarios
    assert here.low == here.high == there.low < there.high
    assert [note.why for note in there.notes] == [Why.CACHE]


def test_a_cache_that_charges_for_writes_may_charge_for_what_was_only_input(
    ledger: Ledger, book: Pricing
) -> None:
    keep(ledger, book, account(ledger), record(at(3, 1), "1000/9000/0/0/100"))
    (there,) = priced(ledger, book, "claude-sonnet-5-5@anthropic").scenarios
    # $2 input, $0.10 cache read, $2.50 cache write, $10 output; 100 to 170 % of the tokens.
    assert there.low == 1000 * 2000 + 9000 * 100 + 100 * 10_000
    assert there.high == (4500 * 100 + (4500 + 1000) * 2500 + 100 * 10_000) * 17 // 10


def test_where_nobody_knows_what_a_cache_read_costs_the_range_says_so(
    ledger: Ledger, book: Pricing
) -> None:
    keep(ledger, book, account(ledger), record(at(3, 1), "1000/9000/0/0/100"))
    answer = priced(ledger, book, "qwen3.8-max@alibaba", "qwen3.8-flash@alibaba")
    there = next(
        s for s in answer.scenarios if s.offer.words.startswith("qwen3.8-max at alibaba, C")
    )
    # ¥12 input, ¥15 cache write, ¥36 output, and a cache read costs one of two prices.
    least = 1000 * 12_000 + 100 * 36_000
    assert there.low <= least < there.high
    assert Why.READS in [note.why for note in there.notes]
    flash = next(s for s in answer.scenarios if s.offer.model == "qwen3.8-flash")
    assert Why.READS not in [note.why for note in flash.notes]


def test_a_cache_whose_room_is_free_still_charges_for_what_it_does_not_serve(
    ledger: Ledger, book: Pricing
) -> None:
    keep(
        ledger,
        book,
        account(ledger, connector="anthropic"),
        record(at(3, 1), "0/1000/1000/1000/0", model="claude-opus-5"),
        record(at(3, 2), "1/0/0/0/1", model="claude-opus-5"),
    )
    (there,) = priced(ledger, book, "glm-5.3@zai").scenarios
    # Z.ai keeps prefixes by itself and for nothing: $1.40 input, $0.26 cache read. What was written
    # at Anthropic is fresh input there, and so is at most half of what was read.
    most = (500 * 260 + 2500 * 1400 + 1400 + 4400) * Fraction(135, 100)
    least = (1000 * 260 + 2000 * 1400 + 1400 + 4400) * Fraction(70, 170)
    assert there.high == pytest.approx(most, abs=1)
    assert there.low == pytest.approx(least, abs=1)


def test_both_sites_are_offers_of_their_own_and_a_missing_one_is_said(
    ledger: Ledger, book: Pricing
) -> None:
    keep(ledger, book, account(ledger), *month())
    answer = priced(ledger, book, "deepseek-flash", "glm-5.3", "kimi-k3.1-pro")
    offers = [(s.offer.provider, s.offer.currency) for s in answer.scenarios]
    assert offers == [
        ("deepseek", "CNY"),
        ("deepseek", "USD"),
        ("zai", "USD"),
        ("zhipu", "CNY"),
        ("moonshot", "USD"),
    ]
    (missing,) = answer.missing
    said = "Kimi: no price of kimi-k3.1-pro is known by the mainland list in yuan."
    assert missing_words(missing) == said


@pytest.mark.parametrize(
    ("model", "home", "away"),
    [
        ("deepseek-flash", "deepseek", "deepseek"),
        ("qwen3-max", "alibaba", "alibaba"),
        ("qwen3.8-max", "alibaba", "alibaba"),
        ("qwen3.7-plus", "alibaba", "alibaba"),
        ("kimi-k3", "moonshot", "moonshot"),
        ("kimi-k2.7-code", "moonshot", "moonshot"),
        ("glm-5.3", "zhipu", "zai"),
        ("glm-5.2", "zhipu", "zai"),
        ("MiniMax-M2.7", "minimax", "minimax"),
        ("MiniMax-M3", "minimax", "minimax"),
        ("doubao-seed-2.1-turbo", "volcengine", "byteplus"),
        ("dola-seed-2-1-turbo", "volcengine", "byteplus"),
        ("doubao-seed-2-0-lite", "volcengine", "byteplus"),
        ("doubao-seed-2.1-pro", "volcengine", None),
    ],
)
def test_every_mainland_maker_is_there_by_its_own_lists(
    ledger: Ledger, book: Pricing, model: str, home: str, away: str | None
) -> None:
    keep(ledger, book, account(ledger), record(at(3, 1), "10/0/0/0/10"))
    answer = priced(ledger, book, model)
    offers = {(s.offer.provider, s.offer.currency) for s in answer.scenarios}
    assert (home, "CNY") in offers
    assert ((away, "USD") in offers) == (away is not None)
    assert [missing.abroad for missing in answer.missing] == ([] if away else [True])


def test_currencies_are_compared_only_by_the_users_own_rate(ledger: Ledger, book: Pricing) -> None:
    keep(ledger, book, account(ledger), *month())
    before = only(priced(ledger, book, "deepseek-flash"))
    assert before.beside is None
    assert note_words(before.notes[-1]).startswith("There is no rate between CNY and USD")
    save_rate(ledger, Rate(NOVEMBER.first, "USD", "CNY", Decimal(8)))
    after = only(priced(ledger, book, "deepseek-flash"))
    assert after.beside == ("USD", round(Fraction(after.low, 8)), round(Fraction(after.high, 8)))
    assert (after.low, after.high) == (before.low, before.high)


def test_what_cannot_move_is_listed_with_its_amount(ledger: Ledger, book: Pricing) -> None:
    source = account(ledger)
    keep(
        ledger,
        book,
        source,
        record(at(2, 1), "1000000/0/0/0/0", tier="batch"),
        record(at(2, 1), "10/0/0/0/20"),
        record(at(2, 2), "500/0/0/0/0", model="text-embedding-3-small"),
        record(at(2, 3), "700/0/0/0/0", details=(("flag", "no_split"), ("classes", "unknown"))),
        record(at(2, 4), "0/0/0/0/0", model="gpt-image-1", units=(("images", "3"),)),
        charges=(
            Charge(Attribution(line_item="web search"), Money("USD", 250_000_000), "0.25", ()),
            Charge(Attribution(model="gpt-4.1"), Money("USD", 3), "3e-9", ()),
        ),
    )
    scenario = only(priced(ledger, book, "deepseek-flash"))
    told = {stay.reason: stay for stay in scenario.stays}
    assert scenario.moved == 30
    batch = told[Reason.TIER]
    assert (batch.what, batch.tokens, batch.nanos) == ("batch", 1_000_000, 1_000_000_000)
    assert told[Reason.NO_OUTPUT].tokens == 500
    assert (told[Reason.NO_CLASSES].tokens, told[Reason.NO_CLASSES].nanos) == (700, None)
    assert (told[Reason.UNIT].what, told[Reason.UNIT].quantity) == ("images", 3)
    assert (told[Reason.LINE_ITEM].what, told[Reason.LINE_ITEM].nanos) == (
        "web search",
        250_000_000,
    )
    everything = scenario.moved + sum(stay.tokens for stay in scenario.stays)
    assert everything == priced(ledger, book, "deepseek-flash").tokens.total
    # Asked to leave the tier behind, the batch moves at the plain price.
    moved = only(priced(ledger, book, "deepseek-flash", tier="standard"))
    assert moved.moved == 1_000_030
    # A target that has no such tier prices nothing of it.
    none = only(priced(ledger, book, "deepseek-flash", tier="batch"))
    assert (none.moved, none.low, none.high) == (0, 0, 0)


def test_lines_of_a_bill_that_never_names_a_model_are_for_the_tokens_that_move(
    ledger: Ledger, book: Pricing
) -> None:
    lines = (Charge(Attribution(line_item="doubao · input"), Money("CNY", 5), "5e-9", ()),)
    keep(ledger, book, account(ledger), record(at(2, 1), "10/0/0/0/20"), charges=lines)
    assert only(priced(ledger, book, "deepseek-flash")).stays == ()


def test_money_of_a_source_that_tells_no_tokens_cannot_move(ledger: Ledger, book: Pricing) -> None:
    keep(ledger, book, account(ledger), record(at(2, 1), "10/0/0/0/20"))
    bill = (Charge(Attribution(line_item="seats"), Money("USD", 7), "7e-9", ()),)
    keep(ledger, book, account(ledger, "fireworks", "Seats"), charges=bill)
    (stay,) = only(priced(ledger, book, "deepseek-flash")).stays
    assert (stay.reason, stay.what, stay.nanos) == (Reason.NO_TOKENS, "seats", 7)


def test_audio_that_is_priced_by_the_second_stays_once_with_what_it_was_worth(
    ledger: Ledger, book: Pricing
) -> None:
    keep(
        ledger,
        book,
        account(ledger),
        record(at(2, 1), "0/0/0/0/0", model="whisper-1", units=(("seconds", "3600"),)),
        charges=(
            Charge(
                Attribution(model="whisper-1", line_item="whisper-1"), Money("USD", 9), "9e-9", ()
            ),
        ),
    )
    (stay,) = only(priced(ledger, book, "deepseek-flash")).stays
    assert (stay.reason, stay.what, stay.quantity) == (Reason.UNIT, "seconds", 3600)
    assert stay.nanos == 360_000_000


def test_seconds_and_searches_are_never_added(ledger: Ledger, book: Pricing) -> None:
    keep(
        ledger,
        book,
        account(ledger),
        record(at(3, 1), "1000/0/0/0/10", tier="batch", units=[("searches", "2")]),
        record(at(3, 2), "1000/0/0/0/10", tier="batch", units=[("seconds", "60")]),
    )
    stays = only(priced(ledger, book, "deepseek-flash@deepseek")).stays
    assert {(s.reason, s.quantity) for s in stays} == {(Reason.TIER, 0)}
    assert sum(s.tokens for s in stays) == 2020


def test_a_share_and_the_rest_are_the_whole(ledger: Ledger, book: Pricing) -> None:
    keep(ledger, book, account(ledger), *month())
    whole = only(priced(ledger, book, "deepseek-flash"))
    forty, sixty = (only(priced(ledger, book, "deepseek-flash", share=n)) for n in (40, 60))
    for name in ("low", "high", "moved"):
        parts = getattr(forty, name) + getattr(sixty, name)
        assert abs(parts - getattr(whole, name)) <= 1
    assert sum(kind.high for kind in forty.kinds) == forty.high
    assert sum(kind.low for kind in forty.kinds) == forty.low


def test_a_slice_is_only_what_its_scope_lets_through(ledger: Ledger, book: Pricing) -> None:
    keep(
        ledger,
        book,
        account(ledger),
        record(at(3, 1), "10/0/0/0/10"),
        record(at(3, 1), "900/0/0/0/90", model="gpt-4.1-mini"),
    )
    mini = Scope(((Dimension.MODEL, ("gpt-4.1-mini",)),))
    assert only(priced(ledger, book, "deepseek-flash", scope=mini)).moved == 990


def test_where_calls_are_not_told_apart_their_prompts_may_be_long_ones(
    ledger: Ledger, book: Pricing
) -> None:
    source = account(ledger)
    keep(ledger, book, source, record(at(3, 1), "271000/0/0/0/10"))
    one = only(priced(ledger, book, "gpt-5.4@openai"), "USD")
    assert not any(note.why is Why.LENGTHS for note in one.notes)
    keep(ledger, book, source, record(at(4, 1), "271000/0/0/0/10", requests=9))
    keep(ledger, book, source, record(at(5, 1), "400000/0/0/0/10", requests=9))
    several = only(priced(ledger, book, "gpt-5.4@openai"), "USD")
    assert any(note.why is Why.LENGTHS for note in several.notes)
    # Only of the last nine can one be above 272,000: input doubles then, output is half more.
    assert several.low == 942_000 * 2_500 + 30 * 15_000
    assert several.high == several.low + 400_000 * 2_500 + 10 * 7_500


def test_nothing_used_and_nothing_priced_are_plain_sentences(ledger: Ledger, book: Pricing) -> None:
    with pytest.raises(NoUsage, match="There is no usage from 2026-11-01 to 2026-11-19"):
        priced(ledger, book, "deepseek-flash")
    with pytest.raises(WrongUse, match="There is no list price of no-such-model"):
        priced(ledger, book, "no-such-model")
    with pytest.raises(WrongUse, match=r"There is no list price of gpt-4\.1 at deepseek"):
        priced(ledger, book, "gpt-4.1@deepseek")


# -- peak hours ---------------------------------------------------------------------------------


def test_it_stops_when_nobody_wants_to_know_any_more(ledger: Ledger, book: Pricing) -> None:
    keep(ledger, book, account(ledger), *month())
    with pytest.raises(Cancelled):
        priced(ledger, book, "glm-5.3", cancelled=lambda: True)


def test_peak_hours_are_told_exactly_and_days_without_hours_are_said_to_be_unknown(
    ledger: Ledger, book: Pricing
) -> None:
    source = catalog.add_source(
        ledger, name="Deep", connector="deepseek", kind="file", settings=(("currency", "CNY"),)
    )
    keep(ledger, book, source, *deepseek())
    (use,) = peak_hours(ledger, book, period=NOVEMBER, now=NOW).uses
    assert use.currency == "CNY"
    yuan = 10**9
    assert (use.peak_worth, use.off_peak_worth, use.saving) == (2 * yuan, 3 * yuan, yuan)
    assert (use.peak_tokens, use.off_peak_tokens, use.unknown_tokens) == (10**6, 3 * 10**6, 5)
    assert use.peak_share == Fraction(2, 5)


def test_the_hours_are_known_where_the_currency_is_not(ledger: Ledger, book: Pricing) -> None:
    keep(ledger, book, account(ledger, "deepseek"), *deepseek())
    (use,) = peak_hours(ledger, book, period=NOVEMBER, now=NOW).uses
    assert (use.currency, use.peak_share) == ("", None)
    assert (use.unpriced, use.unknown_tokens) == (4 * 10**6, 5)


def test_worth_in_another_currency_than_the_hours_price_is_not_compared_with_it(
    ledger: Ledger, book: Pricing
) -> None:
    source = catalog.add_source(
        ledger, name="Deep", connector="deepseek", kind="file", settings=(("currency", "CNY"),)
    )
    dollars = PriceRow("deepseek", ("deepseek-flash",), "USD", ((Kind.INPUT, Decimal(1)),))
    by_dollars = Pricing(PriceBook([replace(dollars, source=source.uid)]))
    keep(ledger, by_dollars, source, record(at(3, 1), "1000/0/0/0/0", model="deepseek-flash"))
    (use,) = peak_hours(ledger, book, period=NOVEMBER, now=NOW).uses
    assert (use.peak_share, use.unpriced, use.saving) == (None, 1000, 0)


def deepseek() -> list[UsageRecord]:
    """In a Tuesday's peak, after it, on a Saturday, and on a day without hours."""
    return [
        record(at(3, 1), "1000000/0/0/0/0", model="deepseek-flash"),
        record(at(3, 5), "2000000/0/0/0/0", model="deepseek-flash"),
        record(at(7, 1), "1000000/0/0/0/0", model="deepseek-flash"),
        record(at(4, 0), "5/0/0/0/0", model="deepseek-flash", lasts=DAY),
    ]


def test_models_without_such_hours_have_no_peak_share(ledger: Ledger, book: Pricing) -> None:
    keep(ledger, book, account(ledger), *month())
    hours = peak_hours(ledger, book, period=NOVEMBER, now=NOW)
    assert hours.uses == ()
    assert hours.used


def test_the_share_that_is_done_is_told_on_the_way(
    ledger: Ledger, book: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plimsoll.services.reprice._TOLD_EVERY", 10)
    keep(ledger, book, account(ledger), *month())
    told: list[float] = []
    priced(ledger, book, "deepseek-flash", progress=told.append)
    assert len(told) == len(month()) // 10
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= 1
