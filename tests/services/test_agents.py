"""Agents are sources without a key: their logs are read into the ledger exactly as they are, and
however the files were shuffled, copied, split or cut meanwhile.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_up import SetClock

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.question import Dimension, Question, Row
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from made_up_logs import CLASSES, DAYS, END, Truth, Writer

AGENTS = ("claude-code", "codex")
ALL_YEAR = Period(END.date().replace(month=1, day=1), END.date().replace(month=12, day=31))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path / "data", clock=SetClock(END), vault=MemoryVault())
    for word in AGENTS:
        made.add_source(word, name=word, key=None, settings={"money": "api"})
    yield made
    made.close()


def rows(program: Program, *by: Dimension) -> dict[tuple[str | None, ...], Row]:
    table = program.spend(Question(ALL_YEAR, by=(Dimension.AGENT, *by)))
    return {row.key: row for row in table.rows}


def figures(row: Row) -> dict[str, int | None]:
    return {"calls": row.requests, **{name: getattr(row.tokens, name) for name in CLASSES}}


def assert_is(program: Program, truth: Truth) -> None:
    found = {key: figures(row) for key, row in rows(program).items()}
    assert found == {(agent,): dict(row) for agent, row in truth.by_agent.items()}
    by_day = {key: figures(row) for key, row in rows(program, Dimension.DAY).items()}
    assert by_day == {key: dict(row) for key, row in truth.by_day.items()}
    by_model = {key: figures(row) for key, row in rows(program, Dimension.MODEL).items()}
    assert by_model == {key: dict(row) for key, row in truth.by_model.items()}
    assert program.ledger.check() == ()


def synced(program: Program) -> None:
    outcome = program.sync()
    assert [source.failure for source in outcome.sources] == ["", ""]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_ledger_equals_the_truth_to_the_token(home: Path, program: Program, seed: int) -> None:
    truth = Writer(home, 3_000_000, seed=seed).write()
    synced(program)
    assert_is(program, truth)
    synced(program)
    assert_is(program, truth)


def test_shuffled_copied_split_and_cut_files_change_nothing(home: Path, program: Program) -> None:
    """Files come in parts, in any order, some twice, some cut in a line, some in two roots."""
    truth = Writer(home, 1_500_000, seed=9).write()
    whole = home.with_name("whole")
    home.rename(whole)
    dice = random.Random(5)
    files = sorted(whole.rglob("*.jsonl"))
    shares = [0.0] * len(files)
    for _ in range(4):
        order = list(range(len(files)))
        dice.shuffle(order)
        for number in order[: len(order) * 2 // 3]:
            shares[number] = min(1.0, shares[number] + dice.random() * 0.7)
            part(files[number], home / files[number].relative_to(whole), shares[number])
        synced(program)
    for number, file in enumerate(files):
        part(file, home / file.relative_to(whole), 1.0)
        if number % 3 == 0:
            copy = home / file.relative_to(whole)
            shutil.copy(copy, copy.with_name(f"{copy.stem}-copy.jsonl"))
        if number % 5 == 0:
            os.utime(home / file.relative_to(whole), (1, 1))
    synced(program)
    assert_is(program, truth)


def part(file: Path, target: Path, share: float) -> None:
    content = file.read_bytes()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content[: int(len(content) * share)])


def test_d5_what_was_read_stays_when_the_logs_are_gone(home: Path, program: Program) -> None:
    truth = Writer(home, 900_000, seed=4, claude=0.5).write()
    synced(program)
    shutil.rmtree(home / ".claude")
    shutil.rmtree(home / ".codex")
    outcome = program.sync()
    assert all("There are no logs of" in source.failure for source in outcome.sources)
    assert_is(program, truth)


def test_the_first_day_that_we_have_is_told_and_nothing_before_it_is_known(
    home: Path, program: Program
) -> None:
    truth = Writer(home, 900_000, seed=4, claude=0.5).write()
    synced(program)
    first = min(day for agent, day in truth.by_day if agent == "claude-code")
    card = next(card for card in program.source_cards() if card.name == "claude-code")
    assert card.first_day is not None
    assert card.first_day.isoformat() == first
    table = program.spend(Question(Period(card.first_day, END.date())))
    assert [gap for gap in table.gaps if gap.source == "claude-code"] == []
    assert DAYS > 0


def test_money_is_estimated_with_a_note_until_somebody_says(home: Path, program: Program) -> None:
    Writer(home, 200_000, seed=4, claude=1.0).write()
    program.add_source("claude-code", name="mine", key=None)
    notes = {card.name: card.note for card in program.source_cards()}
    assert "money=plan" in notes["mine"]
    assert notes["codex"] == ""
    program.sync(["mine"])
    (amounts,) = rows(program)[("claude-code",)].amounts
    assert amounts.estimated == amounts.worth > 0
    program.edit_source("mine", settings={"money": "plan"})
    (amounts,) = rows(program)[("claude-code",)].amounts
    assert (amounts.billed, amounts.estimated) == (0, 0)
    assert amounts.plan == amounts.worth > 0


def test_an_agent_can_explain_what_another_source_pays(home: Path, program: Program) -> None:
    program.add_source("codex", name="again", key=None, settings={"explains": "codex"})
    explains = {card.name: card.explains for card in program.source_cards()}
    assert explains["again"] == ("codex",)


@pytest.mark.parametrize(
    "settings",
    [{"money": "free"}, {"money": ""}, {"root": " "}, {"region": "cn"}, {"currency": "yuan"}],
)
def test_settings_that_mean_nothing_are_refused(program: Program, settings: dict[str, str]) -> None:
    with pytest.raises(WrongUse):
        program.add_source("codex", name="other", key=None, settings=settings)


def test_a_root_of_ones_own_is_read_and_tested(home: Path, program: Program) -> None:
    elsewhere = home.with_name("elsewhere")
    Writer(elsewhere, 200_000, seed=4, claude=1.0).write()
    program.add_source("claude-code", name="far", key=None, settings={"root": str(elsewhere)})
    (line,) = program.test_source("far")
    assert line.ok
    assert str(elsewhere) in line.what
    (missing,) = program.test_source("claude-code")
    assert not missing.ok
    assert "--set root=" in missing.remedy
    program.sync(["far"])
    assert rows(program)[("claude-code",)].requests
