"""Start-up: an empty PySide6 window against ours, to the first painted frame and to figures.

    python benchmarks/startup.py [--runs 9] [--data-dir DIR]

The two are started in turn, so that a noisy machine is noisy to both; the ratio of the medians is
what counts (at most 1.5 to the first frame, 2.5 to figures on the screen). Figures are on the
screen when the stored ones, the month so far and today, have been painted; forecast and charts
follow. DIR is a data directory with figures; without it the demo's is made first. Needs a display,
or QT_QPA_PLATFORM=offscreen.

Both run from bytecode, as an installed program does, even where the environment forbids Python to
write any beside the source; with `--from-source` ours is compiled anew at every start.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EMPTY = """
import sys, time
started = float(sys.argv[1])
from PySide6.QtWidgets import QApplication, QMainWindow
from PySide6.QtCore import QTimer
app = QApplication(sys.argv[:1])
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print("frame", time.time() - started, flush=True)
        QTimer.singleShot(0, app.quit)
window = Window()
window.resize(1440, 940)
window.show()
app.exec()
"""

OURS = """
import sys, time
started, folder = float(sys.argv[1]), sys.argv[2]
from plimsoll import app as program
def told(word, seen=set()):
    if word not in seen:
        seen.add(word)
        print(word, time.time() - started, flush=True)
def open_window(opened):
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    from plimsoll.ui import window as room
    paint = room.MainWindow.paintEvent
    begin = room.MainWindow.__init__
    def painted(self, event):
        paint(self, event)
        told("frame")
    def begun(self, *given, **named):
        begin(self, *given, **named)
        def painted_figures():
            told("figures")
            QTimer.singleShot(0, self.close)
        self.figures_painted.connect(painted_figures)
    room.MainWindow.paintEvent, room.MainWindow.__init__ = painted, begun
    return room.run_window(opened)
import os
os.environ["PLIMSOLL_DATA_DIR"] = folder
program.open_window, program.has_display = open_window, lambda: True
sys.exit(program.main([]))
"""


def environment(bytecode: Path) -> dict[str, str]:
    """This one's, with bytecode kept in a folder of its own."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(bytecode)}


def times(code: str, *arguments: str, env: dict[str, str]) -> dict[str, float]:
    """Seconds from the start of a process to each thing that it tells."""
    command = [sys.executable, "-c", code, str(time.time()), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, env=env)
    words = (line.split() for line in ran.stdout.splitlines() if line.startswith(("frame", "fig")))
    return {word: float(seconds) for word, seconds in words}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=9)
    options.add_argument("--data-dir", type=Path)
    options.add_argument("--from-source", action="store_true")
    chosen = options.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = chosen.data_dir or Path(tempfile.mkdtemp(prefix="plimsoll-startup-"))
    if chosen.data_dir is None:
        demo = ["-m", "plimsoll", "demo", "--data-dir", str(folder), "--shots", str(folder / "s")]
        subprocess.run([sys.executable, *demo], check=True, capture_output=True)
    env = dict(os.environ)
    if not chosen.from_source:
        env = environment(Path(tempfile.mkdtemp(prefix="plimsoll-bytecode-")))
    empty, frames, figures = [], [], []
    for _ in range(chosen.runs + 1):
        empty.append(times(EMPTY, env=env)["frame"])
        ours = times(OURS, str(folder), env=env)
        frames.append(ours["frame"])
        figures.append(ours["figures"])
    # The first of each only warms the disk and writes the bytecode.
    base = statistics.median(empty[1:])
    print(f"{'':28}{'median s':>10}{'ratio':>8}{'at most':>9}")
    print(f"{'empty window, first frame':28}{base:>10.3f}{1:>8.2f}")
    for name, found, bar in (("first frame", frames, 1.5), ("figures on screen", figures, 2.5)):
        middle = statistics.median(found[1:])
        verdict = "ok" if middle / base <= bar else "OVER"
        print(f"{'Plimsoll, ' + name:28}{middle:>10.3f}{middle / base:>8.2f}{bar:>9}  {verdict}")


if __name__ == "__main__":
    main()
