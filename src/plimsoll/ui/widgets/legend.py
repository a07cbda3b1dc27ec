"""The legend above a stack: a click brings a series to the baseline, another one back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import draw_focus
from plimsoll.ui.charts.stacked_bars import LegendEntry, StackedBars
from plimsoll.ui.words import tr

_SWATCH = 10.0
_GAP = 11
_PAD = 7.0
_LINE = 22


class Legend(QWidget):
    """Swatches with names that flow to as many lines as they need.

    Signals:
        chosen(LegendEntry | None): this series belongs on the baseline; None puts all back.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[_LegendButton] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Legend"))

    def show_entries(
        self, entries: Sequence[LegendEntry], *, baseline: LegendEntry | None = None
    ) -> None:
        """Show these series, and which of them stands on the baseline."""
        if [button.entry for button in self._buttons] != list(entries):
            for button in self._buttons:
                button.hide()
                button.deleteLater()
            self._buttons = [_LegendButton(entry, self) for entry in entries]
            for button in self._buttons:
                button.clicked.connect(self._say)
                button.show()
        for button in self._buttons:
            button.setChecked(button.entry == baseline)
        self._flow()
        self.updateGeometry()

    def follow(self, chart: StackedBars) -> None:
        """Be the legend of a chart: a click here changes its baseline. Call once; after every
        `show_stack` call `show_entries(chart.legend_entries(), baseline=chart.baseline)`.
        """
        self.chosen.connect(chart.bring_to_baseline)
        self.show_entries(chart.legend_entries(), baseline=chart.baseline)

    def buttons(self) -> tuple[QAbstractButton, ...]:
        """The real buttons, in order."""
        return tuple(self._buttons)

    def _say(self) -> None:
        pressed = self.sender()
        for button in self._buttons:
            if button is not pressed:
                button.setChecked(False)
        entry = next((button.entry for button in self._buttons if button.isChecked()), None)
        self.chosen.emit(entry)

    def _places(self, width: int) -> tuple[list[QPoint], int]:
        """Where every button stands in a given width, and how high that is."""
        x = y = 0
        places = []
        for button in self._buttons:
            size = button.sizeHint()
            if x and x + size.width() > width:
                x, y = 0, y + _LINE
            places.append(QPoint(x, y))
            x += size.width() + _GAP
        return places, (y + _LINE if self._buttons else 0)

    def _flow(self) -> None:
        places, height = self._places(self.width())
        for button, place in zip(self._buttons, places, strict=True):
            button.setGeometry(QRect(place, button.sizeHint()))
        if self.minimumHeight() != height:
            self.setFixedHeight(height)

    def hasHeightForWidth(self) -> bool:
        """It flows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As many lines as are needed."""
        return self._places(width)[1]

    def sizeHint(self) -> QSize:
        """One line, if there is room."""
        width = sum(button.sizeHint().width() + _GAP for button in self._buttons)
        return QSize(width, self._places(self.width() or width)[1])

    def minimumSizeHint(self) -> QSize:
        """The widest entry."""
        widest = max((button.sizeHint().width() for button in self._buttons), default=0)
        return QSize(widest, self._places(max(self.width(), widest))[1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Flow again."""
        super().resizeEvent(event)
        self._flow()


class _LegendButton(QAbstractButton):
    """One swatch with its name."""

    def __init__(self, entry: LegendEntry, parent: QWidget) -> None:
        super().__init__(parent)
        self.entry = entry
        self.setText(entry.label)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tr("Show on the baseline"))
        self.setAccessibleName(entry.label)

    def sizeHint(self) -> QSize:
        """The swatch and the name, in bold so that nothing moves."""
        width = QFontMetricsF(look.font(12, 500)).horizontalAdvance(self.text())
        return QSize(round(_SWATCH + _PAD + width + 5), _LINE)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The name answers."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Swatch, name, and a line under the series that stands on the baseline."""
        theme = look.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        swatch = QRectF(0, (self.height() - _SWATCH) / 2, _SWATCH, _SWATCH)
        painter.setPen(theme.colour("text") if theme.high_contrast else Qt.PenStyle.NoPen)
        painter.setBrush(self.entry.colour(theme))
        painter.drawRoundedRect(swatch, 3, 3)
        strong = self.isChecked() or self.underMouse()
        painter.setFont(look.font(12, 500 if self.isChecked() else 400))
        painter.setPen(theme.colour("text" if strong else "muted"))
        left = _SWATCH + _PAD
        box = QRectF(left, 0, self.width() - left, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.isChecked():
            line = QRectF(box.left(), self.height() - 3, box.width() - 4, 2)
            painter.fillRect(line, self.entry.colour(theme))
        if self.hasFocus():
            draw_focus(painter, box.adjusted(-5, 0, 0, 0), theme)
        painter.end()
