"""Trying a mapping: the text at the left, one answer and what it makes of it at the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from plimsoll.domain.secret import Secret
from plimsoll.services.trial import Tried
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import PrimaryButton, QuietButton
from plimsoll.ui.widgets.controls import KeyField
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.widgets.notices import ProgressLine
from plimsoll.ui.words import in_words, tr

_SIZE = QSize(960, 620)


class TryText(Frame):
    """One text, tried as often as the user likes. The dialog only asks; who opened it asks the
    endpoint and tells it.

    Signals:
        try_asked(str, Secret | None): ask once, and read the answer by this text; without a key,
            the one that is kept.
        taken(str): use this text.
    """

    try_asked = Signal(str, object)
    taken = Signal(str)

    def __init__(self, text: str, *, has_key: bool, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Try the mapping"),
            words=tr("One request is sent, to the address in the mapping; nothing is kept of it."),
            parent=parent,
        )
        self.setMinimumSize(_SIZE)
        self._key: Secret | None = None
        self.text = _pane(text, tr("Mapping"))
        self.key = KeyField()
        self.key.set_hint(tr("the one in use") if has_key else "")
        self.answer = _pane("", tr("Answer"), is_fixed=True)
        self.meaning = _pane("", tr("What it means"), is_fixed=True)
        self.trouble_here = Words(tone=Tone.BAD, wrap=True)
        self.trouble_here.hide()
        left = _column((tr("Mapping"), self.text), (tr("Key of the endpoint"), self.key))
        right = _column((tr("Answer"), self.answer), (tr("What it means"), self.meaning))
        right.addWidget(self.trouble_here)
        both = QHBoxLayout()
        both.setSpacing(20)
        both.addLayout(left, 1)
        both.addLayout(right, 1)
        self.body.addLayout(both, 1)
        self.busy = ProgressLine()
        self.busy.stop_button.hide()
        self.body.addWidget(self.busy)
        self.add_cancel()
        self.ask = QuietButton(tr("Ask once"), icon="sync")
        self.ask.clicked.connect(self._ask)
        self.add_button(self.ask)
        self.take = PrimaryButton(tr("Use this mapping"))
        self.take.clicked.connect(self._take)
        self.add_button(self.take, default=True)

    def show_asking(self) -> None:
        """The endpoint is being asked."""
        self._say("")
        self.ask.setEnabled(False)
        self.busy.show_progress(tr("Asking …"))

    def show_tried(self, tried: Tried) -> None:
        """One answer, and what the text makes of it."""
        self._settle()
        self.answer.setPlainText(tried.answer)
        nothing = tr("No row of the last seven days.")
        self.meaning.setPlainText(
            "\n".join(map(in_words, tried.lines)) or ("" if tried.trouble else nothing)
        )
        self._say(in_words(tried.trouble))

    def show_refused(self, sentence: str) -> None:
        """The text is wrong, or the endpoint could not be asked."""
        self._settle()
        self.meaning.setPlainText("")
        self._say(sentence)

    def _settle(self) -> None:
        self.busy.finish()
        self.ask.setEnabled(True)

    def _say(self, sentence: str) -> None:
        self.trouble_here.setText(sentence)
        self.trouble_here.setVisible(bool(sentence))

    def _ask(self) -> None:
        """The key leaves the field and is remembered only while the dialog is open."""
        try:
            if self.key.is_filled:
                self._key = self.key.take()
                self.key.set_hint(tr("the one just given"))
        except ValueError:
            self._say(tr("That is not a key: it is one line without spaces."))
            return
        self.show_asking()
        self.try_asked.emit(self.text.toPlainText(), self._key)

    def _take(self) -> None:
        self.taken.emit(self.text.toPlainText())
        self.accept()


def _pane(text: str, name: str, *, is_fixed: bool = False) -> QPlainTextEdit:
    pane = QPlainTextEdit(text)
    pane.setAccessibleName(name)
    pane.setReadOnly(is_fixed)
    pane.setTabChangesFocus(True)
    pane.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    return pane


def _column(*parts: tuple[str, QWidget]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    for label, widget in parts:
        column.addWidget(Words(label, tone="muted", size=12))
        column.addWidget(widget, 1 if isinstance(widget, QPlainTextEdit) else 0)
    return column
