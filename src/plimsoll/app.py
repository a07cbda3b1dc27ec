"""The one place where everything is built and joined: both scripts enter at `main`."""

from __future__ import annotations

import multiprocessing
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plimsoll.services.program import Program


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line or, without a command, the window; the result is the exit code."""
    multiprocessing.freeze_support()
    _mend_environment()
    from plimsoll.cli.main import run
    from plimsoll.cli.session import Hooks

    hooks = Hooks(open_window=open_window, save_pictures=save_pictures, has_display=has_display)
    return run(hooks, arguments)


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
    if platform.system() == "Linux":
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def open_window(program: Program) -> int:
    """Open the window on a data directory and stay until it closes."""
    from plimsoll.domain.errors import WrongUse

    if not has_display():
        raise WrongUse(
            "There is no display to open a window on.",
            remedy="The commands work without one: see `plimsoll --help`.",
        )
    from plimsoll.ui.window import run_window

    return run_window(program)


def save_pictures(program: Program, folder: Path) -> tuple[Path, ...]:
    """Paint every page in both themes into `folder`, with or without a display."""
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from plimsoll.ui.pictures import save_pictures as paint

    return paint(program, folder)


if __name__ == "__main__":
    sys.exit(main())
