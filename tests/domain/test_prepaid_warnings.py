"""Warnings of balances: one firing, armed again by a rise, quiet when quiet is wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.alerting import MOST_TOLD, Moment, QuietHours
from plimsoll.domain.money import NANO, NotAnAmount
from plimsoll.domain.prepaid import (
    LowMark,
    Purse,
    Warned,
    WarningKind,
    Watch,
    decide,
    read_marks,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOW = Watch(low=read_marks("20"), run_out_days=0)


class Desk:
    """Warnings of one purse, kept as the ledger keeps them."""

    def __init__(self, watch: Watch = LOW) -> None:
        self.watch = watch
        self.kept: list[Warned] = []
        self.told: list[datetime] = []

    def look(
        self,
        at: datetime,
        left: float,
        *,
        risen_at: datetime | None = None,
        likely: float | None = None,
        quiet: QuietHours | None = None,
        silent: bool = False,
    ) -> list[Warned]:
        """What is told of it."""
        purse = Purse("Wallet", "CNY", round(left * NANO), 100 * NANO, risen_at, likely)
        moment = Moment(at, at.time(), quiet, silent)
        heard = []
        for one in decide(purse, self.watch, self.kept, moment, told=self.told):
            known = one
            if one.number:
                before = self.kept[one.number - 1]
                self.kept[one.number - 1] = one
            else:
                before = replace(one, told_at=None)
                known = replace(one, number=len(self.kept) + 1)
                self.kept.append(known)
            if known.told_at is not None and before.told_at is None:
                heard.append(known)
                self.told.append(at)
        return heard


def test_a_low_balance_is_told_once_with_what_is_left() -> None:
    desk = Desk()
    assert desk.look(NOON, 25) == []
    (told,) = desk.look(NOON + HOUR, 19.5)
    assert told.sentence == "Wallet: ¥19.50 left, below the ¥20.00 that you set."
    assert desk.look(NOON + 2 * HOUR, 12) == []
    assert desk.look(NOON + 72 * HOUR, 1) == []


def test_it_is_armed_again_by_a_tenth_above_the_mark_and_never_told_twice_a_day() -> None:
    desk = Desk()
    desk.look(NOON, 19)
    desk.look(NOON + HOUR, 21.9)
    assert desk.kept[-1].rearmed_at is None
    desk.look(NOON + 2 * HOUR, 22.1)
    assert desk.kept[-1].rearmed_at is not None
    assert desk.look(NOON + 3 * HOUR, 19) == []
    assert len(desk.look(NOON + 25 * HOUR, 18)) == 1


def test_a_top_up_arms_it_again_though_it_is_still_low() -> None:
    desk = Desk()
    desk.look(NOON, 5)
    assert desk.look(NOON + 30 * HOUR, 12, risen_at=NOON + 29 * HOUR) != []


def test_a_share_is_of_what_there_was_after_the_last_top_up() -> None:
    desk = Desk(Watch(low=read_marks("15%"), run_out_days=0))
    assert desk.look(NOON, 16) == []
    (told,) = desk.look(NOON, 14.9)
    assert "below the ¥15.00 (15%)" in told.sentence


def test_running_out_is_told_from_seven_chances_of_ten_and_again_when_it_had_calmed() -> None:
    desk = Desk(Watch())
    assert desk.look(NOON, 30, likely=0.69) == []
    (told,) = desk.look(NOON, 30, likely=0.72)
    assert told.kind is WarningKind.RUN_OUT
    assert "72% likely to run out within 7 days" in told.sentence
    assert desk.look(NOON + 30 * HOUR, 30, likely=0.6) == []
    assert desk.look(NOON + 31 * HOUR, 30, likely=0.8) == []
    assert desk.look(NOON + 32 * HOUR, 30, likely=0.5) == []
    assert len(desk.look(NOON + 33 * HOUR, 30, likely=0.8)) == 1


def test_where_nothing_can_be_said_nothing_is() -> None:
    assert Desk(Watch()).look(NOON, 0.01, likely=None) == []
    assert Desk(Watch(run_out_days=0)).look(NOON, 0.01, likely=0.98) == []


def test_of_several_that_fire_together_one_speaks() -> None:
    desk = Desk(Watch(low=read_marks("20, 10")))
    told = desk.look(NOON, 4, likely=0.9)
    assert len(told) == 1
    assert len(desk.kept) == 3


def test_quiet_hours_hold_a_warning_back_but_not_that_all_is_gone() -> None:
    nights = QuietHours(time(22), time(7))
    night, morning = NOON.replace(hour=23), NOON.replace(hour=8) + timedelta(days=1)
    desk = Desk()
    assert desk.look(night, 10, quiet=nights) == []
    assert len(desk.look(morning, 10, quiet=nights)) == 1
    assert len(Desk().look(night, 0, quiet=nights)) == 1


def test_a_snoozed_source_warns_of_nothing_until_it_wakes() -> None:
    desk = Desk(replace(LOW, snoozed_until=NOON + 5 * HOUR))
    assert desk.look(NOON, 10) == []
    assert len(desk.look(NOON + 6 * HOUR, 10)) == 1


def test_marks_that_were_just_set_tell_nothing_and_never_will_of_the_same_fall() -> None:
    desk = Desk()
    assert desk.look(NOON, 10, silent=True) == []
    assert desk.look(NOON + 48 * HOUR, 9) == []


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("20", (LowMark(20 * NANO),)),
        ("15%", (LowMark(percent=Decimal(15)),)),
        ("CNY 50, USD 5.5", (LowMark(50 * NANO, "CNY"), LowMark(5_500_000_000, "USD"))),
        ("50 cny", (LowMark(50 * NANO, "CNY"),)),
        ("", ()),
    ],
)
def test_marks_are_read_as_they_are_written(text: str, marks: tuple[LowMark, ...]) -> None:
    assert read_marks(text) == marks
    written = Watch(marks).low_text
    assert read_marks(written) == marks


@pytest.mark.parametrize("text", ["none", "-5", "0", "100%", "0%", "5 USD CNY", "NaN", "1e99"])
def test_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        read_marks(text)


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(-5, 40), st.booleans(), st.floats(0.02, 0.98)),
        max_size=40,
    )
)
def test_however_a_balance_moves_nothing_is_told_too_often(
    moves: list[tuple[int, int, bool, float]],
) -> None:
    desk = Desk(Watch(low=read_marks("20, 10%")))
    at, told = NOON, []
    for hours, left, risen, likely in moves:
        at += hours * HOUR
        told += desk.look(at, left, risen_at=at if risen else None, likely=likely)
    for width, most in MOST_TOLD:
        for one in told:
            assert one.told_at is not None
            near = [t for t in desk.told if one.told_at <= t < one.told_at + width]
            assert len(near) <= most
    for mark in {(one.kind, one.mark) for one in desk.kept}:
        fired = [one.fired_at for one in desk.kept if (one.kind, one.mark) == mark]
        assert all(b - a >= timedelta(days=1) for a, b in pairwise(fired))
        assert sum(o.rearmed_at is None for o in desk.kept if (o.kind, o.mark) == mark) <= 1
