"""The wall clock can be set from outside; the stopwatch and the wait cannot."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import WrongUse
from plimsoll.services.clock import SystemClock


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The machine's monotonic clock, set by hand."""
    seconds = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    return seconds


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-02-28T23:59:00Z", datetime(2026, 2, 28, 23, 59, tzinfo=UTC)),
        ("2026-02-28T23:59:00", datetime(2026, 2, 28, 23, 59, tzinfo=UTC)),
        ("2026-02-28T23:59:00+08:00", datetime(2026, 2, 28, 15, 59, tzinfo=UTC)),
        (" 2026-02-28 ", datetime(2026, 2, 28, tzinfo=UTC)),
    ],
)
def test_plimsoll_now_sets_the_wall_clock_which_runs_on(
    text: str, instant: datetime, stopwatch: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIMSOLL_NOW", text)
    clock: Clock = SystemClock()
    assert clock.now() == instant
    assert clock.now().tzinfo is UTC
    stopwatch[0] += 90.5
    assert clock.now() == instant + timedelta(seconds=90.5)
    assert clock.monotonic() == 190.5


@pytest.mark.parametrize("text", [None, "", "  "])
def test_without_it_the_clock_is_the_systems(
    text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is None:
        monkeypatch.delenv("PLIMSOLL_NOW", raising=False)
    else:
        monkeypatch.setenv("PLIMSOLL_NOW", text)
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "12:00", "0001-01-01T00:00+14:00"])
def test_a_text_that_is_no_instant_is_said_plainly(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIMSOLL_NOW", text)
    with pytest.raises(WrongUse, match="PLIMSOLL_NOW"):
        SystemClock()


def test_it_waits_as_long_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    clock = SystemClock()
    for seconds in (0.2, 0.0, -1.0):
        clock.sleep(seconds)
    assert slept == [0.2]
