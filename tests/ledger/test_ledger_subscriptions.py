"""Tokens of a subscription's days are plan, on every way to them, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_kit import (
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
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Amounts, Dimension
from plimsoll.domain.subscription import Cycle, Subscription, Unit
from plimsoll.domain.usage import Tokens
from plimsoll.ledger import answers, catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.priced import priced_tokens
from plimsoll.ledger.subscriptions import (
    remove_subscription,
    save_subscription,
    subscriptions,
)

MAX = Subscription("acme", "Max", Money("CNY", 200 * NANO), nov(3), nov(6), Cycle(Unit.MONTH))
DAYS = [nov(day) for day in range(1, 11)]


def fill(ledger: Ledger, source: Source) -> None:
    """Ten days of tokens worth a nano-dollar each, ten times their day; two of them charged."""
    for day in DAYS:
        used = (record(day, hour=9, tokens=Tokens(day.day * 10), model="m"), usd(day.day * 10))
        store(ledger, source.id, priced("tokens", day, used))
    for day in (nov(2), nov(5)):
        store(ledger, source.id, priced("costs", day, charges=(charge(7),)))


def money(ledger: Ledger, zone: str = "UTC") -> dict[str | None, Amounts]:
    return {
        day: row.amounts[0]
        for (day,), row in rows_by(ledger, Dimension.DAY, zone=zone).items()
        if row.amounts
    }


def test_it_comes_back_as_it_was_entered(ledger: Ledger, source: Source) -> None:
    later = replace(MAX, first=nov(7), last=None, cycle=Cycle(Unit.WEEK, 4))
    save_subscription(ledger, MAX)
    save_subscription(ledger, later)
    assert subscriptions(ledger) == (later, MAX)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_only_its_own_days_are_plan_and_a_charge_stays_billed(
    ledger: Ledger, source: Source, zone: str
) -> None:
    fill(ledger, source)
    save_subscription(ledger, MAX)
    assert money(ledger, zone) == {
        day.isoformat(): Amounts(
            "USD",
            billed=7 if day in {nov(2), nov(5)} else 0,
            estimated=worth if day in {nov(1), *DAYS[6:]} else 0,
            plan=worth if day in {nov(3), nov(4), nov(6)} else 0,
            worth=worth,
        )
        for day in DAYS
        for worth in [day.day * 10]
    }


def test_plan_is_no_part_of_what_was_spent(ledger: Ledger, source: Source) -> None:
    fill(ledger, source)
    save_subscription(ledger, MAX)
    plan_days = Period(nov(3), nov(4))
    series = answers.daily(ledger, plan_days, currency="USD", today=nov(20))
    assert [day.spent for day in series.days] == [0, 0]
    assert priced_tokens(ledger, plan_days) == ()
    assert sum(g.worth or 0 for g in priced_tokens(ledger, Period(nov(5), nov(5)))) == 50


def test_removed_it_leaves_everything_as_it_was(ledger: Ledger, source: Source) -> None:
    fill(ledger, source)
    before = content(ledger)
    save_subscription(ledger, MAX)
    assert content(ledger) != before
    remove_subscription(ledger, "acme", MAX.first)
    assert content(ledger) == before
    with pytest.raises(WrongUse, match="no subscription that began on"):
        remove_subscription(ledger, "acme", MAX.first)
    assert ledger.check() == ()


def test_a_changed_one_takes_the_place_of_the_old_one(ledger: Ledger, source: Source) -> None:
    fill(ledger, source)
    save_subscription(ledger, MAX)
    moved = replace(MAX, first=nov(4))
    save_subscription(ledger, moved, instead_of=MAX.first)
    assert subscriptions(ledger) == (moved,)
    assert money(ledger)["2026-11-03"].plan == 0


def test_a_day_is_set_against_one_fee_only(ledger: Ledger, source: Source) -> None:
    save_subscription(ledger, MAX)
    with pytest.raises(WrongUse, match="acme is under Max on some of these days"):
        save_subscription(ledger, replace(MAX, name="Pro", first=nov(6), last=None))
    assert subscriptions(ledger) == (MAX,)
    catalog.add_source(ledger, name="other", connector="openai")
    save_subscription(ledger, replace(MAX, source="other"))
    with pytest.raises(WrongUse, match="no source called nobody"):
        save_subscription(ledger, replace(MAX, source="nobody"))


def test_the_setting_makes_every_day_plan(ledger: Ledger, source: Source) -> None:
    fill(ledger, source)
    save_subscription(ledger, MAX)
    plan = (("money", "plan"),)
    catalog.change_source(ledger, source.id, name="acme", base_url=None, settings=plan, key_tail="")
    assert sum(a.estimated for a in money(ledger).values()) == 0
    assert sum(a.plan for a in money(ledger).values()) == 550 - 20 - 50


def test_it_goes_with_its_source_or_to_its_successor(ledger: Ledger, source: Source) -> None:
    fill(ledger, source)
    save_subscription(ledger, MAX)
    before = money(ledger)
    catalog.remove_source(ledger, source.id, forget=False)
    assert subscriptions(ledger) == ()
    assert money(ledger) == before, "what was plan stays plan"
    again = catalog.add_source(ledger, name="acme", connector="openai")
    catalog.start_run(ledger, again.id)
    assert subscriptions(ledger) == (MAX,)
    assert money(ledger) == before
    catalog.remove_source(ledger, again.id, forget=True)
    with ledger.reading() as connection:
        assert count(connection, "subscription") == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.sampled_from(DAYS), days=st.integers(0, 12), open_end=st.booleans())
def test_estimated_and_plan_together_are_what_was_estimated_before(
    ledger: Ledger, source: Source, first: date, days: int, open_end: bool
) -> None:
    if not rows_by(ledger):
        fill(ledger, source)
    before = money(ledger)
    last = None if open_end else nov(min(30, first.day + days))
    save_subscription(ledger, replace(MAX, first=first, last=last))
    try:
        for day, amounts in money(ledger).items():
            old = before[day]
            assert amounts.estimated + amounts.plan == old.estimated
            assert (amounts.billed, amounts.worth) == (old.billed, old.worth)
        table = answers.answer(ledger, question_of_november(), today=nov(20))
        assert table.total.amounts[0].plan == sum(a.plan for a in money(ledger).values())
    finally:
        remove_subscription(ledger, "acme", first)
    assert money(ledger) == before


def question_of_november() -> answers.Question:
    return answers.Question(november(), by=(Dimension.MODEL,))
