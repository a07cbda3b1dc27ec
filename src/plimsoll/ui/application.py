"""The one `QApplication`, dressed as the user chose, and the dialog for a start that failed."""

from __future__ import annotations

import sys

from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from plimsoll.domain.errors import PlimsollError
from plimsoll.services.settings import Settings
from plimsoll.shipped import resource
from plimsoll.ui import theme
from plimsoll.ui.words import in_words, use_language


def application_for(settings: Settings) -> QApplication:
    """The running application, or a new one, in the user's theme and language."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("plimsoll")
    application.setApplicationDisplayName("Plimsoll")
    application.setDesktopFileName("plimsoll")
    use_language(settings.language)
    theme.use(settings.theme)
    return application


def show_icon() -> None:
    """Give every window our icon; not before figures, for its format has a plugin to load."""
    QGuiApplication.setWindowIcon(QIcon(str(resource("icons/app.svg"))))


def is_dressed() -> bool:
    """Whether the running application has our look already."""
    application = QApplication.instance()
    return isinstance(application, QApplication) and bool(application.styleSheet())


def show_failure(error: PlimsollError) -> int:
    """For a start without a terminal: a plain dialog that says why the window cannot open.

    Answers the exit code, 1.
    """
    from PySide6.QtWidgets import QMessageBox

    application_for(Settings())
    show_icon()
    box = QMessageBox(QMessageBox.Icon.Warning, in_words(error.title), in_words(error.sentence))
    box.setInformativeText(in_words(error.remedy))
    box.exec()
    return 1
