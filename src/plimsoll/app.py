"""The one place where everything is built and joined: both scripts enter at `main`."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plimsoll.domain.errors import PlimsollError
    from plimsoll.services.program import Program

_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\d.]*):")
_LOCALES = ("LC_ALL", "LC_CTYPE", "LANG")
_PACKAGES = (
    "libglib2.0-0 libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libxcb-cursor0 "
    "libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
)
"""Debian's names of the system libraries that the wheels of Qt do not bring."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line or, without a command, the window; the result is the exit code."""
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()
    _mend_environment()
    words = tuple(sys.argv[1:] if arguments is None else arguments)
    if not words and has_display():
        return _window_at_once()
    from plimsoll.cli.main import run
    from plimsoll.cli.session import Hooks

    hooks = Hooks(
        open_window=open_window,
        start_hidden=start_hidden,
        save_pictures=save_pictures,
        has_display=has_display,
    )
    return run(hooks, words)


def _window_at_once() -> int:
    """The window without a detour through the command line, whose words nobody used."""
    # Imports make tens of thousands of objects that stay: looking through them finds nothing.
    gc.disable()
    from plimsoll.domain.errors import PlimsollError
    from plimsoll.services.clock import SystemClock
    from plimsoll.services.program import Program
    from plimsoll.services.settings import default_data_dir

    try:
        program = Program(default_data_dir(), clock=SystemClock(), who="plimsoll window")
        try:
            return open_window(program)
        finally:
            program.close()
    except PlimsollError as error:
        return _tell(error)


def _tell(error: PlimsollError) -> int:
    """One sentence where somebody can see it: on the terminal, or else in a dialog."""
    from plimsoll.domain.errors import KnownError

    if sys.stderr is None or not sys.stderr.isatty():
        with suppress(KnownError), _qt():
            from plimsoll.ui.application import show_failure

            return show_failure(error)
    if sys.stderr is not None:
        sys.stderr.write(f"{error}\n")
    return 1


def _mend_environment() -> None:
    """Undo what would leak or break: TLS secrets written to disk, a frozen program's library path
    handed on to the browser it opens, and output that cannot take a sign of ours.
    """
    os.environ.pop("SSLKEYLOGFILE", None)
    if getattr(sys, "frozen", False):
        original = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
        os.environ.pop("LD_LIBRARY_PATH", None)
        if original:
            os.environ["LD_LIBRARY_PATH"] = original
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def has_display() -> bool:
    """Whether a window can be shown; asked without loading Qt."""
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in {"offscreen", "minimal"}:
        return False
    if os.name == "posix" and sys.platform != "darwin":
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


@contextmanager
def _qt() -> Iterator[None]:
    """Import what loads Qt: a machine without its libraries is the world, not our bug."""
    if sys.platform not in {"win32", "darwin"} and not any(map(os.environ.get, _LOCALES)):
        os.environ["LC_CTYPE"] = "C.UTF-8"  # else Qt complains about a locale that is not UTF-8
    try:
        yield
    except ImportError as error:
        library = _LIBRARY.search(str(error))
        if not library and (error.name or "").partition(".")[0] not in {"PySide6", "shiboken6"}:
            raise
        from plimsoll.domain.errors import KnownError

        what = f"the system library {library[1]} is missing" if library else "PySide6 is missing"
        raise KnownError(
            f"The window and its pictures need Qt, which cannot be loaded here: {what}.",
            remedy=f"On Debian and Ubuntu: apt-get install {_PACKAGES}. Every other command works "
            "without Qt."
            if library
            else "Install Plimsoll again. Every other command works without Qt.",
        ) from None


def open_window(program: Program) -> int:
    """Open the window on a data directory and stay until it closes."""
    return _run(program, hidden=False)


def start_hidden(program: Program) -> int:
    """The same, hidden at first where the desktop has a tray."""
    return _run(program, hidden=True)


def _run(program: Program, *, hidden: bool) -> int:
    from plimsoll.domain.errors import WrongUse

    if not has_display():
        raise WrongUse(
            "There is no display to open a window on.",
            remedy="The commands work without one: see `plimsoll --help`.",
        )
    with _qt():
        from plimsoll.ui.window import run_window

    return run_window(program, background=hidden)


def save_pictures(program: Program, folder: Path) -> tuple[Path, ...]:
    """Paint every page in both themes into `folder`, with or without a display, and some of them in
    Chinese where this machine can write that.
    """
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with _qt():
        from plimsoll.cli.session import tell
        from plimsoll.ui.pictures import save_all

    return save_all(program, folder, tell=tell)


if __name__ == "__main__":
    sys.exit(main())
