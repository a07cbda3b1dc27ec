"""F1: what the page on screen shows, in plain words, and the keys that help."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import QuietButton
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr


class Explain(Frame):
    """A page's explanation, a paragraph each, and a small table of keys."""

    def __init__(
        self, title: str, paragraphs: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent=parent)
        self.setMinimumWidth(540)
        self.paragraphs = tuple(paragraphs)
        for paragraph in paragraphs:
            self.body.addWidget(Words(paragraph, tone="muted", wrap=True))
        self.body.addSpacing(6)
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(6)
        for row, (key, meaning) in enumerate(_keys()):
            grid.addWidget(Words(key, size=12, weight=600), row, 0)
            grid.addWidget(Words(meaning, tone="muted", size=12), row, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        close = QuietButton(tr("Close"))
        close.clicked.connect(self.accept)
        self.add_button(close, default=True)


def _keys() -> tuple[tuple[str, str], ...]:
    return (
        ("Ctrl+1 … 6", tr("go to a page")),
        ("F5", tr("sync now")),
        ("Ctrl+K", tr("find a page or an action")),
        ("Ctrl+T", tr("show a chart as a table")),
        ("I", tr("how we know the amount that has the keyboard, or the day of a chart")),
        ("Alt+←", tr("back to the page before")),
        ("←  →", tr("walk through the days of a chart; Escape leaves")),
    )
