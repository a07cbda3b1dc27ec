"""Coding agents on the command line: by session with its title, branch, class and agent."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from log_kit import SESSION, Logs, answer, line, prompt, tool_result, usage

SPAN = ("--from", "2026-09-01", "--to", "2026-09-05")


@pytest.fixture
def logs(tmp_path: Path, cli: Any) -> Logs:
    made = Logs(tmp_path / "agent-home")
    made.claude(
        prompt(0),
        answer("1", 1, usage(0, out=100)),
        tool_result(2),
        answer("2", 3, usage(0, out=300), gitBranch="fix"),
        line("ai-title", 4, aiTitle="Mend the checkout"),
    )
    root = made.home / ".claude"
    assert (
        cli("source", "add", "claude-code", "--name", "Claude", "--set", f"root={root}").code == 0
    )
    assert cli("sync").code == 0
    return made


def test_a_session_is_listed_with_its_title(cli: Any, logs: Logs) -> None:
    out = cli("spend", *SPAN, "--by", "session").out
    assert f"Mend the checkout ({SESSION})" in out
    [row] = cli("spend", *SPAN, "--by", "session", "--json").json["rows"]
    assert row["session"] == SESSION


def test_class_agent_session_and_branch_cut_the_same_tokens(cli: Any, logs: Logs) -> None:
    rows = cli("spend", *SPAN, "--by", "class,agent,branch,session", "--json").json["rows"]
    found = {(r["class"], r["agent"], r["branch"]): r["tokens"]["total"] for r in rows}
    assert found == {
        ("human", "claude-code", "main"): 100,
        ("tool_loop", "claude-code", "fix"): 300,
    }


def test_a_project_is_listed_by_the_name_of_its_folder(cli: Any, logs: Logs) -> None:
    [row] = cli("spend", *SPAN, "--by", "project", "--json").json["rows"]
    assert row["project"] == "shop"
    for value in ("shop", "/home/dev/work/shop"):
        asked = cli("spend", *SPAN, "--where", f"project={value}", "--json")
        assert asked.json["total"]["tokens"]["total"] == 400


def test_history_survives_the_deletion_of_the_logs(cli: Any, logs: Logs) -> None:
    """Claude Code deletes its logs after thirty days: what was read stays, and is said to."""
    before = cli("spend", *SPAN, "--by", "session,model,day", "--json").json
    shutil.rmtree(logs.home)
    assert "There are no logs of Claude Code here" in cli("sync").err
    assert cli("spend", *SPAN, "--by", "session,model,day", "--json").json == before
    assert "from 2026-09-02 on" in cli("source", "list").out
    [source] = cli("source", "list", "--json").json["sources"]
    assert source["first_day"] == "2026-09-02"


def test_the_doctor_counts_an_agents_files_and_what_was_passed_over(cli: Any, logs: Logs) -> None:
    logs.claude(b"not json", answer("3", 1, usage(0, out=-5)), session="other")
    cli("sync")
    out = cli("doctor").out
    assert "Claude: 2 files known, 0 of them not readable, 2 there now" in out
    assert "passed over 1 lines that are not JSON and 1 calls with impossible figures" in out
