"""What needs you: at most three calm lines, each with the page where it is settled."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from plimsoll.services.answers import Need
from plimsoll.ui import theme as look
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import in_words, tr

_LOOKS = {"failed": ("failed", "bad"), "warning": ("warning", "warn"), "hint": ("info", "muted")}


class Needs(QFrame):
    """A card of lines; when nothing needs the user it says so.

    Signals:
        page_asked(str): open the page where a line is settled.
    """

    page_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAccessibleName(tr("What needs you"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._needs: tuple[Need, ...] = ()
        self._rows: list[_NeedRow] = []
        caption = Words(tr("What needs you"), tone="muted", size=12)
        caption.setMinimumHeight(28)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(18, 5, 12, 5)
        whole.setSpacing(22)
        whole.addWidget(caption, 0, Qt.AlignmentFlag.AlignTop)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        whole.addLayout(self._lines, 1)
        self.show_needs(())

    def show_needs(self, needs: Sequence[Need]) -> None:
        """Show other lines."""
        self._needs = tuple(needs)
        for row in self._rows:
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [
            _NeedRow(
                *_LOOKS.get(need.kind, _LOOKS["hint"]), in_words(need.sentence), action=tr("Open")
            )
            for need in self._needs
        ]
        for row, need in zip(self._rows, self._needs, strict=True):
            row.link.clicked.connect(lambda _=False, page=need.page: self.page_asked.emit(page))
        if not self._needs:
            self._rows = [_NeedRow("done", "good", tr("Nothing now."), action="")]
        for row in self._rows:
            self._lines.addWidget(row)
        self.setAccessibleDescription(tr(" ").join(in_words(need.sentence) for need in self._needs))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it says, line by line."""
        return tuple(in_words(need.sentence) for need in self._needs)

    @property
    def links(self) -> tuple[LinkButton, ...]:
        """The button of every line."""
        return tuple(row.link for row in self._rows)


class _NeedRow(QWidget):
    """One line: an icon with its tone, the sentence, where to go."""

    def __init__(self, icon: str, role: str, sentence: str, *, action: str) -> None:
        super().__init__()
        self._look = (icon, role)
        self._icon = QLabel()
        words = Words(sentence, wrap=True)
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.link = LinkButton(action)
        if not action:
            self.link.hide()
        self.link.setAccessibleName(f"{action}: {sentence}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 1, 0, 1)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(words, 1)
        row.addWidget(self.link)
        self.setMinimumHeight(28)
        self._tint()

    def _tint(self) -> None:
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(look.pixmap(*self._look, 16, ratio=ratio))

    def changeEvent(self, event: QEvent) -> None:
        """A new palette is a new theme."""
        if event.type() in look.THEME_EVENTS and hasattr(self, "link"):
            self._tint()
        super().changeEvent(event)
