"""Calls of a log whose clock was wrong are kept on the day that it says, and mislead nobody: they
are no part of today, begin no history, and the doctor counts them (D7).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from agent_kit import DAY, NOW, Desk
from hypothesis import given
from hypothesis import strategies as st
from log_kit import answer, prompt, usage
from made_up import SetClock

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.question import Dimension, Question
from plimsoll.ledger.gaps import NOT_LOGGED
from plimsoll.services.doctor import examine
from plimsoll.sources.logs.notes import from_millis, from_seconds, millis

AHEAD = NOW + timedelta(hours=25)
"""More than a day from now."""

SOON = NOW + timedelta(hours=23)
"""What a clock that is a few hours off may say."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Claude Code's calls of 2 September, and some whose dates cannot be."""
    made = Desk(tmp_path)
    dates = ("1970-01-01T00:00:01Z", "2022-12-31T23:59:59Z", "2031-05-05T05:05:05Z")
    told = [*dates, AHEAD.isoformat(), SOON.isoformat(), NOW.isoformat()]
    odd = [answer(str(n), n, usage(0, out=n)) for n in range(1, 7)]
    for line, at in zip(odd, told, strict=True):
        line["timestamp"] = at
    made.logs.claude(prompt(0), *odd, answer("7", 9, usage(0, out=7)))
    made.add(name="Claude")
    made.sync()
    yield made
    made.close()


def test_every_call_is_kept_and_stands_on_the_day_that_its_log_says(desk: Desk) -> None:
    ages = Question(Period(date(1970, 1, 1), date(2031, 12, 31)), (Dimension.DAY,))
    rows = {row.key[0]: row.tokens.total for row in desk.program.spend(ages).rows}
    assert rows == {
        "1970-01-01": 1,
        "2022-12-31": 2,
        "2031-05-05": 3,
        utc_day(AHEAD).isoformat(): 4 + 5,
        utc_day(NOW).isoformat(): 6,
        DAY.isoformat(): 7,
    }


def test_none_of_them_is_a_part_of_today_or_of_the_month_so_far(desk: Desk) -> None:
    shown = desk.program.overview()
    assert (shown.tokens, shown.today) == (6 + 7, 6 * 25_000)
    week = Period(utc_day(NOW) - timedelta(days=6), utc_day(NOW))
    assert desk.program.spend(Question(week)).total.tokens.total == 6 + 7


def test_history_begins_with_the_first_day_that_an_agent_can_have_written(desk: Desk) -> None:
    (card,) = desk.program.source_cards()
    assert (card.first_day, card.last_day) == (DAY, utc_day(NOW))
    [gap] = desk.program.spend(Question(Period(date(2026, 8, 1), DAY))).gaps
    assert (gap.period.last, gap.reason) == (DAY - timedelta(days=1), NOT_LOGGED)


def test_the_doctor_counts_them(desk: Desk, tmp_path: Path) -> None:
    found = examine(tmp_path / "data", clock=SetClock(NOW), environ={})
    [told] = [check.sentence for check in found.checks if "dated" in check.sentence]
    assert told.startswith("Claude: 2 calls are dated before 2023 and 2 more than a day from now;")


def test_of_calls_with_true_dates_the_doctor_says_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.logs.claude(prompt(0), answer("1", 1))
    desk.add()
    desk.sync()
    desk.close()
    found = examine(tmp_path / "data", clock=SetClock(NOW), environ={})
    assert not [check for check in found.checks if "dated" in check.sentence]


@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_the_ends_of_the_calendar_stop_no_sync(tmp_path: Path, at: str) -> None:
    desk = Desk(tmp_path)
    line = answer("1", 1, usage(0, out=1))
    line["timestamp"] = at
    desk.logs.claude(line, answer("2", 2, usage(0, out=2)))
    desk.add()
    desk.sync()
    assert desk.rows(Dimension.DAY)[DAY.isoformat(),].tokens.total == 2
    desk.close()


@given(st.datetimes(timezones=st.timezones()) | st.integers() | st.floats())
def test_an_instant_that_is_read_has_a_day_before_and_after_it_in_every_zone(when: object) -> None:
    readers = (millis,) if hasattr(when, "isoformat") else (from_millis, from_seconds)
    for reader in readers:
        found = reader(when.isoformat() if hasattr(when, "isoformat") else when)
        if found is None:
            continue
        instant = NOW + timedelta(milliseconds=found - round(NOW.timestamp() * 1000))
        for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
            local = instant.astimezone(ZoneInfo(zone))
            assert local.date() - timedelta(days=1) < local.date() < local.date() + timedelta(1)
