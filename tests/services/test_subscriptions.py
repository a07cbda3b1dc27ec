"""A cycle's worth against its fee: added up by day, converted by dated rates, in no total."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import NOW, TODAY
from two_purses import TwoPurses

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.subscription import Cycle, Subscription, Unit
from plimsoll.ledger import catalog
from plimsoll.ledger.subscriptions import save_subscription
from plimsoll.services.subscriptions import (
    CycleStanding,
    current,
    read_subscription,
    standings,
)

FIRST = date(2026, 9, 10)
MAX = Subscription("East", "Max", Money("CNY", 100 * NANO), FIRST)


@pytest.fixture
def purses(tmp_path: Path) -> Iterator[TwoPurses]:
    made = TwoPurses(tmp_path)
    yield made
    made.ledger.close()


def fill(purses: TwoPurses, days: int = 80, *, yuan: int = 10) -> None:
    catalog.set_endpoints(purses.ledger, purses.yuan, ["usage"])
    for back in range(days):
        purses.use(TODAY - timedelta(days=back), m=yuan * NANO)


def only(purses: TwoPurses) -> tuple[CycleStanding, tuple[CycleStanding, ...]]:
    [standing] = standings(purses.ledger, now=NOW)
    assert standing.current is not None
    return standing.current, standing.past


def test_the_running_cycle_and_the_finished_ones_each_have_their_own_worth(
    purses: TwoPurses,
) -> None:
    fill(purses)
    save_subscription(purses.ledger, MAX)
    now, past = only(purses)
    assert now.period == Period(date(2026, 11, 10), date(2026, 12, 9))
    assert (now.in_fee, now.worth) == (110 * NANO, (Money("CNY", 110 * NANO),))
    assert now.so_far == tuple(10 * NANO * day for day in range(1, 12))
    assert now.times == Fraction(11, 10)
    assert now.passed_on == date(2026, 11, 19), "ten days at ten yuan"
    assert [(p.period.first, p.in_fee) for p in past] == [
        (date(2026, 10, 10), 310 * NANO),
        (FIRST, 300 * NANO),
    ]


def test_before_it_is_worth_its_fee_no_day_is_claimed(purses: TwoPurses) -> None:
    fill(purses, yuan=9)
    save_subscription(purses.ledger, MAX)
    now, _ = only(purses)
    assert (now.times, now.passed_on) == (Fraction(99, 100), None)


def test_a_fee_in_another_currency_is_met_at_each_days_rate(purses: TwoPurses) -> None:
    fill(purses)
    save_subscription(purses.ledger, replace(MAX, fee=Money("USD", 20 * NANO)))
    now, _ = only(purses)
    assert (now.in_fee, now.left_out) == (0, (Money("CNY", 110 * NANO),))
    assert now.worth == now.left_out, "said plainly, not guessed"
    purses.rate("5", date(2026, 11, 15))
    now, _ = only(purses)
    assert (now.in_fee, now.left_out) == (12 * NANO, (Money("CNY", 50 * NANO),))
    assert [rate.value for rate in now.rates] == [5]


def test_what_was_billed_beside_the_fee_is_no_part_of_its_worth(purses: TwoPurses) -> None:
    purses.bill(TODAY, a=3 * NANO)
    catalog.set_endpoints(purses.ledger, purses.dollars, ["costs"])
    save_subscription(purses.ledger, replace(MAX, source="West", fee=Money("USD", NANO)))
    now, _ = only(purses)
    assert (now.in_fee, now.billed) == (0, (Money("USD", 3 * NANO),))
    assert now.missing == 10, "the other days of the cycle were never fetched"


def test_a_fee_is_in_no_total(purses: TwoPurses) -> None:
    fill(purses)
    purses.bill(TODAY, a=3 * NANO)
    before = purses.seen(currency="USD")
    save_subscription(purses.ledger, replace(MAX, fee=Money("USD", 500 * NANO)))
    seen = purses.seen(currency="USD")
    assert (seen.spent, seen.today) == (before.spent, before.today) == (3 * NANO, 3 * NANO)
    assert seen.plans == (Money("CNY", 200 * NANO),)
    assert [s.name for s in seen.subscriptions] == ["Max"]


def test_only_a_running_one_has_a_current_cycle(purses: TwoPurses) -> None:
    ended = replace(MAX, last=TODAY - timedelta(days=1))
    coming = replace(MAX, name="Next", first=TODAY + timedelta(days=1))
    save_subscription(purses.ledger, ended)
    save_subscription(purses.ledger, coming)
    assert current(purses.ledger, today=TODAY) == ()
    found = {s.subscription.name: s for s in standings(purses.ledger, now=NOW)}
    assert found["Next"].current is None
    assert found["Next"].past == ()
    assert found["Max"].current is None
    assert found["Max"].past[0].period.last == ended.last


def test_what_is_typed_becomes_a_subscription_or_a_sentence() -> None:
    given_words = {"source": "East", "name": " Max ", "currency": "CNY", "first": FIRST}
    made = read_subscription(**given_words, fee="99.50", unit=Unit.WEEK, count=4)  # type: ignore[arg-type]
    assert made == Subscription(
        "East", "Max", Money("CNY", 99_500_000_000), FIRST, None, Cycle(Unit.WEEK, 4)
    )
    for fee in ("", "x", "0", "-5", "1e30", "12,5"):
        with pytest.raises(WrongUse, match="A fee is"):
            read_subscription(**given_words, fee=fee, unit=Unit.MONTH, count=1)  # type: ignore[arg-type]
    with pytest.raises(WrongUse, match="1 to 120"):
        read_subscription(**given_words, fee="5", unit=Unit.MONTH, count=0)  # type: ignore[arg-type]


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(
    worths=st.lists(st.integers(0, 10**12), min_size=1, max_size=40),
    fee=st.integers(1, 10**13),
    cycle=st.builds(Cycle, st.sampled_from(Unit), st.integers(1, 3)),
    begun=st.integers(0, 60),
)
def test_cycles_together_hold_all_that_is_plan(
    tmp_path_factory: pytest.TempPathFactory,
    worths: list[int],
    fee: int,
    cycle: Cycle,
    begun: int,
) -> None:
    purses = TwoPurses(tmp_path_factory.mktemp("purses"))
    try:
        for back, worth in enumerate(worths):
            purses.use(TODAY - timedelta(days=back), m=worth)
        first = TODAY - timedelta(days=begun)
        save_subscription(
            purses.ledger, Subscription("East", "Max", Money("CNY", fee), first, None, cycle)
        )
        now, past = only(purses)
        assert sum(c.in_fee for c in (now, *past)) == sum(worths[: begun + 1])
        for c in (now, *past):
            assert c.so_far[-1] == c.in_fee
            assert list(c.so_far) == sorted(c.so_far)
            passed = c.passed_on
            assert (passed is not None) is (c.in_fee >= fee) is (c.times >= 1)
            if passed is not None:
                place = (passed - c.period.first).days
                assert c.so_far[place] >= fee > (c.so_far[place - 1] if place else 0)
    finally:
        purses.ledger.close()
