"""A link to the page of a provider's console: opened in the browser, plain https or not at all."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.words import tr


class ConsoleLink(LinkButton):
    """Where a key is made; `words` say so, with the `{place}` in them."""

    def __init__(self, url: str = "", *, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(icon="link", parent=parent)
        self.setAutoDefault(False)
        self._url = ""
        self._words = words or tr("Where to make one: {place}")
        self.clicked.connect(lambda: open_console(self._url))
        self._lead_to(url)
        if not may_open(url):
            self.hide()

    def show_place(self, url: str) -> None:
        """Lead to another page; hidden for one that is not opened."""
        self._lead_to(url)
        self.setVisible(may_open(url))

    def _lead_to(self, url: str) -> None:
        self._url = url
        self.setText(self._words.format(place=host_of(url)))
        self.setToolTip(url)


def may_open(url: str) -> bool:
    """Whether an address may be handed to the browser: plain https, nothing hidden in it."""
    address = QUrl(url, QUrl.ParsingMode.StrictMode)
    return (
        address.isValid()
        and address.scheme() == "https"
        and bool(address.host())
        and not address.userInfo()
    )


def host_of(url: str) -> str:
    """The part of an address that a person recognises."""
    return QUrl(url).host()


def open_console(url: str) -> None:
    """Open a provider's console in the browser; anything but plain https is ignored."""
    if may_open(url):
        QDesktopServices.openUrl(QUrl(url))
