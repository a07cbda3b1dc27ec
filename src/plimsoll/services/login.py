"""Login: whether Plimsoll starts with the user's session, hidden in the tray, and how that is set.

One entry, and nothing else: a desktop file for Linux, a value of the registry for Windows, a launch
agent for macOS. Switching it off leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import os
import plistlib
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from plimsoll.domain.errors import KnownError, WrongUse
from plimsoll.domain.said import say

BACKGROUND = "--background"
LONGEST_RUN = 260
"""Characters of a command that Windows starts from `Run`:
https://learn.microsoft.com/windows/win32/setupapi/run-and-runonce-registry-keys
"""


@dataclass(frozen=True, slots=True)
class LoginStart:
    """Whether this data directory's window starts at login. `why_not` says why it cannot;
    `trouble`, why what is set will not start it as it is.
    """

    is_on: bool
    where: str
    why_not: str = ""
    trouble: str = ""


NOT_THE_DEMO = LoginStart(is_on=False, where="", why_not=say("The demo does not start at login."))


class Entry(Protocol):
    """The one place where a platform keeps what starts at login."""

    @property
    def where(self) -> str:
        """The place, for people."""
        ...

    def read(self) -> tuple[str, ...] | None:
        """The command that is set, empty where it cannot be told; None where none is."""
        ...

    def is_held_back(self) -> bool:
        """Whether the user told the system itself not to start it."""
        ...

    def write(self, command: Sequence[str]) -> None:
        """Set a command; raises `OSError`, or `WrongUse` for one that cannot be set."""
        ...

    def remove(self) -> None:
        """Leave nothing; raises `OSError`."""
        ...


@dataclass(frozen=True, slots=True)
class DesktopFile:
    """An entry of XDG's autostart folder.
    https://specifications.freedesktop.org/autostart-spec/latest/
    """

    file: Path

    @property
    def where(self) -> str:
        """The file."""
        return str(self.file)

    def _lines(self) -> dict[str, str] | None:
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        pairs = (line.partition("=") for line in text.splitlines())
        return {name.strip(): value.strip() for name, sign, value in pairs if sign}

    def read(self) -> tuple[str, ...] | None:
        """The words of `Exec`."""
        lines = self._lines()
        return None if lines is None else words_of(lines.get("Exec", ""))

    def is_held_back(self) -> bool:
        """Desktops switch an entry off in it, by one of these."""
        lines = self._lines() or {}
        return lines.get("Hidden") == "true" or lines.get("X-GNOME-Autostart-enabled") == "false"

    def write(self, command: Sequence[str]) -> None:
        """A whole file, put in place at once."""
        text = "\n".join(
            (
                "[Desktop Entry]",
                "Type=Application",
                "Name=Plimsoll",
                "Comment=The load line for AI token spend",
                f"Exec={exec_line(command)}",
                "Icon=plimsoll",
                "Terminal=false",
                "X-GNOME-Autostart-enabled=true",
            )
        )
        _put(self.file, f"{text}\n".encode())

    def remove(self) -> None:
        """Without the file."""
        self.file.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class LaunchAgent:
    """A property list that launchd reads at login: `man launchd.plist`."""

    file: Path

    @property
    def where(self) -> str:
        """The file."""
        return str(self.file)

    def read(self) -> tuple[str, ...] | None:
        """Its `ProgramArguments`."""
        try:
            told = plistlib.loads(self.file.read_bytes())
        except FileNotFoundError:
            return None
        except (plistlib.InvalidFileException, ValueError):
            return ()
        return tuple(map(str, told.get("ProgramArguments", ())))

    def is_held_back(self) -> bool:
        """Told by nothing that may be read here."""
        return False

    def write(self, command: Sequence[str]) -> None:
        """Started once at login, in a session with a desktop."""
        told = {
            "Label": self.file.stem,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
            "LimitLoadToSessionType": "Aqua",
        }
        _put(self.file, plistlib.dumps(told))

    def remove(self) -> None:
        """Without the file."""
        self.file.unlink(missing_ok=True)


class Registry(Protocol):
    """The current user's part of Windows' registry, value by value."""

    def get(self, key: str, name: str) -> str | bytes | None:
        """A value, None where there is none."""
        ...

    def set(self, key: str, name: str, value: str) -> None:
        """Set a text."""
        ...

    def delete(self, key: str, name: str) -> None:
        """Delete a value; nothing happens where there is none."""
        ...


_RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
_APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"


@dataclass(frozen=True, slots=True)
class RunValue:
    """A value of the user's `Run` key."""

    registry: Registry
    name: str

    @property
    def where(self) -> str:
        """The value."""
        return rf"HKEY_CURRENT_USER\{_RUN}\{self.name}"

    def read(self) -> tuple[str, ...] | None:
        """The words of the command line, as Windows cuts it."""
        value = self.registry.get(_RUN, self.name)
        return None if value is None else windows_words(str(value))

    def is_held_back(self) -> bool:
        """Task Manager keeps what it switched off beside it, in a first byte that is odd."""
        told = self.registry.get(_APPROVED, self.name)
        return isinstance(told, bytes) and bool(told[:1]) and bool(told[0] & 1)

    def write(self, command: Sequence[str]) -> None:
        """One line, quoted as Windows reads it."""
        line = subprocess.list2cmdline(command)
        if len(line) > LONGEST_RUN:
            raise WrongUse(
                say(
                    "Windows starts no command of more than {longest_run} characters at "
                    "login, and this one has {count}.",
                    longest_run=LONGEST_RUN,
                    count=len(line),
                ),
                remedy=say("Move Plimsoll or its data to a folder with a shorter path."),
            )
        self.registry.set(_RUN, self.name, line)
        self.registry.delete(_APPROVED, self.name)

    def remove(self) -> None:
        """With what Task Manager kept of it."""
        self.registry.delete(_RUN, self.name)
        self.registry.delete(_APPROVED, self.name)


def look(entry: Entry, command: Sequence[str]) -> LoginStart:
    """Whether `command`, and no other, starts at login."""
    try:
        held = entry.read()
        if held is None:
            return LoginStart(is_on=False, where=entry.where)
        if entry.is_held_back():
            why: str = say("It is set, but switched off in the system's own settings.")
        elif held != tuple(command):
            why = say(
                "It is set to start something else: {names}.",
                names=" ".join(held) or say("nothing"),
            )
        else:
            why = ""
        return LoginStart(is_on=True, where=entry.where, trouble=why)
    except OSError as error:
        why = say(
            "{where} cannot be read ({strerror}).", where=entry.where, strerror=str(error.strerror)
        )
        return LoginStart(is_on=False, where=entry.where, why_not=why)


def choose(entry: Entry, command: Sequence[str], *, on: bool) -> None:
    """Start at login from now on, or no more; raises a `KnownError` that says why it cannot."""
    try:
        if on:
            entry.write(command)
        else:
            entry.remove()
    except OSError as error:
        raise KnownError(
            say(
                "{where} cannot be written ({strerror}), so nothing was changed there.",
                where=entry.where,
                strerror=str(error.strerror),
            ),
            remedy=say("Check its permissions."),
        ) from error


def entry_and_command(data_dir: Path) -> tuple[Entry, tuple[str, ...]]:
    """Where a data directory's start at login is kept, and the command that it is."""
    from plimsoll.services.settings import usual_data_dir

    folder, usual = data_dir.absolute(), usual_data_dir()
    return entry_for(folder, usual), command_for(folder, usual)


def entry_for(data_dir: Path, usual: Path) -> Entry:
    """The entry of a data directory on this platform; each but the usual one has its own."""
    name = "plimsoll" if data_dir == usual else f"plimsoll-{_digest(data_dir)}"
    if sys.platform == "win32":
        return RunValue(UsersRegistry(), name)
    if sys.platform == "darwin":
        return LaunchAgent(Path.home() / "Library/LaunchAgents" / f"app.{name}.plist")
    given = os.environ.get("XDG_CONFIG_HOME", "")
    config = Path(given) if Path(given).is_absolute() else Path.home() / ".config"
    return DesktopFile(config / "autostart" / f"{name}.desktop")


def command_for(data_dir: Path, usual: Path) -> tuple[str, ...]:
    """What starts this very program hidden: the packaged one, its desktop script, or its module."""
    place = () if data_dir == usual else ("--data-dir", str(data_dir))
    return (*_program(Path(sys.executable)), BACKGROUND, *place)


def _program(python: Path) -> tuple[str, ...]:
    windows = sys.platform == "win32"
    script = python.with_name("plimsoll-gui.exe" if windows else "plimsoll-gui")
    if getattr(sys, "frozen", False):
        return (str(script if windows and script.exists() else python),)
    if script.exists():
        return (str(script),)
    quiet = python.with_name("pythonw.exe")  # without a console of its own
    return (str(quiet if windows and quiet.exists() else python), "-m", "plimsoll")


def exec_line(command: Sequence[str]) -> str:
    """A value of `Exec`, quoted twice over as the specification has it: each word for itself, then
    all of it as a text of the file.
    https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html
    """
    if any(not word.isprintable() for word in command):
        raise WrongUse(
            say("A path with a line break or another control character cannot start at login."),
            remedy=say("Rename the folder."),
        )
    return " ".join(map(_quoted, command)).replace("\\", "\\\\")


def _quoted(word: str) -> str:
    word = word.replace("%", "%%")
    for sign in '\\"`$':
        word = word.replace(sign, f"\\{sign}")
    plain = all(sign.isalnum() or sign in "/._-+=:,@%" for sign in word)
    return word if plain and word else f'"{word}"'


def words_of(line: str) -> tuple[str, ...]:
    """The words of a value of `Exec`, as a desktop reads it."""
    words, word, quoted, any_word = [], "", False, False
    signs = iter(line.replace("\\\\", "\\"))
    for sign in signs:
        if sign == '"':
            quoted, any_word = not quoted, True
        elif quoted and sign == "\\":
            word += next(signs, "")
        elif sign == " " and not quoted:
            words += [word] if word or any_word else []
            word, any_word = "", False
        else:
            word += sign
    words += [word] if word or any_word else []
    return tuple(one.replace("%%", "%") for one in words)


def windows_words(line: str) -> tuple[str, ...]:
    """The words of a command line, as Windows' own programs cut it: the inverse of `list2cmdline`.
    https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
    """
    words, word, quoted, slashes, begun = [], "", False, 0, False
    for sign in line:
        if sign == "\\":
            slashes, begun = slashes + 1, True
            continue
        if sign == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += sign
            else:
                quoted = not quoted
            begun = True
        elif sign in " \t" and not quoted:
            word += "\\" * slashes
            words += [word] if begun else []
            word, begun = "", False
        else:
            word, begun = word + "\\" * slashes + sign, True
        slashes = 0
    word += "\\" * slashes
    return (*words, word) if begun else tuple(words)


def _digest(folder: Path) -> str:
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]


def _put(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.write_bytes(content)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


if sys.platform == "win32":
    import winreg

    class UsersRegistry:
        """The registry of this machine's user."""

        def get(self, key: str, name: str) -> str | bytes | None:
            """A value, None where there is none."""
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    value: str | bytes = winreg.QueryValueEx(opened, name)[0]
                    return value
            except FileNotFoundError:
                return None

        def set(self, key: str, name: str, value: str) -> None:
            """Set a text."""
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)

        def delete(self, key: str, name: str) -> None:
            """Delete a value; nothing happens where there is none."""
            access = winreg.KEY_SET_VALUE
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, access) as opened:
                    winreg.DeleteValue(opened, name)
            except FileNotFoundError:
                return
