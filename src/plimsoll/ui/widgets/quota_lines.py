"""A plan's quotas as lines: whose allowance, how much of it is used, and when it starts anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from plimsoll.domain.quota import QuotaReading
from plimsoll.ui import theme as look
from plimsoll.ui.moments import at
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr

NEARLY = Decimal(90)
"""From this percentage on the bar is amber: the plan may hold calls back soon."""

_BAR = 6.0


class QuotaLines(QWidget):
    """One line for each window of a plan; hidden where there is none. It is no money."""

    def __init__(
        self, readings: Sequence[QuotaReading], *, now: datetime, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self.sentences = tuple(quota_words(reading, now) for reading in readings)
        for row, (reading, sentence) in enumerate(zip(readings, self.sentences, strict=True)):
            name = tr("{name}, {window}", name=tr(reading.name), window=tr(reading.window))
            bar = UsedBar(reading.share or Decimal(0))
            bar.setAccessibleName(name)
            bar.setAccessibleDescription(sentence)
            grid.addWidget(Words(name, tone="faint", size=12), row, 0)
            grid.addWidget(bar, row, 1)
            grid.addWidget(Words(sentence, size=12), row, 2)
        if not readings:
            self.hide()


class UsedBar(QWidget):
    """How much of an allowance is used, in percent: never red, which is for money."""

    def __init__(self, percent: Decimal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.percent = percent
        self.setFixedHeight(14)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The track, and what is used of it."""
        theme = look.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(0, (self.height() - _BAR) / 2, self.width(), _BAR)
        painter.setBrush(theme.colour("selected"))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        share = float(min(max(self.percent, Decimal(0)), Decimal(100)) / 100)
        if share:
            used = QRectF(track.x(), track.y(), max(track.width() * share, _BAR), _BAR)
            painter.setBrush(theme.colour("warn" if self.percent >= NEARLY else "accent"))
            painter.drawRoundedRect(used, _BAR / 2, _BAR / 2)
        painter.end()


def quota_words(reading: QuotaReading, now: datetime) -> str:
    """What is used of an allowance in words: `42.5% used, resets 18:05`."""
    share = reading.share or Decimal(0)
    percent = f"{share.normalize():f}"
    if reading.used is not None and reading.limit is not None:
        words = tr(
            "{used} of {limit} used ({percent}%)",
            used=f"{reading.used.normalize():f}",
            limit=f"{reading.limit.normalize():f}",
            percent=percent,
        )
    else:
        words = tr("{percent}% used", percent=percent)
    if reading.resets_at is None or reading.resets_at <= now:
        return words
    return tr("{words}, starts anew {when}", words=words, when=at(reading.resets_at, now))
