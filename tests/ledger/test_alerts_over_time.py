"""Alerts over random clocks, sleeps, zones, restarts, late figures and changed limits, on a real
archive that two processes use at once: told once, never a storm, nothing lost; and what is told
goes to a command and a webhook once, although tries fail and processes end in the middle of one.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from ledger_kit import FakeClock

from plimsoll.domain.alerting import (
    AN_HOUR,
    URGENT,
    Decision,
    Kept,
    Look,
    Moment,
    QuietHours,
    decide,
    looks_at,
)
from plimsoll.domain.budget import Alert, Budget, Threshold, ThresholdKind
from plimsoll.domain.cadence import Cadence, Rolling, Starting
from plimsoll.domain.calendar import ONE_DAY, Period, Span, day_start
from plimsoll.domain.delivery import LONGEST_WAIT, MOST_TRIES, Channel, next_try
from plimsoll.ledger import budgets as stored
from plimsoll.ledger import deliveries
from plimsoll.ledger.database import Ledger

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Apia")
CADENCES: tuple[Cadence, ...] = (
    *(Span.DAY, Span.WEEK, Span.MONTH, Span.QUARTER),
    *(Starting(Span.MONTH, 31), Starting(Span.WEEK, 6), Rolling(7)),
    Period(date(2026, 3, 20), date(2026, 4, 10)),
)
THRESHOLDS = (
    *(Threshold(ThresholdKind.ACTUAL, Decimal(p)) for p in (50, 80, 100)),
    Threshold(ThresholdKind.BURN, Decimal(300)),
    Threshold(ThresholdKind.FORECAST, Decimal(110), Decimal("0.7")),
)
SEVENTY = THRESHOLDS[-1]
START = datetime(2026, 3, 27, 9, tzinfo=UTC)
"""Just before the clocks of Berlin go forward, and after New York's did."""

LOOKED = st.sampled_from((0, 1, 0, 1, None))
"""Which of the two processes looks first after something happened, if any."""

ENDS = ("taken", "taken", "refused", "cut off")
"""How a try ends: the last is a process that ends in the middle of it."""

NIGHT = QuietHours(time(22), time(7))


class AlertsOverTime(RuleBasedStateMachine):
    """One archive, two processes, budgets whose spend, odds and clock hypothesis moves."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="alerts-"))
        self.clock = FakeClock(START)
        self.windows = [Ledger.open(self.folder, clock=self.clock) for _ in range(2)]
        self.spend: dict[str, dict[date, int]] = {}
        self.odds: dict[str, float] = {}
        self.paces: dict[str, Decimal] = {}
        self.quiet_hours: QuietHours | None = None
        self.told: list[tuple[datetime, Alert, bool]] = []
        self.editions: dict[str, int] = {}
        self.told_in: dict[tuple[str, int, Threshold, Period], int] = {}
        self.channels: frozenset[Channel] = frozenset()
        self.on_their_way: set[tuple[str, Channel]] = set()
        self.tries: Counter[tuple[str, Channel]] = Counter()
        self.taken: set[tuple[str, Channel]] = set()

    def teardown(self) -> None:
        if self.spend:
            self._deliver_the_rest()
        for ledger in self.windows:
            ledger.close()
        shutil.rmtree(self.folder)

    # -- what happens -----------------------------------------------------------------------

    @initialize(cadences=st.lists(st.sampled_from(CADENCES), min_size=2, max_size=4))
    def set_budgets(self, cadences: list[Cadence]) -> None:
        for place, cadence in enumerate(cadences):
            name = f"budget {place}"
            budget = Budget(name, 100, "USD", span=cadence, thresholds=THRESHOLDS)
            self.spend[name], self.odds[name], self.editions[name] = {}, 0.0, 0
            self.paces[name] = Decimal(1)
            stored.save_budget(self.windows[0], budget)

    @rule(ahead=st.timedeltas(timedelta(minutes=5), timedelta(hours=30)), looked=LOOKED)
    def time_passes(self, ahead: timedelta, looked: int | None) -> None:
        self.clock.wall += ahead
        self._look(looked)

    @rule(asleep=st.integers(3, 75), amount=st.integers(0, 160), looked=LOOKED)
    def sleep(self, asleep: int, amount: int, looked: int | None) -> None:
        for back in range(asleep):
            day = self.clock.wall.date() + timedelta(days=back)
            for place, spend in enumerate(self.spend.values()):
                spend[day] = spend.get(day, 0) + amount * (back % (place + 2) == 0)
        self.clock.wall += timedelta(days=asleep)
        self._look(looked)

    @rule(back=st.timedeltas(timedelta(minutes=1), timedelta(days=3)))
    def clock_is_set_back(self, back: timedelta) -> None:
        self.clock.wall -= back

    @rule(
        amounts=st.lists(st.integers(0, 160), min_size=4, max_size=4),
        late=st.sampled_from((0, 0, 0, 1, 2, 9, 40)),
        looked=LOOKED,
    )
    def figures_come(self, amounts: list[int], late: int, looked: int | None) -> None:
        day = self.clock.wall.date() - timedelta(days=late)
        for amount, spend in zip(amounts, self.spend.values(), strict=False):
            spend[day] = spend.get(day, 0) + amount
        self._look(looked)

    @rule(data=st.data())
    def figures_are_taken_back(self, data: st.DataObject) -> None:
        spend = self.spend[self._some(data)]
        if spend:
            spend.pop(max(spend))

    @rule(data=st.data(), odds=st.sampled_from((0.0, 0.5, 0.6, 0.7, 0.95)), looked=LOOKED)
    def forecast_changes(self, data: st.DataObject, odds: float, looked: int | None) -> None:
        self.odds[self._some(data)] = odds
        self._look(looked)

    @rule(data=st.data(), pace=st.sampled_from(("0", "2.9", "3", "9")), looked=LOOKED)
    def pace_changes(self, data: st.DataObject, pace: str, looked: int | None) -> None:
        self.paces[self._some(data)] = Decimal(pace)
        self._look(looked)

    @rule(data=st.data(), factor=st.sampled_from((0.5, 1.5, 3)))
    def limit_changes(self, data: st.DataObject, factor: float) -> None:
        budget = self._budget(self._some(data))
        changed = replace(budget, nanos=max(int(budget.nanos * factor), 10))
        if changed != budget:
            stored.save_budget(self.windows[0], changed)
            self.editions[budget.name] += 1
            told = self._evaluate(self.windows[0], silently=budget.name)
            assert not told, "a form announces nothing"

    @rule(data=st.data(), zone=st.sampled_from(ZONES))
    def user_travels(self, data: st.DataObject, zone: str) -> None:
        budget = self._budget(self._some(data))
        stored.save_budget(self.windows[1], replace(budget, zone=zone))

    @rule(data=st.data(), days=st.integers(0, 9))
    def budget_is_snoozed(self, data: st.DataObject, days: int) -> None:
        until = self.clock.wall + timedelta(days=days) if days else None
        stored.snooze_budget(self.windows[0], self._some(data), until=until)

    @rule(hours=st.sampled_from((None, NIGHT)))
    def quiet_hours_are_chosen(self, hours: QuietHours | None) -> None:
        self.quiet_hours = hours

    @rule(channels=st.sampled_from(([], [Channel.COMMAND], [*Channel])))
    def channels_are_chosen(self, channels: list[Channel]) -> None:
        self.channels = frozenset(channels)

    @rule(which=st.integers(0, 1), ends=st.lists(st.sampled_from(ENDS), min_size=1, max_size=3))
    def alerts_are_delivered(self, which: int, ends: list[str]) -> None:
        """As many tries as `ends`, by one process; the other may only take what is left."""
        for end in ends:
            for channel in Channel:
                self._try(self.windows[which], channel, end)

    @rule(which=st.integers(0, 1))
    def process_restarts(self, which: int) -> None:
        self.windows[which].close()
        self.windows[which] = Ledger.open(self.folder, clock=self.clock)

    def _try(self, ledger: Ledger, channel: Channel, end: str) -> bool:
        now = self.clock.wall
        claimed = deliveries.claim(ledger, channel, now=now)
        if claimed is None:
            return False
        key = (claimed.document, channel)
        assert key in self.on_their_way
        assert key not in self.taken, "never again once it was taken"
        self.tries[key] += 1
        assert claimed.tries == self.tries[key] <= MOST_TRIES[channel]
        other = deliveries.claim(self.windows[ledger is self.windows[0]], channel, now=now)
        assert other is None or other.id != claimed.id, "the other process took the same"
        if other is not None:
            self.tries[other.document, channel] += 1  # and its process ends here
        if end == "taken":
            self.taken.add(key)
            deliveries.say_delivered(ledger, claimed, now=now)
        elif end == "refused":
            again = next_try(channel, claimed.tries, now=now)
            deliveries.say_failed(ledger, claimed, trouble="No.", next_at=again)
        return True

    def _deliver_the_rest(self) -> None:
        """In the end everything has arrived, or used up its tries, or was cut off as a command."""
        for _ in range(sum(MOST_TRIES.values())):
            while any(self._try(self.windows[0], channel, "taken") for channel in Channel):
                pass
            self.clock.wall += LONGEST_WAIT
        for key in self.on_their_way:
            assert key in self.taken or self.tries[key] == MOST_TRIES[key[1]]

    def _look(self, first: int | None) -> None:
        """Both processes evaluate, one right after the other; None: neither does."""
        if first is None:
            return
        told = self._evaluate(self.windows[first])
        assert not self._evaluate(self.windows[1 - first]), "the second has nothing left to tell"
        self._nothing_that_holds_is_missing()
        snoozed = self._snoozed()
        quiet = self.quiet_hours is not None and self.quiet_hours.hold(self._local())
        summed_up: set[str] = set()
        for alert in told:
            assert alert.budget not in snoozed
            if quiet:
                assert alert.threshold.percent >= URGENT
                assert alert.threshold.kind is ThresholdKind.ACTUAL
            self._count(alert, summed_up)
            self.on_their_way.update((str(alert.number), channel) for channel in self.channels)
            self.told.append((self.clock.wall, alert, quiet))

    # -- what holds -------------------------------------------------------------------------

    @invariant()
    def never_a_storm(self) -> None:
        moments = [at for at, _, _ in self.told]
        for at in moments:
            assert sum(at - AN_HOUR < other <= at for other in moments) <= 3
            assert sum(at - ONE_DAY < other <= at for other in moments) <= 10

    @invariant()
    def told_once(self) -> None:
        assert all(times == 1 for times in self.told_in.values())

    @invariant()
    def one_row_for_each_threshold_and_period(self) -> None:
        for name in self.spend:
            rows = stored.alerts(self.windows[0], budget=name)
            assert len({(a.threshold, a.period) for a in rows}) == len(rows)

    @invariant()
    def one_delivery_for_each_firing_and_channel(self) -> None:
        kept = deliveries.deliveries_of(self.windows[1], stored.FIRING)
        assert {(str(row), way.channel) for row, ways in kept.items() for way in ways} == (
            self.on_their_way
        )

    # -- what it is made of ------------------------------------------------------------------

    def _some(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.spend)))

    def _budget(self, name: str) -> Budget:
        return next(b for b in stored.budgets(self.windows[0]) if b.name == name)

    def _local(self) -> time:
        return self.clock.wall.time()

    def _today(self, budget: Budget) -> date:
        return self.clock.wall.astimezone(ZoneInfo(budget.zone)).date()

    def _snoozed(self) -> set[str]:
        until = stored.snoozed(self.windows[0])
        return {name for name, at in until.items() if self.clock.wall < at}

    def _looks(self, ledger: Ledger, budget: Budget) -> tuple[Look, ...]:
        spend = self.spend[budget.name]

        def spent_in(period: Period) -> int:
            if len(period) < len(spend):
                return sum(spend.get(day, 0) for day in period.days())
            return sum(n for day, n in spend.items() if day in period)

        return looks_at(
            budget,
            today=self._today(budget),
            since=stored.watched_from(ledger, budget.name),
            spent_in=spent_in,
            likely={SEVENTY: self.odds[budget.name]},
            starts_at=lambda day: day_start(day, zone=ZoneInfo(budget.zone)),
            pace=self.paces[budget.name],
        )

    def _evaluate(self, ledger: Ledger, *, silently: str | None = None) -> list[Alert]:
        silent = silently is not None
        at = Moment(self.clock.wall, self._local(), self.quiet_hours, silent=silent)
        told: list[Alert] = []
        for budget in stored.budgets(ledger):
            if silently not in {None, budget.name}:
                continue
            decided = partial(_decided, budget, self._looks(ledger, budget), at)
            told += stored.settle(
                ledger,
                budget,
                decided,
                now=at.now,
                sentence_of=lambda firing: firing.threshold.id,
                channels=self.channels,
                document_of=lambda alert: str(alert.number),
            )
        return told

    def _count(self, alert: Alert, summed_up: set[str]) -> None:
        budget = self._budget(alert.budget)
        edition = self.editions[alert.budget]
        key = (alert.budget, edition, alert.threshold, alert.period)
        self.told_in[key] = self.told_in.get(key, 0) + 1
        if alert.period.last < self._today(budget) and not isinstance(budget.span, Rolling):
            assert alert.budget not in summed_up, "of several finished periods one speaks"
            summed_up.add(alert.budget)

    def _nothing_that_holds_is_missing(self) -> None:
        """Whatever holds and is not snoozed has fired in its period, told or not."""
        snoozed = self._snoozed()
        for budget in stored.budgets(self.windows[0]):
            if budget.name in snoozed:
                continue
            fired = stored.alerts(self.windows[0], budget=budget.name)
            for look in self._looks(self.windows[0], budget):
                for threshold in look.holding(budget):
                    assert any(
                        a.threshold == threshold
                        and (isinstance(budget.span, Rolling) or a.period == look.period)
                        for a in fired
                    )


def _decided(budget: Budget, looks: tuple[Look, ...], at: Moment, kept: Kept) -> Decision:
    return decide(budget, looks, kept, at)


AlertsOverTime.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
TestAlertsOverTime = AlertsOverTime.TestCase
