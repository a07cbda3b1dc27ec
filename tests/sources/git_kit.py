"""Real git repositories for tests, written by git itself and by nobody's settings."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from plimsoll.sources.git import git_program

ME, OTHER = "ada@acme.example", "lin@acme.example"
PROGRAM = git_program() or ""


def forget_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no setting of this machine reach git."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    empty = folder / "settings"
    empty.write_text("[init]\n\tdefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(empty))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


class Repository:
    """A repository that is written with git itself."""

    def __init__(self, path: Path, *, email: str | None = ME, init: bool = True) -> None:
        self.path = path
        if init:
            path.mkdir(parents=True)
            self.run("init", "-q")
        if email:
            self.run("config", "user.email", email)
        self.run("config", "user.name", "Ada")

    def run(self, *arguments: str, at: str = "2026-11-10T12:00:00Z", **variables: str) -> str:
        dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        ran = subprocess.run(
            [PROGRAM, *arguments],
            cwd=self.path,
            env={**os.environ, **dates, **variables},
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.strip()

    def commit(self, at: str, *, email: str = ME, committed: str | None = None) -> str:
        who = {"GIT_AUTHOR_EMAIL": email, "GIT_COMMITTER_DATE": committed or at}
        self.run("commit", "-q", "--allow-empty", "-m", f"At {at}", at=at, **who)
        return self.run("rev-parse", "HEAD")
