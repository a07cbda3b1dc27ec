"""Adding and editing a budget: a name, an amount and a period; the rest has good defaults."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache

from PySide6.QtCore import QTimeZone, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from plimsoll.domain.budget import DEFAULT_THRESHOLDS, TOKENS, Budget, Threshold, ThresholdKind
from plimsoll.domain.cadence import Rolling, period_at
from plimsoll.domain.calendar import Period, Span
from plimsoll.domain.currencies import in_order
from plimsoll.domain.money import NotAnAmount, nanos_of, read_typed
from plimsoll.domain.question import Dimension, Scope
from plimsoll.ui import theme
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import PrimaryButton
from plimsoll.ui.widgets.cadence import CadenceField
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import in_words, tr

_SCOPES = (Dimension.SOURCE, Dimension.MODEL, Dimension.PROJECT)
_LIKELY = Threshold(ThresholdKind.FORECAST, Decimal(100), Decimal("0.7"))
_FAST = Threshold(ThresholdKind.BURN, Decimal(300))


class BudgetDialog(Frame):
    """A form that makes one `Budget`.

    Signals:
        chosen(Budget): keep this budget.
    """

    chosen = Signal(object)

    def __init__(
        self,
        *,
        currencies: Sequence[str],
        today: date,
        budget: Budget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            tr("Edit the budget") if budget else tr("Add a budget"),
            words=tr("It warns once at each threshold of its period; nothing is ever blocked."),
            parent=parent,
        )
        self._before = budget
        self._today = today
        self._build((*([budget.currency] if budget else []), *currencies))
        self._fill(budget)
        self.add_cancel()
        self.save = PrimaryButton(tr("Save") if budget else tr("Add the budget"))
        self.save.clicked.connect(self._save)
        self.add_button(self.save, default=True)
        self.name.setFocus()

    def _build(self, currencies: Sequence[str]) -> None:
        self.name = QLineEdit()
        self.amount = QLineEdit()
        self.amount.setPlaceholderText("2000")
        self.currency = QComboBox()
        words = tuple(c for c in currencies if c != TOKENS)
        self.currency.addItems([*in_order(first=words), TOKENS])
        self.cadence = CadenceField(today=self._today)
        self.span = self.cadence.span
        self.scopes = {dimension: QLineEdit() for dimension in _SCOPES}
        for field in self.scopes.values():
            field.setPlaceholderText(tr("all"))
        self.thresholds = QLineEdit()
        self.likely = QCheckBox(tr("Warn when it is likely (70%) to be passed"))
        self.likely.setFont(theme.font(13))
        times = next((f"{t.times:f}" for t in self._paces()), "3")
        self.fast = QCheckBox(tr("Warn when it goes {times} times as fast as evenly", times=times))
        self.fast.setToolTip(
            tr("Over a day and a week at once, and only when a tenth of the amount is gone.")
        )
        self.fast.setFont(theme.font(13))
        self.carries = QCheckBox(tr("Add what the period before left over"))
        self.carries.setFont(theme.font(13))
        self.span.chosen.connect(lambda _: self._allow_what_fits())
        self.zone = QComboBox()
        self.zone.setEditable(True)
        self.zone.addItems(zones())
        amount = QHBoxLayout()
        amount.setSpacing(8)
        amount.addWidget(self.amount, 1)
        amount.addWidget(self.currency)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        names = {
            Dimension.SOURCE: tr("Only the source"),
            Dimension.MODEL: tr("Only the model"),
            Dimension.PROJECT: tr("Only the project"),
        }
        rows: list[tuple[str, QWidget | QHBoxLayout]] = [
            (tr("Name"), self.name),
            (tr("Amount"), amount),
            (tr("Repeats"), self.cadence),
            ("", self.carries),
            *((names[dimension], field) for dimension, field in self.scopes.items()),
            (tr("Warn at (% spent)"), self.thresholds),
            ("", self.likely),
            ("", self.fast),
            (tr("Time zone"), self.zone),
        ]
        for row, (label, control) in enumerate(rows):
            grid.addWidget(Words(label, tone="muted"), row, 0)
            if isinstance(control, QWidget):
                control.setAccessibleName(
                    control.text() if isinstance(control, QCheckBox) else label
                )
                grid.addWidget(control, row, 1)
            else:
                grid.addLayout(control, row, 1)
        self.amount.setAccessibleName(tr("Amount"))
        self.currency.setAccessibleName(tr("Currency"))
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        # The choice of periods in whole, beside the labels and between the margins.
        self.setMinimumWidth(self.span.sizeHint().width() + 200)

    def _fill(self, budget: Budget | None) -> None:
        self.cadence.show_cadence(budget.span if budget else Span.MONTH)
        self.carries.setChecked(budget is not None and budget.carries_from is not None)
        self._allow_what_fits()
        thresholds = budget.thresholds if budget else DEFAULT_THRESHOLDS
        self.thresholds.setText(
            ", ".join(f"{t.percent:f}" for t in thresholds if t.kind is ThresholdKind.ACTUAL)
        )
        self.likely.setChecked(any(t.kind is ThresholdKind.FORECAST for t in thresholds))
        self.fast.setChecked(any(t.kind is ThresholdKind.BURN for t in thresholds))
        self.zone.setCurrentText(budget.zone if budget else "UTC")
        if budget is None:
            return
        self.name.setText(budget.name)
        self.amount.setText(budget.text(budget.nanos))
        self.currency.setCurrentText(budget.currency)
        for dimension, values in budget.scope.conditions:
            if dimension in self.scopes:
                self.scopes[dimension].setText(", ".join(v for v in values if v is not None))

    def budget(self) -> Budget:
        """What the form says; raises `ValueError` with a sentence where it cannot be a budget."""
        name = self.name.text().strip()
        if not name:
            raise ValueError(tr("A budget needs a name."))
        zone = self.zone.currentText().strip()
        if zone not in zones():
            raise ValueError(tr("There is no time zone called {zone}.", zone=zone))
        return Budget(
            name=name,
            nanos=self._nanos(),
            currency=self.currency.currentText(),
            span=self.cadence.cadence,
            scope=self._scope(),
            thresholds=self._thresholds(),
            zone=zone,
            carries_from=self._carries_from(),
        )

    def _allow_what_fits(self) -> None:
        """Only periods that follow one another can carry over, and a day is gone before it burns
        for a day.
        """
        cadence = self.cadence.cadence
        self.carries.setEnabled(not isinstance(cadence, (Rolling, Period)))
        self.fast.setEnabled(cadence is not Span.DAY)

    def _carries_from(self) -> date | None:
        if not (self.carries.isEnabled() and self.carries.isChecked()):
            return None
        before = self._before.carries_from if self._before else None
        return before or period_at(self.cadence.cadence, self._today).first

    def _nanos(self) -> int:
        in_tokens = self.currency.currentText() == TOKENS
        try:
            amount = read_typed(self.amount.text())
            nanos = int(amount) if in_tokens else nanos_of(amount)
        except NotAnAmount:
            nanos = 0
        if nanos <= 0:
            raise ValueError(tr("The amount is a number above zero, such as 2000 or 49.50."))
        return nanos

    def _scope(self) -> Scope:
        conditions = list(self._before.scope.conditions) if self._before else []
        kept = [(d, values) for d, values in conditions if d not in self.scopes]
        for dimension, field in self.scopes.items():
            values = tuple(v.strip() for v in field.text().split(",") if v.strip())
            if values:
                kept.append((dimension, values))
        return Scope(tuple(kept))

    def _thresholds(self) -> tuple[Threshold, ...]:
        found = []
        for text in self.thresholds.text().replace("%", "").split(","):
            if not text.strip():
                continue
            try:
                percent = Decimal(text.strip())
            except InvalidOperation:
                percent = Decimal(0)
            if not 0 < percent <= 1000:
                raise ValueError(tr("Thresholds are percents such as 50, 80, 100."))
            found.append(Threshold(ThresholdKind.ACTUAL, percent))
        if self.likely.isChecked():
            before = self._before.thresholds if self._before else ()
            kept = [t for t in before if t.kind is ThresholdKind.FORECAST]
            found += kept or [_LIKELY]
        if self.fast.isEnabled() and self.fast.isChecked():
            found += self._paces() or (_FAST,)
        return tuple(dict.fromkeys(found))

    def _paces(self) -> tuple[Threshold, ...]:
        """The paces that the budget warned of before."""
        before = self._before.thresholds if self._before else ()
        return tuple(t for t in before if t.kind is ThresholdKind.BURN)

    def _save(self) -> None:
        try:
            budget = self.budget()
        except ValueError as error:
            self.say_trouble(in_words(error.args[0]))
            return
        self.chosen.emit(budget)
        self.accept()


@cache
def zones() -> tuple[str, ...]:
    """Time zones to choose from: UTC and this machine's first."""
    from zoneinfo import available_timezones

    here = bytes(QTimeZone.systemTimeZoneId().data()).decode("ascii", "replace")
    known = available_timezones()
    first = [zone for zone in ("UTC", here) if zone in known]
    return tuple(dict.fromkeys((*first, *sorted(z for z in known if "/" in z))))
