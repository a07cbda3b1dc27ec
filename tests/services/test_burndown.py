"""A burn-down ends where its budget stands, in every kind of period, and never invents a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import NOW, TODAY, Bench, MadeUpAccount, Truth, spread

from plimsoll.domain.budget import TOKENS, Budget
from plimsoll.domain.cadence import Cadence, Rolling, read_cadence
from plimsoll.domain.calendar import ONE_DAY, Period, Span
from plimsoll.domain.errors import NoAnswer, PlimsollError
from plimsoll.domain.money import NANO
from plimsoll.ledger import budgets as stored
from plimsoll.services import budgets
from plimsoll.services.burndown import BurnDay, BurnDown
from plimsoll.services.forecasts import forecast_table

CADENCES = ("day", "week", "week@sun", "month", "month@15", "month@31", "quarter", "year")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def burn_of(bench: Bench, budget: Budget, *, now: datetime = NOW) -> BurnDown:
    stored.save_budget(bench.ledger, budget)
    page = budgets.page(bench.ledger, now=now, table=forecast_table(), currency=None)
    (card,) = [card for card in page.budgets if card.status.budget == budget]
    assert card.burn.limit == card.status.limit
    newest = next((d for d in reversed(card.burn.days) if d.used is not None), None)
    assert (newest.used if newest else 0) == card.status.spent, "one number, one source"
    return card.burn


def today_in(burn: BurnDown) -> BurnDay:
    (day,) = [day for day in burn.days if day.day == burn.today]
    return day


@pytest.mark.parametrize("words", CADENCES)
@pytest.mark.parametrize("currency", ["USD", TOKENS])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "Pacific/Pago_Pago"])
def test_every_period_is_there_from_its_first_day_to_its_last(
    bench: Bench, words: str, currency: str, zone: str
) -> None:
    bench.sync(MadeUpAccount(spread(200)))
    span = read_cadence(words)
    burn = burn_of(bench, Budget("B", 40 * NANO, currency, span=span, zone=zone))
    days = [day.day for day in burn.days]
    assert days == list(Period(days[0], days[-1]).days())
    assert burn.today in days
    used = [day.used for day in burn.days if day.used is not None]
    assert used == sorted(used)
    assert all(day.used is None for day in burn.days if day.day > burn.today)
    assert burn.days[-1].even == burn.limit, "the even pace uses it all"


def test_the_forecast_goes_on_from_today_and_the_ranges_lie_in_one_another(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(200)))
    burn = burn_of(bench, Budget("B", 40 * NANO, "USD"))
    for day in burn.days:
        ahead = (day.low80, day.low50, day.median, day.high50, day.high80)
        if day.day < TODAY:
            assert set(ahead) == {None}
        else:
            assert list(ahead) == sorted(ahead)  # type: ignore[type-var]
            assert day.median is not None
            assert day.median >= (today_in(burn).used or 0)


def test_a_day_without_an_answer_is_a_gap_and_later_days_count_on(bench: Bench) -> None:
    missing = TODAY - timedelta(days=6)

    def fail(endpoint: str, day: date) -> PlimsollError | None:
        return NoAnswer("Silence.") if endpoint == "costs" and day == missing else None

    bench.sync(MadeUpAccount(spread(60)), since=missing + ONE_DAY)
    bench.sync(MadeUpAccount(spread(60), fail), since=TODAY - timedelta(days=30))
    burn = burn_of(bench, Budget("B", 90 * NANO, "USD"))
    known = {day.day: day.used for day in burn.days}
    assert known[missing] is None
    assert known[missing + ONE_DAY] is not None


def test_today_is_what_is_used_by_now_though_nobody_was_asked_yet(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    asked, tomorrow = burn_of(bench, Budget("B", 90 * NANO, "USD")), NOW + ONE_DAY
    stale = burn_of(bench, Budget("B", 90 * NANO, "USD"), now=tomorrow)
    assert stale.today == TODAY + ONE_DAY
    assert today_in(stale).used == today_in(asked).used


def test_days_that_can_still_change_are_told(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    burn = burn_of(bench, Budget("B", 90 * NANO, "USD"))
    moving = [day.day for day in burn.days if not day.final]
    assert moving == list(Period(date(2026, 11, 17), TODAY).days())


def test_it_says_when_it_was_used_up_and_when_it_will_be(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(200)))
    over = burn_of(bench, Budget("Over", 10 * NANO, "USD"))
    day = next(day for day in over.days if (day.used or 0) >= over.limit)
    assert over.used_up_on == day.day < TODAY
    coming = burn_of(bench, Budget("Coming", 21 * NANO, "USD"))
    assert coming.used_up_on is not None
    assert coming.used_up_on > TODAY
    assert burn_of(bench, Budget("Ample", 900 * NANO, "USD")).used_up_on is None


def test_rolling_days_show_their_sum_and_no_end(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(200)))
    burn = burn_of(bench, Budget("B", 5 * NANO, "USD", span=Rolling(7)))
    assert burn.rolls
    assert len(burn.days) == 30
    assert burn.days[-1].day == TODAY
    assert burn.used_up_on is None
    for day in burn.days:
        assert (day.even, day.median) == (None, None)
        assert day.used is not None
        assert 6 * NANO <= day.used < 7 * NANO, "of seven days one costs nothing"


def test_before_its_only_period_nothing_is_used(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    span = Period(TODAY + 5 * ONE_DAY, TODAY + 9 * ONE_DAY)
    burn = burn_of(bench, Budget("Later", 5 * NANO, "USD", span=span))
    assert len(burn.days) == 5
    assert all(day.used is None for day in burn.days)


def test_a_period_that_is_over_foresees_nothing(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    span = Period(TODAY - 20 * ONE_DAY, TODAY - 10 * ONE_DAY)
    burn = burn_of(bench, Budget("Past", 90 * NANO, "USD", span=span))
    assert len(burn.days) == 11
    assert all(day.used is not None and day.median is None for day in burn.days)
    assert burn.used_up_on is None


def test_the_share_of_today_is_that_of_the_budget_s_own_day(bench: Bench) -> None:
    """On 25 October 2026 Berlin's day had 25 hours, of which noon UTC is the fourteenth's end."""
    bench.sync(MadeUpAccount(spread(60)))
    now = datetime.fromisoformat("2026-10-25T12:00:00+00:00")
    burn = burn_of(bench, Budget("B", 90 * NANO, "USD", zone="Europe/Berlin"), now=now)
    assert burn.today_elapsed == pytest.approx(14 / 25)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amounts=st.dictionaries(st.integers(0, 60), st.integers(-(2**40), 2**40), max_size=40),
    span=st.one_of(
        st.sampled_from([Span.WEEK, Span.MONTH]), st.builds(Rolling, st.integers(2, 40))
    ),
)
def test_whatever_was_charged_the_last_day_is_what_the_budget_says(
    tmp_path_factory: pytest.TempPathFactory, amounts: dict[int, int], span: Cadence
) -> None:
    made = Bench(tmp_path_factory.mktemp("archive"))
    try:
        money = {TODAY - timedelta(days=back): nanos for back, nanos in amounts.items()}
        made.sync(MadeUpAccount(Truth(money)), since=TODAY - timedelta(days=70))
        burn_of(made, Budget("B", NANO, "USD", span=span))
    finally:
        made.close()
