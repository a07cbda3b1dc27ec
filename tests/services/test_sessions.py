"""Sessions: each with its title, agent, project, models, times; sub-agents below their parent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from agent_kit import CODEX, PERIOD, Desk
from hypothesis import given
from hypothesis import strategies as st
from log_kit import (
    OTHER,
    SESSION,
    answer,
    asked,
    counted,
    line,
    meta,
    plus,
    prompt,
    turn,
    usage,
    vector,
)

from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.services.agent_work import AgentWork, Session
from plimsoll.services.breakdown import Breakdown, SpendLine, _in_families
from plimsoll.services.own_loop import Loop, OwnLoop

CHILD = "5e551000-0000-4000-8000-000000000009"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.logs.claude(
        prompt(0),
        answer("1", 1, usage(0, out=100)),
        answer("2", 60, usage(0, out=300), model="claude-haiku-4-5"),
        line("ai-title", 61, aiTitle="Mend the checkout"),
    )
    first, second, third = vector(50, out=5), vector(70, out=7), vector(90, out=9)
    made.logs.codex(meta(0, OTHER), turn(1), asked(2), counted(3, first, first), thread=OTHER)
    started = {"subagent": {"thread_spawn": {"parent_thread_id": OTHER, "depth": 1}}}
    made.logs.codex(
        meta(10, CHILD, source=started), turn(11), counted(12, third, third),
        counted(13, second, plus(third, second)), thread=CHILD,
    )  # fmt: skip
    made.add()
    made.add(CODEX)
    made.sync()
    yield made
    made.close()


def ask(desk: Desk, scope: Scope | None = None) -> Breakdown:
    return desk.program.breakdown(Question(PERIOD, (Dimension.SESSION,), scope or Scope()))


def work_of(answered: Breakdown) -> AgentWork:
    assert answered.agents is not None
    return answered.agents


def test_a_session_is_told_with_all_that_its_log_has(desk: Desk) -> None:
    told = work_of(ask(desk)).sessions[SESSION]
    assert told == Session(
        id=SESSION,
        title="Mend the checkout",
        parent=None,
        depth=0,
        agent="Claude Code",
        projects=("shop",),
        models=("claude-opus-4-6", "claude-haiku-4-5"),
        began=datetime(2026, 9, 2, 12, 0, 1, tzinfo=UTC),
        ended=datetime(2026, 9, 2, 12, 1, tzinfo=UTC),
        loop=Loop(human=100, tool_loop=300),
    )


def test_a_sub_agents_session_stands_below_the_one_that_started_it(desk: Desk) -> None:
    answered = ask(desk)
    told = work_of(answered).sessions
    assert (told[CHILD].parent, told[CHILD].depth, told[CHILD].title) == (OTHER, 1, "")
    assert told[CHILD].loop == Loop(subagent=176)
    order = [line.value for line in answered.lines]
    assert order.index(CHILD) == order.index(OTHER) + 1
    assert len(order) == 3


def test_sessions_add_up_and_are_told_only_where_they_are_asked_for(desk: Desk) -> None:
    answered = ask(desk)
    assert sum(line.tokens.total for line in answered.lines) == 400 + 55 + 99 + 77
    by_model = desk.program.breakdown(Question(PERIOD, (Dimension.MODEL,)))
    assert work_of(by_model).sessions == {}
    only = Scope(((Dimension.SESSION, (SESSION,)),))
    narrowed = desk.program.breakdown(Question(PERIOD, (Dimension.MODEL,), only))
    assert work_of(narrowed).sessions[SESSION].title == "Mend the checkout"


def test_an_account_without_agents_has_no_work_of_theirs(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    made.logs.claude(prompt(0), answer("1", 1))
    assert made.program.breakdown(Question(PERIOD, (Dimension.MODEL,))).agents is None
    made.close()


_NAMES = ("a", "b", "c", "d")


@given(
    st.permutations(_NAMES),
    st.dictionaries(st.sampled_from(_NAMES), st.sampled_from((*_NAMES, "gone")), max_size=4),
)
def test_every_line_is_there_once_whoever_is_said_to_have_started_whom(
    order: list[str], parents: dict[str, str]
) -> None:
    now = datetime(2026, 9, 2, tzinfo=UTC)
    told = {
        name: Session(name, "", parents.get(name), 0, "", (), (), now, now, Loop())
        for name in _NAMES
    }
    work = AgentWork(OwnLoop(PERIOD, Loop(), {}, ()), {}, {}, told)
    lines = tuple(SpendLine(name, None) for name in order)
    assert sorted(line.value or "" for line in _in_families(lines, work)) == sorted(order)
