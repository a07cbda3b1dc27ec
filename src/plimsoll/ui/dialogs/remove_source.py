"""Removing a source: its key goes; its figures stay unless the user wants them forgotten."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QRadioButton, QWidget

from plimsoll.ui import theme
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import QuietButton
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr


class RemoveSource(Frame):
    """Asks whether the figures stay.

    Signals:
        chosen(bool): remove the source; True if its figures are to be forgotten too.
    """

    chosen = Signal(bool)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Remove {name}?", name=name),
            words=tr(
                "Its key is deleted from this computer, and the provider is not asked any more."
            ),
            parent=parent,
        )
        self.keep = QRadioButton(tr("Keep its figures"))
        self.keep.setChecked(True)
        self.forget = QRadioButton(tr("Forget its figures"))
        self.body.setSpacing(2)
        for choice, meaning in (
            (self.keep, tr("Totals, charts and history stay as they are.")),
            (self.forget, tr("Totals and history will be without them, for good.")),
        ):
            choice.setFont(theme.font(13, 500))
            words = Words(meaning, tone="muted", size=12, wrap=True)
            words.setContentsMargins(26, 0, 0, 6)
            self.body.addWidget(choice)
            self.body.addWidget(words)
        self.add_cancel()
        self.remove = QuietButton(tr("Remove"), danger=True)
        self.remove.clicked.connect(self._remove)
        self.add_button(self.remove)

    def _remove(self) -> None:
        self.chosen.emit(self.forget.isChecked())
        self.accept()
