"""Importing a file: it is read and shown first, and taken when the user says so."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from plimsoll.domain.errors import CurrencyUnknown, ImportProblem, PlimsollError
from plimsoll.services.imports import ImportPreview
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import LinkButton, PrimaryButton
from plimsoll.ui.widgets.import_view import ImportView
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.widgets.notices import ProgressLine
from plimsoll.ui.words import in_words, tr

_WIDTH = 640


class ImportFile(Frame):
    """One file. The dialog only asks; who opened it reads and takes the file, and tells it.

    Signals:
        look_asked(str, str): read the file under this name, its sign standing for this currency;
            either may be empty.
        taken(): take what is shown.
        mapping_asked(): let the user choose a mapping of the file's columns.
    """

    look_asked = Signal(str, str)
    taken = Signal()
    mapping_asked = Signal()

    def __init__(self, file: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Import {file}", file=file),
            words=tr("Nothing is taken before you say so, and then all of it or none."),
            parent=parent,
        )
        self.setMinimumWidth(_WIDTH)
        self._looked: tuple[str, str] | None = None
        self.preview: ImportPreview | None = None
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name of the source"))
        self.currency = QLineEdit()
        self.currency.setAccessibleName(tr("Currency of the amounts"))
        self.currency.setPlaceholderText("USD")
        self.currency.setMaxLength(3)
        self._currency_words = Words(tr("Currency of the amounts"), tone="muted")
        fields = QGridLayout()
        fields.setHorizontalSpacing(16)
        fields.setVerticalSpacing(8)
        fields.addWidget(Words(tr("Name of the source"), tone="muted"), 0, 0)
        fields.addWidget(self.name, 0, 1)
        fields.addWidget(self._currency_words, 1, 0)
        fields.addWidget(self.currency, 1, 1)
        self._show_currency(shown=False)
        self.mapping: Path | None = None
        self.by_mapping = LinkButton(tr("Read it by a mapping of its columns …"))
        self.by_mapping.setAutoDefault(False)
        self.by_mapping.clicked.connect(self.mapping_asked)
        self.by_mapping.hide()
        self._place = QVBoxLayout()
        self.view: ImportView | None = None
        self.busy = ProgressLine()
        self.busy.cancelled.connect(self.reject)
        self.body.addLayout(fields)
        self.body.addSpacing(6)
        self.body.addLayout(self._place)
        self.body.addWidget(self.by_mapping, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.busy)
        self.body.addStretch(1)
        self.cancel = self.add_cancel()
        self.forward = PrimaryButton(tr("Import"))
        self.forward.clicked.connect(self._forward)
        self.add_button(self.forward, default=True)
        self.name.textEdited.connect(lambda _: self._say_what_is_next())
        self.currency.textEdited.connect(lambda _: self._say_what_is_next())

    def use_mapping(self, mapping: Path) -> None:
        """Read the file by this mapping from now on."""
        self.mapping = mapping
        self.look_asked.emit(*self._said)

    # --- told by who opened it ---------------------------------------------------------------

    def show_reading(self, share: float | None = None) -> None:
        """The file is being read."""
        self.say_trouble("")
        self.forward.setEnabled(False)
        self.busy.show_progress(tr("Reading …"), share)

    def show_preview(self, preview: ImportPreview) -> None:
        """This is what it would bring."""
        self.busy.finish()
        self.preview = preview
        self.by_mapping.hide()
        if not self.name.text().strip():
            self.name.setText(preview.source)
        self._looked = self._said
        self._put(ImportView(preview))
        self._say_what_is_next()
        self.forward.setFocus()
        self._fit()

    def show_refused(self, error: PlimsollError) -> None:
        """It cannot be read, or not be taken; the archive is as it was."""
        self.busy.finish()
        self._looked = self._said
        self.preview = None
        self._put(None)
        if isinstance(error, CurrencyUnknown):
            self._show_currency(shown=True)
            self.say_question(error.sentence)
            self.currency.setFocus()
        else:
            self.say_trouble(in_words(error.words))
            is_unknown = isinstance(error, ImportProblem) and error.line is None
            self.by_mapping.setVisible(is_unknown or self.mapping is not None)
        self._say_what_is_next()
        self._fit()

    def show_taking(self, share: float | None = None) -> None:
        """It is being stored."""
        self.forward.setEnabled(False)
        for field in (self.name, self.currency):
            field.setEnabled(False)
        self.busy.show_progress(tr("Storing …"), share)

    def say_question(self, sentence: str) -> None:
        """Ask something, which is no trouble."""
        self.say_trouble(sentence)
        self.trouble.set_tone("text")

    def say_trouble(self, sentence: str) -> None:
        """Say in red what stands in the way; empty for nothing."""
        self.trouble.set_tone(Tone.BAD)
        super().say_trouble(sentence)

    # --- inside ------------------------------------------------------------------------------

    @property
    def _said(self) -> tuple[str, str]:
        return self.name.text().strip(), self.currency.text().strip().upper()

    def _say_what_is_next(self) -> None:
        """Another name or currency is looked at before anything can be taken."""
        is_seen = self.preview is not None and self._said == self._looked
        self.forward.setText(tr("Import") if is_seen else tr("Look again"))
        self.forward.setEnabled(is_seen or self._said != self._looked)

    def _forward(self) -> None:
        if self.preview is not None and self._said == self._looked:
            self.taken.emit()
        else:
            self.look_asked.emit(*self._said)

    def _put(self, view: ImportView | None) -> None:
        if self.view is not None:
            self._place.removeWidget(self.view)
            self.view.hide()
            self.view.deleteLater()
        self.view = view
        if view is not None:
            self._place.addWidget(view)

    def _show_currency(self, *, shown: bool) -> None:
        self.currency.setVisible(shown)
        self._currency_words.setVisible(shown)

    def _fit(self) -> None:
        """Grow to what is shown now."""
        layout = self.layout()
        if layout is not None:
            needed = layout.totalHeightForWidth(self.width())
            self.resize(self.width(), max(self.height(), needed))
