"""Start at login: one entry of the platform's own, quoted right, and nothing left when it goes."""

from __future__ import annotations

import configparser
import plistlib
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.errors import KnownError, WrongUse
from plimsoll.services import login
from plimsoll.services.login import (
    DesktopFile,
    LaunchAgent,
    LoginStart,
    RunValue,
    choose,
    command_for,
    exec_line,
    look,
    windows_words,
    words_of,
)

COMMAND = ("/opt/My Tools/plimsoll-gui", "--background", "--data-dir", '/home/me/50% "off"/$d\\`')


@dataclass
class Registry:
    """A registry in memory."""

    values: dict[tuple[str, str], str | bytes] = field(default_factory=dict)

    def get(self, key: str, name: str) -> str | bytes | None:
        return self.values.get((key, name))

    def set(self, key: str, name: str, value: str) -> None:
        self.values[key, name] = value

    def delete(self, key: str, name: str) -> None:
        self.values.pop((key, name), None)


@pytest.fixture(params=["linux", "mac", "windows"])
def entry(request: pytest.FixtureRequest, tmp_path: Path) -> login.Entry:
    made: dict[str, login.Entry] = {
        "linux": DesktopFile(tmp_path / "autostart" / "plimsoll.desktop"),
        "mac": LaunchAgent(tmp_path / "LaunchAgents" / "app.plimsoll.plist"),
        "windows": RunValue(Registry(), "plimsoll"),
    }
    return made[request.param]


def left(entry: login.Entry) -> list[object]:
    """What an entry has left behind."""
    if isinstance(entry, RunValue):
        assert isinstance(entry.registry, Registry)
        return list(entry.registry.values)
    assert isinstance(entry, DesktopFile | LaunchAgent)
    return list(entry.file.parent.iterdir()) if entry.file.parent.exists() else []


def test_it_is_off_until_it_is_switched_on_and_leaves_nothing_when_switched_off(
    entry: login.Entry,
) -> None:
    assert look(entry, COMMAND) == LoginStart(is_on=False, where=entry.where)
    choose(entry, COMMAND, on=True)
    choose(entry, COMMAND, on=True)
    assert look(entry, COMMAND) == LoginStart(is_on=True, where=entry.where)
    assert len(left(entry)) == 1
    choose(entry, COMMAND, on=False)
    choose(entry, COMMAND, on=False)
    assert not look(entry, COMMAND).is_on
    assert left(entry) == []


def test_an_entry_that_starts_something_else_is_said(entry: login.Entry) -> None:
    choose(entry, ("/gone/plimsoll", "--background"), on=True)
    seen = look(entry, COMMAND)
    assert seen.is_on
    assert seen.trouble == "It is set to start something else: /gone/plimsoll --background."


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_a_desktop_that_switched_it_off_is_believed(tmp_path: Path, line: str) -> None:
    entry = DesktopFile(tmp_path / "plimsoll.desktop")
    choose(entry, COMMAND, on=True)
    name = line.partition("=")[0]
    kept = [x for x in entry.file.read_text("utf-8").splitlines() if not x.startswith(name)]
    entry.file.write_text("\n".join([*kept, line]), encoding="utf-8")
    assert look(entry, COMMAND).trouble == (
        "It is set, but switched off in the system's own settings."
    )


def test_windows_own_switch_is_believed_and_turned_by_ours() -> None:
    registry = Registry()
    entry = RunValue(registry, "plimsoll")
    choose(entry, COMMAND, on=True)
    registry.values[login._APPROVED, "plimsoll"] = bytes([3, 0, 0, 0])
    assert "switched off" in look(entry, COMMAND).trouble
    registry.values[login._APPROVED, "plimsoll"] = bytes([2, 0, 0, 0])
    assert look(entry, COMMAND).trouble == ""
    registry.values[login._APPROVED, "plimsoll"] = bytes([3, 0, 0, 0])
    choose(entry, COMMAND, on=True)
    assert look(entry, COMMAND).trouble == ""


def test_a_command_that_windows_would_not_start_is_refused_and_what_is_set_stays() -> None:
    entry = RunValue(Registry(), "plimsoll")
    choose(entry, COMMAND, on=True)
    with pytest.raises(WrongUse, match="more than 260 characters"):
        choose(entry, (*COMMAND, "x" * 250), on=True)
    assert look(entry, COMMAND).trouble == ""


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "autostart").write_text("a file", encoding="utf-8")
    entry = DesktopFile(tmp_path / "autostart" / "plimsoll.desktop")
    assert "cannot be read" in look(entry, COMMAND).why_not
    with pytest.raises(KnownError, match="cannot be written"):
        choose(entry, COMMAND, on=True)


def test_a_path_with_a_line_break_is_refused() -> None:
    with pytest.raises(WrongUse, match="line break"):
        exec_line(("/a\nb",))


def test_the_desktop_file_is_what_the_specification_asks_for(tmp_path: Path) -> None:
    entry = DesktopFile(tmp_path / "plimsoll.desktop")
    choose(entry, COMMAND, on=True)
    parsed = configparser.RawConfigParser(delimiters="=", comment_prefixes="#")
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(entry.file, encoding="utf-8")
    group = dict(parsed["Desktop Entry"])
    assert group["Type"] == "Application"
    assert group["Exec"] == (
        r'"/opt/My Tools/plimsoll-gui" --background --data-dir '
        r'"/home/me/50%% \\"off\\"/\\$d\\\\\\`"'
    )


def test_the_launch_agent_says_its_command_word_by_word(tmp_path: Path) -> None:
    entry = LaunchAgent(tmp_path / "app.plimsoll.plist")
    choose(entry, COMMAND, on=True)
    told = plistlib.loads(entry.file.read_bytes())
    assert told["Label"] == "app.plimsoll"
    assert told["ProgramArguments"] == list(COMMAND)
    assert told["RunAtLoad"] is True
    entry.file.write_bytes(b"damaged")
    assert "something else" in look(entry, COMMAND).trouble


PATHS = st.lists(
    st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=20).filter(
        str.isprintable
    ),
    min_size=1,
    max_size=5,
)


@given(PATHS)
def test_any_path_comes_back_as_it_was(words: list[str]) -> None:
    assert words_of(exec_line(words)) == tuple(words)
    assert windows_words(subprocess.list2cmdline(words)) == tuple(words)


def test_the_command_starts_this_very_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "my venv" / "bin" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    usual, other = tmp_path / "usual", tmp_path / "other"
    assert command_for(usual, usual) == (str(python), "-m", "plimsoll", "--background")
    script = python.with_name("plimsoll-gui")
    script.parent.mkdir(parents=True)
    script.touch()
    assert command_for(other, usual) == (str(script), "--background", "--data-dir", str(other))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command_for(usual, usual) == (str(python), "--background")


def test_every_data_directory_has_its_own_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("the places of Linux")
    usual = tmp_path / "usual"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    made = login.entry_for(usual, usual)
    assert made.where == str(tmp_path / "config" / "autostart" / "plimsoll.desktop")
    assert login.entry_for(tmp_path / "other", usual).where != made.where
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    where = login.entry_for(usual, usual).where
    assert where == str(tmp_path / ".config" / "autostart" / "plimsoll.desktop")
