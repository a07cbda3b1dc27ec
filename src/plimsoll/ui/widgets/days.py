"""From one day to another, both included, typed or picked from a calendar."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QWidget

from plimsoll.domain.calendar import Period
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr


class DayRange(QWidget):
    """Two days. The second is never before the first: the other one follows.

    Signals:
        chosen(Period): the user chose other days.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.last = _field(tr("From")), _field(tr("To"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.first)
        row.addWidget(Words(tr("to"), tone="muted"))
        row.addWidget(self.last)
        self.first.dateChanged.connect(self._first_moved)
        self.last.dateChanged.connect(self._last_moved)

    @property
    def period(self) -> Period:
        """The days as they stand."""
        return Period(_day(self.first), _day(self.last))

    def show_period(self, period: Period) -> None:
        """Show other days, without a signal."""
        for field, day in ((self.first, period.first), (self.last, period.last)):
            field.blockSignals(True)
            field.setDate(QDate(day.year, day.month, day.day))
            field.blockSignals(False)

    def _first_moved(self, moved: QDate) -> None:
        if self.last.date() < moved:
            self.last.blockSignals(True)
            self.last.setDate(moved)
            self.last.blockSignals(False)
        self.chosen.emit(self.period)

    def _last_moved(self, moved: QDate) -> None:
        if moved < self.first.date():
            self.first.blockSignals(True)
            self.first.setDate(moved)
            self.first.blockSignals(False)
        self.chosen.emit(self.period)


def _field(name: str) -> QDateEdit:
    field = QDateEdit()
    field.setCalendarPopup(True)
    field.setDisplayFormat("yyyy-MM-dd")
    field.setDateRange(QDate(2020, 1, 1), QDate(2099, 12, 31))
    # A day is read when it is whole, not at every digit on the way.
    field.setKeyboardTracking(False)
    field.setAccessibleName(name)
    return field


def _day(field: QDateEdit) -> date:
    chosen = field.date()
    return date(chosen.year(), chosen.month(), chosen.day())
