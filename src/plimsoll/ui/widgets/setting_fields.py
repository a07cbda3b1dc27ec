"""Fields for an account's settings and the look of its key, from what its connector declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from plimsoll.services.answers import ProviderCard, SettingField
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import in_words, sentence_case, tr

Field = QComboBox | QLineEdit | QPlainTextEdit


class SettingFields(QWidget):
    """One field for each setting: a list of what it can be, or a line of text.

    Signals:
        changed(): the user changed one of them.
        try_asked(str): the text of this setting is to be tried.
    """

    changed = Signal()
    try_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, Field] = {}
        self._settings: tuple[SettingField, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_settings(
        self, settings: Sequence[SettingField], values: Mapping[str, str] | None = None
    ) -> None:
        """Begin with these settings, empty or with the values that they have."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._settings = tuple(settings)
        self.fields = {}
        for setting in self._settings:
            field = self._field(setting, (values or {}).get(setting.name, ""))
            title = tr(setting.title)
            sentence = sentence_case(in_words(setting.sentence))
            field.setAccessibleName(title)
            field.setAccessibleDescription(sentence)
            self.fields[setting.name] = field
            optional = "" if setting.required else tr(" (if you like)")
            self._column.addWidget(Words(f"{title}{optional}", weight=500))
            self._column.addWidget(field)
            self._column.addWidget(Words(sentence, tone="muted", size=12, wrap=True))
            if setting.is_text:
                self._column.addWidget(self._trial(setting.name), 0, Qt.AlignmentFlag.AlignLeft)
            self._column.addSpacing(8)
        self.setVisible(bool(self._settings))

    @property
    def values(self) -> dict[str, str]:
        """What was chosen or entered, without what was left empty."""
        chosen = {name: _value(field) for name, field in self.fields.items()}
        return {name: value for name, value in chosen.items() if value}

    def missing(self, *, has_address: bool) -> str:
        """The title of the first field that must be filled and is not; empty where all are. An
        address that was given stands for the site.
        """
        values = self.values
        wanted = (
            setting.title
            for setting in self._settings
            if setting.required and setting.name not in values
            if not (setting.is_site and has_address)
        )
        return tr(next(wanted, ""))

    def focus_first(self) -> bool:
        """Put the cursor into the first field; whether there is one."""
        first = next(iter(self.fields.values()), None)
        if first is not None:
            first.setFocus()
        return first is not None

    def set_text(self, name: str, text: str) -> None:
        """Put another text into a field of several lines."""
        field = self.fields.get(name)
        if isinstance(field, QPlainTextEdit):
            field.setPlainText(text)

    def _trial(self, name: str) -> LinkButton:
        button = LinkButton(tr("Try it on one answer …"))
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.try_asked.emit(name))
        return button

    def _field(self, setting: SettingField, value: str) -> Field:
        if setting.is_text:
            text = QPlainTextEdit(value)
            text.setPlaceholderText(tr("The text itself, or the name of the file that holds it"))
            text.setTabChangesFocus(True)
            text.setMinimumHeight(96)
            text.textChanged.connect(self.changed)
            return text
        if not setting.choices:
            line = QLineEdit(value)
            line.setPlaceholderText(setting.example)
            line.textEdited.connect(lambda _: self.changed.emit())
            return line
        box = QComboBox()
        box.setPlaceholderText(tr("Choose …"))
        if not setting.required:
            box.addItem(tr("not set"), "")
        for word, title in setting.choices:
            box.addItem(in_words(title), word)
        # A required one starts with nothing chosen: any preset would be a guess.
        box.setCurrentIndex(box.findData(value))
        box.currentIndexChanged.connect(lambda _: self.changed.emit())
        return box


def _value(field: Field) -> str:
    if isinstance(field, QComboBox):
        return str(field.currentData() or "")
    if isinstance(field, QPlainTextEdit):
        text = field.toPlainText().strip()
        return f"{text}\n" if "\n" in text else text
    return field.text().strip()


def key_hint(card: ProviderCard) -> str:
    """How a key looks, for the empty field: `sk-…`, or `ID:SECRET`."""
    if card.key_halves:
        return ":".join(card.key_halves)
    return tr(" or ").join(f"{start}…" for start in card.key_starts if start)
