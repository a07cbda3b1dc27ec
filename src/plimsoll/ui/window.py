"""The window: a first frame at once, then the shell with its pages, and a safe end."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer, Signal
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

_PATIENCE, _HASTE = 2.0, 0.3
"""Seconds for which lanes are waited for: as a rule, and while the session ends."""

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
        left(): the window closed for good, and with it the program ends.
    """

    figures_painted = Signal()
    page_settled = Signal(str)
    settled_in = Signal()
    left = Signal()

    def __init__(self, program: Program, *, settings: Settings | None = None) -> None:
        super().__init__()
        self.program = program
        self._settings = settings or program.settings()
        self._shell: Shell | None = None
        self._is_settled_in = False
        self._may_close = False
        self._is_leaving = False
        self._session_ends = False
        self.may_hide: Callable[[], bool] = lambda: False
        """Whether closing is only hiding: somewhere else the window can be brought back."""
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

    def leave(self) -> None:
        """Close for good, wherever the window is hidden."""
        self.expect_the_end()
        self.close()

    def expect_the_end(self) -> None:
        """The program was asked to end: closing is no hiding from now on."""
        self._is_leaving = True

    def hurry(self) -> None:
        """The session ends: nothing that could hold it up is waited for."""
        self._session_ends = True
        if self._shell is not None:
            self._shell.syncing.cancel()

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
        shell.leave_asked.connect(partial(QTimer.singleShot, 0, self, self.leave))
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
        self.leave()

    def _scheme(self) -> str:
        if self._settings.theme in PANELS:
            return self._settings.theme
        return "dark" if self.palette().window().color().lightness() < 128 else "light"

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide where there is a way back; else close at once, or stop the sync first and wait for
        it a little, but never while the session ends.
        """
        if not self._is_leaving and not self._session_ends and self.may_hide():
            event.ignore()
            self.hide()
            return
        if self._shell is not None:
            at_once = self._may_close or self._session_ends
            if not at_once and not self._shell.prepare_to_leave():
                event.ignore()
                return
            self._shell.rest(patience=_HASTE if self._session_ends else _PATIENCE)
        super().closeEvent(event)
        self.left.emit()

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


class Application(QApplication):
    """The application, which says when the whole of it is to end: by its menu, the dock, or the
    session.

    Signals:
        end_asked(): whatever closes its windows now closes them for good.
    """

    end_asked = Signal()

    def event(self, event: QEvent) -> bool:
        """Qt asks every window to close first; one that only hid would keep the program."""
        if event.type() is QEvent.Type.Quit:
            self.end_asked.emit()
        return super().event(event)


def run_window(program: Program, *, background: bool = False) -> int:
    """Show the window on a program and stay until it is closed; answers the exit code.

    With `background` it stays hidden where there is a tray. A second start for the same data
    directory brings the first window to the front (not one in the background), says so on
    standard error and answers 0. Raises `LedgerUnreadable` if the folder cannot be written.
    """
    from plimsoll.ui.crash import CrashWatch
    from plimsoll.ui.garbage import kept_to_this_thread
    from plimsoll.ui.instance import ALREADY_OPEN, NO_ANSWER, Instance

    application = QApplication.instance() or Application(sys.argv[:1])
    instance = Instance(program.data_dir)
    if not instance.claim():
        heard = background or instance.ask_to_raise()
        if sys.stderr is not None:
            sys.stderr.write(f"{ALREADY_OPEN if heard else NO_ANSWER}\n")
        return 0 if heard else 1
    watch = CrashWatch()
    watch.install()
    with kept_to_this_thread():
        window = MainWindow(program)
        watch.caught.connect(window.show_crash)
        instance.raise_asked.connect(window.come_to_front)
        _let_end(application, window)
        if background:
            QTimer.singleShot(0, window, partial(_settle_in, window, instance, hidden=True))
        else:
            window.settled_in.connect(partial(_settle_in, window, instance))
            window.show()
        try:
            return application.exec()
        finally:
            watch.uninstall()
            instance.release()


def _let_end(application: QCoreApplication, window: MainWindow) -> None:
    """The program ends when its window closes for good, and not when another, or none, is there."""
    if not isinstance(application, Application):
        return
    application.setQuitOnLastWindowClosed(False)
    application.end_asked.connect(window.expect_the_end)
    application.commitDataRequest.connect(window.hurry, Qt.ConnectionType.DirectConnection)
    # `quit` would ask every window to close, and this one is just doing that.
    window.left.connect(partial(application.exit, 0))


def _settle_in(window: MainWindow, instance: Instance, *, hidden: bool = False) -> None:
    """What could wait until the first figures were on the screen; `hidden`, none will be yet."""
    from plimsoll.ui.application import show_icon
    from plimsoll.ui.garbage import Collector
    from plimsoll.ui.network import Network
    from plimsoll.ui.presence import Presence

    # Imports made tens of thousands of objects that stay: looking through them finds nothing.
    gc.freeze()
    Collector(window)
    show_icon()
    instance.listen()
    presence = Presence(window.shell, window)
    if hidden:
        presence.begin_hidden()
    if not window.program.demo:
        window.shell.syncing.keep_fresh(Network(window), spread=hidden)
