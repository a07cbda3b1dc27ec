"""Agents that keep no more than a sum of each session are counted by what it rises by, on the day
that it rises, whatever becomes of their files.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_up import SetClock

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO
from plimsoll.domain.question import Dimension, Question
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
import test_crush as crush
import test_droid as droid
from log_kit import Logs
from test_cline import NOON

NOW = datetime(2026, 9, 9, 9, tzinfo=UTC)
PERIOD = Period(NOW.date().replace(day=1), NOW.date())
DAY = 86_400


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path / "home")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path / "data", clock=SetClock(NOW), vault=MemoryVault())
    yield made
    made.close()


def synced(program: Program) -> None:
    assert [source.failure for source in program.sync().failed] == []
    assert program.ledger.check() == ()


def by_day(program: Program) -> dict[str | None, tuple[int, int]]:
    """Tokens and dollars (in nano-units) of each day."""
    table = program.spend(Question(PERIOD, by=(Dimension.DAY,)))
    return {
        row.key[0]: (row.tokens.total, sum(amounts.estimated for amounts in row.amounts))
        for row in table.rows
        if row.tokens.total or row.amounts
    }


def test_droids_tokens_stand_on_the_day_that_they_came(logs: Logs, program: Program) -> None:
    program.add_source("droid", name="d", key=None, settings={"root": str(logs.home)})
    for day, counts in enumerate((droid.used(100), droid.used(100), droid.used(1100, out=70))):
        logs.write(droid.TRANSCRIPT, droid.start(), droid.said("assistant", day * DAY / 8))
        logs.write(droid.FILE, droid.settings(counts))
        synced(program)
    table = program.spend(Question(PERIOD, by=(Dimension.SESSION, Dimension.MODEL)))
    (row,) = table.rows
    assert (row.tokens.total, row.requests) == (1170, None)
    assert (row.tokens.input, row.tokens.output) == (1100, 70)
    hours = program.spend(Question(PERIOD, by=(Dimension.HOUR,))).rows
    assert [row.tokens.total for row in hours if row.tokens.total] == [120, 1050]


def test_crushs_dollars_rise_once_though_the_project_moves(logs: Logs, program: Program) -> None:
    program.add_source("crush", name="c", key=None, settings={"root": str(logs.home)})
    logs.database(crush.DATABASE, *crush.SCHEMA, crush.message(), crush.session(cost=0.25))
    synced(program)
    later = crush.session(cost=0.75, updated_at=NOON // 1000 + 2 * DAY)
    logs.database(crush.DATABASE, *crush.SCHEMA, crush.message(), later)
    synced(program)
    expected = {"2026-09-02": (0, NANO // 4), "2026-09-04": (0, NANO // 2)}
    assert by_day(program) == expected
    shutil.move(logs.home / "work/shop", logs.home / "work/moved")
    synced(program)
    assert by_day(program) == expected
    table = program.spend(Question(PERIOD, by=(Dimension.MODEL,)))
    assert [row.key for row in table.rows if row.amounts] == [("claude-sonnet-4-5",)]
    assert sum(row.not_priced_tokens for row in table.rows) == 0


@pytest.mark.parametrize(
    ("word", "advice"), [("amp", "no local data"), ("aider", "--set root="), ("crush", "projects")]
)
def test_where_there_is_nothing_an_agent_of_its_own_kind_says_why(
    logs: Logs, program: Program, monkeypatch: pytest.MonkeyPatch, word: str, advice: str
) -> None:
    monkeypatch.setenv("HOME", str(logs.home))
    monkeypatch.setenv("USERPROFILE", str(logs.home))
    program.add_source(word, name=word, key=None, settings={"money": "api"})
    (source,) = program.sync().failed
    assert source.failure.startswith("There are no logs of ")
    assert "(looked for: )" not in source.failure
    assert advice in source.failure


def test_what_pays_for_crush_can_be_a_plan(logs: Logs, program: Program) -> None:
    settings = {"root": str(logs.home), "money": "plan"}
    program.add_source("crush", name="c", key=None, settings=settings)
    logs.database(crush.DATABASE, *crush.SCHEMA, crush.session(cost=0.25))
    synced(program)
    (amounts,) = program.spend(Question(PERIOD)).rows[0].amounts
    assert (amounts.estimated, amounts.plan, amounts.worth) == (0, NANO // 4, NANO // 4)
