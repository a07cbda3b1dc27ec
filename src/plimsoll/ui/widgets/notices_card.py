"""Notifications: whether budgets may speak up on the desktop, how often, and when they wait."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTime, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QTimeEdit, QWidget

from plimsoll.services.settings import Settings
from plimsoll.ui import theme
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr

USUAL_NIGHT = ("22:00", "07:00")
"""What is proposed where no hours are quiet yet."""


class NoticesCard(Card):
    """Three choices about being told.

    Signals:
        chosen(): one of them is another now.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Notifications"), parent=parent)
        self.notifications = QCheckBox(tr("Notify me when a budget's threshold is crossed"))
        self.pace = SegmentedControl(
            (("few", tr("1 an hour")), ("usual", tr("3 an hour")), ("many", tr("10 an hour"))),
            name=tr("At most"),
        )
        self.quiet = QCheckBox(tr("Quiet hours"))
        self.first, self.last = _clock(tr("Quiet from")), _clock(tr("Quiet to"))
        for box in (self.notifications, self.quiet):
            box.setFont(theme.font(13))
            box.clicked.connect(lambda _: self._choose())
        for clock in (self.first, self.last):
            clock.editingFinished.connect(self._choose)
        self.pace.chosen.connect(lambda _: self._choose())
        self._shown = Settings()
        self._build()

    def _build(self) -> None:
        self.add(self.notifications)
        hours = QHBoxLayout()
        hours.setSpacing(8)
        hours.addWidget(Words(tr("from"), tone="muted"))
        hours.addWidget(self.first)
        hours.addWidget(Words(tr("to"), tone="muted"))
        hours.addWidget(self.last)
        hours.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(10)
        grid.addWidget(self.quiet, 0, 0)
        grid.addLayout(hours, 0, 1)
        grid.addWidget(Words(tr("At most"), tone="muted"), 1, 0)
        grid.addWidget(self.pace, 1, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        self.add(
            Words(
                tr(
                    "Each threshold tells once in its period; what is over the limit stands in the"
                    " list of alerts. In quiet hours, by this computer's clock, only a passed"
                    " budget speaks; the rest waits for their end."
                ),
                tone="faint",
                size=12,
                wrap=True,
            )
        )

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self._shown = settings
        self.notifications.setChecked(settings.notifications)
        self.pace.choose(settings.alert_pace)
        is_quiet = settings.quiet_hours is not None
        self.quiet.setChecked(is_quiet)
        hours = (settings.quiet_from, settings.quiet_to) if is_quiet else USUAL_NIGHT
        for clock, hour in zip((self.first, self.last), hours, strict=True):
            clock.setTime(QTime.fromString(hour, "HH:mm"))
            clock.setEnabled(is_quiet)

    def chosen_in(self, settings: Settings) -> Settings:
        """The settings with what is chosen here."""
        is_quiet = self.quiet.isChecked()
        return replace(
            settings,
            notifications=self.notifications.isChecked(),
            alert_pace=self.pace.value,
            quiet_from=self.first.time().toString("HH:mm") if is_quiet else "",
            quiet_to=self.last.time().toString("HH:mm") if is_quiet else "",
        )

    def _choose(self) -> None:
        for clock in (self.first, self.last):
            clock.setEnabled(self.quiet.isChecked())
        if self.chosen_in(self._shown) != self._shown:
            self._shown = self.chosen_in(self._shown)
            self.chosen.emit()


def _clock(name: str) -> QTimeEdit:
    """A field for a time of the day, in 24 hours wherever the computer is."""
    field = QTimeEdit()
    field.setDisplayFormat("HH:mm")
    field.setAlignment(Qt.AlignmentFlag.AlignCenter)
    field.setFont(theme.font(13))
    field.setAccessibleName(name)
    return field
