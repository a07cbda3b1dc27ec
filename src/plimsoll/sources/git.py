"""What git counts: a user's own commits in a repository on this disk, asked of the git program.

A repository's configuration belongs to whoever made it, and can name programs for git to run. So
git is asked plumbing questions only, which run neither pager, alias, hook nor check of signatures;
what else could start a program (a file monitor, fetching what a partial clone left out, a prompt
for a password) is switched off besides; and where git itself refuses a folder, because somebody
else owns it, the refusal stands. Nothing is written.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.work import NO_REPOSITORY, SILENT

PATIENCE = 5.0
"""Seconds that one repository has: one on a network disk that does not answer costs no more."""

MOST_COMMITS = 50_000
"""Of one person in ten weeks; more are no work, and are not counted."""

_STEP = 0.05
_SAID_LENGTH = 160
_EPOCH = date(1970, 1, 1)
_DAY_SECONDS = 86_400
_ONE_DAY = timedelta(days=1)
_FARTHEST = 4_102_444_800
"""2100-01-01: what claims to be written later is not dated at all."""

_COMMIT = re.compile(rb"([0-9a-f]{40,64}) (-?\d{1,12}) (.*)")
_APPLE = "/usr/bin/git"
_APPLE_TOOLS = (
    "/Library/Developer/CommandLineTools/usr/bin/git",
    "/Applications/Xcode.app/Contents/Developer/usr/bin/git",
)

_OFF = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.sshCommand=false",
    "core.alternateRefsCommand=false",
    "core.askPass=",
    "core.pager=cat",
    "credential.helper=",
    "protocol.allow=never",
    "log.showSignature=false",
    "gc.auto=0",
    "maintenance.auto=false",
)
"""Settings that win over those of the repository."""

_THEIR_OWN = frozenset(
    {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH"}
)
"""Variables of git that say where the user's own settings are; no other reaches it."""

_LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")

_SWITCHES: Mapping[str, str] = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ASKPASS": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What git told of a repository: the day of each commit by its hash, or the `trouble` for
    which they are not known, as the end of a sentence.
    """

    commits: Mapping[str, date] = field(default_factory=dict)
    trouble: str = ""


class _Trouble(Exception):
    """Why a repository cannot be counted."""


class _Stopped(Exception):
    """The user stopped the work."""


def git_program(platform: str = sys.platform) -> str | None:
    """Where git is; None where there is none.

    A name that is found by way of the working folder is not taken. On a Mac without the developer
    tools `/usr/bin/git` only asks, in a window, to install them.
    """
    found = shutil.which("git")
    if found is None or not Path(found).is_absolute():
        return None
    if platform == "darwin" and found == _APPLE:
        return next((tool for tool in _APPLE_TOOLS if Path(tool).exists()), None)
    return found


def own_commits(
    program: str, folder: str, period: Period, *, cancelled: Callable[[], bool]
) -> Look | None:
    """The commits of a period that the user wrote on any local branch of a repository.

    The user is whoever its `user.email` says. Days are those of the author, UTC, merges are no
    commits of anybody. None where the work was stopped.
    """
    git = _Git(program, folder, time.monotonic() + PATIENCE, cancelled)
    try:
        _check(git)
        email = _email(git)
        return Look(_read(git.ask(*_question(email, period)), email, period))
    except _Trouble as trouble:
        return Look(trouble=str(trouble))
    except _Stopped:
        return None


@dataclass(frozen=True, slots=True)
class _Git:
    """The git program in one folder, until its time is over."""

    program: str
    folder: str
    end: float
    cancelled: Callable[[], bool]

    def ask(self, *arguments: str, empty: int = 0) -> bytes:
        """What git prints; an exit with `empty` is an answer, too, any other is a trouble."""
        options = [word for setting in _OFF for word in ("-c", setting)]
        command = [self.program, "--no-pager", *options, "-C", self.folder, *arguments]
        # Files, not pipes: neither side waits for the other.
        with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(  # noqa: S603 - an absolute path, and no shell
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=said,
                    env=_environment(os.environ, self.folder),
                    start_new_session=True,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except (OSError, ValueError) as error:
                raise _Trouble(f"git cannot be started ({error})") from None
            code = self._ended(process)
            printed.seek(0)
            said.seek(0)
            if code not in (0, empty):
                raise _Trouble(_refusal(said.read(4096).decode("utf-8", "replace")))
            return printed.read()

    def _ended(self, process: subprocess.Popen[bytes]) -> int:
        while (left := self.end - time.monotonic()) > 0:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(min(_STEP, left))
            if self.cancelled():
                _kill(process)
                raise _Stopped
        _kill(process)
        raise _Trouble(SILENT)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process; one that hangs in the disk ends when the disk lets it, and nobody waits."""
    process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STEP)


def _environment(environ: Mapping[str, str], folder: str) -> dict[str, str]:
    """The user's own environment, without keys and without what would lead git elsewhere. Nothing
    above the folder is looked at: it is a repository itself, or in none.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name in _THEIR_OWN or not name.upper().startswith(("GIT_", "PLIMSOLL_", "SSH_ASKPASS"))
    }
    for name in _LIBRARIES:
        # The packaged program looks for its own libraries first; git must find those of the system.
        if f"{name}_ORIG" in kept:
            kept[name] = kept[f"{name}_ORIG"]
        elif hasattr(sys, "_MEIPASS"):
            kept.pop(name, None)
    return {**kept, **_SWITCHES, "GIT_CEILING_DIRECTORIES": str(Path(folder).parent)}


def _check(git: _Git) -> None:
    """The folder is the top of a repository, or a bare one, and its history is whole."""
    prefix, *shallow = git.ask("rev-parse", "--show-prefix", "--is-shallow-repository").split(b"\n")
    if prefix:
        raise _Trouble(NO_REPOSITORY)
    if shallow[:1] != [b"false"]:
        raise _Trouble("it is a shallow clone, whose older commits are not there")


def _email(git: _Git) -> str:
    told = git.ask("config", "--get", "user.email", empty=1).decode("utf-8", "replace").strip()
    if not told or not told.isprintable():
        raise _Trouble("no user.email is set there, so that nobody can tell which are yours")
    return told


def _question(email: str, period: Period) -> tuple[str, ...]:
    """Commits are written before they are committed: those committed earlier are not looked at."""
    since = int(day_start(period.first - _ONE_DAY).timestamp())
    return (
        "rev-list",
        "--branches",
        "--no-merges",
        "--fixed-strings",
        "--regexp-ignore-case",
        f"--author=<{email}>",
        f"--max-age={since}",
        f"--max-count={MOST_COMMITS + 1}",
        "--encoding=UTF-8",
        "--format=%H %at %ae",
    )


def _read(printed: bytes, email: str, period: Period) -> dict[str, date]:
    found: dict[str, date] = {}
    mine = email.casefold()
    lines = printed.splitlines()
    for line in lines:
        told = _COMMIT.fullmatch(line)
        if told is None or told[3].decode("utf-8", "replace").casefold() != mine:
            continue
        seconds = int(told[2])
        if 0 <= seconds < _FARTHEST:
            day = _EPOCH + timedelta(days=seconds // _DAY_SECONDS)
            if day in period:
                found[told[1].decode()] = day
    if len(lines) > 2 * MOST_COMMITS:
        raise _Trouble(f"there are more than {MOST_COMMITS:,} commits")
    return found


def _refusal(said: str) -> str:
    """Why git did not answer, in words."""
    if "dubious ownership" in said:
        return (
            "it belongs to another user of this machine, so that git does not read it (your own "
            "`git config --global --add safe.directory FOLDER` says that you trust it)"
        )
    if "cannot change to" in said:
        return "it is not there any more"
    if "not a git repository" in said:
        return NO_REPOSITORY
    line = next((line for line in said.splitlines() if line.strip()), "it said nothing")
    text = "".join(sign for sign in line if sign.isprintable()).removeprefix("fatal: ")
    return f"git could not read it ({text[:_SAID_LENGTH]})"
