"""The command line run in this process, on a data directory of its own and a set clock."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from anthropic_on_loopback import KEY as ANTHROPIC_KEY
from anthropic_on_loopback import LoopbackAnthropic, anthropic_on_loopback
from openai_on_loopback import KEY, LoopbackOpenAI, openai_on_loopback

from plimsoll.cli.main import run
from plimsoll.cli.session import Hooks

NOW = "2026-11-20T09:30:00+00:00"


@dataclass(frozen=True)
class Ran:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture
def account() -> Iterator[LoopbackOpenAI]:
    with openai_on_loopback() as served:
        yield served


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """`cli("spend", "--json", stdin=...)` → how it ended."""
    monkeypatch.setenv("PLIMSOLL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLIMSOLL_NOW", NOW)

    def call(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        hooks = Hooks(
            open_window=lambda _program: 0,
            start_hidden=lambda _program: 0,
            save_pictures=lambda _program, _folder: (),
            has_display=lambda: False,
        )
        code = run(hooks, arguments)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture
def work(cli: Cli, account: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch) -> LoopbackOpenAI:
    """The loopback account, added as the source Work with its key in the environment."""
    monkeypatch.setenv("PLIMSOLL_KEY_WORK", KEY)
    added = cli("source", "add", "openai", "--name", "Work", "--base-url", account.base_url)
    assert added.code == 0, added.err
    return account


@pytest.fixture
def claude(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackAnthropic]:
    """A loopback Anthropic, added as the source Claude with its key in the environment."""
    with anthropic_on_loopback() as served:
        monkeypatch.setenv("PLIMSOLL_KEY_CLAUDE", ANTHROPIC_KEY)
        added = cli("source", "add", "anthropic", "--name", "Claude", "--base-url", served.base_url)
        assert added.code == 0, added.err
        yield served
