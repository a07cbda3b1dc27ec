"""The window: a first frame at once, then the shell with its pages, and a safe end."""

from __future__ import annotations

import gc
import sys
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow

if TYPE_CHECKING:
    from plimsoll.services.program import Program
    from plimsoll.services.settings import Settings
    from plimsoll.ui.instance import Instance
    from plimsoll.ui.shell import Shell

SIZE = QSize(1440, 940)
SMALLEST = QSize(900, 600)
SIDEBAR_WIDTH = 212

PANELS = {
    "light": ("#F5F6F8", "#FFFFFF", "#E3E6EB"),
    "dark": ("#0F1216", "#171B21", "#2A3038"),
}
"""The first frame's window, sidebar and border, as the themes have them: importing a theme, with
all of Qt's names that it needs, would take longer than painting the frame."""


class MainWindow(QMainWindow):
    """The window of one program. It paints its panels, and only then makes what stands on them.

    Signals:
        figures_painted(): the stored figures of a page are on the screen.
        page_settled(str): the page of this name shows the answer to its newest question.
        settled_in(): the first figures are on the screen; now there is time for the rest.
    """

    figures_painted = Signal()
    page_settled = Signal(str)
    settled_in = Signal()

    def __init__(self, program: Program, *, settings: Settings | None = None) -> None:
        super().__init__()
        self.program = program
        self._settings = settings or program.settings()
        self._shell: Shell | None = None
        self._is_settled_in = False
        self._may_close = False
        self.setWindowTitle("Plimsoll")
        self.setMinimumSize(SMALLEST)
        self.resize(SIZE)

    @property
    def shell(self) -> Shell:
        """Everything in the window; made now if the first frame is still to come."""
        if self._shell is None:
            self._shell = self._make_shell()
        return self._shell

    def furnish(self) -> None:
        """Make the shell and its first page; done by itself after the first frame is painted."""
        self.setCentralWidget(self.shell)

    def come_to_front(self) -> None:
        """Raise the window over others."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def show_crash(self, report: str) -> None:
        """Offer the report of a bug of ours; the window lives on."""
        # The bug may be in a paint event, where no dialog can open.
        QTimer.singleShot(0, self, partial(self._open_report, report))

    def _make_shell(self) -> Shell:
        from plimsoll.ui.application import application_for, is_dressed
        from plimsoll.ui.shell import Shell

        if not is_dressed():
            application_for(self._settings)
        shell = Shell(self.program, self._settings)
        shell.figures_painted.connect(self.figures_painted)
        shell.page_settled.connect(self._page_settled)
        shell.leave_asked.connect(partial(QTimer.singleShot, 0, self, self.close))
        shell.may_leave.connect(self._close_now)
        return shell

    def _open_report(self, report: str) -> None:
        from plimsoll.ui.dialogs.crash import CrashDialog

        CrashDialog(report, self).open()

    def _page_settled(self, name: str) -> None:
        self.page_settled.emit(name)
        if not self._is_settled_in:
            self._is_settled_in = True
            QTimer.singleShot(0, self, self.settled_in.emit)

    def _close_now(self) -> None:
        self._may_close = True
        self.close()

    def _scheme(self) -> str:
        if self._settings.theme in PANELS:
            return self._settings.theme
        return "dark" if self.palette().window().color().lightness() < 128 else "light"

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close at once, or stop the sync first and wait for it a little."""
        if self._shell is not None:
            if not self._may_close and not self._shell.prepare_to_leave():
                event.ignore()
                return
            self._shell.rest()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first frame is two panels, without a word: fonts and pages come right after it."""
        super().paintEvent(event)
        if self.centralWidget() is not None:
            return
        window, sidebar, border = (QColor(colour) for colour in PANELS[self._scheme()])
        painter = QPainter(self)
        painter.fillRect(self.rect(), window)
        painter.fillRect(0, 0, SIDEBAR_WIDTH, self.height(), sidebar)
        painter.fillRect(SIDEBAR_WIDTH - 1, 0, 1, self.height(), border)
        painter.end()
        QTimer.singleShot(0, self, self.furnish)


def run_window(program: Program) -> int:
    """Show the window on a program and stay until it is closed; answers the exit code.

    A second start for the same data directory brings the first window to the front, says so on
    standard error and answers 0. Raises `LedgerUnreadable` if the folder cannot be written.
    """
    from plimsoll.ui.crash import CrashWatch
    from plimsoll.ui.garbage import kept_to_this_thread
    from plimsoll.ui.instance import ALREADY_OPEN, Instance

    application = QApplication.instance() or QApplication(sys.argv[:1])
    instance = Instance(program.data_dir)
    if not instance.claim():
        heard = instance.ask_to_raise()
        sys.stderr.write(f"{ALREADY_OPEN}\n")
        return 0 if heard else 1
    watch = CrashWatch()
    watch.install()
    with kept_to_this_thread():
        window = MainWindow(program)
        watch.caught.connect(window.show_crash)
        instance.raise_asked.connect(window.come_to_front)
        window.settled_in.connect(partial(_settle_in, window, instance))
        window.show()
        try:
            return application.exec()
        finally:
            watch.uninstall()
            instance.release()


def _settle_in(window: MainWindow, instance: Instance) -> None:
    """What could wait until the first figures were on the screen."""
    from plimsoll.ui.application import show_icon
    from plimsoll.ui.garbage import Collector
    from plimsoll.ui.tray import join_desktop

    # Imports made tens of thousands of objects that stay: looking through them finds nothing.
    gc.freeze()
    Collector(window)
    show_icon()
    instance.listen()
    join_desktop(window.shell, window)
    if not window.program.demo:
        window.shell.syncing.keep_fresh()
