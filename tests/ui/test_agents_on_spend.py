"""Coding agents on the Spend page: real logs, their sessions, projects and the own loop."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

sys.path += [str(Path(__file__).parents[1] / room) for room in ("services", "sources")]
from agent_kit import CODEX, Desk
from log_kit import OTHER, SESSION, answer, asked, counted, line, meta, prompt, turn, usage, vector

from plimsoll.domain.question import Dimension
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.spend import SpendPage
from plimsoll.ui.widgets.spend_columns import SpendRow

WAIT = 5000
CHILD = "5e551000-0000-4000-8000-000000000009"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("agents"))
    made.logs.claude(
        prompt(0),
        answer("1", 1, usage(0, out=100_000)),
        answer("2", 60, usage(0, out=300_000), cwd="/home/dev/work/shop/.worktrees/fix"),
        line("ai-title", 61, aiTitle="Mend the checkout"),
    )
    first, third = vector(50_000, out=5_000), vector(90_000, out=9_000)
    made.logs.codex(meta(0, OTHER), turn(1), asked(2), counted(3, first, first), thread=OTHER)
    started = {"subagent": {"thread_spawn": {"parent_thread_id": OTHER, "depth": 1}}}
    made.logs.codex(
        meta(10, CHILD, source=started), turn(11), counted(12, third, third), thread=CHILD
    )
    made.add(money="plan")
    made.add(CODEX)
    made.sync()
    yield made
    made.close()


@pytest.fixture
def page(qtbot, light, desk) -> Iterator[SpendPage]:
    jobs = Jobs()
    made = SpendPage(desk.program, jobs)
    qtbot.addWidget(made)
    made.resize(1228, 900)
    with qtbot.waitSignal(made.settled, timeout=WAIT):
        made.show()
    yield made
    jobs.close()


def cut_by(qtbot, page: SpendPage, dimension: Dimension) -> None:
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        place = page.asking.by.findData(dimension.value)
        assert place >= 0
        page.asking.by.setCurrentIndex(place)
        page.asking.by.activated.emit(place)


def cells(page: SpendPage, row: SpendRow, role: int = Qt.ItemDataRole.DisplayRole) -> dict:
    model = page.table.rows_model
    place = model.rows.index(row)
    return {
        model.headerData(i, Qt.Orientation.Horizontal): model.data(model.index(place, i), role)
        for i in range(model.columnCount())
    }


def row_of(page: SpendPage, value: str) -> SpendRow:
    return next(row for row in page.table.rows if row.line.value == value)


def test_sessions_are_listed_with_title_place_agent_time_money_and_own_loop(qtbot, page):
    cut_by(qtbot, page, Dimension.SESSION)
    told = cells(page, row_of(page, SESSION))
    assert told["Session"] == "Mend the checkout"
    assert (told["Project"], told["Agent"], told["Requests"]) == ("shop", "Claude Code", "2")
    assert told["Model"] == "claude-opus-4-6"
    assert told["When"].startswith("2 Sep, ")
    assert told["Plan"].startswith("$")
    assert told["Estimated"] == "–"
    assert told["Own loop"] == "75%"
    assert cells(page, row_of(page, OTHER))["Estimated"].startswith("$")
    tips = cells(page, row_of(page, SESSION), Qt.ItemDataRole.ToolTipRole)
    assert tips["Session"] == f"Mend the checkout\n{SESSION}"
    assert tips["Own loop"] == "A person: 100\u202f000 tokens\nTool loop: 300\u202f000 tokens"


def test_a_sub_agents_session_stands_below_its_parent_and_is_marked(qtbot, page):
    cut_by(qtbot, page, Dimension.SESSION)
    shown = [row.line.value for row in page.table.rows]
    assert shown.index(CHILD) == shown.index(OTHER) + 1
    assert row_of(page, CHILD).name.startswith("↳ Session of 2 Sep")


def test_a_project_is_its_repository_with_every_folder_in_the_tip(qtbot, page):
    cut_by(qtbot, page, Dimension.PROJECT)
    row = row_of(page, "shop")
    assert row.tip == "/home/dev/work/shop\n/home/dev/work/shop/.worktrees/fix"


def test_agents_and_classes_are_called_as_people_call_them(qtbot, page):
    cut_by(qtbot, page, Dimension.AGENT)
    assert {row.name for row in page.table.rows} == {"Total", "Claude Code", "Codex"}
    cut_by(qtbot, page, Dimension.CLASS)
    assert {"A person", "Tool loop", "Sub-agents"} <= {row.name for row in page.table.rows}
    assert "Own loop" not in cells(page, page.table.rows[0])
    assert page.own_loop.isVisible()


def test_the_own_loop_is_said_in_words_and_by_its_parts(qtbot, page):
    assert page.own_loop.share.text() == "72%"
    assert page.own_loop.sentence.text().startswith("399 k of 554 k tokens")
    assert page.own_loop.parts.text() == "A person 28% · Tool loop 54% · Sub-agents 18%"
    assert "72%" in page.own_loop.accessibleDescription()


def test_the_sessions_view_shows_agents_only_and_opens_by_its_intention(qtbot, page):
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.intend("sessions")
    assert page.asking.by.currentData() == "session"
    assert page.asking.filters.chips[0].toolTip() == "Source: claude-code, codex"
    assert None not in {row.line.value for row in page.table.rows if not row.is_total}


def test_a_session_in_a_filter_is_called_by_its_title(qtbot, page):
    cut_by(qtbot, page, Dimension.SESSION)
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.table.narrowed.emit(row_of(page, SESSION).line)
    assert {chip.toolTip() for chip in page.asking.filters.chips} == {"Session: Mend the checkout"}
