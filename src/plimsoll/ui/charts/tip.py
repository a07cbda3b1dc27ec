"""The card beside the pointed day: a title, rows with a colour each, a total in bold."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from plimsoll.ui import theme as look

_SHADOW = 14
_PAD_X = 12
_PAD_Y = 9
_LINE = 18.0
_SWATCH = 9.0
_GAP = 20.0


@dataclass(frozen=True, slots=True)
class TipRow:
    """One line: words, a figure, and the colour that it has in the chart (None without)."""

    label: str
    value: str = ""
    colour: QColor | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Tip:
    """What a day says: its title, its rows, and a quiet remark under them."""

    title: str
    rows: tuple[TipRow, ...] = ()
    note: str = ""

    def sentence(self) -> str:
        """The same for a screen reader."""
        parts = [self.title, *(f"{row.label} {row.value}".strip() for row in self.rows), self.note]
        return ", ".join(part for part in parts if part)


class TipCard(QWidget):
    """A card with the one soft shadow of the program; it never takes the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._tip = Tip("")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_tip(self, tip: Tip, anchor: QPointF, *, reach: float, edge: float) -> None:
        """Stand beside `anchor` (pixels of the parent), at its left where it would pass `edge`."""
        self._tip = tip
        size = self._size_of(tip)
        self.resize(size)
        parent = self.parentWidget()
        if parent is None:
            return
        room = parent.rect()
        left = anchor.x() + reach - _SHADOW
        other_side = anchor.x() - reach - size.width() + _SHADOW
        if left + size.width() - _SHADOW > edge and other_side >= 4.0 - _SHADOW:
            left = other_side
        left = max(4.0 - _SHADOW, min(left, room.width() - size.width() + _SHADOW - 4.0))
        top = min(anchor.y() - _SHADOW, room.height() - size.height() + _SHADOW - 4.0)
        self.move(round(left), round(max(4.0 - _SHADOW, top)))
        self.show()
        self.raise_()
        self.update()

    def _size_of(self, tip: Tip) -> QSize:
        plain, strong = (QFontMetricsF(look.font(12, weight)) for weight in (400, 600))
        width = strong.horizontalAdvance(tip.title)
        for row in tip.rows:
            metrics = strong if row.strong else plain
            swatch = _SWATCH + 7 if row.colour is not None else 0
            figure = metrics.horizontalAdvance(row.value)
            words = metrics.horizontalAdvance(row.label)
            width = max(width, swatch + words + (_GAP + figure if figure else 0))
        lines = 1 + len(tip.rows) + (1 if tip.note else 0)
        if tip.note:
            width = max(width, plain.horizontalAdvance(tip.note))
        return QSize(
            round(width + 2 * _PAD_X + 2 * _SHADOW + 1),
            round(lines * _LINE + 2 * _PAD_Y + 2 * _SHADOW),
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint."""
        theme = look.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        card = QRectF(self.rect()).adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        self._paint_shadow(painter, card, dark=theme.dark)
        painter.setPen(theme.colour("border"))
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        left, right, y = card.left() + _PAD_X, card.right() - _PAD_X, card.top() + _PAD_Y
        self._paint_row(painter, TipRow(self._tip.title, strong=True), left, right, y)
        for row in self._tip.rows:
            y += _LINE
            self._paint_row(painter, row, left, right, y)
        if self._tip.note:
            painter.setFont(look.font(12))
            painter.setPen(theme.colour("faint"))
            box = QRectF(left, y + _LINE, right - left, _LINE)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self._tip.note)
        painter.end()

    @staticmethod
    def _paint_shadow(painter: QPainter, card: QRectF, *, dark: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(_SHADOW - 2, 0, -1):
            share = (1 - step / (_SHADOW - 1)) ** 2
            painter.setBrush(QColor(0, 0, 0, round((18 if dark else 7) * share)))
            painter.drawRoundedRect(
                card.adjusted(-step, -step + 3, step, step + 3).intersected(
                    card.adjusted(-_SHADOW, -_SHADOW, _SHADOW, _SHADOW)
                ),
                8 + step,
                8 + step,
            )

    @staticmethod
    def _paint_row(painter: QPainter, row: TipRow, left: float, right: float, y: float) -> None:
        theme = look.current()
        if row.colour is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(row.colour)
            painter.drawRoundedRect(QRectF(left, y + (_LINE - _SWATCH) / 2, _SWATCH, _SWATCH), 2, 2)
            left += _SWATCH + 7
        painter.setFont(look.font(12, 600 if row.strong else 400))
        painter.setPen(theme.colour("text" if row.strong else "muted"))
        box = QRectF(left, y, right - left, _LINE)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, row.label)
        painter.setPen(theme.colour("text"))
        painter.drawText(
            box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.value
        )
