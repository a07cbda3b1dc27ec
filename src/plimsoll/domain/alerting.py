"""Alerting: which thresholds of a budget fire, and what of it is told; no clock, no I/O.

One threshold in one period is armed; snoozed, while its budget is; fired, once; and, if it foretold
a pass, recovered when that has been unlikely for days. The ledger keeps what fired, and a decision
is made and kept in one transaction: whoever comes second finds nothing left to tell.

A new period arms every threshold again, and so does a changed limit, which the ledger keeps as a
new edition. Rolling days have no new period: they arm again when the spend has fallen well below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from plimsoll.domain.budget import Alert, Budget, Threshold, ThresholdKind, crossed
from plimsoll.domain.cadence import Rolling, period_at, period_before
from plimsoll.domain.calendar import ONE_DAY, Period

AN_HOUR = timedelta(hours=1)
MostTold = tuple[tuple[timedelta, int], ...]
"""How many alerts of all budgets together are told within a time; the rest stands in the list."""

MOST_TOLD: MostTold = ((AN_HOUR, 3), (ONE_DAY, 10))
PACES: dict[str, MostTold] = {
    "few": ((AN_HOUR, 1), (ONE_DAY, 3)),
    "usual": MOST_TOLD,
    "many": ((AN_HOUR, 10), (ONE_DAY, 40)),
}
"""What the user can choose; even many is no storm."""

LOOK_BACK = timedelta(days=92)
"""How long after its end a period is still looked at: a machine slept, or figures came late."""

CALM = timedelta(days=3)
CALM_MARGIN = Decimal("0.15")
"""A foretold pass that has been this much less likely than its odds for three days is off, and so
is a pace that has been below its multiple so long."""

REARM_MARGIN = Decimal(10)
"""Rolling spend falls by this many percent of the limit below a threshold before it arms again."""

URGENT = Decimal(100)


class AlertState(StrEnum):
    """How one threshold stands in one period."""

    ARMED = "armed"
    SNOOZED = "snoozed"
    FIRED = "fired"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `first` to `last` on the clock of the machine, over midnight where `last` is earlier."""

    first: time
    last: time

    def hold(self, at: time) -> bool:
        """Whether the hours are quiet."""
        if self.first <= self.last:
            return self.first <= at < self.last
        return at >= self.first or at < self.last


@dataclass(frozen=True, slots=True)
class Look:
    """A budget in one period by the figures as they are now: spent, limit, the odds of each
    forecast threshold, and the pace, as a multiple of the even one. `ended_at` is the instant at
    which a finished period ended.
    """

    period: Period
    spent: int
    limit: int
    likely: Mapping[Threshold, float] = field(default_factory=dict)
    ended_at: datetime | None = None
    pace: Decimal | None = None

    def holding(self, budget: Budget) -> tuple[Threshold, ...]:
        """The thresholds that hold, the weightiest last; of a finished period only what was
        spent, because nothing is left to foretell.
        """
        held = crossed(
            budget.thresholds,
            spent=self.spent,
            limit=self.limit,
            likely=dict(self.likely),
            pace=self.pace,
        )
        if self.ended_at is not None:
            held = tuple(t for t in held if t.kind is ThresholdKind.ACTUAL)
        return tuple(sorted(held, key=weight))


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger holds when a decision is made: what the budget fired, oldest first; when
    any budget last told something; until when this one is snoozed.
    """

    fired: tuple[Alert, ...] = ()
    told: tuple[datetime, ...] = ()
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant of a decision, and the machine's own clock, which quiet hours are set by.

    `silent` tells nothing, as when a budget has just been set and its page shows what it crosses.
    """

    now: datetime
    local: time
    quiet_hours: QuietHours | None = None
    silent: bool = False
    most_told: MostTold = MOST_TOLD

    @property
    def is_quiet(self) -> bool:
        """Whether what is not urgent has to wait."""
        return self.quiet_hours is not None and self.quiet_hours.hold(self.local)


@dataclass(frozen=True, slots=True)
class Firing:
    """A threshold that fires now; `together` are all that its sentence speaks of."""

    look: Look
    threshold: Threshold
    together: tuple[Threshold, ...]
    told: bool = False
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What fires, and what of what had fired stands differently now."""

    firings: tuple[Firing, ...] = ()
    changed: tuple[Alert, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.firings or self.changed)


def decide(budget: Budget, looks: Sequence[Look], kept: Kept, at: Moment) -> Decision:
    """What happens to a budget's alerts, given its periods, the oldest first, the current last."""
    firings: list[Firing] = []
    changed: dict[tuple[str, Period], Alert] = {}
    told = list(kept.told)
    snoozed = kept.snoozed_until is not None and at.now < kept.snoozed_until
    spoke_of_the_past = False
    for look in reversed(looks):
        here = [_moved(alert, budget, look, at.now) for alert in _of(kept.fired, budget, look)]
        fresh = [] if snoozed else _fresh(budget, look, here, at.now)
        waiting = [alert for alert in here if alert.waiting]
        holding = look.holding(budget)
        speaks = [t for t in holding if t in fresh or any(a.threshold == t for a in waiting)]
        loudest = speaks[-1] if speaks and not snoozed else None
        may_speak = not at.silent and not (
            look.ended_at is not None and (spoke_of_the_past or _summed_up(here, look.ended_at))
        )
        telling, waits = _telling(loudest, at, told) if may_speak else (False, False)
        if look.ended_at is not None and loudest is not None:
            spoke_of_the_past = True
        if telling:
            told.append(at.now)
        for alert in here:
            is_loudest = alert.threshold == loudest
            if alert.waiting and not snoozed and not at.silent:
                alert = replace(  # noqa: PLW2901 - the alert as it stands from now on
                    alert,
                    waiting=is_loudest and waits,
                    told_at=at.now if is_loudest and telling else None,
                )
            changed[alert.threshold.id, alert.period] = alert
        firings = [
            *(
                Firing(
                    look,
                    threshold,
                    together=tuple(fresh),
                    told=telling and threshold == loudest,
                    waiting=waits and threshold == loudest,
                )
                for threshold in fresh
            ),
            *firings,
        ]
    before = {(alert.threshold.id, alert.period): alert for alert in kept.fired}
    return Decision(
        tuple(firings),
        tuple(alert for key, alert in changed.items() if before[key] != alert),
    )


def state_in(alert: Alert | None, *, snoozed_until: datetime | None, now: datetime) -> AlertState:
    """How a threshold stands that fired `alert` in its period, or nothing yet."""
    if alert is not None:
        return AlertState.FIRED if alert.recovered_at is None else AlertState.RECOVERED
    if snoozed_until is not None and now < snoozed_until:
        return AlertState.SNOOZED
    return AlertState.ARMED


def looks_at(
    budget: Budget,
    *,
    today: date,
    since: date | None,
    spent_in: Callable[[Period], int],
    likely: Mapping[Threshold, float],
    starts_at: Callable[[date], datetime],
    pace: Decimal | None = None,
) -> tuple[Look, ...]:
    """The finished periods that still count, from the one that holds `since` on (None: none), and
    the current one last. Nothing, before the only period there is has begun.

    `spent_in` says what was spent in a period, and `starts_at` when a day of the budget begins;
    `likely` and `pace` are those of the current period.
    """
    current = period_at(budget.span, today)
    if today < current.first:
        return ()
    newest = _look(budget, current, today, spent_in, starts_at, likely)
    looks = [replace(newest, pace=pace)]
    period = period_before(budget.span, current)
    oldest = None if since is None else max(since, today - LOOK_BACK)
    while period is not None and oldest is not None and period.last >= oldest:
        looks.append(_look(budget, period, today, spent_in, starts_at, {}))
        period = period_before(budget.span, period)
    return tuple(reversed(looks))


def carried_into(budget: Budget, period: Period, spent_in: Callable[[Period], int]) -> int:
    """What the period before left of the budget's own amount, where that is carried over."""
    before = period_before(budget.span, period)
    if budget.carries_from is None or before is None or before.first < budget.carries_from:
        return 0
    return max(budget.nanos - max(spent_in(before), 0), 0)


def weight(threshold: Threshold) -> tuple[Decimal, int]:
    """What a threshold says: the larger share weighs more, and what was spent more than odds, and
    those more than a pace, which says no more than that all of it is in danger.
    """
    if threshold.kind is ThresholdKind.BURN:
        return URGENT, 0
    return threshold.percent, 2 if threshold.kind is ThresholdKind.ACTUAL else 1


def is_crossed(threshold: Threshold, *, spent: int, limit: int) -> bool:
    """Whether what was spent is a threshold's share of the limit."""
    return spent * 100 >= threshold.percent * limit


def _look(  # noqa: PLR0917 - one place to call it from
    budget: Budget,
    period: Period,
    today: date,
    spent_in: Callable[[Period], int],
    starts_at: Callable[[date], datetime],
    likely: Mapping[Threshold, float],
) -> Look:
    return Look(
        period,
        spent=spent_in(period),
        limit=budget.nanos + carried_into(budget, period, spent_in),
        likely=likely,
        ended_at=starts_at(period.last + ONE_DAY) if period.last < today else None,
    )


def _of(fired: Iterable[Alert], budget: Budget, look: Look) -> list[Alert]:
    """What fired in a period; of rolling days, the newest of each threshold."""
    if not isinstance(budget.span, Rolling):
        return [alert for alert in fired if alert.period == look.period]
    return list({alert.threshold: alert for alert in fired}.values())


def _fresh(budget: Budget, look: Look, here: Sequence[Alert], now: datetime) -> list[Threshold]:
    known = {alert.threshold: alert for alert in here}
    return [
        t
        for t in look.holding(budget)
        if t not in known or _may_fire_again(known[t], budget, look, now)
    ]


def _may_fire_again(alert: Alert, budget: Budget, look: Look, now: datetime) -> bool:
    """Only rolling days, once they had fallen; on another day, and not within a day."""
    return (
        isinstance(budget.span, Rolling)
        and alert.recovered_at is not None
        and alert.period != look.period
        and abs(now - alert.fired_at) >= ONE_DAY
    )


def _moved(alert: Alert, budget: Budget, look: Look, now: datetime) -> Alert:
    """An alert after another look: what was foretold calms down or comes back, rolling days arm
    again. What was spent and is corrected away stays fired; the list says that it was taken back.
    """
    threshold = alert.threshold
    if threshold.kind is not ThresholdKind.ACTUAL:
        return _pressing(alert, look, now) if look.ended_at is None else alert
    if isinstance(budget.span, Rolling) and alert.recovered_at is None:
        margin = min(REARM_MARGIN, threshold.percent / 2)
        if look.spent * 100 < (threshold.percent - margin) * look.limit:
            return replace(alert, recovered_at=now)
    return alert


def _pressing(alert: Alert, look: Look, now: datetime) -> Alert:
    """What was foretold, or how fast it went, as it presses now."""
    threshold = alert.threshold
    if threshold.kind is ThresholdKind.BURN:
        level, holds_from, calm_below = look.pace, threshold.times, threshold.times
    else:
        odds = look.likely.get(threshold)
        level = None if odds is None else Decimal(str(odds))
        holds_from, calm_below = threshold.probability, threshold.probability - CALM_MARGIN
    if level is None:
        return alert
    if alert.recovered_at is not None:
        came_back = level >= holds_from
        return replace(alert, recovered_at=None, calm_since=None) if came_back else alert
    if level >= calm_below:
        return replace(alert, calm_since=None)
    if alert.calm_since is None:
        return replace(alert, calm_since=now)
    return replace(alert, recovered_at=now) if now - alert.calm_since >= CALM else alert


def _summed_up(here: Sequence[Alert], ended_at: datetime) -> bool:
    """Whether something was told of a period after its end."""
    return any(alert.told_at is not None and alert.told_at >= ended_at for alert in here)


def _telling(
    threshold: Threshold | None, at: Moment, told: Sequence[datetime]
) -> tuple[bool, bool]:
    """Whether a threshold is told now, and whether it waits for the end of the quiet hours."""
    if threshold is None:
        return False, False
    is_urgent = threshold.kind is ThresholdKind.ACTUAL and threshold.percent >= URGENT
    return telling(at, told, urgent=is_urgent)


def telling(at: Moment, told: Sequence[datetime], *, urgent: bool) -> tuple[bool, bool]:
    """Whether something is told now, and whether it waits for the end of the quiet hours; `told`
    are the instants at which anything was.
    """
    if at.is_quiet and not urgent:
        return False, True
    # Told in the future is told too: the clock may have been set back since.
    may = all(sum(abs(at.now - t) < width for t in told) < most for width, most in at.most_told)
    return may, False
