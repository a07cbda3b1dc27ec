"""Our own bugs, caught at the edge: a calm dialog with a report to copy; the program lives on."""

from __future__ import annotations

import platform
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Signal, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from plimsoll import __version__
from plimsoll.services.redaction import redact
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import PrimaryButton
from plimsoll.ui.words import tr

_MOST_REPORTS = 20
"""After so many different bugs in one session the hooks only write to standard error."""


class CrashWatch(QObject):
    """Turns every exception that nobody caught, on any thread, into one signal a text.

    Signals:
        caught(str): the redacted report of a bug not seen before in this session.
    """

    caught = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        self._before = (sys.excepthook, threading.excepthook)

    def install(self) -> None:
        """Watch from now on."""
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self.catch
        threading.excepthook = self._catch_in_thread

    def uninstall(self) -> None:
        """Put back what was there."""
        sys.excepthook, threading.excepthook = self._before

    def catch(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Report one exception; for `sys.excepthook`, from any thread."""
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            self._before[0](kind, error, trace)
            return
        report = report_of(error, trace)
        sys.stderr.write(report)
        with self._lock:
            # A bug in a paint event comes with every frame: once is enough.
            if report in self._seen or len(self._seen) >= _MOST_REPORTS:
                return
            self._seen.add(report)
        self.caught.emit(report)

    def _catch_in_thread(self, found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None:
            self.catch(found.exc_type, found.exc_value, found.exc_traceback)


def report_of(error: BaseException, trace: TracebackType | None) -> str:
    """The text of a report: versions and the traceback, with everything like a key blotted out."""
    lines = traceback.format_exception(type(error), error, trace)
    head = (
        f"Plimsoll {__version__} · Python {platform.python_version()} · Qt {qVersion()}"
        f" · {platform.system()} {platform.machine()}\n"
    )
    return redact(head + "".join(lines))


class CrashDialog(Frame):
    """Says that something of ours broke, that figures are safe, and offers the report."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Plimsoll made a mistake"),
            words=tr(
                "This is a fault of the program, not yours. What is stored is safe, and you can go"
                " on. The report below holds no key; please send it to us."
            ),
            parent=parent,
        )
        self.resize(640, 400)
        self.report = QPlainTextEdit(report)
        self.report.setReadOnly(True)
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.report.setAccessibleName(tr("Report"))
        self.body.addWidget(self.report, 1)
        self.add_cancel(tr("Close"))
        self.copy = PrimaryButton(tr("Copy report"), icon="copy")
        self.copy.clicked.connect(self._copy)
        self.add_button(self.copy, default=True)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.copy.setText(tr("Copied"))
