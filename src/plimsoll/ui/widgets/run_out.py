"""Balances and when they run out: a card of rows, each with its range on a line of three months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from plimsoll.domain.calendar import ONE_DAY, utc_day
from plimsoll.domain.money import shown
from plimsoll.services.prepaid import DAYS_AHEAD, Lasts
from plimsoll.ui import theme as look
from plimsoll.ui.run_outs import lapse_words, range_words, when_words
from plimsoll.ui.widgets.amounts import AmountLabel
from plimsoll.ui.widgets.buttons import IconButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.opening_line import OpeningLine
from plimsoll.ui.widgets.track import Track
from plimsoll.ui.words import short_day, tr

if TYPE_CHECKING:
    from plimsoll.services.prepaid import Prepaid

_BAR = 6.0
_NAMED = 3


class RunOutBar(QWidget):
    """The next three months as a line: the 80 % range as a band, the median as a tick. Amber where
    the balance needs its user.
    """

    def __init__(self, one: Prepaid, *, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._one = one
        self._today = today
        self.setFixedHeight(16)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Runs out"))
        self.setAccessibleDescription(
            tr(", ").join(filter(None, (when_words(one), range_words(one))))
        )

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(160, 16)

    def band(self) -> tuple[float, float, float] | None:
        """The earliest, the likeliest and the latest day as shares of three months; None where no
        day is told.
        """
        found = self._one.run_out
        if found.lasts not in {Lasts.DATES, Lasts.GONE} or found.day is None:
            return None
        first, middle = (self._share(day) for day in (found.earliest or found.day, found.day))
        return first, middle, 1.0 if found.latest is None else self._share(found.latest)

    def _share(self, day: date) -> float:
        return min(max((day - self._today).days / DAYS_AHEAD, 0.0), 1.0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track, band, tick."""
        painter = QPainter(self)
        track = Track(painter, self.size(), height=_BAR)
        band = self.band()
        if band is not None:
            colour = look.current().colour("warn" if self._one.is_pressing else "accent")
            rect = track.rect
            first, middle, last = (rect.left() + rect.width() * share for share in band)
            with track.inside():
                part = QRectF(first, rect.top(), max(last - first, 3.0), _BAR)
                painter.fillRect(part, look.faded(colour, 0.45))
            track.tick(min(max(middle - 1, 0), self.width() - 3), width=3, colour=colour)
        track.outline()
        painter.end()


class RunOutRow(QFrame):
    """One balance: whose, what is left, and when it runs out.

    Signals:
        explained(Prepaid, QWidget): say how we know.
        snooze_asked(str, date | None): let this source warn of nothing until then, or again.
    """

    explained = Signal(object, QWidget)
    snooze_asked = Signal(str, object)

    def __init__(self, one: Prepaid, *, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.balance = one
        self.setAccessibleName(one.source)
        self.name = Words(one.source, weight=500)
        self.left = AmountLabel(shown(one.left, one.currency), weight=500)
        self.left.clicked.connect(lambda: self.explained.emit(one, self.left))
        tone = "warn" if one.is_pressing else "text"
        self.when = Words(when_words(one), tone=tone, size=12, weight=500)
        self.range = Words(range_words(one), tone="muted", size=12)
        self.lapses = Words(lapse_words(one), tone="muted", size=12, wrap=True)
        self.lapses.setVisible(bool(one.run_out.lapsing))
        self.bar = RunOutBar(one, today=utc_day(now))
        until = one.watch.snoozed_until
        self.rests = until is not None and until > now
        self.snoozed = Words(tone="faint", size=12)
        self.snoozed.setVisible(self.rests)
        if until is not None and self.rests:
            self.snoozed.setText(tr("Snoozed until {day}", day=short_day(utc_day(until))))
        self.bell = IconButton("bell", tr("Snooze {name}", name=one.source))
        self.choices = self._snoozes(utc_day(now))
        self.bell.clicked.connect(
            lambda: self.choices.popup(self.bell.mapToGlobal(self.bell.rect().bottomLeft()))
        )
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.name)
        if one.derived:
            head.addWidget(Words(tr("derived"), tone="faint", size=12))
        head.addStretch(1)
        head.addWidget(self.left)
        head.addWidget(self.bell)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.when)
        below.addWidget(self.range)
        below.addStretch(1)
        below.addWidget(self.snoozed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addLayout(below)
        column.addWidget(self.lapses)

    def _snoozes(self, today: date) -> QMenu:
        """How long a source may rest, as a menu."""
        choices: list[tuple[str, date | None]] = [
            (tr("Snooze until tomorrow"), today + ONE_DAY),
            (tr("Snooze for a week"), today + 7 * ONE_DAY),
        ]
        if self.rests:
            choices.append((tr("Wake it now"), None))
        menu = QMenu(self)
        for words, until in choices:
            menu.addAction(words).triggered.connect(
                partial(self._snooze, until)  # Qt hands in whether it is checked, too
            )
        return menu

    def _snooze(self, until: date | None, _checked: bool = False) -> None:
        self.snooze_asked.emit(self.balance.source, until)


class RunOutCard(Card):
    """Every balance, the one first that runs out first; hidden without any.

    Signals:
        explained(Prepaid, QWidget): say how we know of a balance.
        snooze_asked(str, date | None): let a source warn of nothing until then, or again.
    """

    explained = Signal(object, QWidget)
    snooze_asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Runs out"), note=tr("next 3 months"), parent=parent)
        self._list = QVBoxLayout()
        self._list.setSpacing(14)
        self.body.addLayout(self._list)
        self.rows: list[RunOutRow] = []
        self.hide()

    def show_balances(self, balances: Sequence[Prepaid], *, now: datetime) -> None:
        """Show other balances."""
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [RunOutRow(one, now=now) for one in sorted(balances, key=_soonest)]
        for row in self.rows:
            row.explained.connect(self.explained)
            row.snooze_asked.connect(self.snooze_asked)
            self._list.addWidget(row)
        self.setVisible(bool(self.rows))


def _soonest(one: Prepaid) -> tuple[date, str, str]:
    return one.run_out.day or date.max, one.source, one.currency


class RunOutLine(OpeningLine):
    """On the first screen: the balances that run out soonest; hidden where none does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Runs out"), opens=tr("Show when balances run out"), parent=parent)

    def show_balances(self, balances: Sequence[Prepaid]) -> None:
        """Show other balances, of which the first run out first."""
        named = [
            tr(
                "{name}: {amount}, {when}",
                name=tr("{name}, derived", name=one.source) if one.derived else one.source,
                amount=shown(one.left, one.currency),
                when=when_words(one),
            )
            for one in balances[:_NAMED]
        ]
        self.say(tr("; ").join(named))
