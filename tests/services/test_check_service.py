"""The answers of Check: one for each account and currency, in words, and never zero for unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from made_up import SetClock

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.usage import (
    Attribution,
    Charge,
    Computed,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.database import Ledger
from plimsoll.services.check import check, read_period
from plimsoll.services.check_answers import AccountCheck, Cause, CheckAnswer, KnownFrom, Status

TODAY = date(2026, 11, 20)
WEEK = Period(date(2026, 11, 1), date(2026, 11, 7))
BASIS = "list price of m: $2 input, $0.2 cache read, $10 output per million tokens"
BATCH = "list price of m, batch: $1 input, $0.1 cache read, $5 output per million tokens"
MODEL = "m"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    clock = SetClock(datetime(2026, 11, 20, 9, tzinfo=UTC))
    with closing(Ledger.open(tmp_path, clock=clock)) as opened:
        yield opened


def source(ledger: Ledger, name: str = "Work", *, connector: str = "openai") -> int:
    added = catalog.add_source(ledger, name=name, connector=connector)
    catalog.set_endpoints(ledger, added.id, ["costs", "completions"])
    return added.id


def used(
    day: date,
    tokens: Tokens,
    worth: Money | None,
    *,
    basis: str = BASIS,
    off: int = 0,
    elsewhere: bool = False,
    tier: str | None = None,
) -> tuple[UsageRecord, Computed]:
    start = day_start(day) + timedelta(hours=9)
    who = Attribution(model=MODEL, tier=tier)
    record = UsageRecord(start, start + timedelta(hours=1), who, tokens, billed_elsewhere=elsewhere)
    return record, Computed(worth, basis, off)


def sold(nanos: int, words: str, quantity: int, *, currency: str = "USD") -> Charge:
    front, comma, _ = words.partition(",")
    return Charge(
        Attribution(model=front if comma else None, line_item=words),
        Money(currency, nanos),
        "",
        (("quantity", str(quantity)), ("quantity_unit", "tokens")),
    )


def store(
    ledger: Ledger,
    number: int,
    *,
    bills: dict[date, Iterable[Charge]],
    rows: dict[date, Iterable[tuple[UsageRecord, Computed]]],
    period: Period = WEEK,
) -> None:
    """Both endpoints for every day of a period, empty where nothing is named."""
    slices = []
    for day in period.days():
        pairs = tuple(rows.get(day, ()))
        charges = tuple(bills.get(day, ()))
        slices.append(PricedSlice(Slice("costs", day, (), charges, frozenset({"model"})), ()))
        records = tuple(record for record, _ in pairs)
        computed = tuple(one for _, one in pairs)
        slices.append(PricedSlice(Slice("completions", day, records), computed))
    usage.replace_slices(ledger, number, slices, revision_days=3)


def checked(ledger: Ledger, period: Period = WEEK) -> CheckAnswer:
    return check(ledger, period, today=TODAY)


def only(answer: CheckAnswer) -> AccountCheck:
    (account,) = answer.accounts
    return account


DAY = date(2026, 11, 3)
SOME = Tokens(input=1_000_000, output=100_000)
WORTH = Money("USD", 3 * NANO)
BILL = (sold(2 * NANO, "m, input", 1_000_000), sold(NANO, "m, output", 100_000))


def test_a_bill_that_is_its_tokens_at_list_price_agrees(ledger: Ledger) -> None:
    store(ledger, source(ledger), bills={DAY: BILL}, rows={DAY: [used(DAY, SOME, WORTH)]})
    answer = checked(ledger)
    account = only(answer)
    assert (account.billed, account.computed, account.difference) == (3 * NANO, 3 * NANO, 0)
    assert (account.status, account.causes) == (Status.AGREES, ())
    assert account.sentence == "The bill agrees with its tokens at list price within 1%."
    assert answer.sentence == "1 bill of November 1–7 compared; 1 within 1% of list price."


def test_a_source_that_never_tells_tokens_is_not_said_to_be_late_with_them(
    ledger: Ledger,
) -> None:
    """GitHub bills and counts premium requests: its bill of today waits for no tokens."""
    number, today = source(ledger), Period(TODAY, TODAY)
    who = Attribution(model=MODEL)
    counted = UsageRecord(
        day_start(TODAY),
        day_start(TODAY) + timedelta(days=1),
        who,
        units=(("requests", Decimal(9)),),
    )
    rows = {TODAY: [(counted, Computed(None, "no list price"))]}
    store(ledger, number, bills={TODAY: BILL}, rows=rows, period=today)
    account = only(checked(ledger, today))
    assert account.sentence == "It tells no tokens, so there is nothing to compare its bill with."
    assert (account.status, account.causes) == (Status.NOTHING, ())
    assert (account.billed, account.computed) == (3 * NANO, None)


def test_each_currency_of_a_bill_is_an_answer_of_its_own(ledger: Ledger) -> None:
    yuan = sold(7 * NANO, "m, input", 500_000, currency="CNY")
    rows = [used(DAY, SOME, WORTH)]
    store(ledger, source(ledger), bills={DAY: [*BILL, yuan]}, rows={DAY: rows})
    found = {account.currency: account for account in checked(ledger).accounts}
    assert found["USD"].difference == 0
    assert (found["CNY"].billed, found["CNY"].computed) == (7 * NANO, 0)


def test_worth_in_another_currency_than_the_bill_is_no_known_price(ledger: Ledger) -> None:
    bill = [sold(21 * NANO, "m, input", 1_000_000, currency="CNY")]
    rows = [used(DAY, Tokens(input=1_000_000), Money("USD", 2 * NANO))]
    store(ledger, source(ledger), bills={DAY: bill}, rows={DAY: rows})
    account = only(checked(ledger))
    assert (account.currency, account.billed, account.computed) == ("CNY", 21 * NANO, 0)
    assert [(c.cause, c.amount) for c in account.causes] == [(Cause.PRICE_UNKNOWN, 21 * NANO)]
    assert account.not_priced_tokens == 1_000_000


def test_a_contract_that_was_entered_is_named_as_such(ledger: Ledger) -> None:
    net = [sold(18 * NANO // 10, "m, input", 1_000_000), sold(NANO * 9 // 10, "m, output", 100_000)]
    rows = [used(DAY, SOME, WORTH, off=3 * NANO // 10)]
    store(ledger, source(ledger), bills={DAY: net}, rows={DAY: rows})
    account = only(checked(ledger))
    (cause,) = account.causes
    assert (cause.cause, cause.amount) == (Cause.DISCOUNT, -3 * NANO // 10)
    assert cause.sentence == "The discount that you entered takes 10% off list price: $0.30 less."
    assert {(t.known_from, t.percent) for t in cause.things} == {(KnownFrom.CONTRACT, Decimal(10))}


def test_tokens_without_a_price_are_counted_and_not_called_nothing(ledger: Ledger) -> None:
    rows = [used(DAY, SOME, None, basis="There is no list price for m.")]
    store(ledger, source(ledger), bills={DAY: BILL}, rows={DAY: rows})
    account = only(checked(ledger))
    assert (account.computed, account.not_priced_tokens) == (0, 1_100_000)
    assert account.sentence.startswith("None of its tokens has a list price")
    (cause,) = account.causes
    assert cause.sentence == "m: $3.00 billed for 1.1 million tokens that have no list price."


def test_a_batch_that_only_the_bill_names_is_said_so(ledger: Ledger) -> None:
    bill = [sold(NANO, "m, input, batch", 1_000_000)]
    rows = [used(DAY, Tokens(input=1_000_000), Money("USD", 2 * NANO), tier="default")]
    store(ledger, source(ledger), bills={DAY: bill}, rows={DAY: rows})
    (cause,) = only(checked(ledger)).causes
    assert cause.cause is Cause.TIER
    assert cause.sentence == "m, input, batch: billed as batch, used as standard: $1.00 less."
    (thing,) = cause.things
    assert (thing.billed_price, thing.list_price) == (Decimal(1), Decimal(2))
    assert (thing.tier, thing.against, thing.priced_by) == ("batch", "standard", "million tokens")


def test_a_cached_line_that_only_the_bill_tells_is_said_so(ledger: Ledger) -> None:
    bill = [sold(2 * NANO // 10, "m, cached input", 1_000_000)]
    rows = [used(DAY, Tokens(input=1_000_000), Money("USD", 2 * NANO))]
    store(ledger, source(ledger), bills={DAY: bill}, rows={DAY: rows})
    (cause,) = only(checked(ledger)).causes
    assert cause.cause is Cause.CACHE_CLASS
    assert cause.sentence == "m, cached input: billed as cached input, used as input: $1.80 less."


def test_another_price_is_said_with_both_prices(ledger: Ledger) -> None:
    bill = [sold(22 * NANO // 10, "m, input", 1_000_000)]
    rows = [used(DAY, Tokens(input=1_000_000), Money("USD", 2 * NANO))]
    store(ledger, source(ledger), bills={DAY: bill}, rows={DAY: rows})
    (cause,) = only(checked(ledger)).causes
    assert cause.sentence == (
        "m, input: billed at $2.20, list price $2.00 for a million tokens: $0.20 more."
    )


def test_what_nothing_explains_comes_first_and_is_in_the_sentence(ledger: Ledger) -> None:
    odd, fine = source(ledger, "Odd"), source(ledger, "Fine")
    store(ledger, fine, bills={DAY: BILL}, rows={DAY: [used(DAY, SOME, WORTH)]})
    more = sold(4 * NANO, "other, input", 5)
    store(ledger, odd, bills={DAY: [*BILL, more]}, rows={DAY: [used(DAY, SOME, WORTH)]})
    answer = checked(ledger)
    assert [account.source for account in answer.accounts] == ["Odd", "Fine"]
    assert answer.sentence.endswith("not explained: $4.00 of Odd.")
    assert answer.accounts[0].sentence == (
        "Billed $4.00 more than its tokens at list price; not explained: $4.00."
    )
    assert answer.accounts[0].causes[0].sentence == (
        "Not explained: $4.00 more on the bill, in other, input."
    )


def test_days_that_can_change_and_days_without_an_answer_are_told_apart(ledger: Ledger) -> None:
    number, late = source(ledger), date(2026, 11, 19)
    days = Period(date(2026, 11, 12), late)
    rows = {day: [used(day, SOME, WORTH)] for day in days.days()}
    bills = {day: BILL for day in days.days() if day != late}
    store(ledger, number, bills=bills, rows=rows, period=days)
    account = only(checked(ledger, Period(date(2026, 11, 10), TODAY)))
    found = {cause.cause: cause for cause in account.causes}
    assert {cause: found[cause].amount for cause in found} == {
        Cause.NOT_FINAL: -3 * NANO,
        Cause.GAP: 0,
    }
    assert found[Cause.NOT_FINAL].sentence == (
        "19 November can still change: $3.00 of usage is not on the bill yet."
    )
    assert found[Cause.GAP].sentence == (
        "No answer for 10 November to 11 November: nothing is known of that time."
    )
    assert account.not_final_from == date(2026, 11, 17)


def test_an_account_without_a_bill_or_without_tokens_has_nothing_to_compare(
    ledger: Ledger,
) -> None:
    agent, only_bill = source(ledger, "Agent"), source(ledger, "Bill")
    store(ledger, agent, bills={}, rows={DAY: [used(DAY, SOME, WORTH)]})
    store(ledger, only_bill, bills={DAY: BILL}, rows={})
    source(ledger, "New")
    answer = checked(ledger)
    found = {account.source: account for account in answer.accounts}
    assert {account.status for account in found.values()} == {Status.NOTHING}
    assert (found["Agent"].billed, found["Agent"].computed) == (None, 3 * NANO)
    assert (found["Bill"].billed, found["Bill"].computed) == (3 * NANO, None)
    assert (found["New"].billed, found["New"].computed, found["New"].currency) == (None, None, "")
    assert all(account.difference is None for account in found.values())
    assert "no bill" in found["Agent"].sentence
    assert "no tokens" in found["Bill"].sentence
    assert answer.sentence == "There is no bill to compare with in November 1–7."


def test_a_time_of_which_nothing_is_known_is_not_called_empty(ledger: Ledger) -> None:
    store(ledger, source(ledger), bills={DAY: BILL}, rows={DAY: [used(DAY, SOME, WORTH)]})
    before = only(checked(ledger, Period(date(2026, 9, 1), date(2026, 9, 30))))
    assert (before.status, before.sentence) == (Status.NOTHING, "Nothing is known of this period.")
    day = only(checked(ledger, Period(date(2026, 11, 5), date(2026, 11, 5))))
    assert day.sentence == "Nothing was used and nothing billed in this period."


def test_no_price_and_no_bill_is_no_agreement(ledger: Ledger) -> None:
    late = date(2026, 11, 6)
    rows = {DAY: [used(DAY, SOME, WORTH)], late: [used(late, SOME, None, basis="unknown")]}
    store(ledger, source(ledger), bills={DAY: BILL}, rows=rows)
    account = only(checked(ledger, Period(late, late)))
    assert (account.status, account.billed, account.computed) == (Status.NOTHING, None, None)
    assert account.not_priced_tokens == SOME.total
    assert account.sentence.startswith("None of its tokens has a list price")


def test_a_settled_day_that_changed_is_counted(ledger: Ledger) -> None:
    number = source(ledger)
    store(ledger, number, bills={DAY: BILL}, rows={DAY: [used(DAY, SOME, WORTH)]})
    store(ledger, number, bills={DAY: BILL[:1]}, rows={DAY: [used(DAY, SOME, WORTH)]})
    assert only(checked(ledger)).restated_days == 1


@pytest.mark.parametrize(
    ("first", "last", "today", "expected"),
    [
        (None, None, date(2026, 11, 20), Period(date(2026, 11, 1), date(2026, 11, 20))),
        (None, None, date(2026, 11, 5), Period(date(2026, 10, 1), date(2026, 10, 31))),
        (None, None, date(2026, 11, 6), Period(date(2026, 11, 1), date(2026, 11, 6))),
        (date(2026, 9, 3), None, TODAY, Period(date(2026, 9, 3), date(2026, 9, 30))),
        (None, date(2026, 9, 3), TODAY, Period(date(2026, 9, 1), date(2026, 9, 3))),
        (date(2026, 12, 1), None, TODAY, Period(date(2026, 12, 1), date(2026, 12, 1))),
    ],
)
def test_what_is_checked_without_both_days(
    first: date | None, last: date | None, today: date, expected: Period
) -> None:
    assert read_period(first, last, today=today) == expected


def test_a_period_that_ends_before_it_begins_is_wrong_use() -> None:
    with pytest.raises(WrongUse, match="before it begins"):
        read_period(date(2026, 11, 5), date(2026, 11, 1), today=TODAY)
