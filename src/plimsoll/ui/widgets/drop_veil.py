"""The veil over the window while a file is held over it: let go, and it is looked at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.words import tr

_MARGIN = 18


class DropVeil(QWidget):
    """A dashed frame with one sentence. It takes no events of its own."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Lie over the whole parent."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The window shows through; the words stand on a field of their own."""
        theme = look.current()
        whole = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.fillRect(self.rect(), look.faded(theme.colour("window"), 0.82))
        painter.setPen(QPen(theme.colour("accent"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(look.faded(theme.colour("accent"), 0.06))
        painter.drawRoundedRect(whole, 14, 14)
        painter.setPen(theme.colour("text"))
        painter.setFont(look.font(16, 600))
        words = tr("Let go to see what the file brings. Nothing is taken before you say so.")
        painter.drawText(
            whole.adjusted(40, 0, -40, 0),
            int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
            words,
        )
        painter.end()


def files_in(held: QMimeData) -> list[Path]:
    """The files and folders of this machine that are dragged or pasted."""
    return [Path(url.toLocalFile()) for url in held.urls() if url.isLocalFile()]
