"""The own-loop share: tokens that answered nobody among all, by any dimension and day by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from agent_kit import DAY, PERIOD, Desk
from log_kit import OTHER, answer, prompt, tool_result, usage

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Dimension, Question
from plimsoll.services.own_loop import Loop, OwnLoop, own_loop

THIRD = "5e551000-0000-4000-8000-000000000003"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.logs.claude(
        prompt(0),
        answer("1", 1, usage(0, out=100)),
        tool_result(2),
        answer("2", 3, usage(0, out=200)),
        answer("3", 4, usage(0, out=300), isSidechain=True),
    )
    made.logs.claude(
        prompt(10, promptSource="sdk", sessionId=OTHER),
        answer("4", 11, usage(0, out=400), sessionId=OTHER, cwd="/w/api"),
        session=OTHER,
    )
    made.logs.claude(
        prompt(12, isMeta=True, sessionId=THIRD),
        answer("5", 13, usage(0, out=1000), sessionId=THIRD, cwd="/w/api"),
        session=THIRD,
    )
    made.add()
    made.sync()
    yield made
    made.close()


def ask(desk: Desk, *by: Dimension, period: Period = PERIOD) -> OwnLoop:
    found = own_loop(desk.program.ledger, Question(period, by), today=DAY)
    assert found is not None
    return found


def test_every_class_is_told_apart_and_the_share_is_what_answered_no_person(desk: Desk) -> None:
    total = ask(desk).total
    assert total == Loop(human=100, tool_loop=200, subagent=300, headless=400, auto=1000)
    assert (total.own, total.total) == (1900, 2000)
    assert total.share == 0.95


def test_values_add_up_to_the_total(desk: Desk) -> None:
    for by in (Dimension.PROJECT, Dimension.AGENT, Dimension.MODEL, Dimension.SESSION):
        found = ask(desk, by)
        assert sum(found.by_value.values(), Loop()) == found.total
    assert ask(desk, Dimension.PROJECT).by_value["shop"] == Loop(100, 200, 300)


def test_each_day_has_its_own_and_a_day_without_calls_has_no_share(desk: Desk) -> None:
    found = ask(desk, period=Period(DAY - timedelta(days=2), DAY))
    assert [loop.share for _, loop in found.days] == [None, None, 0.95]


def test_without_a_call_of_an_agent_there_is_no_share(desk: Desk) -> None:
    before = Period(DAY - timedelta(days=9), DAY - timedelta(days=5))
    assert own_loop(desk.program.ledger, Question(before), today=DAY) is None


def test_a_class_is_not_shared_out_by_itself(desk: Desk) -> None:
    assert ask(desk, Dimension.CLASS).by_value == {}
    assert replace(Loop(), human=1).share == 0.0


def test_calls_that_another_source_pays_for_have_their_own_loop_and_sessions_too(
    desk: Desk,
) -> None:
    """An agent whose key's bill is another source's explains: its money is there, its loop here."""
    desk.add_account("Work")
    desk.charge("Work")
    desk.program.say_payer("claude-code", "Work")
    assert desk.program.spend(Question(PERIOD)).total.tokens.total == 0
    assert ask(desk).total == Loop(100, 200, 300, 400, 1000)
    answered = desk.program.breakdown(Question(PERIOD, (Dimension.SESSION,)))
    assert sum(line.tokens.total for line in answered.lines) == 2000
