"""Days that are typed or picked from a calendar: one, or from one to another, both included."""

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
        self.first, self.last = day_field(tr("From")), day_field(tr("To"))
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
        return Period(day_in(self.first), day_in(self.last))

    def show_period(self, period: Period) -> None:
        """Show other days, without a signal."""
        for field, day in ((self.first, period.first), (self.last, period.last)):
            show_day(field, day)

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


def day_field(name: str) -> QDateEdit:
    """A field for one day."""
    field = QDateEdit()
    field.setCalendarPopup(True)
    field.setDisplayFormat("yyyy-MM-dd")
    field.setDateRange(QDate(2015, 1, 1), QDate(2099, 12, 31))
    # A day is read when it is whole, not at every digit on the way.
    field.setKeyboardTracking(False)
    field.setAccessibleName(name)
    return field


def day_in(field: QDateEdit) -> date:
    """The day that stands in a field."""
    chosen = field.date()
    return date(chosen.year(), chosen.month(), chosen.day())


def show_day(field: QDateEdit, day: date) -> None:
    """Show another day, without a signal."""
    field.blockSignals(True)
    field.setDate(QDate(day.year, day.month, day.day))
    field.blockSignals(False)
