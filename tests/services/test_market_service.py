"""The Market page's figures: money that met its tokens, the basket from the dated book, growth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from made_up import NOW, TODAY, Bench, MadeUpAccount, MadeUpConnector, Truth

from plimsoll.domain.calendar import ONE_DAY, Period, day_start
from plimsoll.domain.exchange import Exchange, Rate
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.subscription import Subscription
from plimsoll.domain.usage import Attribution, Charge, Evidence, Slice, Tokens, UsageRecord
from plimsoll.ledger.subscriptions import save_subscription
from plimsoll.prices.board import offers
from plimsoll.prices.book import PriceBook
from plimsoll.services.market import market
from plimsoll.services.market_answers import BoardRow, Market, Ratio
from plimsoll.services.peers import ratios_of
from plimsoll.services.price_board import at_mix, price_board
from plimsoll.services.pricing import Pricing
from plimsoll.services.sync import Errand, sync_source

LUNA, MINI = "gpt-5.6-luna", "gpt-5.4-mini"
"""The first costs $1 and $6 until 2026-07-30 and $0.20 and $1.20 after it; the second is steady.
Longer prompts than 272,000 tokens cost more, which is no change of price."""

BOOK = Pricing(PriceBook())


class Account(MadeUpAccount):
    """Charges and tokens by day."""

    def __init__(self, bills_by: frozenset[str] = frozenset({"model", "line_item"})) -> None:
        super().__init__(Truth())
        self.bills_by = bills_by
        self.charges: dict[date, list[Charge]] = {}
        self.records: dict[date, list[UsageRecord]] = {}

    def charge(self, day: date, nanos: int, **who: str) -> None:
        made = Charge(Attribution(**who), Money("USD", nanos), str(nanos))
        self.charges.setdefault(day, []).append(made)

    def use(self, day: date, tokens: Tokens, model: str) -> None:
        start = day_start(day) + timedelta(hours=9)
        record = UsageRecord(start, start + timedelta(hours=1), Attribution(model=model), tokens, 1)
        self.records.setdefault(day, []).append(record)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        for day in period.days():
            if endpoint == "costs":
                charges = tuple(self.charges.get(day, ()))
                bills_by = self.bills_by if charges else frozenset()
                yield Slice(endpoint, day, charges=charges, bills_by=bills_by)
            else:
                yield Slice(endpoint, day, records=tuple(self.records.get(day, ())))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def synced(bench: Bench, account: Account) -> Market:
    @contextmanager
    def opened() -> Iterator[Any]:
        yield account

    sync_source(
        bench.ledger,
        Errand(bench.source, MadeUpConnector(), opened),  # type: ignore[arg-type]
        book=lambda: BOOK,
        clock=bench.clock,
        since=date(2026, 5, 1),
        progress=lambda _progress: None,
        cancelled=lambda: False,
    )
    return seen(bench)


def seen(bench: Bench) -> Market:
    return market(bench.ledger, BOOK, now=NOW)


def days(count: int, *, until: date = TODAY - ONE_DAY) -> list[date]:
    return [until - timedelta(days=back) for back in range(count)]


# -- quotes ------------------------------------------------------------------------------------


def test_billed_money_meets_the_tokens_of_its_model(bench: Bench) -> None:
    """Thirty days at $0.50 for a million tokens of all classes, sixty at a dollar before."""
    account = Account()
    for back, day in enumerate(days(60)):
        account.use(day, Tokens(input=200_000, cache_read=800_000), MINI)
        account.charge(day, NANO // 2 if back < 30 else NANO, model=MINI, line_item=f"{MINI}, in")
    (ticker,) = synced(bench, account).tickers
    assert ticker.evidence is Evidence.BILLED
    assert (ticker.latest.paid, ticker.month.paid, ticker.before.paid) == (
        NANO // 2,
        NANO // 2,
        NANO,
    )
    assert (ticker.day, ticker.weeks[-1].paid, len(ticker.weeks)) == (
        date(2026, 11, 19),
        NANO // 2,
        13,
    )
    # At list: $0.75 for fresh input, $0.075 from the cache: 0.15 + 0.06 = $0.21.
    assert ticker.month.listed == 210_000_000


def test_money_without_tokens_and_tokens_without_money_are_left_out_and_said(bench: Bench) -> None:
    account = Account()
    day = TODAY - ONE_DAY
    account.use(day, Tokens(input=1_000_000), MINI)
    account.use(day, Tokens(input=77), "nobody-knows-1")
    account.charge(day, NANO, model=MINI, line_item=f"{MINI}, in")
    account.charge(day, 5 * NANO, line_item="web search")
    quote = synced(bench, account).tickers[0].month
    assert (quote.paid, quote.left_out_nanos, quote.left_out_tokens) == (NANO, 5 * NANO, 77)


def test_what_is_estimated_stands_apart_from_what_is_billed(bench: Bench) -> None:
    account = Account()
    billed, estimated = TODAY - 2 * ONE_DAY, TODAY - ONE_DAY
    account.use(billed, Tokens(input=1_000_000), MINI)
    account.charge(billed, 9 * NANO, model=MINI, line_item=f"{MINI}, in")
    account.use(estimated, Tokens(input=1_000_000), MINI)
    tickers = synced(bench, account).tickers
    assert [(t.evidence, t.month.paid) for t in tickers] == [
        (Evidence.BILLED, 9 * NANO),
        (Evidence.ESTIMATED, 750_000_000),
    ]


def test_a_bill_by_account_is_shared_out_by_worth(bench: Bench) -> None:
    account = Account(frozenset())
    day = TODAY - ONE_DAY
    account.use(day, Tokens(input=100_000), MINI)  # worth $0.075
    account.use(day, Tokens(input=100_000), "gpt-5.4")  # worth $0.25
    account.charge(day, 650_000_000)
    paid = {line.model: line.quote.paid for line in synced(bench, account).lines}
    assert paid == {MINI: 1_500_000_000, "gpt-5.4": 5_000_000_000}


def test_each_model_has_its_weeks_and_its_latest_day(bench: Bench) -> None:
    """Half a dollar in the last week, none in the one before, a dollar earlier."""
    account = Account()
    for back, day in enumerate(days(28)):
        if 7 <= back < 14:
            continue
        account.use(day, Tokens(input=1_000_000), MINI)
        account.charge(day, NANO // 2 if back < 7 else NANO, model=MINI, line_item=f"{MINI}, in")
    (line,) = synced(bench, account).lines
    assert line.weeks[-4:] == (NANO, NANO, None, NANO // 2)
    assert set(line.weeks[:-4]) == {None}
    assert line.latest == (TODAY - ONE_DAY, NANO // 2)


def test_a_seller_is_the_whole_of_its_models(bench: Bench) -> None:
    account = Account()
    day = TODAY - ONE_DAY
    for model, nanos in ((MINI, NANO), ("gpt-5.4", 3 * NANO)):
        account.use(day, Tokens(input=1_000_000), model)
        account.charge(day, nanos, model=model, line_item=f"{model}, in")
    answer = synced(bench, account)
    (seller,) = answer.sellers
    assert (seller.provider, seller.is_whole, seller.quote.paid) == ("openai", True, 2 * NANO)
    assert seller.quote.nanos == sum(line.quote.nanos for line in answer.lines)


def test_an_empty_archive_has_neither_quote_nor_index(bench: Bench) -> None:
    answer = seen(bench)
    assert (answer.tickers, answer.lines, answer.points) == ((), (), ())
    assert not answer.has_data


def test_a_quote_is_old_news_after_a_month(bench: Bench) -> None:
    account = Account()
    for day in days(10, until=date(2026, 9, 30)):
        account.use(day, Tokens(input=1_000_000), MINI)
    answer = synced(bench, account)
    assert answer.has_data
    assert answer.tickers == ()
    assert answer.points, "the basket of September still has prices"


# -- the index ---------------------------------------------------------------------------------


def used_by_month(counts: dict[tuple[int, str], int]) -> Account:
    account = Account()
    for (month, model), count in counts.items():
        for day in range(1, 15):
            account.use(date(2026, month, day), Tokens(input=count), model)
    return account


def test_the_index_is_of_list_prices_and_a_fixed_basket(bench: Bench) -> None:
    """June: as many tokens at $1 as at $0.75. In August the first costs $0.20: L = 0.95 ÷ 1.75."""
    account = used_by_month(
        {(month, model): 100_000 for month in (6, 7, 8) for model in (LUNA, MINI)}
    )
    points = {point.month.month: point for point in synced(bench, account).points}
    assert points[6].index.laspeyres == points[6].index.fisher == 100
    expected = 100 * Fraction(95, 175)
    assert points[8].index.laspeyres == points[8].index.paasche == expected
    assert points[8].index.fisher == expected
    assert points[8].paid == expected, "the mix is constant: there is no gap"


def test_the_gap_between_market_and_paid_is_the_mix(bench: Bench) -> None:
    """Prices of the one model never changed; from June to July it took over from a dearer one."""
    account = used_by_month({(6, "gpt-5.4"): 10**5, (6, MINI): 10**5, (7, MINI): 10**5})
    points = {point.month.month: point for point in synced(bench, account).points}
    assert points[7].index.laspeyres == points[7].index.paasche == 100
    assert points[7].paid == 100 * Fraction(750, (2500 + 750) // 2)


def test_a_model_without_a_price_lowers_the_coverage_only(bench: Bench) -> None:
    account = used_by_month({(6, MINI): 10**6, (7, MINI): 10**6, (7, "nobody-knows-1"): 10**9})
    points = {point.month.month: point for point in synced(bench, account).points}
    assert points[7].index.laspeyres == 100


# -- the board ---------------------------------------------------------------------------------


def test_the_board_has_every_list_in_its_own_currency(bench: Bench, tmp_path: Path) -> None:
    account = Account()
    account.use(TODAY - ONE_DAY, Tokens(input=750, output=250), MINI)
    synced(bench, account)
    board = price_board(bench.ledger, tmp_path, now=NOW)
    rows = {(row.provider, row.model, row.currency): row for row in board.rows}
    luna = rows["openai", LUNA, "USD"]
    assert (luna.input, luna.output) == (200_000_000, 1_200_000_000)
    assert luna.mix == 450_000_000, "three quarters of $0.20 and one of $1.20"
    assert (luna.history[0], luna.history[-1]) == (2_250_000_000, 450_000_000)
    assert rows["openai", MINI, "USD"].used
    assert not rows["openrouter", f"openai/{MINI}", "USD"].used
    assert not luna.used
    assert rows["moonshot", "kimi-k3", "CNY"].input == 20 * NANO
    assert rows["moonshot", "kimi-k3", "USD"].input == 3 * NANO


def test_the_mix_of_the_board_is_of_all_tokens_those_of_a_plan_too(
    bench: Bench, tmp_path: Path
) -> None:
    account = Account()
    account.use(TODAY - ONE_DAY, Tokens(input=750, output=250), MINI)
    synced(bench, account)
    plan = Subscription("Made up", "Max", Money("USD", NANO), date(2026, 9, 1))
    save_subscription(bench.ledger, plan)
    answer, board = seen(bench), price_board(bench.ledger, tmp_path, now=NOW)
    assert (answer.only_plan, answer.has_data, answer.tickers) == (True, True, ())
    assert board.shares == {"input": Fraction(3, 4), "output": Fraction(1, 4)}
    assert [row.model for row in board.rows if row.used and row.provider == "openai"] == [MINI]


@pytest.mark.parametrize(("hour", "peak", "now", "other"), [(2, True, 2, 1), (12, False, 1, 2)])
def test_peak_and_off_peak_change_places_with_the_hour(hour, peak, now, other):
    at = datetime(2026, 11, 20, hour, tzinfo=UTC)  # a Friday
    (yuan,) = (
        offer
        for offer in offers((), snapshot=None, now=at)
        if (offer.model, offer.currency, offer.layer) == ("deepseek-flash", "CNY", "overlay")
    )
    assert yuan.hours is not None
    assert yuan.hours.peak is peak
    assert yuan.otherwise is not None
    prices = [round(table["input"] * 1_000_000) for table in (yuan.prices, yuan.otherwise)]  # type: ignore[index]
    assert prices == [now * NANO, other * NANO]


def test_where_nobody_knows_the_holidays_the_board_says_so_beside_the_peak_price(
    bench: Bench, tmp_path: Path
) -> None:
    def flash(at: datetime) -> BoardRow:
        rows = price_board(bench.ledger, tmp_path, now=at).rows
        return next(r for r in rows if (r.model, r.currency) == ("deepseek-flash", "CNY"))

    day = flash(datetime(2027, 1, 1, 2, tzinfo=UTC))  # a Friday, ten o'clock in Beijing
    assert (day.peak, day.doubt) == (None, "The holidays of 2027 are not known.")
    assert (day.input, day.other_hours) == (2 * NANO, (NANO, 4 * NANO))
    weekend = flash(datetime(2027, 1, 2, 2, tzinfo=UTC))
    assert (weekend.peak, weekend.doubt, weekend.input) == (False, "", NANO)


def test_two_spellings_of_a_name_are_one_line_of_the_board(bench: Bench, tmp_path: Path) -> None:
    rows = [
        row
        for row in price_board(bench.ledger, tmp_path, now=NOW).rows
        if row.provider == "volcengine" and "2-1-pro" in row.model.replace(".", "-")
    ]
    assert [row.names for row in rows] == [("doubao-seed-2.1-pro", "doubao-seed-2-1-pro")]


@pytest.mark.parametrize(
    ("raw", "listed"), [("gpt-4.1-2025-04-14", "gpt-4.1"), ("GPT-5.4-mini", "gpt-5.4-mini")]
)
def test_a_model_in_use_is_marked_whatever_its_records_call_it(
    bench: Bench, tmp_path: Path, raw: str, listed: str
) -> None:
    account = Account()
    account.use(TODAY - ONE_DAY, Tokens(input=10), raw)
    synced(bench, account)
    rows = price_board(bench.ledger, tmp_path, now=NOW).rows
    assert {(r.provider, r.model) for r in rows if r.used} == {("openai", listed)}


def test_what_a_list_announces_is_coming_and_not_yet_so(bench: Bench, tmp_path: Path) -> None:
    rows = price_board(bench.ledger, tmp_path, now=NOW).rows
    argon = next(r for r in rows if (r.provider, r.model) == ("google", "gemini-4-argon"))
    assert argon.input == 2 * NANO
    assert [(c.at.date(), c.input) for c in argon.coming] == [(date(2026, 12, 1), 4 * NANO)]
    assert argon.mix is None, "nothing was used: there is no mix"


def test_a_class_that_a_list_does_not_name_counts_as_fresh_input():
    from plimsoll.domain.tariff import Kind

    prices = {Kind.INPUT: Fraction(2000), Kind.OUTPUT: Fraction(8000)}
    shares = {"input": Fraction(1, 2), "cache_read": Fraction(1, 4), "output": Fraction(1, 4)}
    assert at_mix(prices, shares) == 3_500_000_000
    assert at_mix({Kind.INPUT: Fraction(2000)}, shares) is None


# -- peers -------------------------------------------------------------------------------------


def ratios(exchange: Exchange) -> dict[tuple[str, str, str], Ratio]:
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    found = ratios_of(offers((), snapshot=None, now=at), exchange, day=at.date())
    return {(ratio.model, ratio.currency, ratio.peer): ratio for ratio in found}


def test_the_quoted_tenth_to_a_sixth_is_measured_pair_by_pair():
    """It holds for some pairs, at some hours, in one class: it is a fact of each pair."""
    found = ratios(Exchange())
    flash = found["deepseek-flash", "USD", "gpt-6.1-sol"]
    assert (flash.input, flash.output) == (Fraction(15, 200), Fraction(6, 100))
    kimi = found["kimi-k3.1-pro", "USD", "gpt-6.1-sol"]
    assert (kimi.input, kimi.output) == (1, 1)
    inside = [
        r for r in found.values() if r.output and Fraction(1, 10) <= r.output <= Fraction(1, 6)
    ]
    told = [r for r in found.values() if r.output]
    assert 0 < len(inside) < len(told) / 2


def test_every_model_of_the_table_has_a_price_but_what_a_makers_other_list_lacks():
    lacking = {ratio.why for ratio in ratios(Exchange()).values() if "list price" in ratio.why}
    assert lacking == {
        "There is no list price for kimi-k3.1-pro in CNY.",
        "There is no list price for MiniMax-M3.1-Flash in CNY.",
    }


def test_a_ratio_is_that_of_the_hour_and_says_so_and_in_doubt_there_is_none():
    def flash(at: datetime) -> Ratio:
        found = ratios_of(offers((), snapshot=None, now=at), Exchange(), day=at.date())
        return next(r for r in found if (r.model, r.currency) == ("deepseek-flash", "USD"))

    peak, off_peak, doubt = (
        flash(datetime(*instant, tzinfo=UTC))
        for instant in ((2026, 11, 20, 2), (2026, 11, 20, 12), (2027, 1, 4, 2))
    )
    assert (peak.peak, off_peak.peak, doubt.peak) == (True, False, None)
    assert peak.input == 2 * (off_peak.input or 0)
    assert (doubt.input, doubt.why) == (None, "The holidays of 2027 are not known.")


def test_yuan_are_compared_at_a_rate_that_the_user_set_or_not_at_all():
    without = ratios(Exchange())["doubao-seed-2.1-pro", "CNY", "gpt-6-astra"]
    assert (without.input, without.output) == (None, None)
    assert without.why == "No rate from CNY to USD is set."
    rate = Rate(date(2026, 11, 1), "USD", "CNY", Decimal("7.2"))
    with_rate = ratios(Exchange((rate,)))["doubao-seed-2.1-pro", "CNY", "gpt-6-astra"]
    assert with_rate.input == Fraction(6) / Fraction("7.2") / 10
