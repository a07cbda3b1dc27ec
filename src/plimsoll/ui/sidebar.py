"""The sidebar: where the pages are, and at its foot how fresh the figures are."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from plimsoll.ui import theme
from plimsoll.ui.places import Destination
from plimsoll.ui.words import tr

WIDTH = 212
_ICON = 18

_SHEET = Template("""
QFrame#sidebar { background: $card; border: none; border-right: 1px solid $border; }
QPushButton[kind="nav"] { background: transparent; color: $muted; border: 1px solid transparent;
    border-radius: 8px; padding: 0 12px; text-align: left; min-height: 34px; max-height: 34px; }
QPushButton[kind="nav"]:hover { background: $hover; color: $text; }
QPushButton[kind="nav"]:checked { background: $selected; color: $text; font-weight: 600; }
QPushButton[kind="nav"]:focus { border: 1px solid $accent; padding: 0 12px; }
QProgressBar { background: $selected; border: none; border-radius: 1px; max-height: 3px;
    min-height: 3px; }
QProgressBar::chunk { background: $accent; border-radius: 1px; }
""")


class Sidebar(QFrame):
    """The list of pages, Settings and Help, and the state of the sync.

    Signals:
        page_asked(str): show a page.
        help_asked(): explain the page on screen.
        cancel_asked(): stop the sync.
    """

    page_asked = Signal(str)
    help_asked = Signal()
    cancel_asked = Signal()

    def __init__(
        self,
        pages: Sequence[Destination],
        below: Sequence[Destination],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setFixedWidth(WIDTH)
        self.buttons: dict[str, NavButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._glyph = QLabel()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 16, 12, 14)
        whole.setSpacing(4)
        whole.addLayout(self._name_row())
        whole.addSpacing(10)
        for place in pages:
            whole.addWidget(self._button(place))
        whole.addStretch(1)
        for place in below:
            whole.addWidget(self._button(place))
        self.help = NavButton(Destination("help", "help", tr("Help"), "F1"), checkable=False)
        self.help.clicked.connect(self.help_asked)
        whole.addWidget(self.help)
        whole.addSpacing(6)
        whole.addWidget(self._foot())
        theme.observer().changed.connect(self._dress)
        self._dress()

    def show_page(self, name: str) -> None:
        """Mark the page on screen."""
        button = self.buttons.get(name)
        if button is not None:
            button.setChecked(True)

    def show_status(self, sentence: str, *, tone: str = "muted", detail: str = "") -> None:
        """The line at the foot: how fresh the figures are."""
        self.status.say(sentence, detail or sentence)
        if self.status.property("tone") != tone:
            self.status.setProperty("tone", tone)
            self.status.style().unpolish(self.status)
            self.status.style().polish(self.status)

    def show_progress(self, sentence: str, share: float | None) -> None:
        """A sync is under way; `share` of 0 to 1, or None while nobody knows."""
        self.progress.setRange(0, 0 if share is None else 1000)
        if share is not None:
            self.progress.setValue(round(share * 1000))
        self.progress.setVisible(True)
        self.cancel.setVisible(True)
        self.show_status(sentence)

    def hide_progress(self) -> None:
        """The sync is over."""
        self.progress.setVisible(False)
        # A busy bar keeps a timer running for as long as its range is empty.
        self.progress.setRange(0, 1000)
        self.cancel.setVisible(False)

    def _name_row(self) -> QHBoxLayout:
        name = QLabel("Plimsoll")
        name.setFont(theme.font(15, 600))
        row = QHBoxLayout()
        row.setContentsMargins(10, 2, 0, 0)
        row.setSpacing(9)
        row.addWidget(self._glyph)
        row.addWidget(name)
        row.addStretch(1)
        return row

    def _button(self, place: Destination) -> NavButton:
        button = NavButton(place)
        button.clicked.connect(lambda: self.page_asked.emit(place.name))
        self._group.addButton(button)
        self.buttons[place.name] = button
        return button

    def _foot(self) -> QWidget:
        self.status = ElidedLines()
        self.status.setFont(theme.font(12))
        self.status.setProperty("tone", "muted")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setVisible(False)
        self.progress.setAccessibleName(tr("Sync progress"))
        self.cancel = QPushButton()
        self.cancel.setProperty("kind", "icon")
        self.cancel.setFixedSize(24, 24)
        self.cancel.setToolTip(tr("Stop the sync"))
        self.cancel.setAccessibleName(tr("Stop the sync"))
        self.cancel.clicked.connect(self.cancel_asked)
        self.cancel.setVisible(False)
        foot = QWidget()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.status, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(foot)
        column.setContentsMargins(10, 0, 4, 0)
        column.setSpacing(6)
        column.addWidget(self.progress)
        column.addLayout(row)
        return foot

    def _dress(self) -> None:
        look = theme.current()
        self.setStyleSheet(
            _SHEET.substitute(
                card=look.card,
                border=look.border,
                muted=look.muted,
                text=look.text,
                hover=look.hover,
                selected=look.selected,
                accent=look.accent,
            )
        )
        ratio = self.devicePixelRatioF()
        self._glyph.setPixmap(theme.pixmap("plimsoll", "accent", 22, ratio=ratio))
        self.cancel.setIcon(theme.icon("close", sizes=(16,)))


class NavButton(QPushButton):
    """One line of the sidebar; the chosen one has a darker icon and a tinted ground."""

    def __init__(self, place: Destination, *, checkable: bool = True) -> None:
        # The wide space keeps the words off the icon; && is one & and no shortcut.
        super().__init__("\u2002" + place.title.replace("&", "&&"))
        self.setAccessibleName(place.title)
        self._icon_name = place.icon
        self.setProperty("kind", "nav")
        self.setCheckable(checkable)
        self.setFont(theme.font(13, 500))
        self.setIconSize(QSize(_ICON, _ICON))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if place.shortcut:
            self.setToolTip(f"{place.title} ({place.shortcut})")
        self.toggled.connect(self._paint_icon)
        theme.observer().changed.connect(self._paint_icon)
        self._paint_icon()

    def _paint_icon(self) -> None:
        role = "text" if self.isChecked() else "muted"
        self.setIcon(theme.icon(self._icon_name, role, sizes=(_ICON,)))


class ElidedLines(QLabel):
    """A sentence on two lines, broken at its first ` · `; a line that has no room ends in …, and
    the whole is in the tooltip. It always takes the room of two lines, so that nothing moves.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = ""
        self.setMinimumWidth(20)

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return self._sentence

    def say(self, sentence: str, detail: str = "") -> None:
        """Show a sentence, and more in the tooltip."""
        self._sentence = sentence
        self.setToolTip(detail or sentence)
        self.setAccessibleName(sentence)
        self._fit()

    def _fit(self) -> None:
        metrics = QFontMetrics(self.font())
        self.setMinimumHeight(2 * metrics.lineSpacing())
        room, cut = max(self.width(), 20), Qt.TextElideMode.ElideRight
        lines = self._sentence.split(" · ", 1)
        self.setText("\n".join(metrics.elidedText(line, cut, room) for line in lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the lines to the new width."""
        super().resizeEvent(event)
        self._fit()
