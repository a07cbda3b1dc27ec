"""A reader or a connector of ours that breaks costs its own file or source only: everything else
comes, one sentence says what is missing, and where it broke is shown to nobody who does not ask.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from anthropic_on_loopback import LoopbackAnthropic
from log_kit import SECRET, Logs, answer, prompt, usage
from openai_on_loopback import KEY, LoopbackOpenAI

from plimsoll.domain.calendar import Period
from plimsoll.domain.calls import Call
from plimsoll.sources.agents import claude_code
from plimsoll.sources.logs.agent import LogFile, Memory
from plimsoll.sources.logs.notes import Notes
from plimsoll.sources.providers import openai

SPAN = ("--from", "2026-09-01", "--to", "2026-09-05", "--json")
ODD = ".claude/projects/p/odd.jsonl"


class Mend:
    """Whether the made-up bug is still there."""

    done = False


@pytest.fixture
def mend(monkeypatch: pytest.MonkeyPatch) -> type[Mend]:
    """Claude Code's reader breaks on any file called odd, until it is mended."""
    monkeypatch.setattr(Mend, "done", False)
    [lines] = claude_code.AGENT.files

    class Breaking(lines.open):  # type: ignore[name-defined,misc]
        def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
            super().__init__(file, notes, memory)
            self._is_odd = "odd" in file.path

        def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
            if self._is_odd and not Mend.done:
                raise ValueError(next(iter(lines)).decode())
            return super().read(lines)

    broken = replace(claude_code.AGENT, files=(replace(lines, open=Breaking),))
    monkeypatch.setattr(claude_code, "AGENT", broken)
    return Mend


@pytest.fixture
def logs(tmp_path: Path, cli: Any, mend: type[Mend]) -> Logs:
    """Claude Code with a plain transcript of 100 tokens, and Codex beside it."""
    made = Logs(tmp_path / "home")
    made.claude(prompt(0), answer("1", 1, usage(0, out=100)))
    (made.home / ".codex").mkdir()
    for word, name, folder in (
        ("claude-code", "Agent", ".claude"),
        ("codex", "Codex", ".codex"),
    ):
        root = f"root={made.home / folder}"
        assert cli("source", "add", word, "--name", name, "--set", root).code == 0
    return made


def tokens(cli: Any) -> int:
    total: int = cli("spend", *SPAN).json["total"]["tokens"]["total"]
    return total


def problems(cli: Any) -> list[tuple[str, str]]:
    checks = cli("doctor", "--json").json["checks"]
    return [
        (check["sentence"], check["remedy"])
        for check in checks
        if check["name"] == "logs" and check["ok"] is False
    ]


def test_a_file_that_trips_its_reader_costs_itself_only(
    cli: Any, logs: Logs, mend: type[Mend]
) -> None:
    path = logs.write(ODD, prompt(0), answer("7", 7, usage(0, out=7)))
    ran = cli("sync")
    assert ran.code == 4
    sentence, how = ran.err.splitlines()
    assert sentence == (
        f"Agent: Plimsoll's own reader broke on {path}: the rest was read, and what is new there "
        "is missing. Please report it."
    )
    assert how == "PLIMSOLL_DEBUG=1 shows where it happened, for the report."
    assert "Codex: up to date" in ran.out
    assert tokens(cli) == 100
    assert problems(cli) == [
        (
            f"Agent: {path}: Plimsoll's own reader broke on it (ValueError).",
            "The rest was read. Please report it.",
        )
    ]
    mend.done = True
    assert cli("sync").code == 0, "it was left where it was, and is tried again"
    assert tokens(cli) == 107
    assert problems(cli) == []


def test_it_is_read_in_part_even_where_nothing_else_is_new(cli: Any, logs: Logs) -> None:
    cli("sync")
    logs.write(ODD, prompt(0))
    assert cli("sync", "Agent").code == 4, "it did not fail as a whole"
    assert cli("sync", "Agent").code == 4, "until it is mended"


def test_a_file_that_grew_keeps_what_was_read_of_it(cli: Any, logs: Logs, mend: type[Mend]) -> None:
    mend.done = True
    logs.write(ODD, prompt(0), answer("7", 7, usage(0, out=7)))
    assert cli("sync").code == 0
    mend.done = False
    logs.add(ODD, answer("8", 8, usage(0, out=8)))
    assert cli("sync").code == 4
    assert tokens(cli) == 107
    mend.done = True
    assert cli("sync").code == 0
    assert tokens(cli) == 115


def test_many_files_are_one_sentence(cli: Any, logs: Logs) -> None:
    for number in range(3):
        logs.write(f".claude/projects/p/odd{number}.jsonl", prompt(0))
    first, *_ = cli("sync").err.splitlines()
    assert "on 3 files, the first of them " in first
    assert "odd0.jsonl: the rest was read" in first


def test_where_it_broke_is_shown_to_whoever_asks_without_a_word_of_the_log(
    cli: Any, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.write(ODD, prompt(0))
    quiet = cli("sync").err
    assert "Traceback" not in quiet
    assert "test_own_mistakes.py" not in quiet
    monkeypatch.setenv("PLIMSOLL_DEBUG", "1")
    told = cli("sync").err
    assert "test_own_mistakes.py" in told
    assert "ValueError" in told
    assert SECRET not in quiet + told


def broken(*_arguments: Any) -> Any:
    raise KeyError(KEY)


def test_a_connector_that_breaks_at_one_question_costs_that_question(
    cli: Any, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 11, 19, 8, tzinfo=UTC)
    work.tokens(at, model="gpt-5", input_tokens=0, output_tokens=70)
    pull = openai.Organisation.pull

    def pull_but_costs(account: openai.Organisation, endpoint: str, period: Period) -> Any:
        return broken() if endpoint == "costs" else pull(account, endpoint, period)

    monkeypatch.setattr(openai.Organisation, "pull", pull_but_costs)
    ran = cli("sync")
    assert ran.code == 4
    first, second = ran.err.splitlines()
    assert first == (
        "Work: Plimsoll itself broke on what Work told it (KeyError): what was stored stays, newer "
        "figures are missing. Please report it."
    )
    assert "PLIMSOLL_DEBUG" in second
    assert cli("spend", "--json").json["total"]["tokens"]["output"] == 70
    [check] = [c for c in cli("doctor", "--json").json["checks"] if c["name"] == "source"]
    assert check["ok"] is False
    assert "Please report it." in check["sentence"]


@pytest.mark.parametrize("method", ["organisation", "names", "endpoints"])
def test_a_connector_that_breaks_elsewhere_costs_its_source_only(
    cli: Any,
    work: LoopbackOpenAI,
    claude: LoopbackAnthropic,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    made = property(broken) if method == "endpoints" else broken
    monkeypatch.setattr(openai.Organisation, method, made)
    ran = cli("sync")
    assert ran.code == 4
    assert "Claude: up to date" in ran.out
    assert ran.err.startswith("Work: Plimsoll itself broke on what Work told it (KeyError)")
    assert "Traceback" not in ran.err
    monkeypatch.setenv("PLIMSOLL_DEBUG", "1")
    told = cli("sync", "Work").err
    assert "Traceback" in told
    assert KEY not in told
