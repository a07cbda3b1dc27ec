"""What every agent's logs tell is in the archive, counted once, and nothing that was said in them;
of several records of a session the best one counts there, whichever was read first.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_up import SetClock

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Dimension, Question
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from every_home import HOMES
from log_kit import SECRET, Logs

NOW = datetime(2026, 9, 3, 9, tzinfo=UTC)
PERIOD = Period(NOW.date().replace(day=1), NOW.date())
ENVIRON = (
    *("AMP_DATA_DIR", "CLINE_DATA_DIR", "CLINE_DIR", "CLINE_SESSION_DATA_DIR", "FACTORY_DIR"),
    *("OMP_CODING_AGENT_DIR", "PI_CODING_AGENT_DIR", "CRUSH_GLOBAL_DATA"),
    *("CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME", "COPILOT_OTEL_FILE_EXPORTER_PATH"),
    *("GEMINI_CLI_HOME", "GEMINI_DATA_DIR", "GOOSE_PATH_ROOT", "KILO_DATA_DIR", "KIMI_CODE_HOME"),
    *("KIMI_SHARE_DIR", "OPENCODE_DATA_DIR", "QWEN_HOME", "QWEN_RUNTIME_DIR"),
    *("XDG_CONFIG_HOME", "XDG_DATA_HOME"),
)


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Logs:
    made = Logs(tmp_path / "home")
    made.home.mkdir()
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("USERPROFILE", str(made.home))
    for name in ENVIRON:
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path / "data", clock=SetClock(NOW), vault=MemoryVault())
    yield made
    made.close()


def tokens(program: Program) -> int:
    table = program.spend(Question(PERIOD, by=(Dimension.AGENT,)))
    return sum(row.tokens.total for row in table.rows)


def synced(program: Program) -> None:
    assert [source.failure for source in program.sync().failed] == []
    assert program.ledger.check() == ()


@pytest.mark.parametrize("word", sorted(HOMES))
@pytest.mark.skipif(sys.platform != "linux", reason="the made-up homes are those of Linux")
def test_every_agent_is_counted_and_nothing_that_was_said_is_in_the_archive(
    logs: Logs, program: Program, tmp_path: Path, word: str
) -> None:
    home = HOMES[word]()
    home.write_all(logs)
    named = [("root", str(logs.home / name)) for name in home.given]
    settings = {"money": "api", **dict(named)}
    program.add_source(word, name=word, key=None, settings=settings)
    synced(program)
    assert tokens(program) == home.tokens
    synced(program)
    assert tokens(program) == home.tokens
    program.close()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert word.encode() in kept
    assert SECRET.encode() not in kept
    assert SECRET[4:14].encode() not in kept


@pytest.mark.parametrize("order", list(itertools.permutations(["store", "otel", "events"])))
def test_the_best_record_of_a_session_counts_whichever_was_read_first(
    logs: Logs, program: Program, order: tuple[str, ...]
) -> None:
    home = HOMES["copilot-cli"]()
    program.add_source("copilot-cli", name="c", key=None, settings={"root": str(logs.home)})
    (logs.home / ".copilot").mkdir()
    for name in order:
        for path in home.paths:
            if name in path:
                home.write(logs, path)
        synced(program)
    assert tokens(program) == home.tokens
    table = program.spend(Question(PERIOD, by=(Dimension.SESSION,)))
    assert len(table.rows) == 3
