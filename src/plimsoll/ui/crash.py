"""Our own bugs, caught at the edge and told once, with a report; the program lives on."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, Signal, qVersion

from plimsoll import __version__

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
    import platform

    from plimsoll.services.redaction import trace_of

    head = (
        f"Plimsoll {__version__} · Python {platform.python_version()} · Qt {qVersion()}"
        f" · {platform.system()} {platform.machine()}\n"
    )
    return head + trace_of(error, trace)
