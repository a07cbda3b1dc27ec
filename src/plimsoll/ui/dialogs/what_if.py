"""What if: the slice that a page shows, priced elsewhere and off-peak, in a dialog."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.time_of_use import TimeOfUseCard
from plimsoll.ui.widgets.what_if import WhatIf
from plimsoll.ui.words import tr

_SIZE = QSize(880, 640)


class WhatIfDialog(Frame):
    """`slice_words` say which part of the usage it is about. Listen to the signals of `what_if`."""

    def __init__(self, slice_words: str, parent: QWidget | None = None) -> None:
        super().__init__(tr("The same tokens elsewhere"), words=slice_words, parent=parent)
        self.resize(_SIZE)
        self.what_if = WhatIf()
        self.hours = TimeOfUseCard()
        content = QWidget()
        content.setObjectName("page")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(12)
        column.addWidget(self.what_if)
        column.addWidget(self.hours)
        column.addStretch(1)
        scroller = QScrollArea()
        scroller.setFrameShape(QFrame.Shape.NoFrame)
        scroller.setWidgetResizable(True)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setWidget(content)
        self.body.addWidget(scroller, 1)
        self.add_cancel(tr("Close"))
        self.what_if.model.setFocus()
