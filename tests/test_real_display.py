"""The window on a real X display, opened by the program's own entry and closed by its user."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

OPENED = """
import json, sys
from plimsoll import app

def open_window(program):
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QGuiApplication
    from plimsoll.ui import window as room

    begin = room.MainWindow.__init__

    def begun(self, *given, **named):
        begin(self, *given, **named)
        self.page_settled.connect(lambda page: QTimer.singleShot(0, lambda: look(self)))

    def look(window):
        picture = window.grab().toImage()
        seen = {
            "platform": QGuiApplication.platformName(),
            "visible": window.isVisible(),
            "exposed": window.windowHandle().isExposed(),
            "colours": len({picture.pixel(x, y)
                            for x in range(0, picture.width(), 7)
                            for y in range(0, picture.height(), 7)}),
        }
        print(json.dumps(seen), flush=True)
        window.close()

    room.MainWindow.__init__ = begun
    return opened(program)

opened, app.open_window = app.open_window, open_window
sys.exit(app.main(["--data-dir", sys.argv[1]]))
"""


def test_the_window_opens_paints_and_closes_on_a_real_display(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("xvfb is a display of Linux")
    missing = [program for program in ("xvfb-run", "Xvfb", "xauth") if not shutil.which(program)]
    assert not missing, f"{' and '.join(missing)} not installed: run `python3 dev.py test`"
    run = subprocess.run(
        [
            *("xvfb-run", "--auto-servernum", "--server-args", "-screen 0 1600x1000x24"),
            *(sys.executable, "-c", OPENED, str(tmp_path / "data")),
        ],
        env=os.environ | {"QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    assert seen["platform"] == "xcb"
    assert seen["visible"]
    assert seen["exposed"]
    assert seen["colours"] > 3, "the window is painted"
