"""The story: the same for a seed, whatever the time is, and like a small company's year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from demo_askers import NOW, World

from plimsoll.demo.prices import LIST_PRICES, micro_nanos, nanos_for, rates_on
from plimsoll.demo.story import PROVIDERS, Story, hours_billed, hours_over
from plimsoll.domain.usage import Tokens

SOME_DAYS = [date(2025, 10, 27), date(2026, 3, 15), date(2026, 10, 14), date(2026, 11, 23)]


def told(story: Story, day: date) -> object:
    return [story.day(provider, day).cells for provider in PROVIDERS]


@pytest.mark.parametrize("day", SOME_DAYS)
def test_a_day_is_the_same_for_a_seed_whatever_the_time_is(day: date) -> None:
    early = Story(seed=7, now=NOW)
    late = Story(seed=7, now=NOW + timedelta(days=200))
    assert told(late, day) == told(early, day)


def test_a_day_does_not_depend_on_the_days_asked_before() -> None:
    straight, detour = Story(seed=7, now=NOW), Story(seed=7, now=NOW)
    for day in SOME_DAYS:
        told(detour, day)
    assert told(detour, SOME_DAYS[1]) == told(straight, SOME_DAYS[1])


def test_another_seed_tells_another_story() -> None:
    day = date(2026, 10, 1)
    assert told(Story(seed=8, now=NOW), day) != told(Story(seed=7, now=NOW), day)


@pytest.mark.parametrize(
    "now", [NOW, datetime(2026, 11, 10, tzinfo=UTC), datetime(2025, 2, 1, 12, tzinfo=UTC)]
)
def test_there_is_more_than_a_year_of_it_before_any_present(now: datetime) -> None:
    story = Story(seed=7, now=now)
    assert now.date() - story.first_day >= timedelta(days=380)
    assert story.first_day.weekday() == 0
    assert told(story, story.first_day - timedelta(days=1)) == [{}, {}]
    assert all(told(story, story.first_day))  # type: ignore[call-overload]


def test_an_earlier_present_moves_the_whole_story_by_whole_weeks() -> None:
    """Weekdays stay weekdays, and prices go by the story's own calendar."""
    moved, usual = Story(seed=7, now=datetime(2025, 6, 1, tzinfo=UTC)), Story(seed=7, now=NOW)
    day = moved.first_day + timedelta(days=300)
    assert moved.story_day(day).weekday() == day.weekday()
    assert told(moved, day) == told(usual, moved.story_day(day))


def test_hours_come_one_by_one_and_openais_costs_late() -> None:
    day = date(2026, 11, 20)
    noon_after = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert hours_over(day, datetime(2026, 11, 20, 19, 43, tzinfo=UTC)) == 19
    assert hours_over(day, datetime(2026, 11, 19, 23, 59, tzinfo=UTC)) == 0
    assert hours_over(day, noon_after) == 24
    assert hours_billed("openai", day, datetime(2026, 11, 20, 23, 59, tzinfo=UTC)) == 0
    assert hours_billed("openai", day, noon_after - timedelta(minutes=1)) == 18
    assert hours_billed("openai", day, noon_after) == 24
    assert hours_billed("anthropic", day, datetime(2026, 11, 20, 19, 43, tzinfo=UTC)) == 19


def test_today_grows_while_the_day_goes_on(world_at: Callable[..., World]) -> None:
    today = date(2026, 11, 23)

    def seen(hour: int) -> tuple[int, int]:
        truth = world_at(datetime(2026, 11, 23, hour, tzinfo=UTC)).truth
        tokens = truth.tokens(None, today, today).get((), Tokens())
        return tokens.total, truth.billed("anthropic", today, today).get((), 0)

    assert seen(0) == (0, 0)
    growing = [seen(hour) for hour in (1, 8, 12, 19)]
    assert growing == sorted(growing)
    assert len(set(growing)) == 4


# --- a small company's year ---


def by_month(world: World, provider: str | None = None) -> dict[str, float]:
    sums = world.truth.billed(provider, date(2025, 10, 1), NOW.date(), by=("month",))
    return {str(month): nanos / 1e9 for (month,), nanos in sums.items()}


def test_spend_grows_from_little_to_some_thousand_dollars_a_month(world: World) -> None:
    months = by_month(world)
    assert len(months) == 14
    assert months["2025-11"] < 250
    assert all(2000 < months[month] < 4500 for month in ("2026-07", "2026-08", "2026-09"))
    assert 2000 < months["2026-10"] < 4500


def test_weekends_are_quiet(world: World) -> None:
    days = world.truth.billed(None, date(2026, 8, 31), date(2026, 9, 27), by=("day",))
    worked = [n for (day,), n in days.items() if isinstance(day, date) and day.weekday() < 5]
    rested = [n for (day,), n in days.items() if isinstance(day, date) and day.weekday() > 4]
    assert (len(worked), len(rested)) == (20, 8)
    assert max(rested) < min(worked)


def test_a_runaway_batch_job_burns_money_for_three_days(world: World) -> None:
    days = world.truth.billed("openai", date(2026, 10, 5), date(2026, 10, 23), by=("day",))
    burst = {date(2026, 10, day) for day in (13, 14, 15)}
    loud = min(nanos for (day,), nanos in days.items() if day in burst)
    calm = max(nanos for (day,), nanos in days.items() if day not in burst)
    assert loud > 1.5 * calm


def test_newer_models_take_over_from_older_ones(world: World) -> None:
    def spent(model: str, month: int) -> int:
        first = date(2026, month, 1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return world.truth.billed(None, first, last, by=("model",)).get((model,), 0)

    for old, new in (("claude-opus-4-8", "claude-opus-5-5"), ("gpt-5.6-sol", "gpt-6.1-sol")):
        assert spent(new, 9) == 0
        assert 0 < spent(new, 10) < spent(old, 10)
        assert spent(old, 11) < spent(new, 11) / 2


def test_a_model_becomes_cheaper_on_a_day(world: World) -> None:
    assert rates_on("gpt-5.6-sol", date(2026, 8, 20)).output == 30
    assert rates_on("gpt-5.6-sol", date(2026, 8, 21)).output == 20

    def dollars_a_million(day: date) -> Decimal:
        item = ("gpt-5.6-sol, output",)
        billed = world.truth.billed("openai", day, day, by=("line_item",))[item]
        by = ("endpoint", "model", "tier")
        tokens = world.truth.tokens("openai", day, day, by=by)
        output = tokens["completions", "gpt-5.6-sol", "default"].output
        return Decimal(billed) / 1000 / output

    assert dollars_a_million(date(2026, 8, 20)) == 30
    assert dollars_a_million(date(2026, 8, 21)) == 20


def test_it_has_what_a_ledger_must_cope_with(world: World) -> None:
    """Batch, cache, priority, audio, no key, a deleted key, archived places, units."""
    truth, first, last = world.truth, date(2025, 10, 27), NOW.date()
    tiers = truth.tokens(None, first, last, by=("provider", "tier"))
    assert tiers["openai", "batch"].total
    assert tiers["openai", "flex"].total
    assert tiers["openai", "priority"].total
    assert tiers["anthropic", "batch"].total
    assert tiers["anthropic", "priority"].total
    whole = truth.tokens("anthropic", first, last)[()]
    assert min(whole.cache_read, whole.cache_write_5m, whole.cache_write_1h) > 10**6
    for provider in PROVIDERS:
        names = truth.names(provider)
        keys = {key for (key,) in truth.tokens(provider, first, last, by=("key",))}
        assert None in keys
        projects = {home for (home,) in truth.billed(provider, first, last, by=("project",))}
        assert projects - {None} <= set(names)
        assert len(projects) >= 4
    assert keys - {None} <= set(names)
    units = {unit for (unit,) in truth.units(None, first, last)}
    assert units == {"images", "characters", "seconds", "sessions", "searches", "bytes"}


def test_some_openai_usage_is_of_a_key_that_is_on_no_list_any_more(world: World) -> None:
    keys = world.truth.tokens("openai", date(2025, 12, 1), date(2025, 12, 31), by=("key",))
    unknown = {key for (key,) in keys} - set(world.truth.names("openai")) - {None}
    assert len(unknown) == 1


def test_the_number_of_hourly_rows_stays_a_pull_of_seconds(world: World) -> None:
    rows = 0
    day = world.story.first_day
    while day <= NOW.date():
        for provider, endpoint in (("openai", "completions"), ("anthropic", "messages")):
            rows += sum(map(len, world.story.day(provider, day).hours(endpoint)))
        day += timedelta(days=1)
    assert 60_000 < rows < 130_000


# --- prices ---


def test_every_price_is_a_whole_number_of_millionths_of_a_nano_dollar() -> None:
    for periods in LIST_PRICES.values():
        for _, rates in periods:
            for name in rates.__slots__:
                assert micro_nanos(getattr(rates, name), Decimal("0.5")) >= 0


def test_an_amount_that_would_need_rounding_is_refused() -> None:
    half = micro_nanos(Decimal("0.075"), Decimal("0.5"))
    assert nanos_for(128, half) == 4800
    with pytest.raises(ValueError, match="no whole number"):
        nanos_for(1, half)


def test_dimensions_that_nobody_bills_by_have_no_truth(world: World) -> None:
    with pytest.raises(ValueError, match="user"):
        world.truth.billed("openai", NOW.date(), NOW.date(), by=("user",))
    with pytest.raises(ValueError, match="nobody"):
        world.truth.tokens("nobody", NOW.date(), NOW.date())
