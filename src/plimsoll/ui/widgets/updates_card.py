"""List prices over the network: off until the user wants it, and looked at before it is taken."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlsplit

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QWidget

from plimsoll.services.price_answers import PriceUpdate, UpdateState
from plimsoll.ui import theme
from plimsoll.ui.moments import at
from plimsoll.ui.price_words import effect_headline
from plimsoll.ui.widgets.buttons import LinkButton, PrimaryButton, QuietButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.effect import EffectView
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.widgets.notices import ProgressLine
from plimsoll.ui.words import counted, in_words, tr

_NAMED = 6


class UpdatesCard(Card):
    """A switch, an address and a button; what was found stands below until it is taken or not.

    Signals:
        chosen(): the switch or the address says something else now.
        look_asked(): fetch the list, and tell what it would change.
        stop_asked(): stop fetching.
        take_asked(PriceUpdate): use these prices from now on.
        forget_asked(): use the prices that come with the program again.
    """

    chosen = Signal()
    look_asked = Signal()
    stop_asked = Signal()
    take_asked = Signal(object)
    forget_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("List prices"), parent=parent)
        self._found: PriceUpdate | None = None
        self._is_busy = False
        self.state = Words(wrap=True)
        self.trouble = Words(tone=Tone.WARN, wrap=True)
        self.trouble.hide()
        self.allow = QCheckBox(tr("Let me look for new list prices over the network"))
        self.allow.setFont(theme.font(13))
        self.allow.clicked.connect(self._allowed)
        self.promise = Words(tone="faint", size=12, wrap=True)
        self.address = QLineEdit()
        self.address.setAccessibleName(tr("Address"))
        self.address.editingFinished.connect(self._address_typed)
        self.look = QuietButton(tr("Look for new prices"), icon="sync")
        self.look.clicked.connect(self._look)
        self.back = LinkButton(tr("Use the prices that come with Plimsoll again"))
        self.back.clicked.connect(self.forget_asked)
        self.progress = ProgressLine()
        self.progress.cancelled.connect(self.stop_asked)
        self.effect = EffectView()
        self.models = Words(tone="faint", size=12, wrap=True)
        self.take = PrimaryButton(tr("Take these prices"))
        self.take.clicked.connect(self._take)
        self.leave = QuietButton(tr("Not now"))
        self.leave.clicked.connect(self.show_nothing)
        self._build()
        self.show_nothing()

    def _build(self) -> None:
        self.add(self.state)
        self.add(self.allow)
        self.add(self.promise)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Words(tr("Address"), tone="muted"))
        row.addWidget(self.address, 1)
        row.addWidget(self.look)
        self.body.addLayout(row)
        self.add(self.progress)
        self.add(self.trouble)
        self.add(self.effect)
        self.add(self.models)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.take)
        buttons.addWidget(self.leave)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        self.body.addLayout(buttons)

    def show_state(self, state: UpdateState, *, now: datetime) -> None:
        """Show what is in use, and what the user chose; what was found stays in sight."""
        if state.fetched_at is None:
            words = tr("In use: {edition}.", edition=state.in_use)
        else:
            when = at(state.fetched_at, now)
            words = tr("In use: {edition}, fetched {when}.", edition=state.in_use, when=when)
        self.state.setText(words)
        self.allow.setChecked(state.allowed)
        self.address.setPlaceholderText(state.address if state.usual_address else "")
        self.address.setText("" if state.usual_address else state.address)
        self.back.setVisible(state.fetched_at is not None)
        if state.problem:
            self.show_trouble(in_words(state.problem))
        self._say_allowed()

    @property
    def is_allowed(self) -> bool:
        """Whether the switch is on."""
        return self.allow.isChecked()

    @property
    def own_address(self) -> str:
        """The address that the user typed; empty for the usual one."""
        return self.address.text().strip()

    # --- told by the page --------------------------------------------------------------------

    def show_busy(self, sentence: str) -> None:
        """Something is being done."""
        self._is_busy = True
        self.show_nothing()
        self.progress.show_progress(sentence)
        self._say_allowed()

    def show_found(self, update: PriceUpdate, *, today: date) -> None:
        """This was fetched; nothing is taken yet."""
        self._rest()
        self._found = update
        count = len(update.changed)
        prices = counted(count, "1 price changed", "{count} prices changed")
        effect = effect_headline(update.preview.effect, today=today)
        headline = tr("{prices}. {effect}.", prices=prices, effect=effect)
        if not count:
            headline = tr(
                "No price changed: {edition} lists what is in use.", edition=update.edition
            )
        self.effect.show_effect(update.preview.effect, today=today, headline=headline)
        self.models.setText(_models(update))
        self.models.setVisible(bool(update.changed))
        self.take.setVisible(count > 0)
        self.leave.setVisible(count > 0)

    def show_done(self) -> None:
        """What was asked for is done."""
        self._rest()
        self.show_nothing()

    def show_trouble(self, sentence: str) -> None:
        """Why it could not be done; nothing was changed."""
        self._rest()
        self.show_nothing()
        self.trouble.setText(sentence)
        self.trouble.show()

    def show_nothing(self) -> None:
        """Nothing was found, or it is not wanted now."""
        self._found = None
        for widget in (self.trouble, self.effect, self.models, self.take, self.leave):
            widget.hide()

    # --- doing -------------------------------------------------------------------------------

    def _rest(self) -> None:
        self._is_busy = False
        self.progress.finish()
        self._say_allowed()

    def _allowed(self) -> None:
        self._say_allowed()
        self.chosen.emit()

    def _address_typed(self) -> None:
        if self.address.isModified():
            self.address.setModified(False)
            self._say_allowed()
            self.chosen.emit()

    def _look(self) -> None:
        self.look_asked.emit()

    def _take(self) -> None:
        if self._found is not None:
            self.take_asked.emit(self._found)

    def _say_allowed(self) -> None:
        self.look.setEnabled(self.is_allowed and not self._is_busy)
        self.address.setEnabled(self.is_allowed)
        address = self.own_address or self.address.placeholderText()
        where = urlsplit(address).hostname or address
        self.promise.setText(
            tr(
                "When you press the button, one file is fetched from {address}. Nothing is sent:"
                " no figures, no keys, no names. What it would change is shown before you take it.",
                address=where,
            )
        )


def _models(update: PriceUpdate) -> str:
    """The models that have other prices: the first of them, and how many more."""
    named = tr(", ").join(update.changed[:_NAMED])
    if len(update.changed) > _NAMED:
        more = len(update.changed) - _NAMED
        named = tr("{names} and {count} more", names=named, count=more)
    return tr("Changed: {names}", names=named)
