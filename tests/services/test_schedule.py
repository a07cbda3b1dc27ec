"""The schedule: no source is asked too often, none is forgotten, and a restart knows the past."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import NOW, SetClock

from plimsoll.domain.errors import Cancelled, KeyRejected, NoAnswer
from plimsoll.ledger import catalog, runs
from plimsoll.ledger.database import Ledger
from plimsoll.services import schedule
from plimsoll.services.schedule import (
    JITTER,
    LONGEST_PAUSE,
    SPARING,
    SPREAD,
    Awake,
    Plan,
    Standing,
    Surroundings,
    pause_of,
    plan,
)

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
CLEAR = Surroundings()
AWAKE = Awake(NOW - DAY)


def source(name: str = "OpenAI", **known: object) -> Standing:
    return replace(Standing(name, uid=f"uid of {name}"), **known)


def asked(*standings: Standing, now: datetime = NOW, **how: object) -> Plan:
    return plan(
        standings,
        now=now,
        awake=how.get("awake", AWAKE),
        around=how.get("around", CLEAR),
    )


def test_a_source_is_asked_at_its_own_rhythm_and_not_before() -> None:
    for rhythm in (15 * MINUTE, HOUR, DAY):
        standing = source(rhythm=rhythm, asked_at=NOW)
        assert asked(standing, now=NOW + rhythm - MINUTE).now == ()
        assert asked(standing, now=NOW + rhythm * (1 + JITTER) + MINUTE).now == ("OpenAI",)


def test_a_new_source_is_asked_at_once_and_the_longest_overdue_first() -> None:
    old = source("Old", asked_at=NOW - 5 * HOUR)
    older = source("Older", asked_at=NOW - 9 * HOUR)
    assert asked(source("New"), old, older).now == ("New", "Older", "Old")


def test_machines_do_not_knock_together_and_each_keeps_its_moment() -> None:
    moments = {pause_of(Standing("OpenAI", uid=str(number), asked_at=NOW)) for number in range(200)}
    assert len(moments) == 200
    assert min(moments) >= HOUR
    assert max(moments) <= HOUR * (1 + JITTER)
    one = source(asked_at=NOW)
    assert pause_of(one) == pause_of(one)
    assert pause_of(one) != pause_of(replace(one, asked_at=NOW + DAY))


def test_failures_make_the_pause_longer_up_to_six_hours() -> None:
    hours = [
        int(pause_of(source(asked_at=NOW, failures=count)) / HOUR / (1 + JITTER) + 0.999)
        for count in (0, 1, 2, 3, 4, 9, 90)
    ]
    assert hours == [1, 1, 2, 4, 6, 6, 6]
    assert DAY <= pause_of(source(rhythm=DAY, asked_at=NOW, failures=9)) <= DAY * (1 + JITTER)


def test_what_the_provider_asked_for_is_waited_for() -> None:
    standing = source(asked_at=NOW, failures=1, not_before=NOW + 3 * HOUR)
    assert asked(standing, now=NOW + 2 * HOUR) == Plan((), NOW + 3 * HOUR)
    assert asked(standing, now=NOW + 3 * HOUR).now == ("OpenAI",)


def test_a_wrong_key_waits_for_its_user() -> None:
    assert asked(source(asked_at=NOW - 90 * DAY, waits_for_user=True)) == Plan()


def test_offline_nothing_but_this_machines_own_logs_is_read() -> None:
    agent = source("Claude", is_local=True, asked_at=NOW - 2 * HOUR)
    off = Surroundings(is_online=False)
    assert asked(source(), agent, around=off).now == ("Claude",)


@pytest.mark.parametrize("around", [Surroundings(is_metered=True), Surroundings(is_low=True)])
def test_a_low_battery_and_a_metered_network_are_spared(around: Surroundings) -> None:
    standing = source(asked_at=NOW)
    assert asked(standing, now=NOW + 2 * HOUR, around=around).now == ()
    at = asked(standing, around=around).next_at
    assert at is not None
    assert 4 * HOUR <= at - NOW <= 4 * HOUR * (1 + JITTER)


def test_after_sleep_all_are_caught_up_with_but_not_in_one_moment() -> None:
    many = [source(f"s{n}", asked_at=NOW - DAY) for n in range(60)]
    woken = Awake(NOW, SPREAD)
    waves = [len(asked(*many, now=NOW + n * MINUTE, awake=woken).now) for n in range(6)]
    assert waves == sorted(waves)
    assert waves[0] == 0
    assert waves[1] < 30
    assert waves[-1] == 60
    assert len(asked(*many, awake=Awake(NOW)).now) == 60, "somebody opened the window and waits"


def test_what_was_stopped_goes_on_at_the_next_start_and_logs_are_read_at_each() -> None:
    stopped = source("Stopped", asked_at=NOW - MINUTE, was_stopped=True)
    agent = source("Claude", asked_at=NOW - MINUTE, is_local=True)
    failed = source("Failed", asked_at=NOW - MINUTE, failures=1)
    assert asked(stopped, agent, failed).now == ()
    assert set(asked(stopped, agent, failed, awake=Awake(NOW)).now) == {"Stopped", "Claude"}


@pytest.mark.parametrize("back", [HOUR / 2, 3 * HOUR, 900 * DAY])
def test_a_clock_that_goes_back_starves_nobody(back: timedelta) -> None:
    standing = source(asked_at=NOW, not_before=NOW + HOUR, failures=1)
    early = NOW - back
    at = asked(standing, now=early, awake=Awake(NOW)).next_at
    assert asked(standing, now=early, awake=Awake(NOW)).now or at
    assert at is None or at <= early + 3 * HOUR


# --- over random days ---


@dataclass
class Provider:
    """A source with its truth: when it was asked, and what it asked for."""

    standing: Standing
    times: list[datetime] = field(default_factory=list)
    waited_since: datetime | None = None


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["tick", "tick", "tick", "sleep", "offline", "spare", "restart"]),
        st.integers(1, 30),
        st.sampled_from(["well", "well", "fail", "limit"]),
    ),
    min_size=20,
    max_size=120,
)


@settings(max_examples=120)
@given(steps=STEPS, rhythms=st.lists(st.sampled_from([15, 60, 1440]), min_size=1, max_size=4))
def test_never_too_often_never_starved(
    steps: list[tuple[str, int, str]], rhythms: list[int]
) -> None:
    now, awake, around = NOW, Awake(NOW), CLEAR
    providers = [
        Provider(source(f"s{n}", rhythm=minutes * MINUTE)) for n, minutes in enumerate(rhythms)
    ]
    for what, length, outcome in steps:
        if what == "sleep":
            now += length * HOUR
            awake = Awake(now, SPREAD)
        elif what == "offline":
            around = replace(around, is_online=not around.is_online)
            awake = Awake(now, SPREAD)
        elif what == "spare":
            around = replace(around, is_metered=not around.is_metered)
        elif what == "restart":
            awake = Awake(now, SPREAD if length % 2 else timedelta())
        for _ in range(length):
            now += MINUTE
            names = set(
                plan([p.standing for p in providers], now=now, awake=awake, around=around).now
            )
            assert around.is_online or not names
            for provider in providers:
                _one_minute(
                    provider, now, awake, around, outcome, asked=provider.standing.name in names
                )


def _one_minute(
    provider: Provider,
    now: datetime,
    awake: Awake,
    around: Surroundings,
    outcome: str,
    *,
    asked: bool,
) -> None:
    known = provider.standing
    if not asked:
        longest = max(known.rhythm, LONGEST_PAUSE) * (1 + JITTER) * SPARING
        begin = max(provider.times[-1] if provider.times else NOW, known.not_before or NOW)
        if around.is_online:
            assert now <= max(begin + longest, awake.since + SPREAD), "nobody is forgotten"
        return
    if provider.times:
        assert now - provider.times[-1] >= known.rhythm, "never more often than its rhythm"
    assert known.not_before is None or now >= known.not_before
    provider.times.append(now)
    failed = outcome != "well"
    provider.standing = replace(
        known,
        asked_at=now,
        failures=known.failures + 1 if failed else 0,
        not_before=now + 5 * HOUR if outcome == "limit" else None,
    )


# --- what the ledger knows ---


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(tmp_path, clock=SetClock())
    catalog.add_source(made, name="A", connector="openai", key_tail="abcd")
    yield made
    made.close()


def ran(ledger: Ledger, *, ok: bool = False, title: str = "", slices: int = 0) -> None:
    number = runs.start_run(ledger, 1)
    runs.finish_run(ledger, number, ok=ok, title=title, slices=slices)


def known(ledger: Ledger) -> Standing:
    [standing] = schedule.standings(ledger)
    return standing


def test_failures_are_known_after_a_restart_and_forgotten_after_a_success(ledger: Ledger) -> None:
    assert known(ledger).asked_at is None
    ran(ledger, ok=True)
    for _ in range(3):
        ran(ledger, title=NoAnswer.title)
    ran(ledger, title=Cancelled.title)
    assert known(ledger).failures == 3
    assert known(ledger).was_stopped
    ran(ledger, title=NoAnswer.title, slices=4)
    assert known(ledger).failures == 0, "a part came: the rest may wait no longer than usual"
    ran(ledger, ok=True)
    assert (known(ledger).failures, known(ledger).asked_at) == (0, NOW)


def test_a_sync_that_was_cut_off_counts_as_asked(ledger: Ledger) -> None:
    runs.start_run(ledger, 1)
    assert known(ledger).asked_at == NOW


def test_a_refused_key_waits_until_another_is_given(ledger: Ledger) -> None:
    ran(ledger, ok=True)
    ran(ledger, title=KeyRejected.title, slices=2)
    assert not known(ledger).waits_for_user, "it may read a part"
    ran(ledger, title=KeyRejected.title)
    assert known(ledger).waits_for_user
    runs.forget_failures(ledger, 1)
    assert not known(ledger).waits_for_user
    assert known(ledger).failures == 0


def test_the_providers_rhythms_are_what_they_declare(ledger: Ledger) -> None:
    catalog.add_source(ledger, name="B", connector="deepseek")
    catalog.add_source(ledger, name="C", connector="bedrock")
    catalog.add_source(ledger, name="D", connector="of tomorrow")
    catalog.add_source(ledger, name="E", connector="codex", kind="agent")
    catalog.add_source(ledger, name="F", connector="openai-csv", kind="file")
    rhythms = [standing.rhythm for standing in schedule.standings(ledger)]
    assert rhythms == [HOUR, 15 * MINUTE, DAY, HOUR, HOUR]
    assert [s.is_local for s in schedule.standings(ledger)] == [False] * 4 + [True]


def test_utc_is_what_days_are_counted_in() -> None:
    late = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
    assert pause_of(source(asked_at=late)) == pause_of(source(asked_at=late.replace(hour=1)))
