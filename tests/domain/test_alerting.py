"""The states of an alert: what fires, what is told, what waits, recovers and arms again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.alerting import (
    AlertState,
    Firing,
    Kept,
    Look,
    Moment,
    QuietHours,
    decide,
    looks_at,
    state_in,
)
from plimsoll.domain.budget import Alert, Budget, Threshold, ThresholdKind
from plimsoll.domain.cadence import Rolling
from plimsoll.domain.calendar import Period, Span, day_start

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
HALF, FOUR_FIFTHS, ALL = (
    Threshold(ThresholdKind.ACTUAL, Decimal(percent)) for percent in (50, 80, 100)
)
LIKELY = Threshold(ThresholdKind.FORECAST, Decimal(120), Decimal("0.7"))
BUDGET = Budget("Team", 100, "USD", thresholds=(HALF, FOUR_FIFTHS, ALL, LIKELY))
NIGHT = QuietHours(time(22), time(7))


def at(moment: datetime = NOW, **more) -> Moment:
    return Moment(moment, moment.time(), **more)


def now_at(spent: int, odds: float = 0.0, period: Period = NOVEMBER) -> Look:
    return Look(period, spent, 100, {LIKELY: odds})


def kept_of(firings: tuple[Firing, ...], moment: datetime = NOW) -> Kept:
    """What the ledger holds once these have fired."""
    fired = tuple(
        Alert("Team", f.threshold, f.look.period, moment, "", moment if f.told else None, f.waiting)
        for f in firings
    )
    return Kept(fired, tuple(a.told_at for a in fired if a.told_at))


def words(firings: tuple[Firing, ...]) -> list[str]:
    return [
        f"{f.threshold.percent} {'told' if f.told else 'waits' if f.waiting else 'silent'}"
        for f in firings
    ]


def test_an_armed_threshold_fires_and_of_several_the_highest_is_told():
    assert words(decide(BUDGET, [now_at(85)], Kept(), at()).firings) == ["50 silent", "80 told"]


def test_what_fired_does_not_fire_again_whatever_the_figures_do():
    kept = kept_of(decide(BUDGET, [now_at(85)], Kept(), at()).firings)
    for spent in (85, 20, 99):
        assert not decide(BUDGET, [now_at(spent)], kept, at(NOW + DAY))


def test_a_snoozed_budget_fires_when_the_snooze_is_over_if_it_still_holds():
    kept = Kept(snoozed_until=NOW + DAY)
    assert not decide(BUDGET, [now_at(85)], kept, at())
    assert not decide(BUDGET, [now_at(20)], kept, at(NOW + DAY))
    assert words(decide(BUDGET, [now_at(85)], kept, at(NOW + DAY)).firings)[-1] == "80 told"


def test_a_foretold_pass_recovers_after_three_calm_days_and_comes_back_untold():
    kept = kept_of(decide(BUDGET, [now_at(10, 0.9)], Kept(), at()).firings)
    odds = [(0, 0.56), (1, 0.5), (2, 0.56), (3, 0.5), (5, 0.5), (6, 0.5), (8, 0.6), (9, 0.7)]
    states = []
    for days, likely in odds:
        moment = NOW + days * DAY
        decision = decide(BUDGET, [now_at(10, likely)], kept, at(moment))
        assert not decision.firings
        if decision.changed:
            kept = replace(kept, fired=decision.changed)
        states.append(state_in(kept.fired[0], snoozed_until=None, now=moment))
    assert states == [*[AlertState.FIRED] * 5, *[AlertState.RECOVERED] * 2, AlertState.FIRED]
    assert kept.fired[0].told_at == NOW, "told once"


@pytest.mark.parametrize("span", [Span.MONTH, Rolling(30)])
def test_a_pace_fires_once_calms_after_three_days_and_comes_back_untold(span):
    three = Threshold(ThresholdKind.BURN, Decimal(300))
    budget = replace(BUDGET, span=span, thresholds=(HALF, three))

    def look(pace: str) -> Look:
        return replace(now_at(40), pace=Decimal(pace))

    firings = decide(budget, [look("3")], Kept(), at()).firings
    assert words(firings) == ["300 told"]
    kept = kept_of(firings)
    seen = []
    for days, pace in ((0, "2.9"), (2, "3"), (3, "2"), (6, "1"), (7, "1"), (8, "4")):
        decision = decide(budget, [look(pace)], kept, at(NOW + days * DAY))
        assert not decision.firings
        if decision.changed:
            kept = replace(kept, fired=decision.changed)
        seen.append(state_in(kept.fired[0], snoozed_until=None, now=NOW).value)
    assert seen == [*["fired"] * 3, *["recovered"] * 2, "fired"]


def test_a_pace_weighs_more_than_a_share_and_less_than_odds_or_all_of_it():
    three = Threshold(ThresholdKind.BURN, Decimal(900))
    budget = replace(BUDGET, thresholds=(HALF, FOUR_FIFTHS, LIKELY, three, ALL))

    def told(spent: int, odds: float = 0.0) -> str:
        look = replace(now_at(spent, odds), pace=Decimal(9))
        return words(decide(budget, [look], Kept(), at()).firings)[-1]

    assert told(85) == "900 told"
    assert told(85, 0.9) == "120 told"
    assert told(100) == "100 told"


def test_rolling_days_arm_again_once_they_have_fallen_well_below_and_not_within_a_day():
    budget = replace(BUDGET, span=Rolling(30), thresholds=(FOUR_FIFTHS,))

    def look(spent: int, day: int) -> Look:
        return now_at(spent, period=Period(date(2026, 10, day), date(2026, 11, day)))

    kept = kept_of(decide(budget, [look(85, 20)], Kept(), at()).firings)
    assert not decide(budget, [look(75, 20)], kept, at()), "not well below"
    assert not decide(budget, [look(85, 21)], kept, at(NOW + DAY))
    kept = replace(kept, fired=decide(budget, [look(69, 20)], kept, at(NOW + HOUR)).changed)
    assert not decide(budget, [look(85, 21)], kept, at(NOW + 2 * HOUR)), "once a day at most"
    assert words(decide(budget, [look(85, 22)], kept, at(NOW + 2 * DAY)).firings) == ["80 told"]


def test_a_finished_period_is_summed_up_once():
    october = Look(OCTOBER, 131, 100, ended_at=datetime(2026, 11, 1, tzinfo=UTC))
    decision = decide(BUDGET, [october, now_at(10)], Kept(), at())
    assert words(decision.firings) == ["50 silent", "80 silent", "100 told"]
    assert decision.firings[-1].together == (HALF, FOUR_FIFTHS, ALL)
    kept = kept_of(decide(BUDGET, [replace(october, spent=85)], Kept(), at()).firings)
    later = decide(BUDGET, [october, now_at(10)], kept, at(NOW + DAY))
    assert words(later.firings) == ["100 silent"], "one summary, whatever comes later"


def test_of_several_finished_periods_only_the_newest_speaks():
    def ended(month: int) -> Look:
        days = Period(date(2026, month, 1), date(2026, month, 28))
        return Look(days, 60, 100, ended_at=datetime(2026, month + 1, 1, tzinfo=UTC))

    decision = decide(BUDGET, [ended(8), ended(9), now_at(55)], Kept(), at())
    assert words(decision.firings) == ["50 silent", "50 told", "50 told"]


def test_no_forecast_is_made_for_what_is_over():
    over = replace(now_at(10, 0.99), ended_at=NOW)
    assert not decide(BUDGET, [over], Kept(), at())


class TestQuietHours:
    NIGHTFALL = NOW.replace(hour=23)
    MORNING = NOW.replace(hour=8) + DAY

    def test_what_is_not_urgent_waits_for_the_morning(self):
        fired = decide(BUDGET, [now_at(85)], Kept(), at(self.NIGHTFALL, quiet_hours=NIGHT)).firings
        assert words(fired) == ["50 silent", "80 waits"]
        kept = kept_of(fired, self.NIGHTFALL)
        again = at(self.NIGHTFALL + HOUR, quiet_hours=NIGHT)
        assert not decide(BUDGET, [now_at(85)], kept, again)
        (told,) = decide(BUDGET, [now_at(85)], kept, at(self.MORNING, quiet_hours=NIGHT)).changed
        assert (told.threshold, told.told_at, told.waiting) == (FOUR_FIFTHS, self.MORNING, False)

    def test_what_was_taken_back_overnight_is_not_told(self):
        night = at(self.NIGHTFALL, quiet_hours=NIGHT)
        kept = kept_of(decide(BUDGET, [now_at(85)], Kept(), night).firings, self.NIGHTFALL)
        (told,) = decide(BUDGET, [now_at(20)], kept, at(self.MORNING, quiet_hours=NIGHT)).changed
        assert (told.told_at, told.waiting) == (None, False)

    def test_a_passed_budget_is_told_at_once_and_what_waited_is_not_told_as_well(self):
        night = at(self.NIGHTFALL, quiet_hours=NIGHT)
        kept = kept_of(decide(BUDGET, [now_at(85)], Kept(), night).firings, self.NIGHTFALL)
        decision = decide(BUDGET, [now_at(101)], kept, night)
        assert words(decision.firings) == ["100 told"]
        assert [a.waiting for a in decision.changed] == [False]

    @given(st.times(), st.times(), st.times())
    def test_hours_are_quiet_or_their_opposite_is(self, first, last, moment):
        assert (
            QuietHours(first, last).hold(moment) is not QuietHours(last, first).hold(moment)
            or first == last
        )


@pytest.mark.parametrize(
    ("told", "loud"),
    [
        ([], True),
        ([HOUR / 2] * 2, True),
        ([HOUR / 2] * 3, False),
        ([-HOUR / 2] * 3, False),
        ([2 * HOUR] * 9, True),
        ([2 * HOUR] * 10, False),
        ([25 * HOUR] * 50, True),
    ],
)
def test_three_an_hour_and_ten_a_day_are_told_and_the_rest_only_listed(told, loud):
    kept = Kept(told=tuple(NOW - ago for ago in told))
    assert words(decide(BUDGET, [now_at(55)], kept, at()).firings) == [
        "50 told" if loud else "50 silent"
    ]


def test_a_period_is_looked_at_from_the_day_its_budget_was_set_and_no_further_than_three_months():
    day = replace(BUDGET, span=Span.DAY)

    def looks(since: date | None) -> int:
        today = date(2026, 11, 20)
        return len(
            looks_at(
                day,
                today=today,
                since=since,
                spent_in=lambda _: 0,
                likely={},
                starts_at=day_start,
            )
        )

    assert looks(None) == looks(date(2026, 11, 20)) == 1
    assert looks(date(2026, 11, 18)) == 3
    assert looks(date(2020, 1, 1)) == 93


@pytest.mark.parametrize(
    ("snoozed", "state"), [(None, AlertState.ARMED), (NOW + DAY, AlertState.SNOOZED)]
)
def test_what_has_not_fired_is_armed_or_snoozed(snoozed, state):
    assert state_in(None, snoozed_until=snoozed, now=NOW) is state
