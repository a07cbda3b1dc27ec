"""The alert command: a program of the user's that is run once for each alert, without a shell."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from plimsoll.domain.errors import CommandFailed, WrongUse
from plimsoll.domain.redaction import Redactor
from plimsoll.domain.said import say
from plimsoll.services.environment_keys import VARIABLE

PATIENCE = 30.0
"""Seconds that a command may take."""

_STEP = 0.1
_SAID_LENGTH = 160
_WINDOWS_WORD = re.compile(r'(?:"[^"]*"|[^\s"])+')


def arguments_of(text: str, *, windows: bool = os.name == "nt") -> tuple[str, ...]:
    """The program and its arguments; raises `WrongUse` where there is none, or a quote is open.

    On Windows backslashes are parts of paths, and only double quotes keep a word together.
    """
    never_closed = windows and text.count('"') % 2 == 1
    words: list[str] = []
    try:
        if windows:
            words = [word.replace('"', "") for word in _WINDOWS_WORD.findall(text)]
        else:
            words = shlex.split(text)
    except ValueError:
        never_closed = True
    if never_closed:
        raise WrongUse(say("A quote in this command is never closed."))
    if not words or not words[0]:
        raise WrongUse(say("This command names no program."))
    return tuple(words)


def program_of(text: str) -> str:
    """The name of a command's program, without its folder and its arguments."""
    try:
        return Path(arguments_of(text)[0]).name
    except WrongUse:  # changed in the file by hand
        return "a command that cannot be read"


def run(
    arguments: Sequence[str],
    document: str,
    *,
    cancelled: Callable[[], bool],
    patience: float = PATIENCE,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Run a command with a document on its standard input, and wait for its end.

    It gets the environment without any key, and what it prints goes nowhere. Raises
    `CommandFailed`, with the last line of its standard error. A command that still runs when
    Plimsoll ends goes on by itself.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith(VARIABLE)}
    # Files, not pipes: a child that reads nothing, or leaves children behind, holds up nobody.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(document.encode() + b"\n")
        given.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own words, and no shell
                list(arguments),
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=kept,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise CommandFailed(
                say("{name} could not be started ({why}).", name=_name(arguments), why=str(why)),
                remedy=_REMEDY,
            ) from None
        code = _ended(process, patience=patience, cancelled=cancelled)
        if code:
            raise CommandFailed(
                say(
                    "{name} ended with {code}{last_line}",
                    name=_name(arguments),
                    code=code,
                    last_line=_last_line(said.fileno()),
                ),
                remedy=_REMEDY,
            )
    if code is None and not cancelled():
        raise CommandFailed(
            say(
                "{name} was stopped, because it took longer than {patience} s.",
                name=_name(arguments),
                patience=f"{patience:g}",
            ),
            remedy=say("Let it start what takes longer, and end."),
        )


_REMEDY = say("Try it with `plimsoll alert deliver --test`.")


def _ended(
    process: subprocess.Popen[bytes], *, patience: float, cancelled: Callable[[], bool]
) -> int | None:
    """The exit code; None where it took too long, and was stopped, or Plimsoll ends sooner."""
    end = time.monotonic() + patience
    while (left := end - time.monotonic()) > 0:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(min(_STEP, left))
        if cancelled():
            return None
    _stop(process)
    return None


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a command, and what it started, where the system knows of such families."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _name(arguments: Sequence[str]) -> str:
    """The program's name: its arguments may hold what should not be shown."""
    return say("The command {name}", name=Path(arguments[0]).name)


def _last_line(file: int) -> str:
    """The end of a sentence: the last line that a command wrote to its standard error."""
    size = os.fstat(file).st_size
    os.lseek(file, max(size - 4096, 0), os.SEEK_SET)
    lines = [line for line in os.read(file, 4096).decode("utf-8", "replace").splitlines() if line]
    if not lines:
        return "."
    return say(": “{words}”.", words=Redactor().excerpt(lines[-1], length=_SAID_LENGTH))
