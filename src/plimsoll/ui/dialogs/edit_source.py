"""Changing a source: its name, its key, its address; a new address needs the key again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget

from plimsoll.domain.prepaid import Watch
from plimsoll.domain.secret import Secret
from plimsoll.services.answers import ProviderCard, SettingField, SourceCard
from plimsoll.services.balance_marks import LOW_BALANCE, RUN_OUT_DAYS
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import PrimaryButton
from plimsoll.ui.widgets.controls import KeyField
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.notices import ProgressLine
from plimsoll.ui.widgets.setting_fields import SettingFields, key_hint
from plimsoll.ui.words import counted, in_words, tr


@dataclass(frozen=True, slots=True)
class ChangedSource:
    """What the user changed; None where it stays."""

    name: str
    new_name: str | None = None
    key: Secret | None = None
    base_url: str | None = None
    explains: str | None = None
    """The source whose traffic it only explains; empty where it counts by itself."""
    money: str | None = None
    """What its tokens cost: `plan` or `api`."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Settings of its provider that have another value now; an empty one is taken back."""

    @property
    def settings(self) -> dict[str, str] | None:
        """The settings among the changes; None where they all stay."""
        said = {"explains": self.explains, "money": self.money, **self.chosen}
        return {name: value for name, value in said.items() if value is not None} or None


def variable_of(name: str) -> str:
    """The environment variable that can hold a source's key."""
    letters = (c.upper() if c.isascii() and c.isalnum() else "_" for c in name)
    return "PLIMSOLL_KEY_" + "".join(letters)


class EditSource(Frame):
    """A source's name, key and address, and whose traffic it sees; a new address needs the key
    again. An agent has neither: there it is what pays for its tokens.

    Signals:
        chosen(ChangedSource): keep these changes.
    """

    chosen = Signal(object)

    def __init__(
        self,
        card: SourceCard,
        provider: ProviderCard | None,
        *,
        key_only: bool = False,
        has_balance: bool = False,
        others: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        heading = tr("Replace the key of {name}") if key_only else tr("Edit {name}")
        super().__init__(heading.format(name=card.name), parent=parent)
        self._card = card
        self.name = QLineEdit(card.name)
        self.key = KeyField(tr("New key"))
        if provider is not None:
            self.key.set_hint(key_hint(provider))
        self.address = QLineEdit(card.base_url)
        self.address.setPlaceholderText(provider.base_url if provider else "")
        self.traffic = QComboBox()
        self.traffic.addItem(tr("its own, counted by itself"), "")
        for other in others:
            self.traffic.addItem(tr("that of “{name}”, which pays", name=other), other)
        self._explained = next((name for name in card.explains if name in others), "")
        self.traffic.setCurrentIndex(max(self.traffic.findData(self._explained), 0))
        self.money = _money_choice(card.money)
        self._watch = card.watch or Watch()
        self.low = QLineEdit(self._watch.low_text)
        self.low.setPlaceholderText(tr("20, or 15%, or CNY 50; empty for never"))
        self.run_out = _days_ahead(self._watch.run_out_days)
        self.needs = Words(
            in_words(provider.needs) if provider else "", tone="muted", size=12, wrap=True
        )
        self.hint = Words(tone="muted", size=12, wrap=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        held = tr("New key (now …{tail})", tail=card.key_tail) if card.key_tail else tr("New key")
        labels = (
            tr("Name"),
            held,
            tr("Base address"),
            tr("What pays for its tokens"),
            tr("Traffic it sees"),
            tr("Warn when its balance is below"),
            tr("Warn when it may run out in"),
        )
        watched = (self.low, self.run_out)
        fields = (self.name, self.key, self.address, self.money, self.traffic, *watched)
        without: set[QWidget] = (
            {self.key, self.address} if card.key_place in {"logs", "file"} else {self.money}
        )
        if card.watch is None or not has_balance:
            without.update(watched)
        for row, (label, entry) in enumerate(zip(labels, fields, strict=True)):
            if entry in without or (entry is self.traffic and not others):
                entry.hide()
                continue
            words = Words(label, tone="muted")
            entry.setAccessibleName(label)
            grid.addWidget(words, row, 0)
            grid.addWidget(entry, row, 1)
            if key_only and entry is not self.key:
                words.hide()
                entry.hide()
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        self._add_settings(() if key_only else provider.settings if provider else card.fields)
        self._add_the_rest()
        self.address.textChanged.connect(lambda _: self._say_hint())
        self.key.changed.connect(self._say_hint)
        self._say_hint()
        (self.key if key_only else self.name).setFocus()

    def _add_settings(self, fields: Sequence[SettingField]) -> None:
        self._set = dict(self._card.settings)
        self.settings = SettingFields()
        self.body.addWidget(self.settings)
        self.settings.show_settings(fields, self._set)
        self.settings.changed.connect(lambda: self.say_trouble(""))

    def _add_the_rest(self) -> None:
        self.body.addWidget(self.needs)
        self.body.addWidget(self.hint)
        self.busy = ProgressLine()
        self.busy.stop_button.hide()
        self.body.addWidget(self.busy)
        self.add_cancel()
        self.save = PrimaryButton(tr("Save"))
        self.save.clicked.connect(self._save)
        self.add_button(self.save, default=True)

    @property
    def moves(self) -> bool:
        """Whether the address was changed."""
        return self.address.text().strip().rstrip("/") != self._card.base_url.rstrip("/")

    def show_refused(self, sentence: str) -> None:
        """The changes were not taken."""
        self.busy.finish()
        self.save.setEnabled(True)
        self.say_trouble(sentence)

    def _say_hint(self) -> None:
        self.say_trouble("")
        if self._card.key_place in {"logs", "file"}:
            self.hint.hide()
            return
        environment = self._card.key_place == "environment"
        needs_key = self.moves and not self.key.is_filled and not environment
        if environment:
            self.hint.setText(
                tr(
                    "The key comes from {variable} in the environment, which goes before the"
                    " keyring.",
                    variable=variable_of(self._card.name),
                )
            )
        elif self.moves:
            self.hint.setText(
                tr("A new address needs the key again: a key goes only where it was given for.")
            )
        else:
            self.hint.setText(tr("Leave the key empty to keep the one in use."))
        self.save.setEnabled(not needs_key)

    def _save(self) -> None:
        if not self.save.isEnabled():
            return
        try:
            key = self.key.take() if self.key.is_filled else None
        except ValueError:
            self.say_trouble(tr("That is not a key: it is one line without spaces."))
            return
        name = self.name.text().strip()
        self.save.setEnabled(False)
        self.busy.show_progress(
            tr("Keeping the key … the system's keyring may ask for its password.")
            if key is not None
            else tr("Saving …")
        )
        explains, money = self.traffic.currentData(), self.money.currentData()
        self.chosen.emit(
            ChangedSource(
                self._card.name,
                new_name=name if name != self._card.name else None,
                key=key,
                base_url=self.address.text().strip() if self.moves else None,
                explains=explains if explains != self._explained else None,
                money=money if money != self._card.money else None,
                chosen=self._changed_settings(),
            )
        )

    def _changed_settings(self) -> dict[str, str]:
        """The provider's settings that have another value now; empty for one that was emptied."""
        now = self.settings.values
        changed = {
            name: now.get(name, "")
            for name in self.settings.fields
            if now.get(name, "") != self._set.get(name, "")
        }
        if self.low.text().strip() != self._watch.low_text:
            changed[LOW_BALANCE] = self.low.text().strip()
        if self.run_out.currentData() != self._watch.run_out_days:
            changed[RUN_OUT_DAYS] = str(self.run_out.currentData())
        return changed


def _days_ahead(chosen: int) -> QComboBox:
    """Days ahead; 0 is for never."""
    box = QComboBox()
    for days in sorted({0, 3, 7, 14, 30, chosen}):
        box.addItem(counted(days, "1 day", "{count} days") if days else tr("never"), days)
    box.setCurrentIndex(box.findData(chosen))
    return box


def _money_choice(said: str) -> QComboBox:
    """What pays for an agent's tokens; that nobody has said it cannot be chosen again."""
    box = QComboBox()
    for word, title in (("", tr("not said")), ("plan", tr("A plan")), ("api", tr("An API key"))):
        if word or not said:
            box.addItem(title, word)
    box.setCurrentIndex(box.findData(said))
    return box
