"""Cards: the calm surfaces that everything stands on, and the one with a big figure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.charts.sparkline import Sparkline
from plimsoll.ui.widgets.amounts import ASKS
from plimsoll.ui.widgets.labels import ElidedWords, Tone, Words, widen

_VALUE_SIZES = (26, 22, 19, 16)
_CHIP_ICON = 13


class Card(QFrame):
    """A rounded surface with a title, a quiet note at the right, and a body.

    Put things into `body`, a vertical layout, and actions into `header`, the title's row.
    """

    def __init__(self, title: str = "", *, note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._title = Words(title, size=14, weight=600)
        self._note = Words(note, tone="faint", size=12)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.header.addWidget(self._title)
        self.header.addStretch(1)
        self.header.addWidget(self._note)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(8)
        column.addLayout(self.header)
        column.addLayout(self.body, 1)
        self.set_title(title)
        self.set_note(note)

    def set_title(self, title: str) -> None:
        """Another title; it names the card for screen readers too."""
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self.setAccessibleName(title)

    def set_note(self, note: str) -> None:
        """Another note; empty for none."""
        self._note.setText(note)
        self._note.setVisible(bool(note))

    @property
    def title(self) -> str:
        """The title in words."""
        return self._title.text()

    @property
    def note(self) -> str:
        """The note in words."""
        return self._note.text()

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a widget at the end of the body."""
        self.body.addWidget(widget, stretch)


class Chip(QLabel):
    """A small word in a rounded field: *Billed*, *Estimated*, *Not final*."""

    def __init__(
        self, text: str = "", *, tone: str = "muted", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._tone = tone
        self._icon = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(look.font(11, 500))
        self.setProperty("tone", tone)
        self.setContentsMargins(7, 2, 7, 2)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_words(self, text: str, *, tone: str = "muted", tip: str = "", icon: str = "") -> None:
        """Another word, with an icon before it where it has one; an empty one takes no room."""
        self._tone = tone
        self._icon = icon
        self.setContentsMargins(7 + (_CHIP_ICON + 4 if icon else 0), 2, 7, 2)
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setText(text)
        self.setToolTip(tip)
        self.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The field behind the word."""
        theme = look.current()
        colour = theme.colour(self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(colour if theme.high_contrast else Qt.PenStyle.NoPen)
        painter.setBrush(look.faded(colour, 0.13))
        painter.drawRoundedRect(self.rect(), 6, 6)
        if self._icon:
            ratio = self.devicePixelRatioF()
            drawing = look.pixmap(self._icon, self._tone, _CHIP_ICON, ratio=ratio)
            painter.drawPixmap(QPointF(7, (self.height() - _CHIP_ICON) / 2), drawing)
        painter.end()
        super().paintEvent(event)


class FigureCard(QFrame):
    """A figure: caption, value, one sentence with a tone, evidence, and a line or bar below.

    Signals:
        opened(): the card was clicked, or Enter, Space or I pressed on it.
    """

    opened = Signal()

    def __init__(self, caption: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._openable = True
        self._caption = ElidedWords(caption, tone="muted", size=12)
        self._caption.setMinimumHeight(20)
        self._chip = Chip()
        self._chip.hide()
        self._value = Words(size=_VALUE_SIZES[0], weight=600)
        self._value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._value.setMinimumHeight(34)
        self._arrow = QLabel()
        self._arrow_name = ""
        self._arrow.hide()
        self._sentence = Words(tone="muted", size=12, weight=500, wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._sentence.setMinimumHeight(self._sentence.fontMetrics().height())
        widen(self._sentence)
        self._trend = Sparkline()
        self._trend.hide()
        self._body: QWidget | None = None
        self._build()
        self.set_openable(openable=True)

    def show_figure(
        self,
        value: str,
        *,
        sentence: str = "",
        tone: Tone = Tone.NEUTRAL,
        arrow: str = "",
        evidence: str = "",
        evidence_tip: str = "",
    ) -> None:
        """Show a value and what it means. `arrow` is `up`, `down` or empty, and always grey: more
        is not bad by itself. `evidence` is the word of the chip (*Billed*, *Estimated*).
        """
        self._value.setText(value)
        self._fit_value()
        self._sentence.setText(sentence)
        self._sentence.set_tone(tone)
        self._arrow_name = {"up": "arrow-up", "down": "arrow-down"}.get(arrow, "")
        self._arrow.setVisible(bool(self._arrow_name))
        self._tint()
        self._chip.show_words(evidence, tip=evidence_tip)
        self._name_itself()

    def set_caption(self, caption: str) -> None:
        """Another caption."""
        self._caption.setText(caption)
        self._name_itself()

    def show_trend(self, values: Sequence[int | None]) -> None:
        """A small line below; fewer than two known values show none."""
        self._trend.show_values(values)
        self._trend.setVisible(sum(value is not None for value in values) > 1)

    def set_body(self, body: QWidget) -> None:
        """Something else below, such as a `BudgetBar`, in place of what was there."""
        if self._body is not None:
            self._column.removeWidget(self._body)
            self._body.deleteLater()
        self._body = body
        self._column.addWidget(body)

    def set_openable(self, *, openable: bool) -> None:
        """Whether a click leads somewhere."""
        self._openable = openable
        self.setProperty("openable", openable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if openable else Qt.FocusPolicy.NoFocus)
        shape = Qt.CursorShape.PointingHandCursor if openable else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    @property
    def value(self) -> str:
        """The figure in words."""
        return self._value.text()

    @property
    def sentence(self) -> str:
        """The sentence below it."""
        return self._sentence.text()

    @property
    def evidence(self) -> str:
        """The word of the chip."""
        return self._chip.text()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._caption, 1)
        top.addWidget(self._chip)
        meaning = QHBoxLayout()
        meaning.setSpacing(4)
        meaning.addWidget(self._arrow, 0, Qt.AlignmentFlag.AlignTop)
        meaning.addWidget(self._sentence, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(18, 13, 18, 14)
        self._column.setSpacing(2)
        self._column.addLayout(top)
        self._column.addWidget(self._value)
        self._column.addLayout(meaning)
        self._column.addStretch(1)
        self._column.addWidget(self._trend)
        self.setMinimumHeight(124)
        self.setMinimumWidth(190)

    def _fit_value(self) -> None:
        """The largest size in which the figure is whole."""
        room = self.width() - 38
        for size in _VALUE_SIZES:
            made = look.font(size, 600)
            self._value.setFont(made)
            if self._value.fontMetrics().horizontalAdvance(self._value.text()) <= room:
                return

    def _tint(self) -> None:
        if self._arrow_name:
            ratio = self.devicePixelRatioF()
            self._arrow.setPixmap(look.pixmap(self._arrow_name, "faint", 14, ratio=ratio))

    def _name_itself(self) -> None:
        words = (self._caption.text(), self._value.text(), self._chip.text())
        self.setAccessibleName(", ".join(word for word in words if word))
        self.setAccessibleDescription(self._sentence.text())

    def sizeHint(self) -> QSize:
        """Wide enough for a figure and its line."""
        return QSize(240, max(124, super().sizeHint().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The figure fits again."""
        super().resizeEvent(event)
        self._fit_value()

    def changeEvent(self, event: QEvent) -> None:
        """A new palette is a new theme."""
        if event.type() in look.THEME_EVENTS and hasattr(self, "_arrow_name"):
            self._tint()
        super().changeEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens."""
        inside = self.rect().contains(event.position().toPoint())
        if self._openable and inside and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Space and I open."""
        if self._openable and event.key() in ASKS:
            self.opened.emit()
        else:
            super().keyPressEvent(event)
