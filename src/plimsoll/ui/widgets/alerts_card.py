"""Alerts: what budgets and balances have fired, the newest first, and what became of it."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.prepaid import Warned
from plimsoll.services.answers import AlertLine, AlertList
from plimsoll.ui.fired import became_words
from plimsoll.ui.moments import at
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import counted, in_words, tr

_SHOWN = 5


class AlertsCard(Card):
    """The newest alerts; empty, it says when there will be one.

    Signals:
        all_asked(): show every one of them.
    """

    all_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Alerts"), parent=parent)
        self.none_yet = Words(
            tr("None yet. Each threshold tells once in its period."), tone="muted", wrap=True
        )
        self.more = Words(tone="faint", size=12)
        self.all = LinkButton(tr("All alerts"))
        self.all.clicked.connect(self.all_asked)
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        self.rows: list[AlertRow] = []
        self.add(self.none_yet)
        self.body.addLayout(self._list)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.more)
        below.addStretch(1)
        below.addWidget(self.all)
        self.body.addLayout(below)

    def show_alerts(self, alerts: AlertList, *, now: datetime) -> None:
        """Show other alerts."""
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        fired: list[tuple[datetime, AlertLine | Warned]] = [
            *((line.alert.fired_at, line) for line in alerts.lines),
            *((one.fired_at, one) for one, _ in alerts.warned),
        ]
        fired.sort(key=itemgetter(0), reverse=True)
        self.rows = [AlertRow(one, now=now) for _, one in fired[:_SHOWN]]
        for row in self.rows:
            self._list.addWidget(row)
        rest = len(fired) - len(self.rows)
        self.set_note(str(len(fired)) if fired else "")
        self.none_yet.setVisible(not fired)
        self.more.setText(counted(rest, "and 1 older one", "and {count} older ones"))
        self.more.setVisible(rest > 0)
        self.all.setVisible(bool(alerts.lines or alerts.warned))


class AlertRow(QFrame):
    """One alert: its sentence, when it fired, and what became of it."""

    def __init__(self, line: AlertLine | Warned, *, now: datetime) -> None:
        super().__init__()
        alert = line if isinstance(line, Warned) else line.alert
        self.sentence = Words(in_words(alert.sentence), size=12, wrap=True)
        self.when = Words(at(alert.fired_at, now), tone="faint", size=12)
        self.became = Words(became_words(line), tone="muted", size=12)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.when)
        below.addWidget(self.became)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.sentence)
        column.addLayout(below)
        self.setAccessibleName(in_words(alert.sentence))
        self.setAccessibleDescription(f"{self.when.text()} {self.became.text()}".strip())
