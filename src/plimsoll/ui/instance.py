"""One window for each data directory: a second start brings the first one to the front."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, QThread, Signal

from plimsoll.domain.errors import LedgerUnreadable
from plimsoll.domain.said import say

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

ALREADY_OPEN = say("Plimsoll is already open for this folder.")
NO_ANSWER = say(
    "Plimsoll is already open for this folder, but does not answer. End it, and start again."
)

_ONE_TRY_MS = 250
_ANSWER_MS = 3000
_TRIES = 5
"""The first window may hold its lock a moment before it listens, so ask for about a second."""


class Instance(QObject):
    """The claim of this process on one data directory, held until `release` or exit.

    Signals:
        raise_asked(): another start asks this window to come to the front.
    """

    raise_asked = Signal()

    def __init__(self, data_dir: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = data_dir
        self._lock = QLockFile(str(data_dir / "window.lock"))
        # A lock whose process is gone is taken over at once; one whose process lives, never.
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None

    def claim(self) -> bool:
        """Take the lock, making the folder (0700) on a first start; False if another window has it.

        Raises `LedgerUnreadable` if the folder cannot be written.
        """
        with suppress(OSError):  # then the lock cannot be written either, and says so
            Path(self._lock.fileName()).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._lock.tryLock(0):
            return True
        if self._lock.error() is QLockFile.LockError.LockFailedError:
            return False
        raise LedgerUnreadable(
            say(
                "The folder {parent} cannot be written.",
                parent=str(Path(self._lock.fileName()).parent),
            ),
            remedy=say("Check its permissions, or choose another with --data-dir."),
        )

    def listen(self) -> bool:
        """Answer other starts from now on; only the holder of the lock may."""
        from PySide6.QtNetwork import QLocalServer

        name = server_name(self._folder)
        QLocalServer.removeServer(name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        return self._server.listen(name)

    def ask_to_raise(self) -> bool:
        """Ask the window that holds the lock to come to the front; whether it heard."""
        from PySide6.QtNetwork import QLocalSocket

        name = server_name(self._folder)
        for _ in range(_TRIES):
            socket = QLocalSocket()
            socket.connectToServer(name)
            if socket.waitForConnected(_ONE_TRY_MS):
                # The system takes a connection for a window that hangs; only its end says more.
                ended = socket.state() is QLocalSocket.LocalSocketState.UnconnectedState
                return ended or socket.waitForDisconnected(_ANSWER_MS)
            # A refused connection returns at once; this process has no window that could freeze.
            QThread.msleep(_ONE_TRY_MS)
        return False

    def release(self) -> None:
        """Stop listening and give the folder back."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()

    def _answer(self) -> None:
        server = self._server
        while server is not None and (connection := server.nextPendingConnection()) is not None:
            connection.disconnected.connect(connection.deleteLater)
            connection.disconnectFromServer()
            self.raise_asked.emit()


def server_name(data_dir: Path) -> str:
    """A name for the local socket that differs from folder to folder and fits any platform."""
    import hashlib

    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()
    return f"plimsoll-{digest[:20]}"
