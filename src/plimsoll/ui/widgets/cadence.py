"""How a budget's period comes round, as a form asks for it: a span, and the day it begins on."""

from __future__ import annotations

from datetime import date

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QStackedWidget, QVBoxLayout, QWidget

from plimsoll.domain.cadence import MOST_ROLLING_DAYS, Cadence, Rolling, Starting
from plimsoll.domain.calendar import Period, Span, month_of
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.days import DayRange
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import short_day, tr

ROLLING, ONCE = "rolling", "once"


class CadenceField(QWidget):
    """A choice of spans; under it, where there is one, the day on which it begins."""

    def __init__(self, *, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.span = SegmentedControl(
            (
                (Span.DAY, tr("Daily")),
                (Span.WEEK, tr("Weekly")),
                (Span.MONTH, tr("Monthly")),
                (Span.QUARTER, tr("Quarterly")),
                (Span.YEAR, tr("Yearly")),
                (ROLLING, tr("Rolling")),
                (ONCE, tr("Once")),
            ),
            name=tr("Period"),
        )
        self.span.setMinimumWidth(self.span.sizeHint().width())
        self.weekday, self.month_day, self.days = QComboBox(), QSpinBox(), QSpinBox()
        for name in _weekdays():
            self.weekday.addItem(name)
        self.month_day.setRange(1, 31)
        self.days.setRange(2, MOST_ROLLING_DAYS)
        self.days.setValue(30)
        self.between = DayRange()
        self.between.show_period(Period(today, month_of(today).last))
        self._more = QStackedWidget()
        self._more.addWidget(QWidget())
        self._places = {
            Span.WEEK: self._line(tr("begins on"), self.weekday, ""),
            Span.MONTH: self._line(
                tr("begins on day"), self.month_day, tr("or on the last of a shorter month")
            ),
            ROLLING: self._line(tr("the last"), self.days, tr("days, today included")),
            ONCE: self._line(tr("from"), self.between, ""),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.span)
        column.addWidget(self._more)
        self.span.chosen.connect(lambda _: self._show_more())

    @property
    def cadence(self) -> Cadence:
        """What was chosen."""
        match self.span.value:
            case "rolling":
                return Rolling(self.days.value())
            case "once":
                return self.between.period
            case Span.WEEK if self.weekday.currentIndex():
                return Starting(Span.WEEK, self.weekday.currentIndex())
            case Span.MONTH if self.month_day.value() > 1:
                return Starting(Span.MONTH, self.month_day.value())
        return Span(self.span.value)

    def show_cadence(self, cadence: Cadence) -> None:
        """Show another choice."""
        match cadence:
            case Rolling(days):
                self.span.choose(ROLLING)
                self.days.setValue(days)
            case Period():
                self.span.choose(ONCE)
                self.between.show_period(cadence)
            case Starting(Span.WEEK, on):
                self.span.choose(Span.WEEK)
                self.weekday.setCurrentIndex(on)
            case Starting(span, on):
                self.span.choose(span)
                self.month_day.setValue(on)
            case Span():
                self.span.choose(cadence)
        self._show_more()

    def _line(self, before: str, control: QWidget, after: str) -> int:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Words(before, tone="muted"))
        row.addWidget(control)
        row.addWidget(Words(after, tone="muted"))
        row.addStretch(1)
        control.setAccessibleName(f"{before} {after}".strip())
        return self._more.addWidget(line)

    def _show_more(self) -> None:
        place = self._places.get(self.span.value, 0)
        self._more.setCurrentIndex(place)
        self._more.setVisible(place > 0)


def cadence_words(cadence: Cadence) -> str:
    """How a period comes round, in words."""
    spans = {
        Span.DAY: tr("every day"),
        Span.WEEK: tr("every week"),
        Span.MONTH: tr("every month"),
        Span.QUARTER: tr("every quarter"),
        Span.YEAR: tr("every year"),
    }
    match cadence:
        case Rolling(days):
            return tr("the last {count} days", count=days)
        case Period(first, last):
            return tr("{first} to {last}", first=short_day(first), last=short_day(last))
        case Starting(Span.WEEK, on):
            return tr("every week from {weekday}", weekday=_weekdays()[on])
        case Starting(_, on):
            return tr("every month from day {day}", day=on)
    return spans[cadence]


def _weekdays() -> tuple[str, ...]:
    return (
        tr("Monday"),
        tr("Tuesday"),
        tr("Wednesday"),
        tr("Thursday"),
        tr("Friday"),
        tr("Saturday"),
        tr("Sunday"),
    )
