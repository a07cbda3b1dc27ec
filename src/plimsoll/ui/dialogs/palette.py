"""The command palette (Ctrl+K): every page and action, found by typing a part of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from plimsoll.ui import theme
from plimsoll.ui.words import tr

_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette. `also` are further words by which it is found."""

    title: str
    run: Callable[[], None]
    icon: str = "chevron-right"
    shortcut: str = ""
    also: str = ""


class Palette(QDialog):
    """A field and a list; Enter runs the marked command, Escape leaves."""

    def __init__(self, commands: Sequence[Command], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Commands"))
        self._commands = tuple(commands)
        self._chosen: Command | None = None
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Go to a page or do something …"))
        self.field.setAccessibleName(tr("Commands"))
        self.field.setFont(theme.font(14))
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setIconSize(QSize(18, 18))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Line(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda _item: self._take())
        frame = QFrame()
        frame.setObjectName("popover")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(12, 12, 12, 8)
        inside.setSpacing(8)
        inside.addWidget(self.field)
        inside.addWidget(self.list)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(frame)
        look = theme.current()
        self.list.setStyleSheet(
            f"QListWidget {{ background: transparent; outline: none; color: {look.text}; }}"
            "QListWidget::item { padding: 0 8px; border-radius: 6px; min-height: 32px; }"
            f"QListWidget::item:selected {{ background: {look.selected}; color: {look.text}; }}"
        )
        self.resize(520, 360)
        self._filter("")

    @property
    def titles(self) -> tuple[str, ...]:
        """The commands that are listed now."""
        return tuple(c.title for c in self._listed)

    def open_over(self, window: QWidget) -> None:
        """Open near the top of a window, where the eyes are."""
        x = (window.width() - self.width()) // 2
        self.move(window.mapToGlobal(QPoint(x, window.height() // 8)))
        self.show()
        self.field.setFocus()

    def _filter(self, typed: str) -> None:
        words = typed.casefold().split()
        self._listed = tuple(
            command
            for command in self._commands
            if all(word in f"{command.title} {command.also}".casefold() for word in words)
        )
        self.list.clear()
        for command in self._listed:
            item = QListWidgetItem(theme.icon(command.icon), command.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, command.shortcut)
        self.list.setCurrentRow(0)

    def _take(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._listed):
            self._chosen = self._listed[row]
            self.close()
            self._chosen.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Let the arrow keys move in the list while the field keeps the focus."""
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.KeyPress and event.key() in _MOVES:
                self.list.keyPressEvent(event)
                return True
            if event.type() is QEvent.Type.KeyPress and event.key() in (
                Qt.Key.Key_Return,
                Qt.Key.Key_Enter,
            ):
                self._take()
                return True
        return super().eventFilter(watched, event)


class _Line(QStyledItemDelegate):
    """A command with its keys at the right."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Icon and title as usual, the keys in a quiet colour."""
        super().paint(painter, option, index)
        keys = index.data(Qt.ItemDataRole.UserRole)
        if keys:
            painter.save()
            painter.setFont(theme.font(12))
            painter.setPen(theme.current().colour("faint"))
            box = option.rect.adjusted(0, 0, -14, 0)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, keys)
            painter.restore()
